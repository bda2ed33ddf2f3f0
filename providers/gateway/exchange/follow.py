"""What verified statements make of a transfer: the same machine that the hub decides with, run here again.

So a gateway never takes the hub's word for a state: it only takes statements and their places in the log. What
it cannot know is what stands elsewhere in the register (its counterpart's accreditation, custody before it came
in); there it follows the hub, which officers and the log hold to account.
"""

from providers.errors import TransferRefused, UntrustedAnswerError
from providers.transfer.commands import Command, Evidence, Offer, read
from providers.transfer.evidence import is_the_hubs
from providers.transfer.machine import decide
from providers.transfer.values import Case, Facts, Place, Standing, Transfer
from signing.statement import Statement

__all__ = ["follow"]

_LISTED = Facts(Standing("provider", active=True, accreditation="listed"))


def follow(record: Transfer | None, statement: Statement, at: Place, hub: str) -> Transfer:
    """The transfer after a verified ``statement``.

    Args:
        record: the transfer before it.
        statement: its schema accepts it.
        at: its proven place.
        hub: actor id of the hub.

    Raises:
        UntrustedAnswerError: ``hub_contradicts``; the hub registered what the protocol refuses, or left
            something out before it.
    """
    command = read(statement.kind, statement.issuer, statement.digest, statement.body)
    if isinstance(command, Evidence) and is_the_hubs(command.event) != (statement.issuer == hub):
        raise _contradiction(f"{statement.issuer} may not attest {command.event}", statement.digest)
    try:
        return decide(record, _case(record, command), command, at, _LISTED).transfer
    except TransferRefused as error:
        raise _contradiction(error.message, statement.digest) from error


def _case(record: Transfer | None, command: Command) -> Case:
    if isinstance(command, Offer):
        return Case(command.case_id, command.issuer)
    return Case("", "") if record is None else record.held


def _contradiction(why: str, digest: str) -> UntrustedAnswerError:
    message = f"The hub has registered what the protocol refuses, or hides what came before: {why}"
    return UntrustedAnswerError("hub_contradicts", message, digest, actor="hub", retryable=True)

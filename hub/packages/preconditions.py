"""What a statement names must be here: an offer's brief, a dispatch's package, a rotation's base, slots of feedback.

This asks the storage, so it is no rule: rules are pure. It is asked before a statement is queued, and only of one
that is not registered yet; what was registered stays so when its package has been deleted.
"""

from hub.feedback.desk import FeedbackDesk
from hub.feedback.questions import Given, Relayed
from hub.feedback.standing import RELAYED
from hub.feedback.statements import KIND as FEEDBACK
from hub.feedback.statements import answers_of
from hub.log.rotation import check_base
from hub.packages.errors import FileMissingError
from hub.storage.log_reads import LogReads
from hub.storage.packages import PackageStore
from hub.storage.transfers import Transfers
from hub.storage.values import Package, Wanted
from signing.statement import Statement

__all__ = ["Preconditions"]


class Preconditions:
    """Holds the files that statements name against those that are stored.

    Args:
        packages: what is stored.
        transfers: who sends to whom.
        log: what is registered.
        feedback: knows the slots.
    """

    def __init__(self, packages: PackageStore, transfers: Transfers, log: LogReads, feedback: FeedbackDesk) -> None:
        self._packages = packages
        self._transfers = transfers
        self._log = log
        self._feedback = feedback

    async def check(self, statement: Statement) -> None:
        """Refuse an offer or a dispatch whose file was not uploaded by its issuer for this recipient and transfer.

        Also a rotation whose base this log has not signed, and relayed feedback on slots that are not open.

        Raises:
            FileMissingError: brief_missing, package_missing.
            IntakeError: base_unknown.
            SlotError: feedback_slot_unknown, feedback_token_used.
        """
        await check_base(statement, self._log)
        if statement.kind == FEEDBACK:
            await self._check_slots(statement)
            return
        wanted = await self._wanted(statement)
        if wanted is None or _fits(await self._packages.same(wanted), wanted):
            return
        if await self._log.index_of(statement.digest) is not None:
            return
        if wanted.purpose == "brief":
            raise FileMissingError("brief_missing", _SENTENCE.format("brief"), "/body/brief")
        raise FileMissingError("package_missing", _SENTENCE.format("package"), "/body/ciphertext")

    async def _check_slots(self, statement: Statement) -> None:
        """Of relayed answers alone; those of parties are the hub's own, or a rule refuses them."""
        if statement.body["source"] == RELAYED and await self._log.index_of(statement.digest) is None:
            for one in answers_of(statement.body):
                given = Given(one.outcome_side, one.scores)
                await self._feedback.check_relayed(statement.issuer, Relayed(one.case, one.role, given))

    async def _wanted(self, statement: Statement) -> Wanted | None:
        """What must be here; None where nothing must, or where a rule will refuse the statement anyway."""
        body = statement.body
        if statement.kind == "transfer-offer":
            file, purpose, recipient = body["brief"], "brief", body["recipient"]
        elif statement.kind == "transfer-dispatch":
            transfer = await self._transfers.current(body["transfer_id"])
            if transfer is None:
                return None
            file, purpose, recipient = body["ciphertext"], "package", transfer["recipient"]
        else:
            return None
        return Wanted(file["sha256"], file["size"], statement.issuer, recipient, body["transfer_id"], purpose)


_SENTENCE = "The {} that this names was not uploaded here by its issuer for this recipient and transfer."


def _fits(package: Package | None, wanted: Wanted) -> bool:
    return (
        package is not None
        and package.deleted_at is None
        and (package.size, package.purpose) == (wanted.size, wanted.purpose)
    )

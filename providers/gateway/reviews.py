"""Reviews of disputed awards: whether an award that was signed with a key in doubt stands (PROTOCOL §6)."""

from collections.abc import Mapping

from providers.client import connect
from providers.errors import GatewayError, UntrustedAnswerError
from providers.gateway.admissions import checked
from providers.gateway.home import Home
from providers.gateway.online import award_signers
from signing.compose import new_salt, payload
from signing.drafts import Draft
from signing.statement import Statement

__all__ = ["review_draft"]


async def review_draft(home: Home, award: str, decision: str, reason: str, now: int) -> tuple[Draft, Mapping[str, str]]:
    """The draft of a review of an award of this provider, and the actor id of each kid that is to sign it.

    *Confirm* is signed by everybody who signed the award, each with a current key; *reject* by the owner of the
    revoked key alone, which must be this provider. Whether the award is disputed, the hub's rules know.

    Args:
        home: the provider.
        award: digest of the award's registration.
        decision: confirm or reject.
        reason: a reason code.
        now: POSIX seconds.

    Raises:
        GatewayError: ``not_your_award``, ``no_current_key``.
        SchemaViolationError: the reason does not go with the decision.
    """
    async with connect(home.hub) as hub:
        registered = (await hub.award(award)).award.statement
        neutrals = [kid for kid, role in registered.roles.items() if role == "neutral"]
        owners = [_owner((await hub.key(kid)).statement) for kid in neutrals] if decision == "confirm" else []
    if registered.issuer != home.actor:
        raise GatewayError("not_your_award", "This award was registered by another provider.", award)
    wanted = list(dict.fromkeys(owners))
    network, signers = await award_signers(home, wanted)
    body = {"award": award, "decision": decision, "reason_code": reason}
    octets = payload("award-review", home.actor, body, signers, network=network.id, now=now, salt=new_salt())
    names = dict(zip((kid for kid, role in signers if role == "neutral"), wanted, strict=True))
    return checked(octets), names


def _owner(introduced: Statement) -> str:
    """Whose key a statement introduced, as the hub tells it; nothing is verified yet."""
    owner = introduced.body.get("owner") if introduced.kind == "key" else introduced.issuer
    if not isinstance(owner, str):
        message = "What the hub sent does not verify: the key does not have the members of its kind."
        raise UntrustedAnswerError("bad_body", message, introduced.digest, actor="hub")
    return owner

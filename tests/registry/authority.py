"""What both authority matrices rest on: outsiders of a statement, members of every role, states of accreditation."""

from signing.compose import timestamp
from tests.registry.network import (
    DAY,
    START,
    Network,
    agreement_entry,
    agreement_key,
    introduced,
    officers,
    signing_key,
    statement_entry,
)

OK = "accepted"
BOTH = ("ann", "bob")
STATES = (
    "none", "applied", "pending", "listed", "conditional", "concern", "referred", "suspended", "removed", "expired",
    "lapsed",
)  # fmt: skip
_PATHS = {
    "none": (), "applied": ("applied",), "conditional": ("listed", "conditional"), "concern": ("listed", "concern"),
    "referred": ("listed", "concern", "referred"), "suspended": ("listed", "suspended"),
    "removed": ("listed", "removed"),
}  # fmt: skip


def outsiders(neutral: str) -> dict[tuple[str, str], tuple[str, str]]:
    """By role and purpose, the name of a key and the role of somebody who has no part in a statement."""
    return {
        ("officer", "statement"): ("cem", "officer"),
        ("officer", "http"): ("cem http", "officer"),
        **{
            (role, purpose): (f"{name} {purpose}".removesuffix(" statement"), role)
            for role, name in (("provider", "coda"), ("court", "forum"), ("observer", "watcher"), ("neutral", neutral))
            for purpose in ("statement", "http", "witness")
        },
        ("stranger", "statement"): ("stranger", "provider"),
    }


def admit(net: Network, name: str, role: str, nominator: str) -> None:
    """A member, or a neutral of ``nominator``, with a key of each purpose that signs."""
    others = [(f"{name} {purpose}", purpose) for purpose in ("http", "witness")]
    keys = [statement_entry(signing_key(name)), *(statement_entry(signing_key(one), use) for one, use in others)]
    own = introduced(name, *(one for one, _ in others))
    if role == "neutral":
        who = [*own, (signing_key(nominator), "provider"), *officers("ann")]
        net.submit(net.neutral(name, nominator, signers=who, body={"keys": keys}))
    else:
        keys.append(agreement_entry(agreement_key(f"{name} monitor"), "monitor"))
        net.submit(net.member(name, role, keys=keys, signers=[*own, *officers("ann")]))


def admit_everybody(net: Network, nominator: str) -> None:
    """Providers, a court, an observer, and a neutral of the provider ``nominator``, which is accredited."""
    for name, role in (("acme", "provider"), ("brio", "provider"), ("coda", "provider"), ("forum", "court"),
                       ("watcher", "observer")):  # fmt: skip
        admit(net, name, role, nominator)
    net.submit(net.accreditation(nominator, "listed"))
    admit(net, "noor", "neutral", nominator)


def accredit(net: Network, actor: str, state: str, seconds: int) -> None:
    """Bring the accreditation of ``actor`` into the state; one that lapses does so ``seconds`` after the start."""
    validity = {
        "pending": {"valid_from": timestamp(START + 100 * DAY)},
        "lapsed": {"valid_to": timestamp(START + seconds)},
        "expired": {"valid_to": timestamp(START + seconds)},
    }.get(state, {})
    for status in _PATHS.get(state, ("listed",)):
        net.submit(net.accreditation(actor, status, BOTH, body=validity))
    pass_time(net, state, seconds)
    if state == "expired":
        net.submit(net.accreditation(actor, "expired"))


def pass_time(net: Network, state: str, seconds: int) -> None:
    """Where the state comes by itself, let its time come."""
    if state in {"lapsed", "expired"}:
        net.now = START + seconds + 1

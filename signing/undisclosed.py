"""What a log holds about an award that its bundle does not show (``odr-verify --scan``).

Three kinds of entries may change what a bundle says:

- amendments, which are sealed and carry the award's reference tag;
- decisions about keys by whoever owns a signing key, or by the officers. Their entries stand in the log in clear, but
  say only the digest: what was decided is read in the statement itself, which anybody may send, because it must have
  that digest. A revocation of a statement key of the signers counts; which of them it reaches is for a new bundle to
  tell;
- policies below the size for which the bundle was made, since all of those belong into it.
"""

from collections.abc import Collection
from dataclasses import dataclass

from .bundle import Bundle
from .encoding import JSON, canonical, loads
from .errors import SigningError
from .keyring import introduced_keys
from .prefix import Fetch
from .statement import Statement, parse_statement, reference_tag

__all__ = ["Undisclosed", "Watch"]

MAX_ANSWER = 2_000_000


@dataclass(frozen=True, slots=True)
class Undisclosed:
    """Indexes of entries: those that concern the award, and those of which nobody gave the text."""

    concerning: frozenset[int]
    unread: frozenset[int]

    def before(self, award: int) -> bool:
        """Whether any may have decided what the bundle says of the award itself, and not only of its status."""
        return any(index < award for index in self.concerning)


class Watch:
    """Looks at the entries of a log, one after the other, for those that a verified bundle does not show."""

    def __init__(self, bundle: Bundle, size: int) -> None:
        """``size`` is that of the bundle's own checkpoint."""
        award, told = parse_statement(bundle.award.document), [parse_statement(one.document) for one in bundle.evidence]
        carried = {kid: new for one in told for kid, new in introduced_keys(one).items()}
        owners = {carried[kid].owner for kid in award.roles}
        self._kids = {kid for kid, new in carried.items() if new.owner in owners and new.purpose == "statement"}
        governed = [one for one in told if one.kind in ("genesis", "policy")]
        self._deciding = owners | {one.body["coordinator"]["id"] for one in governed}
        self._ref = reference_tag(award.salt or b"")
        self._size = size
        self._shown = {item.proof.index for item in bundle.evidence}
        self._hidden: set[int] = set()
        self._keys: dict[int, str] = {}
        self.amendments = 0
        """How many entries carry the award's reference tag, shown or not."""

    def see(self, index: int, entry: dict[str, JSON]) -> None:
        """Look at one parsed entry."""
        amends = entry.get("ref") == self._ref
        self.amendments += amends
        if index in self._shown:
            return
        if amends or (entry["kind"] == "policy" and index < self._size):
            self._hidden.add(index)
        elif entry["kind"] == "key" and entry["issuer"] in self._deciding:
            self._keys[index] = entry["digest"]

    def undisclosed(self, fetch: Fetch) -> Undisclosed:
        """What was found, once the texts of decisions about keys are read below the hub that serves the log."""
        texts = {index: _text(fetch, digest) for index, digest in self._keys.items()}
        revoking = {index for index, one in texts.items() if one is not None and _revokes(one, self._kids)}
        unread = frozenset(index for index, one in texts.items() if one is None)
        return Undisclosed(frozenset(self._hidden | revoking), unread)


def _text(fetch: Fetch, digest: str) -> Statement | None:
    """The statement with this digest as the hub serves it to everybody; None if what comes is not that statement."""
    try:
        answer = loads(fetch(f"../v1/statements/{digest}"), max_bytes=MAX_ANSWER)
        one = parse_statement(canonical(answer["statement"]))
    except (SigningError, KeyError, TypeError):
        return None
    return one if one.digest == digest else None


def _revokes(one: Statement, kids: Collection[str]) -> bool:
    return one.kind != "key" or (one.body.get("action") == "revoke" and one.body.get("kid") in kids)

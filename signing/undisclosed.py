"""What a log holds about an award that its bundle does not show (``odr-verify --scan``).

Entries of public kinds stand in the log in clear, but say only who issued them and the digest: what was decided is read
in the statement itself, which anybody may send, because it must have that digest. Four kinds may change what a bundle
says:

- amendments, which are sealed and carry the award's reference tag;
- policies below the size for which the bundle was made, since all of those belong into it;
- decisions about keys. Below that size a bundle shows all of them about everybody whose registration it shows: the
  signers, and whoever nominated or reviewed. From there on a revocation of a signer's statement key counts, if it
  reaches back to the award; which of them it puts in doubt is for a new bundle to tell;
- decisions about accreditation below the award's index, newer than the newest that is shown of each signer's owner.
  Whether the award is genuine does not hang on them.

Officers decide in the coordinator's name, which a policy may change: of later policies that name is read. What can't be
read counts as if it might concern the award, so that nobody gains by keeping a text back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from .bundle import Bundle
from .encoding import JSON, canonical, loads
from .errors import SigningError
from .keyring import introduced_keys
from .prefix import Fetch
from .statement import Statement, parse_statement, reference_tag

__all__ = ["Undisclosed", "Watch"]

MAX_ANSWER = 2_000_000
_OF_NETWORK = ("genesis", "policy")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Undisclosed:
    """Indexes of entries that concern the award, of those that can't be read, and which of both are accreditations."""

    concerning: frozenset[int]
    unread: frozenset[int]
    accreditations: frozenset[int]

    def before(self, award: int) -> bool:
        """Whether any may have decided what the bundle says of the award itself, and not only of its status."""
        return any(index < award for index in (self.concerning | self.unread) - self.accreditations)


@dataclass(frozen=True, slots=True)
class _Decision:
    """A public entry whose statement is still to be read."""

    kind: str
    issuer: str
    digest: str


class Watch:
    """Looks at the entries of a log, one after the other, for those that a verified bundle does not show.

    Of a long log it keeps what is seldom: decisions about keys, policies and accreditation that are not in the bundle.
    """

    def __init__(self, bundle: Bundle, size: int) -> None:
        """``size`` is that of the bundle's own checkpoint."""
        award = parse_statement(bundle.award.document)
        told = {one.proof.index: parse_statement(one.document) for one in bundle.evidence}  # in log order
        people = [one for one in told.values() if one.kind not in _OF_NETWORK]
        carried = {kid: new for one in people for kid, new in introduced_keys(one).items()}
        self._size, self._award, self._shown = size, bundle.award.proof.index, told.keys()
        self._subjects = {new.owner for new in carried.values()}
        self._owners = {carried[kid].owner for kid in award.roles}
        self._kids = {kid for kid, new in carried.items() if new.owner in self._owners and new.purpose == "statement"}
        self._coordinators = {one.body["coordinator"]["id"] for one in told.values() if one.kind in _OF_NETWORK}
        newest = _newest_accreditations(told, self._award)
        self._accredited = min(newest.get(owner, -1) for owner in self._owners)
        self._ref = reference_tag(award.salt or b"")
        self._hidden: set[int] = set()
        self._open: dict[int, _Decision] = {}
        self.amendments = 0
        """How many entries carry the award's reference tag, shown or not."""

    def see(self, index: int, entry: dict[str, JSON]) -> None:
        """Look at one parsed entry."""
        amends, kind, below = entry.get("ref") == self._ref, entry["kind"], index < self._size
        self.amendments += amends
        if index in self._shown:
            return
        own = kind == "key" and entry["issuer"] in self._subjects
        if amends or (below and (own or kind == "policy")):
            self._hidden.add(index)
        elif kind in ("key", "policy") or (kind == "accreditation" and self._accredited < index < self._award):
            self._open[index] = _Decision(kind, entry["issuer"], entry["digest"])

    def undisclosed(self, fetch: Fetch) -> Undisclosed:
        """What was found, once the texts of decisions are read below the hub that serves the log."""
        names = {index: _read(fetch, one, _coordinator) for index, one in self._later_policies()}
        deciding = self._owners | self._coordinators | {name for name in names.values() if name is not None}
        judged = {
            index: _read(fetch, one, partial(self._concerns, index))
            for index, one in self._open.items()
            if one.kind == "accreditation" or (one.kind == "key" and one.issuer in deciding)
        }
        return Undisclosed(
            frozenset(self._hidden | {index for index, concerns in judged.items() if concerns}),
            frozenset(index for answers in (names, judged) for index, one in answers.items() if one is None),
            frozenset(index for index, one in self._open.items() if one.kind == "accreditation"),
        )

    def _later_policies(self) -> list[tuple[int, _Decision]]:
        """Those before a decision about keys by whoever is not known: it may be the coordinator under a new name."""
        known = self._owners | self._coordinators
        strange = (index for index, one in self._open.items() if one.kind == "key" and one.issuer not in known)
        last = max(strange, default=-1)
        return [(index, one) for index, one in self._open.items() if one.kind == "policy" and index < last]

    def _concerns(self, index: int, said: Statement) -> bool:
        body = said.body
        if said.kind == "accreditation":
            return body["subject"] in self._owners
        if index < self._size:
            return body["owner"] in self._subjects
        reaches = body["action"] == "revoke" and body.get("invalid_from", index) <= self._award
        return reaches and body["kid"] in self._kids


def _read(fetch: Fetch, decision: _Decision, reading: Callable[[Statement], T]) -> T | None:
    """What ``reading`` finds in the statement as the hub serves it to everybody.

    None if what comes is not that statement, or lacks the members of its kind: no schema is asked here.
    """
    try:
        answer = loads(fetch(f"../v1/statements/{decision.digest}"), max_bytes=MAX_ANSWER)
        said = parse_statement(canonical(answer["statement"]))
        return reading(said) if (said.digest, said.kind) == (decision.digest, decision.kind) else None
    except (SigningError, KeyError, TypeError, AttributeError):
        return None


def _coordinator(policy: Statement) -> str:
    return str(policy.body["coordinator"]["id"])


def _newest_accreditations(told: Mapping[int, Statement], award: int) -> dict[str, int]:
    return {one.body["subject"]: at for at, one in told.items() if one.kind == "accreditation" and at < award}

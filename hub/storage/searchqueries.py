"""What a search of the directory asks for, and what it finds.

Conditions of one query hold together. ``text``: each of its words begins a word of the name or of what goes with it.
A language asked for is a range (RFC 4647 basic filtering): ``zh`` finds ``zh-Hans``. A sector finds its section and
its divisions: ``C26`` is found where ``C`` is served, and the other way round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from signing.encoding import JSON

__all__ = ["Listed", "NeutralQuery", "ProviderQuery", "SearchPage"]


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """Which members; every condition but ``type`` and ``text`` is one that only providers can meet.

    Args:
        type: provider, court or observer.
        accredited_only: accredited at the time that the search is about.
    """

    text: str | None = None
    type: str | None = None
    language: str | None = None
    stage: str | None = None
    dispute_type: str | None = None
    sector: str | None = None
    economy: str | None = None
    accredited_only: bool = False


@dataclass(frozen=True, slots=True)
class NeutralQuery:
    """Which neutrals.

    Args:
        exclude_nationality: economies; who has one of them is left out, and who has not told any is too. Class C1:
            the caller has checked that whoever asks may know nationalities.
        available_only: active, with a current statement key and an accreditation in force, at the time that the
            search is about.
    """

    text: str | None = None
    language: str | None = None
    role: str | None = None
    field: str | None = None
    legal_system: str | None = None
    provider: str | None = None
    exclude_nationality: tuple[str, ...] = ()
    available_only: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list.

    Args:
        id: actor id.
        role: provider, court, observer or neutral.
        name: legal name, or the name under which a neutral acts.
        status: of a neutral: active, paused or left; None of others.
        accreditation_status: at the time of the search: none, pending, expired, or what was decided.
        accredited: whether that counts as accredited.
        kids: its statement keys that are current at the time of the search.
        record: everything that the directory holds of it (``hub.following.directory``).
        annex: index of the entry with its annex; known of a single one only.
    """

    id: str
    role: str
    name: str
    status: str | None
    accreditation_status: str
    accredited: bool
    kids: tuple[str, ...]
    record: Mapping[str, JSON] = field(repr=False)
    annex: int | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found.

    Args:
        rows: by actor id.
        next: what ``after`` is for the page that follows; None on the last.
        total: how many were found in all.
        facets: by facet, values, and how many would be found if that value were asked for beside all other
            conditions; the commonest first, at most ``FACET_VALUES`` of each.
        time: POSIX seconds for which accreditations and keys were judged.
    """

    rows: tuple[Listed, ...]
    next: str | None
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]
    time: int

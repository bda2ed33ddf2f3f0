"""The index in memory finds what a filter in plain Python finds over the same versions, at any size and time."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.storage.searchindex import FACET_VALUES, SearchIndex, Wanted
from hub.storage.searchterms import FOREVER, Terms
from hub.storage.words import words_of

FACETS = ("language", "provider")
NAMES = ["ann", "bea", "cem", "dan", "eve"]
WORDS = ["harbour", "harbours", "arbitration", "a", "仲", "裁"]
VALUES = {"language": ["en", "en-GB", "zh-Hans"], "provider": ["acme", "brio"]}
TIMES = st.integers(0, 12)
SPANS = st.tuples(TIMES, st.one_of(TIMES, st.just(FOREVER)))


def some(values: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


TERMS = st.builds(
    Terms,
    index=st.just(0),
    id=st.sampled_from(NAMES),
    role=st.sampled_from(["provider", "court"]),
    words=st.frozensets(st.sampled_from(WORDS)),
    values=st.fixed_dictionaries({name: some(values) for name, values in VALUES.items()}),
    accredited=st.none() | SPANS,
    keys=st.lists(SPANS, max_size=2).map(tuple),
    active=st.booleans(),
    nationality=some(["CN", "SG", "FR"]),
    sha256=st.just(b""),
)


@st.composite
def logs(draw: st.DrawFn) -> list[Terms]:
    """Versions in log order, with gaps between their indexes."""
    found, index = [], 0
    for one in draw(st.lists(TERMS, max_size=12)):
        index += draw(st.integers(1, 3))
        found.append(replace(one, index=index))
    return found


def equal_to(value: str) -> Callable[[str], bool]:
    return value.__eq__


STRICT = st.builds(
    Wanted,
    text=st.lists(st.sampled_from([*WORDS, "harb", "arb", "x"]), max_size=2).map(" ".join),
    role=st.sampled_from([None, "provider"]),
    values=st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(values).map(equal_to) for name, values in VALUES.items()}
    ),
    accredited=st.booleans(),
    available=st.booleans(),
    without=some(["CN", "SG"]),
)


WANTED = st.one_of(st.just(Wanted()), STRICT)
SIZES = st.one_of(st.just(40), st.integers(0, 40))


def within(time: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(begin <= time < end for begin, end in spans)


def meets(one: Terms, wanted: Wanted, time: int, but: str | None = None) -> bool:
    accredited = within(time, [one.accredited] if one.accredited else [])
    return (
        wanted.role in (None, one.role)
        and all(any(word.startswith(asked) for word in one.words) for asked in words_of(wanted.text))
        and all(name == but or any(map(accepts, one.values[name])) for name, accepts in wanted.values.items())
        and (accredited or not (wanted.accredited or wanted.available))
        and (not wanted.available or (one.active and within(time, one.keys)))
        and (not wanted.without or bool(one.nationality))
        and not set(wanted.without) & set(one.nationality)
    )


def newest(log: Sequence[Terms], size: int) -> list[Terms]:
    return sorted({one.id: one for one in log if one.index < size}.values(), key=lambda one: one.id)


@given(logs(), WANTED, SIZES, TIMES, st.sampled_from(["", *NAMES, "bob"]), st.integers(1, 4))
def test_it_finds_what_plain_python_finds(  # what a search is about
    log: list[Terms], wanted: Wanted, size: int, time: int, after: str, limit: int
) -> None:
    index = SearchIndex(FACETS)
    for one in log:
        index.add(one)
        index.find(Wanted(role=wanted.role), 40, time, "", 1)  # what is remembered of it must not be told later
        index.find(wanted, 40, time, "", 1)
    found = index.find(wanted, size, time, after, limit)
    there = newest(log, size)
    met = [one for one in there if meets(one, wanted, time)]
    beyond = [one for one in met if one.id > after]
    assert found.indexes == tuple(one.index for one in beyond[:limit])
    assert found.following == (beyond[limit - 1].id if len(beyond) > limit else None)
    assert found.total == len(met)
    for name in FACETS:
        counted = Counter(
            value for one in there if meets(one, wanted, time, but=name) for value in one.values.get(name, ())
        )
        assert dict(found.facets[name]) == counted
        assert list(found.facets[name]) == sorted(found.facets[name], key=lambda one: (-one[1], one[0]))


@given(logs(), WANTED, TIMES, st.data())
def test_what_was_asked_before_more_came_changes_nothing(
    log: list[Terms], wanted: Wanted, time: int, data: st.DataObject
) -> None:
    """The past is the same when it is asked for later."""
    cut = data.draw(st.integers(0, len(log)))
    size = log[cut - 1].index + 1 if cut else 0
    index = SearchIndex(FACETS)
    for one in log[:cut]:
        index.add(one)
    before = index.find(wanted, size, time, "", 9)
    for one in log[cut:]:
        index.add(one)
    after = index.find(wanted, size, time, "", 9)
    assert (before.indexes, before.total, before.facets) == (after.indexes, after.total, after.facets)


@given(logs(), WANTED, SIZES, TIMES, st.data())
def test_it_becomes_what_another_told(
    log: list[Terms], wanted: Wanted, size: int, time: int, data: st.DataObject
) -> None:
    """What is told holds no nationality; annexes tell it."""
    log = [replace(one, annex=100 + one.index if one.nationality else None) for one in log]
    cut = data.draw(st.integers(0, len(log)))
    first, index, whole = SearchIndex(FACETS), SearchIndex(FACETS), SearchIndex(FACETS)
    for one in log[:cut]:
        first.add(one)
    index.restore(first.kept(), {one.annex: one.nationality for one in log if one.annex is not None})
    for one in log[cut:]:
        index.add(one)
    for one in log:
        whole.add(one)
    assert index.find(wanted, size, time, "", 9) == whole.find(wanted, size, time, "", 9)
    assert index.newest(size) == whole.newest(size)
    told = [{name: array.tolist() for name, array in one.kept().items()} for one in (index, whole)]
    assert told[0] == told[1]


def plain(number: int, **more: Any) -> Terms:
    given: dict[str, Any] = {
        "index": number, "id": f"actor-{number:05}", "role": "neutral", "words": frozenset(), "values": {},
        "accredited": None, "keys": (), "active": True, "nationality": (), "sha256": b"",
    }  # fmt: skip
    return Terms(**given | more)


def test_a_facet_of_many_values_shows_the_commonest() -> None:
    index = SearchIndex(FACETS)
    for number in range(FACET_VALUES + 50):
        index.add(plain(number, values={"provider": (f"provider-{number:03}", "everybody")}))
    shown = index.find(Wanted(), 9999, 0, "", 1).facets["provider"]
    assert len(shown) == FACET_VALUES
    assert shown[0] == ("everybody", FACET_VALUES + 50)
    assert shown[1] == ("provider-000", 1)


def test_columns_grow() -> None:
    index = SearchIndex(FACETS)
    for number in range(3000):
        index.add(plain(number))
    assert index.find(Wanted(), 2500, 0, "actor-01000", 2).indexes == (1001, 1002)
    assert index.find(Wanted(), 2500, 0, "", 2).total == 2500

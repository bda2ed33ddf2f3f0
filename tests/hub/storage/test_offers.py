"""What providers offer: read once for each version, bounded, sifted by name."""

from collections.abc import Callable, Sequence

import pytest

from hub.storage import offers
from hub.storage.offers import Offer, Offers, Sifted
from signing.encoding import canonical


def text(index: int) -> str:
    profile = {"legal_name": f"P {index}", "binding": index % 2 == 0, "languages_file": ["en"]}
    return canonical({"index": index, "id": f"p{index}", "profile": profile}).decode()


class Table:
    """Counts what is read of it."""

    def __init__(self) -> None:
        self.read: list[int] = []

    async def made(self, indexes: Sequence[int], work: Callable[[str], Offer]) -> list[Offer]:
        self.read += indexes
        return [work(text(index)) for index in indexes]


async def test_a_version_is_read_once() -> None:
    table, known = Table(), Offers()
    assert [one.index for one in await known.read([3, 1], table.made)] == [3, 1]
    found = await known.read([2, 1, 3], table.made)
    assert [(one.index, one.id, one.name, one.profile) for one in found][1] == (1, "p1", "P 1", {"binding": False})
    assert table.read == [3, 1, 2]


async def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "_KEPT", 3)
    table, known = Table(), Offers()
    assert [one.index for one in await known.read([1, 2, 3, 4, 5], table.made)] == [1, 2, 3, 4, 5]
    await known.read([5, 1], table.made)
    assert table.read == [1, 2, 3, 4, 5, 1]


def test_sifted_come_by_name() -> None:
    some = [
        Offer(n, f"p{n}", name, {"binding": n > 1}, (name.casefold(), f"p{n}"))
        for n, name in enumerate(("b", "C", "a", "B"))
    ]
    found = Sifted.of(some, lambda profile: bool(profile["binding"]), whole=True)
    assert [one.name for one in found.passed] == ["a", "B"]
    assert [one.name for one in found.missed] == ["b", "C"]
    found = Sifted.of(some, lambda profile: bool(profile["binding"]), whole=True, known={2}, enough=1)
    assert ([one.name for one in found.passed], [one.name for one in found.missed]) == (["B"], ["b"])

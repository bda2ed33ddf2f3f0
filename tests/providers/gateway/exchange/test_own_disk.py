"""A package that the recipient's own disk has not kept as it was fetched: nothing of that is the sender's doing."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from providers.gateway.exchange import engine, recipient
from providers.gateway.exchange.context import INCOMING, Context
from providers.gateway.exchange.values import Dossier
from tests.providers.gateway.exchange.house import ACCEPT, House, briefed, offered, state, until

Harm = Callable[[Path], object]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[-50] ^= 1
    path.write_bytes(octets)


HARMS: dict[str, Harm] = {"cut": _cut, "a bit": _flip, "gone": Path.unlink}


def harmed(harm: Harm, times: int) -> tuple[list[Path], Callable[[Context, Dossier], Awaitable[None]]]:
    """The step that opens a package, before which the disk harms it so often; and the harms done."""
    done: list[Path] = []

    async def unpack(context: Context, dossier: Dossier) -> None:
        path = context.folder(dossier.transfer_id) / INCOMING
        if len(done) < times:
            harm(path)
            done.append(path)
        await recipient.unpack(context, dossier)

    return done, unpack


async def accepted(house: House, last: str) -> Dossier:
    """The recipient's transfer, accepted and then in this state."""
    with house.hub:
        async with house.both() as (ours, theirs):
            transfer = await offered(ours, house.world)
            await until(theirs, transfer, briefed)
            await theirs.service.accept(transfer, ACCEPT)
            return await until(theirs, transfer, state(last))


@pytest.mark.parametrize("harm", HARMS)
async def test_it_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    done, unpack = harmed(HARMS[harm], 1)
    monkeypatch.setitem(engine._STEPS, "open", unpack)
    seen = await accepted(House(tmp_path), "completed")
    assert len(done) == 1
    assert seen.failure is None


async def test_evidence_about_it_blames_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done, unpack = harmed(_flip, 100)
    monkeypatch.setitem(engine._STEPS, "open", unpack)
    failed = await accepted(House(tmp_path), "failed")
    assert len(done) == recipient.FETCHES
    assert failed.failure is not None
    assert (failed.failure["reason"], failed.failure["code"]) == ("unspecific", "ciphertext_differs")
    assert failed.failure["detail"] == "The disk has not kept the package as it was fetched."

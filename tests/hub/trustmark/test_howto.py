"""The how-to is true: its programs run as they are printed, against a hub, and refuse what they should."""

import asyncio
import copy
import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.trustmark.badge import HEIGHT, WIDTH
from hub.trustmark.memberstatus import MEMBER_STATUS_TYPE
from hub.trustmark.script import BUILT, integrity
from signing.compose import sign_all, timestamp
from signing.encoding import b64u_decode, b64u_encode, canonical, loads
from tests.fakes.pages import run, steps
from tests.hub.running import Hub, Running
from tests.hub.world import PARTICULARS, Actor, example, signing_key
from tests.interop.programs import require

PAGE = Path("docs/how-to/show-the-trust-mark.md").read_text(encoding="utf-8")
PROGRAMS = dict(
    zip(("hub_key.py", "check_member.py"), re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL), strict=True)
)
MEMBER = Actor("harbour-odr", "provider")
STATUS = f"/v1/members/{MEMBER.id}/status"


@pytest.fixture
async def hub(tmp_path: Path, officers: list[Actor]) -> AsyncIterator[Hub]:
    """A hub in real time, with the how-to's member accredited."""
    for name, text in PROGRAMS.items():
        assert f"`{name}`" in PAGE
        (tmp_path / name).write_text(text, encoding="utf-8")
    now = int(time.time())
    async with Running(tmp_path / "data", officers, now=now) as running:
        await running.registered(running.speaker.member(MEMBER))
        await decided(running, "listed")
        yield running


async def decided(hub: Hub, status: str) -> None:
    """A decision whose time surrounds now."""
    now = hub.clock.now
    body = example("accreditation", "valid-listed")["body"] | {"subject": MEMBER.id, "status": status}
    body |= {"valid_from": timestamp(now - 86_400), "valid_to": timestamp(now + 86_400)} | PARTICULARS.get(status, {})
    await hub.registered(hub.speaker.compose("accreditation", "coordinator", body, hub.speaker.officer(2)))


def key(hub: Hub) -> str:
    return b64u_encode(hub.speaker.hub.statement.public.x)


async def program(folder: Path, name: str, *arguments: str) -> tuple[int, str]:
    """Exit code and all that a program of the page prints."""
    command = [sys.executable, name, *arguments]
    done = await asyncio.to_thread(subprocess.run, command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


async def test_the_steps_are_run_as_they_are_printed(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("curl", "openssl"):
        require(each)
    monkeypatch.setenv("HUB", f"http://127.0.0.1:{hub.client.port}")
    monkeypatch.setenv("NETWORK", hub.speaker.network)
    monkeypatch.setenv("KEY", key(hub))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    found, script, checked = await asyncio.to_thread(run, steps(PAGE), tmp_path)
    assert found.strip() == key(hub)
    assert f"sha384-{script.strip()}" == integrity(BUILT.read_bytes())
    assert checked.strip() == "Sample harbour-odr accredited as of log size 3"


def test_what_is_copied_is_current() -> None:
    assert f'integrity="{integrity(BUILT.read_bytes())}"' in PAGE
    assert f'width="{WIDTH}" height="{HEIGHT}"' in PAGE


async def test_a_status_that_is_no_approval_or_not_to_be_believed(hub: Hub, tmp_path: Path) -> None:
    async def checked(document: Any, member: str = MEMBER.id, network: str = "", pinned: str = "") -> tuple[int, str]:
        (tmp_path / "status.jws").write_bytes(canonical(document))
        return await program(
            tmp_path, "check_member.py", "status.jws", member, network or hub.speaker.network, pinned or key(hub)
        )

    def signed(typ: str = MEMBER_STATUS_TYPE, **changes: Any) -> Any:
        secret = hub.speaker.hub.statement
        return loads(sign_all(canonical(payload | changes), [(secret, "hub")], hub.clock.now, typ))

    _, honest = await hub.get(STATUS)
    payload = json.loads(b64u_decode(honest["payload"]))
    now = payload["time"]
    assert await checked(honest) == (0, "Sample harbour-odr accredited as of log size 3")
    assert await checked(signed()) == (0, "Sample harbour-odr accredited as of log size 3")
    assert await checked(honest, member="other") == (1, "About somebody else.")
    assert await checked(honest, network="0" * 64) == (1, "About somebody else.")
    stranger = b64u_encode(signing_key("stranger").public.x)
    assert await checked(honest, pinned=stranger) == (1, "Signed with another key than the pinned one.")
    altered = honest | {"payload": b64u_encode(canonical(payload | {"state": "conditional"}))}
    assert await checked(altered) == (1, "The signature does not fit.")
    assert await checked(signed("odr-status+jws")) == (1, "Not a status.")
    for time_, expires in ((now - 60, now), (now, now + 61), (now + 3600, now + 3660), (now, now)):
        assert await checked(signed(time=time_, expires=expires)) == (1, "Expired, or a clock is wrong.")
    await decided(hub, "suspended")
    assert await checked((await hub.get(STATUS))[1]) == (1, "Sample harbour-odr suspended as of log size 4")
    past = (await hub.get(f"{STATUS}?at=3"))[1]
    assert await checked(past) == (1, "Expired, or a clock is wrong.")


async def test_the_hubs_key_is_found_by_the_officers_signatures(hub: Hub, tmp_path: Path) -> None:
    async def found(chain: list[Any], network: str = "") -> tuple[int, str]:
        (tmp_path / "policy.json").write_text(json.dumps({"chain": chain}), encoding="utf-8")
        return await program(tmp_path, "hub_key.py", "policy.json", network or hub.speaker.network)

    def policy(officers: int, **changes: Any) -> Any:
        signers = [*hub.speaker.officer(officers), (new, "introduced")]
        previous = changes.pop("previous", hub.speaker.network)
        return {"statement": loads(hub.speaker.compose("policy", "coordinator", body, signers, previous=previous))}

    new = signing_key("the next key")
    _, answer = await hub.get("/v1/policy")
    (genesis,) = answer["chain"]
    body = copy.deepcopy(json.loads(b64u_decode(genesis["statement"]["payload"]))["body"])
    for one in body["hub"]["keys"]:
        if one["purpose"] == "statement":
            one["jwk"] = new.public.jwk()
    assert await found([genesis]) == (0, key(hub))
    assert await found([genesis, policy(2)]) == (0, b64u_encode(new.public.x))
    assert await found([genesis, policy(1)]) == (1, "Too few officers have signed a policy.")
    assert await found([genesis, policy(2, previous="0" * 64)]) == (1, "A policy is missing.")
    assert await found([policy(2)]) == (1, "This is another network.")
    assert await found([genesis], "0" * 64) == (1, "This is another network.")
    forged = policy(2)
    forged["statement"]["signatures"][0]["signature"] = b64u_encode(bytes(64))
    forged["statement"]["signatures"][1]["signature"] = b64u_encode(bytes(64))
    assert await found([genesis, forged]) == (1, "Too few officers have signed a policy.")

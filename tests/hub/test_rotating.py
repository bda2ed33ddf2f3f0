"""A log ends and its network goes on under another one: same tree, new name and key, every old award still provable."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub import cli, maintenance, rotating
from hub.founding import POLICY_NAME
from hub.keystore import read_as, write_key
from hub.log.errors import RecoveryError
from hub.officers.drafting import Network, policy_draft
from hub.rotating import NEXT_KEY, Rotation, next_origin
from hub.storage.rotation import EndedLogs
from hub.web.appkeys import DATABASE, PUBLICATION
from providers.witness.config import add_log, init_witness
from providers.witness.submission import Submission, format_submission
from signing import cli as odr_verify
from signing.encoding import canonical
from signing.errors import SigningError
from signing.notes import Checkpoint, VerifierKey, open_checkpoint, parse_note
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer, sign_checkpoint
from signing.statement import Statement, parse_statement
from signing.trust import parse_trust, parse_witness_policy
from signing.verification import Report, verify_award
from tests.fakes.witnessprocess import WitnessProcess
from tests.hub.running import Hub, Running
from tests.hub.test_evidence import NEUTRAL, PROVIDER, bundle, populated
from tests.hub.world import PDF, Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
PATIENT = "\n[limits]\nwait_seconds = 20\n"
"""A witness may need more than one round on a busy machine; its answer is what these tests are about."""
FIRST, SECOND = "hub.example:8600/log/1", "hub.example:8600/log/2"


@dataclass
class House:
    """A hub with one witness, which is a process of its own, and an award that is registered."""

    running: Running
    hub: Hub
    witness: Path
    witness_url: str
    award: str = ""

    @property
    def keys(self) -> Path:
        return self.hub.data / "keys"

    async def prepared(self) -> Rotation:
        """What ``rotate prepare`` writes for the officers."""
        file = self.hub.data / "rotation.json"
        arguments = ["rotate", "prepare", "--data", str(self.hub.data), "--out", str(file)]
        assert await asyncio.to_thread(cli.main, arguments) == 0
        return Rotation.from_bytes(file.read_bytes())

    async def policy(self) -> Statement:
        """The newest policy."""
        chain = (await self.hub.get("/v1/policy"))[1]["chain"]
        return parse_statement(canonical(chain[-1]["statement"]))

    async def decide(self, rotation: Rotation | None, **more: Any) -> tuple[int, dict[str, Any]]:
        """Post the officers' policy; what the hub answers."""
        newest = await self.policy()
        network = Network(self.hub.speaker.network, newest.digest, newest.body)
        draft = policy_draft(network, self.hub.clock(), rotation=rotation, **more)
        for officer in OFFICERS:
            draft = draft.signed_by(officer.statement, self.hub.clock())
        return await self.hub.post(draft.statement().document)

    async def finish(self) -> int:
        """Stop the hub and run ``rotate finish``."""
        await self.running.client.close()
        return await asyncio.to_thread(cli.main, ["rotate", "finish", "--data", str(self.hub.data)])

    async def reopen(self) -> None:
        self.hub = await self.running.restart(self.hub)

    async def witnessed(self) -> None:
        shown = self.hub.client.server.app[PUBLICATION]  # type: ignore[attr-defined]
        assert await shown.wait_witnessed(shown.signed.size - 1, 20)

    async def verified(self, digest: str = "") -> Report:
        """What a court finds that pinned the first policy, before anybody spoke of a rotation."""
        _, answer = await self.hub.get(f"/v1/awards/{digest or self.award}")
        trust = parse_trust((self.hub.data / POLICY_NAME).read_bytes())
        return verify_award(bundle(answer), trust, PDF, self.hub.clock())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    witness = WitnessProcess(tmp_path / "witness")
    vkey = init_witness(witness.directory, "witness.example")
    await witness.start()
    (tmp_path / "hub").mkdir()
    policy = f"witness one {vkey} {witness.url}\nquorum one\n"
    running = Running(tmp_path / "hub", OFFICERS, PATIENT, witness_policy=policy)
    try:
        async with running as hub:
            add_log(witness.directory, hub.speaker.genesis.body["log_key"])
            house = House(running, hub, witness.directory, witness.url)
            await house.witnessed()  # it may have been asked before it watched the log
            house.award = (await populated(hub))["digest"]
            yield house
    finally:
        await witness.kill()


async def test_every_award_stays_provable_to_who_trusted_the_old_log(house: House) -> None:
    assert (await house.verified()).genuine == "yes"
    rotation = await house.prepared()
    assert (rotation.origin, rotation.base["origin"]) == (SECOND, FIRST)
    status, receipt = await house.decide(rotation)
    assert (status, receipt["state"]) == (201, "witnessed")

    status, answer = await house.hub.post(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"too late"))
    assert (status, answer["code"]) == (503, "log_ended")
    assert f"goes on as {SECOND} once the operator has run `odr-hub rotate finish`" in answer["detail"]
    report = await house.verified()
    assert (report.genuine, report.facts["log_size"]) == ("yes", receipt["index"] + 1)

    add_log(house.witness, rotation.log_key)
    assert await house.finish() == 0
    await house.reopen()
    await house.witnessed()
    report = await house.verified()
    assert report.genuine == "yes", report
    assert f"{SECOND}, size {receipt['index'] + 1}" in report.steps[4].reason
    another = f"urn:odr:{PROVIDER.id}:0197b1a0-0000-7000-8000-000000000002"
    late = await house.hub.registered(house.hub.speaker.award(PROVIDER, NEUTRAL, award_id=another))
    assert late["index"] == receipt["index"] + 1
    assert (await house.verified(late["digest"])).genuine == "yes"


async def test_after_a_rotation_what_is_stored_is_checked_while_the_key_is_away(house: House, tmp_path: Path) -> None:
    """As the runbook of ``store_differs`` asks; the verification policy in the directory is of the first log still."""
    rotation = await house.prepared()
    await house.decide(rotation)
    add_log(house.witness, rotation.log_key)
    assert await house.finish() == 0
    await house.reopen()
    await house.witnessed()
    await house.running.client.close()
    (house.keys / "log.pem").replace(tmp_path / "away.pem")
    assert (await maintenance.check(house.hub.data, quiet=True)).findings == ()

    path = house.hub.data / POLICY_NAME
    pinned = path.read_bytes()
    trust = parse_trust(pinned)
    for line, why in ((f"network {trust.network}", "another network"), (f"policy {trust.policy}", "not stored here")):
        path.write_bytes(pinned.replace(line.encode(), line.split()[0].encode() + b" " + b"0" * 64))
        with pytest.raises(RecoveryError, match=why) as caught:
            await maintenance.check(house.hub.data, quiet=True)
        assert caught.value.code == "wrong_log_key"


DAMAGES = {
    'DELETE FROM entries WHERE "index" = 0': ("entry 7", "missing or another one: the genesis"),
    "UPDATE entries SET octets = x'00' WHERE \"index\" = 0": ("entry 0", "Expecting value"),
    'DELETE FROM bodies WHERE "index" = 0': ("entry 0", "Its text is missing"),
    "UPDATE bodies SET document = x'7b7d' WHERE \"index\" = 0": ("entry 0", "Expected a JWS"),
    "DELETE FROM statements WHERE kind IN ('genesis', 'policy')": ("entry 0", "The genesis is missing"),
    'UPDATE statements SET digest = zeroblob(32) WHERE "index" = 0': ("entry 0", "not the statement of the"),
    'DELETE FROM statements WHERE "index" = 7': ("head", "The policy that names this log is missing"),
    "UPDATE statements SET issuer = CAST(x'ff' AS TEXT) WHERE \"index\" = 7": (
        "policies",
        "The policies can't be read",
    ),
    "a signature is another one's": ("entry 7", "does not stand for this statement"),
}
"""What is done to a rotated log of eight entries, whose policies are the first and the last one: what tells of it."""


def damage(path: Path, what: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        if what.startswith("a signature"):
            (document,) = connection.execute('SELECT document FROM bodies WHERE "index" = 7').fetchone()
            jws = json.loads(document)
            first, second = jws["signatures"]
            first["signature"] = second["signature"]
            connection.execute('UPDATE bodies SET document = ? WHERE "index" = 7', [canonical(jws)])
        else:
            connection.execute(what)
        connection.commit()


async def test_a_stored_policy_that_does_not_verify_is_a_finding_while_the_key_is_away(
    house: House, tmp_path: Path
) -> None:
    """It is damage of what is stored, and no fault of the verification policy; the rest is checked all the same."""
    rotation = await house.prepared()
    _, receipt = await house.decide(rotation)
    assert receipt["index"] == 7
    add_log(house.witness, rotation.log_key)
    assert await house.finish() == 0
    (house.keys / "log.pem").replace(tmp_path / "away.pem")
    stored = house.hub.data / "hub.sqlite3"
    sound = stored.read_bytes()
    for what, (where, says) in DAMAGES.items():
        damage(stored, what)
        report = await maintenance.check(house.hub.data, quiet=True)
        first, *others = report.findings
        assert (first.code, first.where) == ("policy_unverified", where), what
        assert says in first.message, what
        assert others, f"{what}: what it is the damage of"
        if "FROM bodies" in what:  # the policy of the log in force is whole: its key serves for what that log signed
            assert not [one for one in others if SECOND in one.message]
        stored.write_bytes(sound)
    assert (await maintenance.check(house.hub.data, quiet=True)).sound


async def test_the_new_log_continues_the_checkpoint_that_the_policy_names(house: House) -> None:
    """Whoever archived a checkpoint of the old log can follow the new one from there."""
    rotation = await house.prepared()
    await house.decide(rotation)
    add_log(house.witness, rotation.log_key)
    await house.finish()
    await house.reopen()
    shown = house.hub.client.server.app[PUBLICATION].signed  # type: ignore[attr-defined]
    ended = EndedLogs(house.hub.client.server.app[DATABASE])  # type: ignore[attr-defined]
    note = await ended.note(FIRST, rotation.base["size"])
    assert note is not None
    old = open_checkpoint(parse_note(note), VerifierKey.parse(house.hub.speaker.genesis.body["log_key"]))
    assert (old.size, old.root.hex()) == (rotation.base["size"], rotation.base["root"])
    assert b"witness.example" in note, "its cosignatures are kept with it"
    new = open_checkpoint(parse_note(shown.note), VerifierKey.parse(rotation.log_key))
    assert (new.origin, new.size) == (SECOND, shown.size)


async def test_a_fork_of_the_new_log_is_proven_to_whoever_pinned_the_first_policy(house: House) -> None:
    """Somebody used the new log's key, and the witness has seen it; what the read-only hub shows leads there."""
    rotation = await house.prepared()
    _, receipt = await house.decide(rotation)
    add_log(house.witness, rotation.log_key)
    assert await house.finish() == 0
    signer = log_signer(SECOND, read_as(house.keys / "log.pem", SigningKey))
    other = sign_checkpoint(Checkpoint(SECOND, receipt["index"] + 1, bytes(32)), signer)
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{house.witness_url}/add-checkpoint", data=format_submission(Submission(0, (), other))
        ) as cosigned,
    ):
        assert cosigned.status == 200, await cosigned.text()
    await house.reopen()
    (evidence,) = (house.hub.data / "alarms/evidence").iterdir()
    status, answer = await house.hub.get("/v1/policy")
    assert status == 200
    (policies := house.hub.data / "policies.json").write_bytes(canonical(answer))
    given = ["equivocation", str(evidence), "--policy", str(house.hub.data / POLICY_NAME)]
    assert await asyncio.to_thread(odr_verify.main, given) == 2
    assert await asyncio.to_thread(odr_verify.main, [*given, "--policies", str(policies)]) == 1


async def test_the_next_policy_drops_the_line_of_the_log_that_ended(house: House) -> None:
    rotation = await house.prepared()
    await house.decide(rotation)
    add_log(house.witness, rotation.log_key)
    await house.finish()
    await house.reopen()
    assert (await house.decide(None, threshold=1))[0] == 201
    policy = (await house.policy()).body
    assert list(parse_witness_policy(policy["witness_policy"]).log_keys) == [SECOND]
    assert "base" not in policy
    await house.witnessed()
    assert (await house.verified()).genuine == "yes"


async def test_a_base_that_was_never_signed_is_refused(house: House) -> None:
    rotation = await house.prepared()
    wrong = Rotation(rotation.origin, rotation.log_key, rotation.base | {"root": "ab" * 32})
    status, answer = await house.decide(wrong)
    assert (status, answer["code"], answer["where"]) == (422, "base_unknown", "/body/base")
    assert f"no checkpoint of {rotation.base['size']} entries with that root" in answer["detail"]
    assert (await house.decide(rotation))[0] == 201


async def test_an_ended_log_stays_ended_after_a_restart(house: House) -> None:
    await house.decide(await house.prepared())
    await house.reopen()
    status, answer = await house.hub.post(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"too late"))
    assert (status, answer["code"]) == (503, "log_ended")
    assert (await house.hub.get("/readyz"))[0] == 503


async def test_finishing_goes_on_where_it_was_interrupted(house: House) -> None:
    rotation = await house.prepared()
    await house.decide(rotation)
    old_key = (house.keys / "log.pem").read_bytes()
    new_key = (house.keys / NEXT_KEY).read_bytes()
    assert await house.finish() == 0
    (house.keys / "log.pem").rename(house.keys / NEXT_KEY)  # as if the tables alone had been changed
    (house.keys / "ended-hub.example:8600-log-1.pem").rename(house.keys / "log.pem")
    assert await house.finish() == 0
    assert (house.keys / "log.pem").read_bytes() == new_key
    assert (house.keys / "ended-hub.example:8600-log-1.pem").read_bytes() == old_key


async def test_nothing_is_finished_that_was_not_decided(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await house.prepared()
    assert await house.finish() == 1
    assert "No policy has ended this log; there is nothing to finish. [not_ended at" in capsys.readouterr().err


async def test_another_key_than_the_decided_one_is_not_used(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await house.decide(await house.prepared())
    (house.keys / NEXT_KEY).unlink()
    write_key(house.keys / NEXT_KEY, SigningKey.generate())
    assert await house.finish() == 1
    assert f"names another log key than {NEXT_KEY} holds. [wrong_log_key" in capsys.readouterr().err


async def test_preparing_twice_makes_one_key(house: House) -> None:
    first = await house.prepared()
    (house.hub.data / "rotation.json").unlink()
    assert (await house.prepared()).log_key == first.log_key


@pytest.mark.parametrize(
    ("origin", "after"),
    [("hub.example/log/1", "hub.example/log/2"), ("hub.example/log/9", "hub.example/log/10"), ("a.b/c", "a.b/c/2")],
)
def test_the_number_of_a_log_goes_up(origin: str, after: str) -> None:
    assert next_origin(origin) == after


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"origin": 1}', b'{"origin":"a","log_key":"b","base":{}}'])
def test_only_a_file_that_was_prepared_is_read(data: bytes) -> None:
    with pytest.raises(RecoveryError) as caught:
        Rotation.from_bytes(data)
    assert caught.value.code == "bad_rotation_file"


async def test_an_origin_that_can_not_be_one_makes_no_key(house: House) -> None:
    database = house.hub.client.server.app[DATABASE]  # type: ignore[attr-defined]
    with pytest.raises(SigningError):
        await rotating.prepare(database, house.keys, "two words")
    assert not (house.keys / NEXT_KEY).exists()

"""Another log although the old one can't end itself: the key is lost, or a witness has seen another history."""

import asyncio
import json
import shutil
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert

from hub import cli, keystore, maintenance
from hub.forcing import ENDED_NAME, run
from hub.founding import POLICY_NAME
from hub.keystore import KeystoreError
from hub.log.alone import Alone
from hub.log.errors import RecoveryError
from hub.officers.drafting import Network, policy_draft
from hub.storage.models import OutboxRow, PolicyProofRow
from hub.storage.topics import PROOF_WAIVED
from hub.web.appkeys import DATABASE
from providers.witness.config import add_log
from registry.errors import Refused
from signing.drafts import Draft
from signing.errors import SignatureError
from signing.notes import Checkpoint
from signing.secretkeys import SigningKey
from signing.signnotes import log_signer, sign_checkpoint, witness_signer
from signing.statement import parse_statement
from signing.trust import parse_trust
from signing.verification import Report, verify_award
from tests.hub.test_evidence import NEUTRAL, PROVIDER, bundle
from tests.hub.test_rotating import FIRST, OFFICERS, SECOND, House, house
from tests.hub.world import PDF

__all__ = ["house"]


async def drafted(house: House, signers: int = 2, *more: str) -> Path:
    """The policy that rotates, drafted from the data directory and signed by some officers; the hub is stopped."""
    house.hub.clock.now = int(time.time())  # commands read the real one
    await house.prepared()
    await house.running.client.close()
    data, out = house.hub.data, house.hub.data / "policy.draft.json"
    arguments = ["rotate", "draft", "--data", str(data), str(data / "rotation.json"), "--out", str(out), *more]
    assert await asyncio.to_thread(cli.main, arguments) == 0
    draft = Draft.from_bytes(out.read_bytes())
    for officer in OFFICERS[:signers]:
        draft = draft.signed_by(officer.statement, house.hub.clock())
    out.write_bytes(draft.to_bytes())
    return out


async def forced(house: House, draft: Path) -> None:
    await run(house.hub.data, draft.read_bytes(), house.hub.clock)


async def watched(house: House) -> None:
    """The witness watches the new log, and the hub is started."""
    new = parse_trust((house.hub.data / POLICY_NAME).read_bytes())
    add_log(house.witness, next(line.split()[1] for line in new.text.splitlines() if f"log {SECOND}" in line))
    await house.reopen()
    await house.witnessed()


async def seen_by(house: House, policy: str) -> Report:
    """What a court finds that holds this verification policy."""
    _, answer = await house.hub.get(f"/v1/awards/{house.award}")
    trust = parse_trust((house.hub.data / policy).read_bytes())
    return verify_award(bundle(answer), trust, PDF, house.hub.clock())


async def test_a_log_whose_key_is_lost_is_followed_by_another_one(house: House) -> None:
    draft = await drafted(house)
    (house.keys / "log.pem").unlink()
    await forced(house, draft)
    new = parse_trust((house.hub.data / POLICY_NAME).read_bytes())
    await watched(house)
    report = await seen_by(house, POLICY_NAME)
    assert (report.genuine, report.facts["log_size"]) == ("yes", new.index + 1)
    later = await house.hub.registered(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"later"))
    assert (later["index"], later["state"]) == (new.index + 1, "witnessed")


async def test_what_is_stored_is_sound_after_a_forced_log(house: House) -> None:
    await forced(house, await drafted(house))
    assert (await maintenance.check(house.hub.data, quiet=True)).findings == ()
    await watched(house)
    assert (await maintenance.check(house.hub.data, quiet=True)).findings == ()


async def test_what_is_stored_is_checked_while_the_key_is_away(house: House, tmp_path: Path) -> None:
    """As the runbook of ``store_differs`` asks: the key goes first, then comes fsck, then the next log."""
    await house.running.client.close()
    (house.keys / "log.pem").replace(tmp_path / "away.pem")
    assert (await maintenance.check(house.hub.data, quiet=True)).findings == ()
    (house.hub.data / POLICY_NAME).replace(tmp_path / POLICY_NAME)
    with pytest.raises(KeystoreError, match="The operator of a network that exists puts it back") as caught:
        await maintenance.check(house.hub.data, quiet=True)
    assert (caught.value.code, caught.value.where) == ("key_missing", "log.pem")
    (tmp_path / POLICY_NAME).replace(house.hub.data / POLICY_NAME)
    await forced(house, await drafted(house))
    await watched(house)


async def test_what_was_kept_to_complete_the_log_that_ended_goes(house: House) -> None:
    """Statements among it, which no log awaits any more."""
    key, draft = log_signer(FIRST, keystore.load(house.keys).log), await drafted(house)
    folder = house.hub.data / "completing"
    (folder / "statements").mkdir(parents=True)
    (folder / "statements" / "text").write_bytes(b"a sealed statement that a member posted again")
    (folder / "checkpoint").write_bytes(sign_checkpoint(Checkpoint(FIRST, 99, bytes(32)), key))
    await forced(house, draft)
    await watched(house)
    assert not folder.exists()


async def test_a_proof_is_only_waived_where_a_log_was_forced(house: House) -> None:
    house.hub.clock.now = int(time.time())
    _, receipt = await house.decide(None, threshold=1)
    index = receipt["index"]

    def spoil(connection: Connection) -> None:
        connection.execute(delete(PolicyProofRow).where(PolicyProofRow.index == index))
        connection.execute(insert(OutboxRow).values(index=index, topic=PROOF_WAIVED))

    await house.hub.client.server.app[DATABASE].write(spoil)  # type: ignore[attr-defined]
    report = await maintenance.check(house.hub.data, quiet=True)
    assert [(one.code, one.where) for one in report.findings] == [("outbox_differs", f"entry {index}")]


async def test_a_quorum_that_can_not_be_met_is_left_behind(house: House, tmp_path: Path) -> None:
    """The officers named a witness that never answers; no other policy can undo that, since each waits for it."""
    house.hub.clock.now = int(time.time())
    newest = await house.policy()
    good = [line for line in newest.body["witness_policy"].splitlines() if not line.startswith("log ")]
    (tmp_path / "good").write_text("\n".join([*good, ""]))
    dead = witness_signer("other.example", SigningKey(bytes(32))).verifier.format()
    network = Network(house.hub.speaker.network, newest.digest, newest.body)
    lines = f"witness two {dead} http://127.0.0.1:9\nquorum two\n"
    draft = policy_draft(network, house.hub.clock(), witness_policy=lines)
    for officer in OFFICERS:
        draft = draft.signed_by(officer.statement, house.hub.clock())
    status, _ = await house.hub.post(draft.statement().document, headers={"Prefer": "wait=0"})
    assert status == 202
    await forced(house, await drafted(house, 2, "--witness-policy", str(tmp_path / "good")))
    await watched(house)
    award = await house.hub.registered(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"later"))
    assert award["state"] == "witnessed"
    assert (await maintenance.check(house.hub.data, quiet=True)).findings == ()


async def test_whoever_trusts_the_old_log_does_not_believe_the_new_one(house: House) -> None:
    await forced(house, await drafted(house))
    await house.reopen()
    report = await seen_by(house, ENDED_NAME)
    assert report.exit_code in (1, 2), report.genuine
    assert report.steps[3].code in ("unknown_log", "policy_chain_broken")


async def test_a_forked_log_is_followed_by_another_one(house: House, tmp_path: Path) -> None:
    """The witness has seen entries that this copy never had, and nobody has them any more."""
    await house.prepared()
    await house.running.client.close()
    shutil.copytree(house.hub.data, tmp_path / "copy")
    await house.reopen()
    await house.hub.registered(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"lost"))
    await house.running.client.close()
    shutil.rmtree(house.hub.data)
    shutil.move(tmp_path / "copy", house.hub.data)
    await house.reopen()
    status, answer = await house.hub.post(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"more"))
    assert (status, answer["code"]) == (503, "read_only")
    (house.hub.data / "rotation.json").unlink()
    await forced(house, await drafted(house))
    await house.reopen()
    status, _ = await house.hub.post(house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"more"))
    assert status == 202, "the witness does not watch the new log yet"


async def test_a_policy_without_the_threshold_changes_nothing(house: House) -> None:
    body = Draft.from_bytes((await drafted(house)).read_bytes()).payload["body"]
    alone = house.hub.speaker.compose(
        "policy", "coordinator", body, [(OFFICERS[0].statement, "officer")], previous=house.hub.speaker.network
    )
    before = {path: path.read_bytes() for path in house.keys.iterdir()}
    with pytest.raises(Refused) as caught:
        await run(house.hub.data, as_draft(alone), house.hub.clock)
    assert caught.value.code == "threshold_not_met"
    assert {path: path.read_bytes() for path in house.keys.iterdir()} == before
    await house.reopen()
    assert (await seen_by(house, POLICY_NAME)).genuine == "yes"


async def test_a_policy_that_somebody_has_still_to_sign_changes_nothing(house: House) -> None:
    draft = await drafted(house, signers=1)
    with pytest.raises(SignatureError, match="Not everybody has signed yet: officer"):
        await forced(house, draft)


async def test_only_a_policy_that_rotates_is_forced(house: House) -> None:
    await house.running.client.close()
    award = house.hub.speaker.award(PROVIDER, NEUTRAL, pdf=b"an award")
    with pytest.raises(RecoveryError) as caught:
        await run(house.hub.data, as_draft(award), house.hub.clock)
    assert (caught.value.code, caught.value.where) == ("not_a_rotation", "award")


async def test_an_interrupted_one_is_completed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = await drafted(house)

    async def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Alone, "register", cut)
        with pytest.raises(KeyboardInterrupt):
            await forced(house, draft)
    with pytest.raises(RecoveryError, match="run `odr-hub rotate force` once more") as caught:
        await house.reopen()
    assert caught.value.code == "rotation_incomplete"
    await house.running.client.close()
    await forced(house, draft)
    await house.reopen()
    assert (await house.hub.get("/readyz"))[0] == 200


def as_draft(document: bytes) -> bytes:
    """A complete statement in the form in which drafts travel."""
    signatures = json.loads(document)["signatures"]
    return Draft(parse_statement(document).octets, tuple(signatures)).to_bytes()

"""What counts as made by a gateway."""

from hashlib import sha256
from pathlib import Path

import pytest

from providers.errors import GatewayError
from providers.gateway.exchange.store import Store
from providers.gateway.home import Home, create_home
from providers.gateway.keystore import save_keys
from providers.gateway.made import made_digests, own_kids, read_digests, remember_posted
from signing.compose import payload
from signing.drafts import Draft
from tests.fakes.world import World


def digest(name: str) -> str:
    return sha256(name.encode()).hexdigest()


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def home(tmp_path: Path, world: World) -> Home:
    return create_home(
        tmp_path, actor="provider-a", member_type="provider", hub="http://hub.example", policy=world.trust_file()
    )


def test_what_was_posted_is_known_even_after_a_line_was_cut_short(home: Home) -> None:
    remember_posted(home, digest("one"))
    path = home.directory / "posted.txt"
    with path.open("a") as file:
        file.write(digest("cut")[:20])
    remember_posted(home, digest("two"))
    assert made_digests(home) == {digest("one"), digest("two")}
    assert path.stat().st_mode & 0o077 == 0


async def test_the_outbox_is_known_and_uploads_are_not_statements(home: Home) -> None:
    folder = home.directory / "exchange"
    folder.mkdir()
    store = Store(folder / "gateway.sqlite3", "00" * 32, "provider-a", lambda: 1)
    await store.do(lambda book: book.queue("t", "offer", "statement", digest("offer"), b"{}"))
    await store.do(lambda book: book.queue("t", "brief", "upload", digest("brief")))
    assert made_digests(home) == {digest("offer")}, "it is read while the gateway has it open"
    store.close()


def test_receipts_and_drafts_that_a_key_of_ours_signed_are_known(home: Home, world: World) -> None:
    ours, theirs = world.signing_key("ours"), world.signing_key("theirs")
    save_keys({home.key_file("statement"): ours}, "a sample passphrase")
    assert own_kids(home) == {ours.kid}
    (home.directory / "receipts").mkdir()
    (home.directory / "receipts" / f"{digest('award')}.json").write_text("{}")
    drafts = []
    for signer in (ours, theirs):
        octets = payload("key", "provider-a", {"n": 1}, [(signer.kid, "provider")], network="00" * 32, now=world.now)
        drafts.append(Draft(octets).signed_by(signer, world.now))
    unsigned = payload("key", "provider-a", {"n": 2}, [(ours.kid, "provider")], network="00" * 32, now=world.now)
    for number, one in enumerate((*drafts, Draft(unsigned))):
        (home.directory / f"{number}.draft.json").write_bytes(one.to_bytes())
    (home.directory / "torn.draft.json").write_text("{")
    assert made_digests(home) == {digest("award"), drafts[0].digest}


def test_a_file_of_the_members_own(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "known"
    file.write_text(f"# made by the other system\n\n{digest('a')}\n{digest('b')}  # the second\n")
    assert read_digests(file) == {digest("a"), digest("b")} == made_digests(home, [file])
    file.write_text(f"{digest('a')}\n{digest('b')[:-1]}\n")
    with pytest.raises(GatewayError, match=r"64 hexadecimal digits. \(.+, line 2\)") as refusal:
        read_digests(file)
    assert refusal.value.code == "bad_digest"
    with pytest.raises(GatewayError, match="can't be read as text"):
        read_digests(tmp_path)


def test_a_store_that_can_not_be_read_is_no_empty_one(home: Home) -> None:
    folder = home.directory / "exchange"
    folder.mkdir()
    (folder / "gateway.sqlite3").write_bytes(b"no database" * 100)
    with pytest.raises(GatewayError) as refusal:
        made_digests(home)
    assert (refusal.value.code, refusal.value.retryable) == ("storage_failed", True)

"""Reading a whole log: what the hub hides, and every log that is not the one the bundle shows."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from signing import scan
from signing.encoding import canonical
from signing.entryform import parse_entry
from signing.errors import ProofError, TrustError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, parse_checkpoint, parse_note
from signing.scan import http_fetch, scanned
from signing.statement import Statement
from signing.tiles import TILE_WIDTH, entry_bundle, parse_tile_path
from signing.verification import Report, verify_award
from tests.fakes.refusals import refused
from tests.fakes.world import Actor, World, tree_root

Fetch = Callable[[str], bytes]


@dataclass
class Case:
    """A network with an award, and what its log would show."""

    world: World
    provider: Actor
    neutral: Actor
    index: int

    @property
    def award(self) -> Statement:
        return self.world.statements[self.index]


def case_of(world: World) -> Case:
    provider = world.add_provider()
    neutral = world.add_neutral(provider)
    return Case(world, provider, neutral, world.admit(world.award(provider, neutral)))


@pytest.fixture
def case() -> Case:
    return case_of(World())


def serving(world: World, checkpoint: bytes | None = None, entries: list[bytes] | None = None) -> Fetch:
    """The log as its address would serve it; parts can be replaced."""
    head = world.checkpoint() if checkpoint is None else checkpoint
    shown = world.entries if entries is None else entries

    def fetch(path: str) -> bytes:
        if path == "checkpoint":
            return head
        level, n, width = parse_tile_path(path)
        assert level == -1
        return entry_bundle(shown[n * TILE_WIDTH : n * TILE_WIDTH + width])

    return fetch


def report_of(case: Case, bundle: bytes, max_age: int | None = None) -> Report:
    return verify_award(bundle, case.world.trust(), None, case.world.now, max_age)


def disputed(case: Case) -> None:
    """The provider's key is revoked from before the award on, and the provider rejects the award."""
    second = case.world.add_key(case.provider, "second")
    case.world.change_key(case.provider, "revoke", case.provider.statement, reason="compromised", invalid_from=1)
    case.world.change_key(case.provider, "confirm", second)
    case.world.review(case.award, "reject", [(second, "provider")], case.provider.id)


def scan_fails(case: Case, fetch: Fetch, code: str, says: str, exit_code: int = 2, outcome: str = "fail") -> None:
    bundle = case.world.bundle(case.index)
    before = report_of(case, bundle)
    after = scanned(before, bundle, case.world.trust(), fetch)
    step = after.steps[-1]
    assert (step.number, step.title, step.outcome, step.code) == (15, "Scan", outcome, code), step
    assert step.label == ("proven" if outcome == "fail" else "information")
    assert says in step.reason
    assert after.exit_code == exit_code
    assert after.status == f"{before.status} (the log could not be scanned, see step 15)"
    assert after.steps[:-1] == before.steps


# --- an honest log ---------------------------------------------------------------------------------


def test_an_honest_log_passes(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    after = scanned(report_of(case, bundle), bundle, case.world.trust(), serving(case.world))
    assert (after.steps[-1].outcome, after.steps[-1].code, after.exit_code) == ("pass", "", 0)
    size = len(case.world.entries)
    assert after.steps[-1].reason == f"All {size} entries read; 0 concern this award, all of them shown."


def test_amendments_that_the_bundle_shows_are_counted(case: Case) -> None:
    disputed(case)
    bundle = case.world.bundle(case.index)
    before = report_of(case, bundle)
    after = scanned(before, bundle, case.world.trust(), serving(case.world))
    assert after.steps[-1].outcome == "pass"
    assert "; 1 concern this award, all of them shown." in after.steps[-1].reason
    assert after.exit_code == before.exit_code == 4


def test_a_log_that_has_grown_since_passes(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    report = report_of(case, bundle)
    case.world.add_provider("provider-b")
    after = scanned(report, bundle, case.world.trust(), serving(case.world))
    assert after.steps[-1].outcome == "pass"
    assert f"All {len(case.world.entries)} entries read" in after.steps[-1].reason


def test_a_log_of_several_bundles_is_read_in_order(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    report = report_of(case, bundle)
    for number in range(TILE_WIDTH):
        body = {"type": "provider", "profile": {"n": number}}
        case.world.register(case.world.compose("member", "provider-a", body, [(case.provider.statement, "provider")]))
    paths: list[str] = []
    fetch = serving(case.world)

    def watched(path: str) -> bytes:
        paths.append(path)
        return fetch(path)

    after = scanned(report, bundle, case.world.trust(), watched)
    assert after.steps[-1].outcome == "pass"
    rest = len(case.world.entries) - TILE_WIDTH
    assert paths == ["checkpoint", "tile/entries/000", f"tile/entries/001.p/{rest}"]


def test_a_later_policy_of_the_bundle_decides_about_witnesses(case: Case) -> None:
    world = case.world
    trust = world.trust()
    world.witness_keys["witness-4"] = world.signing_key("witness-4")
    world.quorum = 4
    world.add_policy(witness_policy=world.witness_policy)
    bundle = world.bundle(case.index)
    report = verify_award(bundle, trust, None, world.now)
    assert report.exit_code == 0, report.steps
    after = scanned(report, bundle, trust, serving(world))
    assert after.steps[-1].outcome == "pass"
    three = world.checkpoint(cosigners=["witness-1", "witness-2", "witness-3"])
    after = scanned(report, bundle, trust, serving(world, three))
    assert (after.steps[-1].code, after.exit_code) == ("unwitnessed", 2)


# --- what is hidden --------------------------------------------------------------------------------


def hidden(case: Case, max_age: int | None = None) -> Report:
    """The scan of a log that holds a review made after a bundle that does not show it."""
    bundle = case.world.bundle(case.index)
    report = report_of(case, bundle, max_age)
    disputed(case)
    return scanned(report, bundle, case.world.trust(), serving(case.world))


def test_an_amendment_that_the_bundle_does_not_show_is_found(case: Case) -> None:
    after = hidden(case)
    review = len(case.world.entries) - 1
    step = after.steps[-1]
    assert (step.number, step.outcome, step.code, step.label) == (15, "fail", "undisclosed_entry", "proven")
    expected = f"Entries [{review}] concern this award and are not in the bundle; log size {review + 1}. Entries "
    assert step.reason.startswith(f"{expected}{[*range(case.index + 1, review)]} are decisions about keys"), "no texts"
    assert after.exit_code == 4
    assert after.genuine == "yes"
    assert after.status.startswith(
        f"incomplete: entries [{review}] of the log concern this award too (the bundle says: "
    )
    assert "nothing recorded, as of" in after.status
    assert "ref" in parse_entry(case.world.entries[review])


def test_a_hidden_amendment_outranks_an_old_status(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    assert report_of(case, bundle, max_age=-(10**6)).exit_code == 5
    assert hidden(case, max_age=-(10**6)).exit_code == 4


@pytest.mark.parametrize("code", [2, 3, 4])
def test_a_graver_answer_stays(case: Case, code: int) -> None:
    bundle = case.world.bundle(case.index)
    report = replace(report_of(case, bundle), exit_code=code)
    disputed(case)
    after = scanned(report, bundle, case.world.trust(), serving(case.world))
    assert (after.steps[-1].code, after.exit_code) == ("undisclosed_entry", code)


def test_an_amendment_left_out_of_the_evidence_is_found_below_its_checkpoint(case: Case) -> None:
    disputed(case)
    review = len(case.world.entries) - 1
    bundle = case.world.bundle(case.index, leave_out=(review,))
    after = scanned(report_of(case, bundle), bundle, case.world.trust(), serving(case.world))
    assert (after.steps[-1].code, after.steps[-1].outcome) == ("undisclosed_entry", "fail")
    assert f"Entries [{review}]" in after.steps[-1].reason


def test_an_amendment_of_another_award_is_not_ours(case: Case) -> None:
    second = case.world.add_key(case.provider, "second")
    other = case.world.admit(case.world.award(case.provider, case.neutral, b"%PDF-1.7 another\n"))
    case.world.change_key(case.provider, "revoke", case.provider.statement, reason="lost", invalid_from=other)
    case.world.review(case.world.statements[other], "reject", [(second, "provider")], case.provider.id)
    bundle = case.world.bundle(case.index)
    report = report_of(case, bundle)
    after = scanned(report, bundle, case.world.trust(), serving(case.world))
    assert (after.steps[-1].outcome, report.exit_code) == ("pass", 0)


# --- logs that are not the one ---------------------------------------------------------------------


def test_a_rolled_back_log_fails(case: Case) -> None:
    size = len(case.world.entries) - 1
    fetch = serving(case.world, case.world.checkpoint(size))
    scan_fails(case, fetch, "log_rolled_back", f"fewer entries than the bundle's checkpoint. (size {size})")


def test_entries_that_do_not_give_the_root_fail(case: Case) -> None:
    case.world.add_provider("provider-b")
    bundle = case.world.bundle(case.index, size=case.index + 1)
    report = report_of(case, bundle)
    entries = [*case.world.entries[:-1], case.world.entries[-2]]
    after = scanned(report, bundle, case.world.trust(), serving(case.world, entries=entries))
    assert (after.steps[-1].code, after.exit_code) == ("root_mismatch", 2)
    assert "do not give the root of its checkpoint" in after.steps[-1].reason


def test_a_log_that_does_not_continue_the_bundles_one_fails(case: Case) -> None:
    """Even when the forked log is signed and cosigned in full."""
    entries = [*case.world.entries]
    entries[3] = entries[2]
    root = tree_root([leaf_hash(one) for one in entries])
    fetch = serving(case.world, case.world.checkpoint(root=root), entries)
    scan_fails(case, fetch, "log_forked", "not a continuation")


@pytest.mark.parametrize(("cut", "says"), [(-1, "ends before its"), (1, "holds more than its")])
def test_an_entry_bundle_of_another_width_fails(case: Case, cut: int, says: str) -> None:
    fetch = serving(case.world)

    def wrong(path: str) -> bytes:
        if path == "checkpoint":
            return fetch(path)
        shown = case.world.entries[:-1] if cut < 0 else [*case.world.entries, b"more"]
        return entry_bundle(shown)

    scan_fails(case, wrong, "bad_entry_bundle", says)


def test_something_that_is_no_entry_fails(case: Case) -> None:
    entries = [*case.world.entries[:-1], b"{}"]
    scan_fails(case, serving(case.world, entries=entries), "bad_entry", "not a log entry of version 1")


@pytest.mark.parametrize("cosigners", [[], ["witness-1"]])
def test_an_unwitnessed_checkpoint_fails(case: Case, cosigners: list[str]) -> None:
    fetch = serving(case.world, case.world.checkpoint(cosigners=cosigners))
    scan_fails(case, fetch, "unwitnessed", "The quorum has not cosigned the log's checkpoint.")


def test_the_checkpoint_of_another_log_fails(case: Case) -> None:
    other = case_of(World(origin="other.example/log/1")).world
    scan_fails(case, serving(other), "unknown_log", "trusts no log of this origin")


def test_a_checkpoint_signed_by_somebody_else_fails(case: Case) -> None:
    other = case_of(World(seed="other")).world
    scan_fails(case, serving(other), "signature_missing", "not exactly one line of this key")


def test_a_changed_checkpoint_fails(case: Case) -> None:
    note = case.world.checkpoint()
    size = parse_checkpoint(parse_note(note).text).size
    changed = note.replace(f"\n{size}\n".encode(), f"\n{size + 1}\n".encode())
    scan_fails(case, serving(case.world, changed), "bad_signature", "does not fit")


def test_what_is_no_checkpoint_fails(case: Case) -> None:
    scan_fails(case, serving(case.world, b"<html>"), "bad_note", "A note is text")


@pytest.mark.parametrize("code", ["log_unreachable", "log_unreadable"])
def test_a_log_that_can_not_be_read_proves_nothing(case: Case, code: str) -> None:
    def broken(path: str) -> bytes:
        raise ProofError(code, "The log could not be read: refused.", path)

    scan_fails(case, broken, code, "could not be read: refused. (checkpoint)", outcome="not checkable")


@pytest.mark.parametrize(("before", "expected"), [(0, 2), (1, 1), (2, 2), (3, 2), (4, 2), (5, 2)])
def test_a_failed_scan_leaves_it_open_unless_the_award_is_not_genuine(case: Case, before: int, expected: int) -> None:
    bundle = case.world.bundle(case.index)
    report = replace(report_of(case, bundle), exit_code=before)
    after = scanned(report, bundle, case.world.trust(), serving(case.world, b"<html>"))
    assert after.exit_code == expected


@pytest.mark.parametrize(
    "change", [{"issuer": []}, {"digest": {}}, {"digest": "../" * 21 + "a"}, {"kind": ["key"]}], ids=str
)
def test_an_entry_whose_members_are_of_another_type_fails(case: Case, change: dict[str, object]) -> None:
    entry = parse_entry(case.world.entries[1]) | {"kind": "key"} | change
    entries = [*case.world.entries[:-1], canonical(entry)]
    scan_fails(case, serving(case.world, entries=entries), "bad_entry", "")


def test_a_statement_without_the_members_of_its_kind_after_the_award_fails_the_scan(case: Case) -> None:
    """The award is genuine without it, and the report goes on."""
    case.world.register(case.world.compose("genesis", "odr-hub", {}, [(case.provider.statement, "provider")]))
    bundle = case.world.bundle(case.index)
    report = replace(report_of(case, case.world.bundle(case.index, size=case.index + 1)), exit_code=0)
    after = scanned(report, bundle, case.world.trust(), serving(case.world))
    step = after.steps[-1]
    assert (step.number, step.outcome, step.code, after.exit_code) == (15, "fail", "bad_body", 2)


def test_an_award_that_is_not_genuine_is_not_scanned_for(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    report = verify_award(bundle, World(seed="other").trust(), None, case.world.now)
    assert report.exit_code == 1

    def never(path: str) -> bytes:
        raise AssertionError(path)

    after = scanned(report, bundle, case.world.trust(), never)
    assert (after.steps[-1].code, after.exit_code) == ("earlier_step", 1)
    assert "not genuine has nothing to scan for" in after.steps[-1].reason


# --- HTTP ------------------------------------------------------------------------------------------


@contextmanager
def http_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/log"
        finally:
            server.shutdown()
            thread.join()


def ok(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def test_a_log_is_read_over_http(case: Case) -> None:
    fetch = serving(case.world)

    def answer(request: BaseHTTPRequestHandler) -> None:
        ok(fetch(request.path.removeprefix("/log/")))(request)

    bundle = case.world.bundle(case.index)
    with http_server(answer) as base:
        for address in (base, base + "/"):
            after = scanned(report_of(case, bundle), bundle, case.world.trust(), http_fetch(address))
            assert after.steps[-1].outcome == "pass"


@pytest.mark.parametrize("base", ["", "hub.example", "file:///etc/passwd", "ftp://hub.example", "HTTP//x"])
def test_an_address_of_another_kind_is_refused(base: str) -> None:
    with refused(TrustError, "bad_url", "begins with https:// or http://", base):
        http_fetch(base)


def test_an_answer_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_RESPONSE", 10)
    with http_server(ok(b"a" * 10)) as base:
        assert http_fetch(base)("checkpoint") == b"a" * 10
    with http_server(ok(b"a" * 11)) as base, refused(ProofError, "log_unreadable", "answer is too large", "checkpoint"):
        http_fetch(base)("checkpoint")


def not_found(request: BaseHTTPRequestHandler) -> None:
    request.send_error(404)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


def cut_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    request.wfile.write(b"short")


def gibberish(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"gibberish\r\n\r\n")


@pytest.mark.parametrize("answer", [not_found, hang_up, cut_off, gibberish])
def test_a_server_that_does_not_answer_properly_is_reported(answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
    with http_server(answer) as base:
        fetch = http_fetch(base)
        if answer is cut_off:
            assert fetch("checkpoint") == b"short", "a bounded read; the note in it will not parse"
        else:
            with refused(ProofError, "log_unreachable", "The log could not be read: ", "checkpoint"):
                fetch("checkpoint")


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 O"], ids=["body", "headers"])
def test_a_server_that_sends_an_octet_now_and_then_is_left(begins: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "MAX_SECONDS", 0.3)
    over = threading.Event()

    def dripping(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(begins)
        for _ in range(100):  # an end to it all the same, should nobody leave
            if over.wait(0.05):
                break
            request.wfile.write(b"x")

    with http_server(dripping) as base:
        with refused(ProofError, "log_unreachable", "the answer was not complete after 0.3 seconds", "checkpoint"):
            http_fetch(base)("checkpoint")
        over.set()


def test_a_socket_that_times_out_is_reported_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_address: str) -> bytes:
        raise TimeoutError("timed out")

    monkeypatch.setattr(scan, "_answer", silent)
    says = "could not be read: http://127.0.0.1:1/checkpoint gave no answer that can be read: timed out. The address"
    with refused(ProofError, "log_unreachable", says, "checkpoint"):
        http_fetch("http://127.0.0.1:1")("checkpoint")


def test_a_server_that_is_not_there_is_reported() -> None:
    with http_server(not_found) as base:
        gone = base
    with pytest.raises(ProofError) as caught:
        http_fetch(gone)("tile/entries/000")
    assert (caught.value.code, caught.value.where) == ("log_unreachable", "tile/entries/000")
    assert caught.value.message == (
        f"The log could not be read: {gone}/tile/entries/000 gave no answer that can be read: Connection refused."
    ), "no word of another address: the log's checkpoint was read there"


def test_where_there_is_no_log_the_message_says_where_its_address_stands() -> None:
    with http_server(not_found) as base:
        says = (
            f"The log could not be read: {base}/checkpoint answered with HTTP status 404 (Not Found). The address of a"
            " log stands in the `log` line of the verification policy, mostly https://HOST/log."
        )
        with refused(ProofError, "log_unreachable", says, "checkpoint"):
            http_fetch(f"{base}/")("checkpoint")


def test_the_checkpoint_of_a_bundle_is_the_one_that_counts(case: Case) -> None:
    bundle = case.world.bundle(case.index)
    facts = report_of(case, bundle).facts
    head = parse_checkpoint(parse_note(case.world.checkpoint()).text)
    assert head == Checkpoint(case.world.origin, facts["log_size"], case.world.root())
    assert case.award.digest == facts["award"]

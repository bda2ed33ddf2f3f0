"""``odr-verify --scan URL``: read a log's entries and look for what the hub does not mention.

URL is the log's own address, as in the ``log`` line of the verification policy, and not the hub's.
Fetches the log's own checkpoint and all entry bundles (C2SP tlog-tiles), recomputes the root from the
entries, and compares the checkpoint's signature and quorum with the trusted policy. The log must go on
from the bundle's own checkpoint. Whatever it holds that concerns the award must be in the bundle: amendments,
decisions about keys and accreditation of its signers, policies (``undisclosed``).
"""

import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from http.client import HTTPException
from threading import Thread
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin

from .bundle import Item, read_bundle
from .encoding import JSON
from .entryform import parse_entry
from .errors import ProofError, SigningError, TrustError
from .merkle import leaf_hash
from .notes import Checkpoint, cosigned_by, open_checkpoint, parse_checkpoint, parse_note
from .prefix import Fetch
from .statement import parse_statement
from .tiles import ENTRIES, TILE_WIDTH, parse_entry_bundle, tile_path
from .tree import CompactRange
from .trust import TrustFile, WitnessPolicy, parse_witness_policy
from .undisclosed import Undisclosed, Watch
from .verification import FAIL, INFORMATION, PASS, PROVEN, UNCHECKED, Report, Step

__all__ = ["accepted_logs", "accepted_policy", "http_fetch", "label_of", "scanned"]

SCAN_STEP = 15
MAX_LISTED = 20
MAX_RESPONSE = TILE_WIDTH * 70_000
MAX_SECONDS = 120
_UNREAD = ("log_unreachable", "log_unreadable")
_HINT = " The address of a log stands in the `log` line of the verification policy, mostly https://HOST/log."


def http_fetch(base: str) -> Fetch:
    """A function that gets what stands at ``path`` from ``<base>/`` over HTTP, bounded in size and time.

    Time is bounded for the whole answer, not for each octet of it: ``MAX_SECONDS`` are enough for a full entry bundle
    over a slow line.
    """
    if not base.startswith(("https://", "http://")):
        raise TrustError("bad_url", "The address of a log begins with https:// or http://.", base)

    def fetch(path: str) -> bytes:
        address = urljoin(f"{base.rstrip('/')}/", path)
        try:
            data = _in_time(partial(_answer, address))
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, HTTPError):
                error.close()
            hint = _HINT if path == "checkpoint" else ""
            message = f"The log could not be read: {address} {_fault(error)}.{hint}"
            raise ProofError("log_unreachable", message, path) from None
        if len(data) > MAX_RESPONSE:
            raise ProofError("log_unreadable", "The log's answer is too large.", path)
        return data

    return fetch


def _fault(error: Exception) -> str:
    """What went wrong at an address, in plain words."""
    if isinstance(error, HTTPError):
        return f"answered with HTTP status {error.code} ({error.reason})"
    cause = error.reason if isinstance(error, URLError) else error
    return f"gave no answer that can be read: {getattr(cause, 'strerror', None) or cause}"


def _answer(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as response:  # noqa: S310 - http_fetch has looked at the scheme
        data: bytes = response.read(MAX_RESPONSE + 1)
        return data


def _in_time(get: Callable[[], bytes]) -> bytes:
    """What ``get`` returns or raises; ``TimeoutError`` if it does neither in time.

    A socket's own time-out begins anew with every octet, so that a server which sends one now and then would hold us
    without end. The thread that still waits for it is left behind; it does not keep the program from ending.
    """
    answer = Future[bytes]()

    def run() -> None:
        try:
            answer.set_result(get())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            answer.set_exception(error)

    waiting = Thread(target=run, daemon=True)
    waiting.start()
    waiting.join(MAX_SECONDS)
    if not answer.done():
        raise TimeoutError(f"the answer was not complete after {MAX_SECONDS} seconds")
    return answer.result()


def scanned(report: Report, data: bytes, trust: TrustFile, fetch: Fetch) -> Report:
    """The report with one more step: the scan of the whole log below its newest witnessed checkpoint.

    Args:
        report: the report of the same bundle.
        data: the bundle's octets.
        trust: the trusted policy; a later one that the report accepted is taken from the bundle.
        fetch: gets ``checkpoint`` and ``tile/entries/…`` below the log's address, and ``../v1/statements/…`` beside it.
    """
    try:
        watch, size, found = _scan(report, data, trust, fetch)
    except SigningError as error:
        return _unscanned(report, str(error), error.code)
    except (KeyError, TypeError, AttributeError):
        # What the award does not rest on may lack the members of its kind, and the report go on with its other steps.
        return _unscanned(report, "A statement of the bundle does not have the members of its kind.", "bad_body")
    if not found.concerning | found.unread:
        reason = f"All {size} entries read; {watch.amendments} concern this award, all of them shown."
        return replace(report, steps=(*report.steps, Step(SCAN_STEP, "Scan", PROVEN, PASS, reason)))
    told = _incomplete(report, found, size) if found.concerning else _unread(report, found)
    if report.exit_code == 1 or not found.before(report.facts["index"]):
        return told
    return replace(told, genuine=f"can't tell (step {SCAN_STEP}, scan)", exit_code=2)


def label_of(code: str) -> str:
    """How sure a step about the log is that ended with this code: where nothing was read, nothing is proven."""
    return INFORMATION if code in _UNREAD else PROVEN


def _unscanned(report: Report, reason: str, code: str) -> Report:
    outcome = UNCHECKED if code in _UNREAD else FAIL
    step = Step(SCAN_STEP, "Scan", label_of(code), outcome, reason, code)
    return _undecided(report, step, "the log could not be scanned")


def _unread(report: Report, found: Undisclosed) -> Report:
    """The report where decisions that may concern the award can't be read."""
    step = Step(SCAN_STEP, "Scan", PROVEN, UNCHECKED, _missing_texts(found), "text_missing")
    others = found.unread - found.accreditations
    return _undecided(report, step, "keys may have been revoked" if others else "an accreditation may have ended")


def _undecided(report: Report, step: Step, why: str) -> Report:
    status = f"{report.status} ({why}, see step {SCAN_STEP})"
    return replace(report, steps=(*report.steps, step), status=status, exit_code=min(report.exit_code or 2, 2))


def _missing_texts(found: Undisclosed) -> str:
    what = f"Entries {_listed(found.unread)} are decisions about keys, accreditation or policy, maybe of this award's"
    return f"{what} signers; their text is not to be had beside this log: scan the hub's own log, or get a new bundle."


def _incomplete(report: Report, found: Undisclosed, size: int) -> Report:
    """The report where the log holds more about the award than the bundle."""
    which = _listed(found.concerning)
    reason = f"Entries {which} concern this award and are not in the bundle; log size {size}."
    more = f" {_missing_texts(found)}" if found.unread else ""
    step = Step(SCAN_STEP, "Scan", PROVEN, FAIL, reason + more, "undisclosed_entry")
    status = f"incomplete: entries {which} of the log concern this award too (the bundle says: {report.status})"
    exit_code = 4 if report.exit_code in (0, 5) else report.exit_code
    return replace(report, steps=(*report.steps, step), status=status, exit_code=exit_code)


def _listed(indexes: frozenset[int]) -> str:
    """The indexes in order; of many the first alone, for a network may have thousands of decisions."""
    first = sorted(indexes)[:MAX_LISTED]
    return f"{first}" if len(first) == len(indexes) else f"{first} and {len(indexes) - len(first)} more"


def _scan(report: Report, data: bytes, trust: TrustFile, fetch: Fetch) -> tuple[Watch, int, Undisclosed]:
    """What was seen of the award, in how many entries, and what of it the bundle does not show."""
    if not report.facts:
        raise ProofError("earlier_step", "An award that is not genuine has nothing to scan for.")
    bundle = read_bundle(data)
    head = _head(fetch("checkpoint"), accepted_policy(bundle.evidence, trust))
    if head.size < report.facts["log_size"]:
        where = f"size {head.size}"
        raise ProofError("log_rolled_back", "The log shows fewer entries than the bundle's checkpoint.", where)
    seen = parse_checkpoint(parse_note(bundle.award.proof.checkpoint).text)
    watch = Watch(bundle, seen.size)
    for index, entry in _entries(fetch, head, seen):
        watch.see(index, entry)
    return watch, head.size, watch.undisclosed(fetch)


def accepted_policy(evidence: tuple[Item, ...], trust: TrustFile) -> WitnessPolicy:
    """The newest witness policy of a verified bundle's evidence, or the pinned one."""
    return _accepted(evidence, trust)[-1]


def accepted_logs(evidence: tuple[Item, ...], trust: TrustFile) -> WitnessPolicy:
    """The same, with every log that a policy up to it names: those that were rotated since have the same tree."""
    policies = _accepted(evidence, trust)
    logs = {origin: key for policy in policies for origin, key in policy.log_keys.items()}
    return replace(policies[-1], log_keys=logs)


def _accepted(evidence: tuple[Item, ...], trust: TrustFile) -> list[WitnessPolicy]:
    """The pinned policy, and those of the evidence after it."""
    later = [
        parse_witness_policy(statement.body["witness_policy"])
        for item in evidence
        if item.proof.index > trust.index and (statement := parse_statement(item.document)).kind == "policy"
    ]
    return [parse_witness_policy(trust.text), *later]


def _head(data: bytes, witnesses: WitnessPolicy) -> Checkpoint:
    note = parse_note(data)
    head = open_checkpoint(note, witnesses.log_for(note.text.partition("\n")[0]))
    if not witnesses.satisfied_by(cosigned_by(note, witnesses.witness_keys)):
        raise TrustError("unwitnessed", "The quorum has not cosigned the log's checkpoint.")
    return head


def _entries(fetch: Fetch, head: Checkpoint, seen: Checkpoint) -> Iterator[tuple[int, dict[str, JSON]]]:
    """Every entry with its index; raises unless the entries give the roots of both checkpoints."""
    tree, index = CompactRange(), 0
    while index < head.size:
        for octets in _bundled(fetch, index // TILE_WIDTH, min(TILE_WIDTH, head.size - index)):
            tree.append(leaf_hash(octets))
            yield index, parse_entry(octets)
            index += 1
            if index == seen.size and tree.root() != seen.root:
                raise ProofError("log_forked", "The log is not a continuation of the one that the bundle shows.")
    if tree.root() != head.root:
        raise ProofError("root_mismatch", "The log's entries do not give the root of its checkpoint.")


def _bundled(fetch: Fetch, n: int, width: int) -> Sequence[bytes]:
    """The first ``width`` entries of bundle ``n``; where the partial one is gone, the full one serves."""
    try:
        return parse_entry_bundle(fetch(tile_path(ENTRIES, n, width)), width)
    except ProofError:
        return parse_entry_bundle(fetch(tile_path(ENTRIES, n)), TILE_WIDTH)[:width]

"""``odr-verify BUNDLE --consistency NOTE``: is the bundle's log the one that was seen before?

NOTE is a checkpoint of the log that somebody kept, perhaps years ago. The bundle's checkpoint must be a continuation of
it, or, where the kept one is newer, begin it. What decides is looked for in this order:

1. equal sizes: the two roots;
2. the bundle: the proof of the entry that ended the kept log, such as the award's own after its registration;
3. ``--proof FILE``: that entry's .tlog-proof under the larger checkpoint;
4. ``--scan URL``: the log's tiles.

A log that was rotated has another name and the same tree: the kept checkpoint may be of any log that a policy of the
bundle's verified chain names. Nothing of the above is believed: each must lead to the signed root. Where none does, the
step can't be checked. A log that is proven to be another one has equivocated: then the award is not in the log that is
known here.
"""

from dataclasses import replace
from functools import partial

from .bundle import Bundle, read_bundle
from .equivocation import AGREE, EQUIVOCATION, OPEN, Judgement, judge, pair_of
from .errors import ProofError, SigningError
from .loghistory import asked
from .notes import parse_checkpoint, parse_note
from .prefix import Fetch
from .scan import accepted_logs, label_of
from .signnotes import format_proof
from .trust import TrustFile
from .verification import FAIL, PASS, UNCHECKED, Report, Step

__all__ = ["continued"]

CONTINUITY_STEP = 16


def continued(  # noqa: PLR0913, PLR0917 - a report and all that may decide about it
    report: Report, data: bytes, trust: TrustFile, kept: bytes, proof: bytes | None, fetch: Fetch | None
) -> Report:
    """The report with one more step: whether the bundle's log continues the kept checkpoint, or begins it.

    Args:
        report: the report of the same bundle.
        data: the bundle's octets.
        trust: the trusted policy; a later one that the report accepted is taken from the bundle.
        kept: the checkpoint (signed note) that was kept.
        proof: octets of a tlog-proof that may decide.
        fetch: gets ``checkpoint`` and ``tile/…`` below the log's address; None without a network.

    The exit code is 1 where the two are proven to contradict each other, and otherwise 2 unless they are proven to
    agree; a code that comes before (PROTOCOL §8) stays.
    """
    try:
        told = _told(report, data, trust, kept, proof, fetch)
    except SigningError as error:
        return _with_step(report, UNCHECKED, str(error), error.code)
    if told.verdict == AGREE:
        return _with_step(report, PASS, told.reason, "")
    return _with_step(report, FAIL if told.verdict == EQUIVOCATION else UNCHECKED, told.reason, told.code)


def _told(  # noqa: PLR0913, PLR0917 - as above
    report: Report, data: bytes, trust: TrustFile, kept: bytes, proof: bytes | None, fetch: Fetch | None
) -> Judgement:
    if not report.facts:
        raise ProofError("earlier_step", "An award that is not genuine is in no log.")
    bundle = read_bundle(data)
    judged = partial(judge, policy=accepted_logs(bundle.evidence, trust), one_tree=True)
    shown = bundle.award.proof.checkpoint
    told = judged(pair_of(kept, shown))
    if told.code != "proof_missing":
        return told
    for one in (_carried(bundle, kept), proof):
        if one is not None and (found := judged(pair_of(kept, shown, one))).verdict != OPEN:
            return found
        told = told if one is None else found
    return told if fetch is None else asked(pair_of(kept, shown), judged, fetch)[1]


def _carried(bundle: Bundle, kept: bytes) -> bytes | None:
    """The bundle's own proof of the last entry that the kept checkpoint counts."""
    last = parse_checkpoint(parse_note(kept).text).size - 1
    found = (one.proof for one in (bundle.award, *bundle.evidence) if one.proof.index == last)
    return next((format_proof(proof) for proof in found), None)


def _with_step(report: Report, outcome: str, reason: str, code: str) -> Report:
    step = Step(CONTINUITY_STEP, "Continuity", label_of(code), outcome, reason, code)
    found = replace(report, steps=(*report.steps, step))
    if outcome == PASS or report.exit_code == 1:
        return found
    word, exit_code = ("no", 1) if outcome == FAIL else ("can't tell", 2)
    return replace(found, genuine=f"{word} (step {step.number}, continuity)", exit_code=exit_code)

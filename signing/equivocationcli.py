"""``odr-verify equivocation``: do two signed checkpoints of one log contradict each other?

    odr-verify equivocation A B [--proof FILE] [--log URL] [--out FILE]     two checkpoints (signed notes)
    odr-verify equivocation FILE                                            a file that --out wrote, or a hub's alarm
    odr-verify equivocation … --policies BUNDLE                             the log was rotated since the policy

Two checkpoints of the same size with different roots prove by themselves that the log equivocated. For different
sizes the .tlog-proof of the smaller one's last entry under the larger one decides (--proof), or the log's own tiles
(--log), which are not believed but recomputed.

A verification policy names the log that it was made for. Where that log was rotated since, --policies leads from there
to the log in force: an award bundle made after the rotation, or what the hub answered to GET /v1/policy. It is verified
from the policy on and needs no trust. The logs that it names are one tree, so that their checkpoints are compared.

Exit codes: 0 the two agree; 1 equivocation proven; 2 can't tell (also: unreadable, or not signed by a trusted log).
"""

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .equivocation import AGREE, EQUIVOCATION, OPEN, HeadPair, Judgement, format_pair, judge, pair_of, parse_pair
from .errors import FormatError, TrustError
from .loghistory import asked
from .notes import Checkpoint
from .policychain import followed
from .scan import http_fetch
from .trust import WitnessPolicy, parse_trust, parse_witness_policy

__all__ = ["EXIT_CODES", "compare"]

EXIT_CODES = {AGREE: 0, EQUIVOCATION: 1, OPEN: 2}


def compare(arguments: list[str], installed: Path, say: Callable[[str], object]) -> int:
    """Read what is named, judge it, and say it; returns the exit code.

    Args:
        arguments: what follows ``equivocation``.
        installed: the verification policy that holds without ``--policy``.
        say: gets the answer.

    Raises:
        SigningError, OSError: something can't be read, or is not signed by a log that the policy names.
    """
    options = _parser().parse_args(arguments)
    policy = _policy(options, installed)
    try:
        pair, told = _judged(options, policy)
    except TrustError as error:
        if error.code != "unknown_log" or options.policies:
            raise
        message = f"{error.message} If the log was rotated since, give --policies, which leads to the one in force."
        raise TrustError(error.code, message, error.where) from None
    say(_as_json(told) if options.json else _as_text(told))
    if options.out:
        with options.out.open("xb") as file:  # evidence is never overwritten
            file.write(format_pair(pair))
    return EXIT_CODES[told.verdict]


def _policy(options: argparse.Namespace, installed: Path) -> WitnessPolicy:
    path = options.policy or installed
    if options.policy is None and not path.exists():
        raise FormatError("no_policy", "Give --policy, or keep one first: odr-verify trust verification-policy.txt")
    trust = parse_trust(path.read_bytes())
    return followed(options.policies.read_bytes(), trust) if options.policies else parse_witness_policy(trust.text)


def _judged(options: argparse.Namespace, policy: WitnessPolicy) -> tuple[HeadPair, Judgement]:
    pair, judged = _pair(options), partial(judge, policy=policy, one_tree=options.policies is not None)
    return asked(pair, judged, http_fetch(options.log)) if options.log else (pair, judged(pair))


def _pair(options: argparse.Namespace) -> HeadPair:
    if len(options.files) > 2:
        raise FormatError("too_many_files", "Give two checkpoints, or one file that holds a pair of them.")
    proof = options.proof.read_bytes() if options.proof else None
    if len(options.files) == 2:
        one, other = (path.read_bytes() for path in options.files)
        return pair_of(one, other, proof)
    pair = parse_pair(options.files[0].read_bytes())
    return pair if proof is None else pair_of(pair.first, pair.second, proof)


def _as_text(told: Judgement) -> str:
    lines = [f"Verdict: {told.verdict}", f"         {told.reason} [{told.code}]"]
    return "\n".join([*lines, *map(_line, (told.first, told.second))]) + "\n"


def _line(head: Checkpoint) -> str:
    return f"Signed:  {head.origin}, size {head.size}, root {head.root.hex()}"


def _as_json(told: Judgement) -> str:
    heads = [{"origin": one.origin, "size": one.size, "root": one.root.hex()} for one in (told.first, told.second)]
    members = {"verdict": told.verdict, "code": told.code, "reason": told.reason, "heads": heads}
    text = json.dumps(members | {"exit_code": EXIT_CODES[told.verdict]}, indent=2)
    return text.replace("\x7f", "\\u007f") + "\n"  # the one control character that json leaves as it is


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "odr-verify equivocation", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="two checkpoints, or one pair of them")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="verification policy that names the log's key")
    parser.add_argument(
        "--policies", type=Path, metavar="FILE", help="award bundle, or answer of GET /v1/policy: follows rotations"
    )
    parser.add_argument("--proof", type=Path, metavar="FILE", help=".tlog-proof of the smaller one's last entry")
    parser.add_argument("--log", metavar="URL", help="ask the log at URL for its tiles and its own checkpoint")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the pair that was judged, as evidence")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    return parser

"""odr-verify: is this award genuine, and what has become of it?

    odr-verify trust FILE           once: keep FILE as the verification policy to trust
    odr-verify BUNDLE               verify an award offline against it
    odr-verify equivocation A B     do two checkpoints of one log contradict each other?

Exit codes: 0 genuine, nothing adverse; 1 not genuine; 2 can't tell; 3 unwitnessed; 4 genuine, but with
an adverse status; 5 status older than --max-age. Works without any network (only --scan uses
one: URL is that of the log, not of the hub, as in the log line of the policy, mostly https://HOST/log).
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from .errors import FormatError, SigningError
from .trust import parse_trust
from .verification import as_json, as_text, verify_award

_NO_POLICY = (
    "You have not said whom you trust. Get verification-policy.txt from the coordinator or your court's"
    " administration, not from the sender of the award; then run: odr-verify trust verification-policy.txt"
)
_UNITS = {"m": 60, "h": 3600, "d": 86_400}


def installed_policy() -> Path:
    """Where ``odr-verify trust`` keeps the verification policy."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "odr-verify", "verification-policy.txt")


def main(arguments: list[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] in (["trust"], ["equivocation"]):
            from .commands import run  # noqa: PLC0415 - verifying a bundle must not load it

            return run(arguments, installed_policy(), lambda text: _write(sys.stdout, text))
        return _verify(_parser().parse_args(arguments))
    except SigningError as error:
        said = f"{error} [{error.code}]"
    except OSError as error:
        said = f"{error.strerror}: {error.filename}"
    except Exception as error:  # noqa: BLE001 - a fault of this program is no verdict, and the exit code 1 is one
        said = f"{type(error).__name__}: {error}"
    _write(sys.stderr, f"odr-verify: {' '.join(said.splitlines())}\n")
    return 2


def _verify(options: argparse.Namespace) -> int:
    policy = options.policy or installed_policy()
    if options.policy is None and not policy.exists():
        raise FormatError("no_policy", _NO_POLICY)
    trust, data = parse_trust(policy.read_bytes()), options.bundle.read_bytes()
    document = options.document.read_bytes() if options.document else None
    report = verify_award(data, trust, document, int(time.time()), options.max_age)
    if options.scan or options.consistency or options.proof:
        from .further import examined  # noqa: PLC0415 - the only part that uses a network

        report = examined(report, data, trust, options)
    _write(sys.stdout, as_json(report) if options.json else as_text(report))
    return report.exit_code


def _write(stream: TextIO, text: str) -> None:
    """Write what a stranger may have worded: a terminal shows escapes instead of obeying them."""
    shown = "".join(one if one == "\n" or one.isprintable() else ascii(one)[1:-1] for one in text)
    encoding = stream.encoding or "utf-8"
    stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))


def _age(text: str) -> int:
    if not text[:-1].isdecimal() or text[-1:] not in _UNITS:
        raise argparse.ArgumentTypeError("give an age like 90m, 12h or 30d")
    return int(text[:-1]) * _UNITS[text[-1]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("odr-verify", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the award bundle (ZIP)")
    parser.add_argument("--document", type=Path, metavar="FILE", help="the award as you received it")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="verification policy to trust this once")
    parser.add_argument("--max-age", type=_age, metavar="AGE", help="oldest status you accept, e.g. 30d")
    parser.add_argument("--scan", metavar="URL", help="read the log at URL for what the hub doesn't mention; see above")
    parser.add_argument("--consistency", type=Path, metavar="NOTE", help="checkpoint kept before; may need --scan too")
    parser.add_argument("--proof", type=Path, metavar="FILE", help="for --consistency: .tlog-proof of the last entry")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())

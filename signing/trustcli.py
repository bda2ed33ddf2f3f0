"""``odr-verify trust FILE``: look at a verification policy and keep it as the one to trust."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from .trust import TrustFile, parse_trust, parse_witness_policy

__all__ = ["describe", "install"]


def describe(trust: TrustFile) -> str:
    """What the policy makes one trust, in sentences."""
    policy = parse_witness_policy(trust.text)
    lines = [f"Network  {trust.network}", f"Policy   {trust.policy} (log index {trust.index})"]
    lines += [f"Log      {key.format()}" for key in policy.log_keys.values()]
    lines += [f"Witness  {name}: {key.format()}" for name, key in policy.witness_keys.items()]
    lines += [f"Group    {name}: any {k} of {', '.join(members)}" for name, (k, members) in policy.groups.items()]
    unwitnessed = "none: no witness is asked for, and every award will count as unwitnessed"
    meaning = unwitnessed if policy.quorum == "none" else policy.quorum
    return "\n".join([*lines, f"Quorum   {meaning}"]) + "\n"


def install(arguments: list[str], target: Path, say: Callable[[str], object]) -> int:
    """Check FILE, show it by ``say``, ask unless ``--yes``, and keep it at ``target``; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="odr-verify trust", description="Keep a verification policy as the one to trust."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="verification-policy.txt from somebody you trust")
    parser.add_argument("--yes", action="store_true", help="do not ask; you have compared the network digest already")
    options = parser.parse_args(arguments)
    data = options.file.read_bytes()
    say(describe(parse_trust(data)))
    if not options.yes:
        say("Compare the network digest with one obtained another way. Trust this policy? [y/N] ")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            say("Nothing was changed.\n")
            return 2
    _write(target, data)
    say(f"Trusted from now on: {target}\n")
    return 0


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)

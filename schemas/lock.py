"""The list of released schema files: ``frozen.json`` holds the SHA-256 of each.

Once version 1.0.0 is out, a released file never changes: a change is a new ``v<N>`` beside it, and
old statements keep validating. Until then files may still change; whoever changes one says so by

::

    python -m schemas.lock --write

which renews the list. From 1.0.0 on the command only adds files. Without ``--write`` it checks.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from schemas.catalogue import ROOT, Catalogue
from schemas.errors import LockError

__all__ = ["check", "differences", "main", "read", "renewed"]

FILE: Final = ROOT / "frozen.json"
_PROJECT: Final = ROOT.parent / "pyproject.toml"


def read(path: Path = FILE) -> dict[str, str]:
    """The list: path below this package -> SHA-256 in hex."""
    frozen: dict[str, str] = json.loads(path.read_text("utf-8"))
    return frozen


def differences(frozen: Mapping[str, str], actual: Mapping[str, str]) -> tuple[str, ...]:
    """One sentence for every file that was changed, removed or is not recorded, sorted by file."""
    found = dict.fromkeys(frozen.keys() - actual.keys(), "is recorded but gone")
    found |= dict.fromkeys(actual.keys() - frozen.keys(), "is not recorded")
    found |= {path: "was changed" for path in frozen.keys() & actual.keys() if frozen[path] != actual[path]}
    return tuple(f"{path} {found[path]}." for path in sorted(found))


def check(frozen: Mapping[str, str], catalogue: Catalogue) -> None:
    """Raise ``LockError`` unless the schema files are exactly those recorded."""
    if found := differences(frozen, _hashes(catalogue)):
        raise LockError("schema_files_changed", " ".join(found), FILE.name)


def renewed(frozen: Mapping[str, str], catalogue: Catalogue, version: str) -> dict[str, str]:
    """The list to write for project ``version``, which decides whether recorded files may still change.

    Raises:
        LockError: a recorded file was changed or removed, and the version is 1.0.0 or later.
    """
    actual = _hashes(catalogue)
    broken = differences(frozen, {path: digest for path, digest in actual.items() if path in frozen})
    if broken and int(version.partition(".")[0]) >= 1:
        raise LockError("released_schema_changed", " ".join(broken) + " Make it a new version instead.", FILE.name)
    return actual


def _hashes(catalogue: Catalogue) -> dict[str, str]:
    return {schema.path: schema.digest for schema in catalogue.schemas()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the list, or renew it with ``--write``; 1 and a sentence if that is refused."""
    parser = argparse.ArgumentParser(prog="python -m schemas.lock", description="Check the released schema files.")
    parser.add_argument("--write", action="store_true", help="renew frozen.json")
    try:
        if parser.parse_args(arguments).write:
            version = tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"]
            renewal = renewed(read() if FILE.exists() else {}, Catalogue.load(), version)
            FILE.write_text(json.dumps(renewal, indent=2, sort_keys=True) + "\n", "utf-8")
        else:
            check(read(), Catalogue.load())
    except LockError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

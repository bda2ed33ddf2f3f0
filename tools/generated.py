"""Pages of docs/, and one script, that are generated from the code: ``python -m tools.generated [--check]``.

Each is what one program of ours writes to its standard output. ``--check`` writes nothing and
fails with the names of the pages that are not current.
"""

import argparse
import subprocess
import sys
from pathlib import Path

__all__ = ["PAGES", "main", "page", "stale"]

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "docs/reference/problems.md": "hub.web.catalogue",
    "docs/reference/settings.md": "hub.settings",
    "docs/reference/names.md": "tools.names",
    "hub/web/static/trust-mark.js": "hub.trustmark.script",
    "docs/reference/trust-mark.md": "hub.trustmark.reference",
    "docs/reference/odr-hub.md": "hub.manual",
    "docs/reference/indicators.md": "metrics.methodology",
    "docs/reference/flags.md": "metrics.comparison.methodology",
    "docs/reference/signing-page.md": "tools.signpagedoc",
}
"""Page and the module that prints it."""


def page(module: str) -> str:
    """The text of the page that ``module`` prints."""
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=ROOT, check=True, capture_output=True, encoding="utf-8", timeout=60
    )
    return done.stdout


def stale() -> list[str]:
    """Names of the pages that are not what their module prints now."""
    return [name for name, module in PAGES.items() if _current(name) != page(module)]


def _current(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(arguments: list[str] | None = None) -> int:
    """Write every page, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.generated", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a page is not current")
    if parser.parse_args(arguments).check:
        old = stale()
        for name in old:
            sys.stderr.write(f"{name} is not current: run make docs\n")
        return 1 if old else 0
    for name, module in PAGES.items():
        (ROOT / name).write_text(page(module), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

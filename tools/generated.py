"""Pages of docs/, and one script, that are generated from the code: ``python -m tools.generated [--check]``.

Each is what one program of ours writes to its standard output. ``--check`` writes nothing and
fails with the names of the pages that are not current.
"""

import subprocess
import sys

from tools.madefiles import ROOT, run

__all__ = ["PAGES", "main", "page", "pages"]

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


def pages() -> dict[str, str]:
    """Path of each page -> its text."""
    return {name: page(module) for name, module in PAGES.items()}


def main(arguments: list[str] | None = None) -> int:
    """Write every page, or check them; returns the exit code."""
    return run(arguments, "tools.generated", __doc__ or "", pages, "make docs")


if __name__ == "__main__":
    sys.exit(main())

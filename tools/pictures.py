"""Pictures that are drawn by the code: ``python -m tools.pictures [--check]``.

Samples of charts for docs/explanation/pictures, each a file of its own, and the same charts as pages have them for
tests/vectors/charts, where a change of a drawing shows. ``--check`` writes nothing and names what is not current.
"""

import argparse
import sys
from pathlib import Path

from hub.charts.figure import Chart, figure
from hub.charts.standalone import standalone
from hub.web.charttext import chart_words
from hub.web.languages import language
from tools import chartsamples

__all__ = ["main", "pictures", "stale"]

ROOT = Path(__file__).resolve().parent.parent
_DOCS, _VECTORS = "docs/explanation/pictures", "tests/vectors/charts"
_GOLDEN = {"funnel": "en", "own-funnel": "fr", "caterpillar": "zh-Hans", "steps": "es", "stacked": "en", "trend": "fr"}
"""Chart -> the language of its vector, so that every language is there."""


def pictures() -> dict[str, str]:
    """Path of each file -> its text."""
    sheet = (ROOT / "hub/web/static/style.css").read_text(encoding="utf-8")
    shown: dict[str, Chart] = {
        **chartsamples.charts(), "caterpillar": chartsamples.caterpillar(12), "steps": chartsamples.steps(1),
    }  # fmt: skip
    english = chart_words(language("en"))
    found = {
        f"{_DOCS}/{name}.svg": standalone(figure(chart, english, name).wide[0], sheet, "en")
        for name, chart in shown.items()
    }
    for name, tag in _GOLDEN.items():
        drawn = figure(shown[name], chart_words(language(tag)), name)
        found[f"{_VECTORS}/{name}.{tag}.wide.svg"] = f"{drawn.wide[0]}\n"
        found[f"{_VECTORS}/{name}.{tag}.narrow.svg"] = f"{drawn.narrow[0]}\n"
    return found


def stale() -> list[str]:
    """Files that are not what is drawn now."""
    return [name for name, text in pictures().items() if _current(name) != text]


def _current(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(arguments: list[str] | None = None) -> int:
    """Write every picture, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a picture is not current")
    if parser.parse_args(arguments).check:
        old = stale()
        for name in old:
            sys.stderr.write(f"{name} is not current: run python -m tools.pictures\n")
        return 1 if old else 0
    for name, text in pictures().items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

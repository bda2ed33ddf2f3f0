"""Pictures that are drawn by the code: ``python -m tools.pictures [--check]``.

Samples of charts for docs/explanation/pictures, each a file of its own, and the same charts as pages have them for
tests/vectors/charts, where a change of a drawing shows. ``--check`` writes nothing and names what is not current.
"""

import sys

from hub.charts.figure import Chart, figure
from hub.charts.standalone import standalone
from hub.web.charttext import chart_words
from hub.web.languages import language
from tools import chartsamples
from tools.madefiles import ROOT, run

__all__ = ["main", "pictures"]

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


def main(arguments: list[str] | None = None) -> int:
    """Write every picture, or check them; returns the exit code."""
    return run(arguments, "tools.pictures", __doc__ or "", pictures, "python -m tools.pictures")


if __name__ == "__main__":
    sys.exit(main())

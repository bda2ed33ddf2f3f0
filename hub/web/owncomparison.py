"""A provider's own place in the comparison: its result against what was expected, and the others without names.

The others, and what was expected after them, are told only where there are three of them or more with cases enough, by
the number of their cases: each of two would know the other. What the parties answered is left out: a provider that
looks every day could tell single answers by what changes. What a provider does with the sizes of others that it
happens to know can't be prevented here.
"""

from hub.charts.funnel import FEWEST_UNNAMED
from hub.oversight.matters import COUNTS
from metrics.comparison.comparable import CONFIDENTIAL
from metrics.comparison.judgements import Comparison, Judgement, Limits
from metrics.comparison.quarters import Quarters
from signing.compose import timestamp
from signing.encoding import JSON

__all__ = ["own_comparison"]

_UNTOLD: dict[str, JSON] = dict.fromkeys(("expected", "adjusted", "limits"))


def own_comparison(quarters: Quarters, provider: str) -> dict[str, JSON]:
    """The newest quarter as members of JSON, for the provider; shares are texts, because JSON here has no floats."""
    return {
        "period": {"from": timestamp(quarters.period.start)[:10], "to": timestamp(quarters.period.end - 1)[:10]},
        "freeze": timestamp(quarters.freeze),
        "indicators": [_one(one, provider) for one in quarters.newest if one.indicator not in CONFIDENTIAL],
    }


def _one(one: Comparison, provider: str) -> dict[str, JSON]:
    own = one.of(provider)
    others = [each for each in one.judgements if each.subject != provider and each.n >= each.minimum]
    others.sort(key=lambda each: (each.n, float(each.value)))
    peers: list[JSON] = [{"n": each.n, "value": _share(float(each.value))} for each in others]
    among_enough = len(peers) >= FEWEST_UNNAMED
    return {
        "indicator": one.indicator,
        "counts": COUNTS[one.indicator],
        "target": _share(one.target) if among_enough else None,
        "own": None if own is None else _own(own) | (_expected(own) if among_enough else _UNTOLD),
        "left_out": dict(zip(("alone", "unknown"), one.left_out(provider), strict=True)),
        "peers": peers if among_enough else None,
    }


def _own(one: Judgement) -> dict[str, JSON]:
    return {
        "n": one.n,
        "numerator": one.numerator,
        "value": _share(one.numerator / one.n),
        "level": one.level,
        "withheld": list(one.withheld),
    }


def _expected(one: Judgement) -> dict[str, JSON]:
    """What follows from the results of the others: with one other it would be that one's share."""
    return {
        "expected": _share(one.expected / one.n),
        "adjusted": _share(float(one.value)),
        "limits": {"inner": _limits(one.inner), "outer": _limits(one.outer)},
    }


def _limits(one: Limits) -> dict[str, JSON]:
    return {"low": _share(one.low), "high": _share(one.high)}


def _share(value: float) -> str:
    return f"{value:.4f}"

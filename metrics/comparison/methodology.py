"""The page ``docs/reference/flags.md``: the policy of comparison as the code applies it.

``python -m metrics.comparison.methodology`` prints it.
"""

import sys
from collections.abc import Mapping
from typing import Any

from metrics.comparison.flags import COMMENT_DAYS, CONDITIONS, DISCOVERIES, QUALITY, WORDS
from metrics.comparison.judgements import LEVELS, METHODS, WITHHELD
from metrics.comparison.policy import ALONE, MANY, POOLED, SOME
from metrics.comparison.standardise import LEAST
from metrics.definitions import definitions

__all__ = ["methodology_page"]

_HEAD = f"""# Comparisons and flags

How providers are compared, when a difference is *for enquiry*, and when the public may see that. In plain words:
[Comparing providers](../explanation/comparing-providers.md). Generated from the code that does it by `make docs`.

| | |
|---|---|
| providers from which on anybody is judged | {SOME} |
| providers from which on one release tells the variance | {MANY}; below it {POOLED[0]} to {POOLED[1]} releases do |
| others' cases that a stratum needs | {LEAST} |
| cases without others like them, above which a provider is not judged | {ALONE:.0%} of its cases |
| score of data quality that a public flag needs | {QUALITY} |
| q below which a flag counts | {DISCOVERIES} (Benjamini and Hochberg) |
| days that a provider has to comment | {COMMENT_DAYS} |
| what a public page says of a flag | {WORDS} |

What is compared, and why the other indicators are not, each indicator says: [Indicators](indicators.md). Compared are
{", ".join(f"`{one.id}`" for one in definitions() if one.comparison == "share")}.

## How a provider is judged

1. Expected is the number of its cases that would count, did they go as such cases go at all other providers: strata by
   procedure first, then by what the indicator names, then by whatever else is known of cases, as fine as leaves {LEAST}
   cases of others in each; the procedure never gives way, nor the stage where stages are compared. Where there is a
   published standard, that is what is expected.
2. Expectations are moved together so that the median provider is as expected (not where there is a standard).
3. y = asin sqrt(share), s = 1 / (2 sqrt n); z = (y - expected) / s; adjusted z = (y - expected) / sqrt(s^2 + tau2).
   tau2 is the variance with which the median distance of providers is that of a normal variable. The published recipe
   (z winsorised at 10 %, additive) is stored beside it.
4. Limits are at 95 % and 99.8 %: the wider of those of adjusted z and the exact binomial ones, interpolated.
5. p is two-sided, the larger of the approximate and the exact one; q is computed over the comparisons of the release
   that lay outside the 95 % limits on the same side in the period before, and apart from them over all others.
6. The rank correlation of z with the number of cases, and with the expected share, is stated; a page warns where p is
   below 0.01.
7. Officers may ask for the order by value; then every provider has the 95 % interval of the rank of its true value: of
   4,000 draws (with a fixed seed) from what y and s leave possible, true values being normal with a mean and a variance
   of which nothing is known before. Rank 1 has the smallest share.
"""


def methodology_page() -> str:
    """The page."""
    sections = [
        _HEAD,
        _table("Levels", LEVELS),
        _table("How the variance between providers was found", METHODS),
        _table("Why a provider is shown without judgement", WITHHELD),
        _table("What a public flag needs", CONDITIONS, "missing"),
        "Without all of these a flag is for supervision and the provider alone, and says which are missing.\n",
    ]
    return "\n".join(sections)


def _table(title: str, rows: Mapping[Any, str], head: str = "code") -> str:
    body = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in rows.items())
    return f"## {title}\n\n| {head} | meaning |\n|---|---|\n{body}\n"


if __name__ == "__main__":
    sys.stdout.write(methodology_page())

"""Refusals of quality reports; every one is a ``registry.errors.Refused``."""

from registry.errors import Refused, refused_of

__all__ = ["REFUSALS", "refused"]

REFUSALS: dict[str, tuple[str, str, bool]] = {
    "report_period": ("A report is about 1 to {most} whole days, the last of which is over.", "issuer", False),
    "report_source": ("Events are counted until the period is over or later, but not until after the log's time.",
                      "issuer", False),
    "report_stands": ("A report on this period is registered; name it as the one that is corrected: {standing}.",
                      "issuer", False),
    "report_unknown": ("There is no standing report on this period with the digest that is corrected.",
                       "issuer", False),
}  # fmt: skip


def refused(code: str, where: str, **facts: object) -> Refused:
    """The refusal of the table with ``facts`` filled into its sentence."""
    return refused_of(REFUSALS, code, where, **facts)

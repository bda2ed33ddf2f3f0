"""The state key of quality reports."""

__all__ = ["period", "reports"]


def reports(provider: str) -> str:
    """Key of a provider's standing reports: period -> {digest, index, time}."""
    return f"quality-reports/{provider}"


def period(first: str, last: str) -> str:
    """How a period is named in that record."""
    return f"{first}/{last}"

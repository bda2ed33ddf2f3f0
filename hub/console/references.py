"""From the fields of a form to the body of a reference: a set of criteria, or rates between currencies.

As in ``preparing``: every field is read, what is wrong is remembered beside it, and the body is of use only when
nothing is.
"""

import re

from hub.console.fields import Fields
from signing.encoding import JSON

__all__ = ["CRITERIA", "CRITERION", "RATES", "criteria_body", "rates_body", "source_fields"]

CRITERIA, RATES = 64, 400
"""How many rows the forms have at most: as many as the schema allows, so that a next version can be whole."""
CRITERION = ("criterion-code", "criterion-title", "criterion-text", "criterion-place")
"""The fields of a row about a criterion."""

_NAME, _PARAGRAPH, _LABEL = 200, 2000, 80
_RATE = re.compile(r"[1-9][0-9]{0,11}(\.[0-9]{1,8})?|0\.[0-9]{0,7}[1-9]", re.ASCII)


def criteria_body(fields: Fields, version: int) -> dict[str, JSON]:
    """The body of a reference that is a set of criteria; ``version`` is the next one of its id."""
    criteria: list[JSON] = [one for number in range(CRITERIA) if (one := _criterion(fields, number)) is not None]
    return {"type": "criteria_set", **_common(fields, version), "criteria": criteria}


def rates_body(fields: Fields, version: int) -> dict[str, JSON]:
    """The body of a reference that is rates between currencies; ``version`` is the next one of its id."""
    base = fields.currency("base")
    rates = [one for number in range(RATES) if (one := _rate(fields, number)) is not None]
    seen = {base}
    for name, currency, _ in rates:
        if currency in seen:
            fields.wrong(name, "twice")
        seen.add(currency)
    if not rates:
        fields.wrong("currency-0", "missing")
    return {
        "type": "currency_rates",
        **_common(fields, version),
        "date": fields.day("date"),
        "base": base,
        "rates": [{"currency": currency, "rate": rate} for _, currency, rate in rates],
    }


def source_fields(source: dict[str, str]) -> dict[str, str]:
    """What a form shows of the source of a registered reference."""
    told = {name: source.get(name, "") for name in ("publisher", "edition", "url", "consulted_on")}
    return {"source_title": source["title"], **told}


def _common(fields: Fields, version: int) -> dict[str, JSON]:
    source: dict[str, JSON] = {
        "publisher": fields.text("publisher", _NAME),
        "title": fields.text("source_title", _NAME),
        "edition": fields.text("edition", _LABEL, needed=False),
        "url": fields.text("url", 2048, needed=False),
        "consulted_on": fields.day("consulted_on", needed=False),
    }
    body: dict[str, JSON] = {
        "id": fields.code("id"),
        "version": version,
        "title": fields.text("title", _NAME),
        "source": {name: value for name, value in source.items() if value},
    }
    note = fields.text("note", _PARAGRAPH, needed=False)
    return body | ({"note": note} if note else {})


def _criterion(fields: Fields, number: int) -> dict[str, JSON] | None:
    names = {name.removeprefix("criterion-"): f"{name}-{number}" for name in CRITERION}
    if not any(fields.value(name).strip() for name in names.values()):
        return None
    one: dict[str, JSON] = {
        "code": fields.code(names["code"]),
        "title": fields.text(names["title"], _NAME),
        "text": fields.text(names["text"], _PARAGRAPH),
    }
    place = fields.text(names["place"], _LABEL, needed=False)
    return one | ({"place": place} if place else {})


def _rate(fields: Fields, number: int) -> tuple[str, str, str] | None:
    """A row of the form: the name of its first field, the currency and the rate; None for an empty row."""
    name, other = f"currency-{number}", f"rate-{number}"
    if not fields.value(name).strip() and not fields.value(other).strip():
        return None
    currency, typed = fields.currency(name), fields.text(other, 24)
    rate = _shortest(typed)
    if typed and not _RATE.fullmatch(rate):
        fields.wrong(other, "not_a_rate")
    return name, currency, rate


def _shortest(rate: str) -> str:
    """Without zeros at the end of the decimals, which central banks print and the schema has no room for."""
    return rate.rstrip("0").rstrip(".") if "." in rate else rate

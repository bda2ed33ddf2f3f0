"""Query parameters of lists of the directory, and the lines of their answers."""

import re
from collections.abc import Mapping, Sequence

from aiohttp import web

from hub.errors import AccessError, RequestError
from hub.storage.searchqueries import Listed, NeutralQuery, ProviderQuery, SearchPage
from hub.web.access import may_read_annex
from hub.web.authentication import known_reader
from hub.web.requests import Query, actor_id, flag_of
from registry.accreditations import PARTICULARS
from signing.encoding import JSON

__all__ = ["facets_json", "listed_json", "neutral_query", "provider_query"]

_LONGEST = 200
_FORMS: Mapping[str, tuple[str, str]] = {
    "type": (r"provider|court|observer", "provider, court or observer"),
    "language": (r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?", "a language tag such as en or zh-Hans"),
    "stage": (r"negotiation|mediation|arbitration", "negotiation, mediation or arbitration"),
    "dispute_type": (r"[a-z_]{1,40}", "a kind of dispute such as non_delivery"),
    "sector": (r"[A-V]([0-9]{2})?", "an ISIC section, or section and division, such as C or C26"),
    "economy": (r"[A-Z]{2}", "two capital letters (ISO 3166-1)"),
    "role": (r"mediator|arbitrator", "mediator or arbitrator"),
    "field": (r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "a code such as sale_of_goods"),
    "legal_system": (r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", "a code such as common_law or SG"),
    "exclude_nationality": (r"[A-Z]{2}", "two capital letters (ISO 3166-1)"),
}
_OF_NEUTRALS = ("nominated_by", "providers", "status", "key_custody")
_OF_DECISIONS = ("status", "scheme", "valid_from", "valid_to", "digest", "index", *PARTICULARS)


def provider_query(request: web.Request, wished: Query | None = None) -> ProviderQuery:
    """The conditions on members; ``wished`` are the parameters that count, where not all of the request do.

    Raises:
        RequestError: bad_parameter.
    """
    query = request.query if wished is None else wished
    return ProviderQuery(
        text=_text(query),
        type=_value(query, "type"),
        language=_value(query, "language"),
        stage=_value(query, "stage"),
        dispute_type=_value(query, "dispute_type"),
        sector=_value(query, "sector"),
        economy=_value(query, "economy"),
        accredited_only=flag_of(query, "accredited_only"),
    )


def neutral_query(request: web.Request, wished: Query | None = None) -> NeutralQuery:
    """The conditions on neutrals; ``wished`` as for members.

    Raises:
        RequestError: bad_parameter.
        AccessError: nationality_restricted, signature_needed.
    """
    query = request.query if wished is None else wished
    provider = query.get("provider")
    return NeutralQuery(
        text=_text(query),
        language=_value(query, "language"),
        role=_value(query, "role"),
        field=_value(query, "field"),
        legal_system=_value(query, "legal_system"),
        provider=None if provider is None else actor_id(provider, "provider"),
        exclude_nationality=_nationalities(request, query),
        available_only=flag_of(query, "available_only"),
    )


def listed_json(one: Listed) -> dict[str, JSON]:
    """A line of a list."""
    record, decision = one.record, one.record["accreditation"]
    line: dict[str, JSON] = {"id": one.id}
    if one.role == "neutral":
        line |= {name: record[name] for name in _OF_NEUTRALS}
    else:
        line["type"] = one.role
    line["profile"], line["digest"], line["index"] = record["profile"], record["digest"], record["statement"]
    line["accreditation"] = decision and {name: decision[name] for name in _OF_DECISIONS if name in decision}
    line["accreditation_status"], line["keys"] = one.accreditation_status, one.kids
    return line


def facets_json(page: SearchPage) -> dict[str, JSON]:
    """Counts by facet."""
    return {name: [{"value": value, "count": count} for value, count in values] for name, values in page.facets.items()}


def _nationalities(request: web.Request, query: Query) -> tuple[str, ...]:
    """The nationalities that are excluded: for members and officers alone, because the answer tells who has which."""
    asked = query.getall("exclude_nationality", [])
    if not asked:
        return ()
    if not may_read_annex(known_reader(request), ""):
        message = "Nationalities are for members and officers only; search without exclude_nationality."
        raise AccessError("nationality_restricted", message, "exclude_nationality")
    return tuple(_formed("exclude_nationality", one) for one in asked[:16])


def _value(query: Query, name: str) -> str | None:
    found: Sequence[str] = query.getall(name, [])
    if len(found) > 1:
        raise RequestError("bad_parameter", f"{name} is given once.", name)
    return _formed(name, found[0]) if found else None


def _formed(name: str, value: str) -> str:
    form, said = _FORMS[name]
    if not re.fullmatch(form, value, re.ASCII):
        raise RequestError("bad_parameter", f"{name} is {said}.", name)
    return value


def _text(query: Query) -> str | None:
    text = query.get("text")
    if text is not None and (len(text) > _LONGEST or not text.isprintable()):
        raise RequestError("bad_parameter", f"text has at most {_LONGEST} characters, on one line.", "text")
    return text

"""Every code that a profile, a key or a decision can hold has a name."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub import desk
from hub.web.figuretext import part_text
from hub.web.languages import TAGS, language
from hub.web.wording import LISTS, coded, messages, sector
from metrics.compute import compute_all
from metrics.figures import Period
from metrics.folding import fold
from metrics.indicators.durations import QUARTILES
from metrics.indicators.outcomes import HORIZONS
from metrics.quality import FIELDS
from metrics.samples import guangzhou_like
from metrics.tasks import Request
from schemas.catalogue import catalogue

TEXTS = Path(*desk.__path__) / "texts"
"""Of the signing page."""


def values(kind: str, *path: str) -> set[str]:
    found: Any = catalogue().lookup(kind, 1).document
    for step in path:
        found = found[step]
    return set(found["enum"])


BODY = ("properties", "body", "properties")
PROVIDER = ("$defs", "providerProfile", "properties")


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("member_types", values("member", *BODY, "type")),
        ("accreditation_statuses", values("accreditation", *BODY, "status")),
        ("removal_bases", values("accreditation", *BODY, "removal_basis")),
        ("appeal_states", values("accreditation", *BODY, "appeal", "properties", "state")),
        ("stated_by", values("common", "$defs", "fieldSource", "properties", "stated_by")),
        ("findings", values("accreditation", *BODY, "criteria", "items", "properties", "result")),
        ("neutral_statuses", values("neutral", *BODY, "status")),
        ("key_custody", values("neutral", *BODY, "key_custody")),
        ("neutral_roles", values("common", "$defs", "neutralProfile", "properties", "roles", "items")),
        ("key_purposes", values("common", "$defs", "purpose")),
        ("presences", values("common", *PROVIDER, "physical_presence")),
        ("decision_bases", values("common", *PROVIDER, "decision_basis", "items")),
        ("visibilities", {one.visibility for one in catalogue().schemas()}),
    ],
)
def test_the_enumerations_of_schemas_have_names(name: str, codes: set[str]) -> None:
    assert codes <= set(LISTS[name])


def test_the_parts_of_figures_have_names() -> None:
    assert set(QUARTILES) <= set(LISTS["figure_parts"])
    assert HORIZONS == (30, 90, 180)
    assert {*FIELDS} <= set(LISTS["reported_fields"])


def test_every_part_that_is_computed_has_a_name() -> None:
    """A part without one is shown as its code with spaces: which nobody has translated."""
    period = Period.of(date(2025, 1, 1), date(2025, 12, 31))
    facts = fold(guangzhou_like(1, 169, date(2025, 1, 1)), period.end)
    english, french = language("en"), language("fr")
    parts = {one.part for one in compute_all(facts, Request(period, period.end, minimum=1)) if one.part}
    assert len(parts) > 80
    for part in parts:
        assert part_text(french, part) != part.replace("_", " "), part
        assert "_" not in part_text(english, part)


def test_sectors() -> None:
    assert sector(language("en"), "C") == "Manufacturing"
    assert sector(language("es"), "G46") == "Comercio mayorista y minorista (G46)"


def test_no_text_is_listed_twice() -> None:
    assert len(messages()) == len(set(messages()))
    assert ("indicators", "Pending cases") in messages()
    assert all(len(text) < 400 for _, text in messages())


@pytest.mark.parametrize("tag", TAGS)
def test_the_signing_page_calls_everybody_as_the_site_does(tag: str) -> None:
    spoken, texts = language(tag), json.loads((TEXTS / f"{tag}.json").read_text(encoding="utf-8"))
    called = {role: texts[f"role.{role}"] for role in ("provider", "neutral", "officer", "hub")}
    assert called["provider"] == coded(spoken, "member_types", "provider")
    assert called["neutral"].lower() == coded(spoken, "actors", "neutral")
    assert spoken.translations.gettext("Officers").startswith(called["officer"])
    assert called["hub"].lower() in coded(spoken, "actors", "hub")

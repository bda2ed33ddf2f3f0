"""Every code that a profile, a key or a decision can hold has a name."""

from typing import Any

import pytest

from hub.web.languages import language
from hub.web.wording import LISTS, messages, sector
from metrics.indicators.durations import QUARTILES
from metrics.indicators.outcomes import HORIZONS
from schemas.catalogue import catalogue


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


def test_sectors() -> None:
    assert sector(language("en"), "C") == "Manufacturing"
    assert sector(language("es"), "G46") == "Comercio mayorista y minorista (G46)"


def test_no_text_is_listed_twice() -> None:
    assert len(messages()) == len(set(messages()))
    assert ("indicators", "Pending cases") in messages()
    assert all(len(text) < 400 for _, text in messages())

import pytest

from schemas.catalogue import catalogue, is_sealed
from schemas.errors import LintError
from schemas.fields import Field, fields, resolve


def _found(kind: str) -> dict[tuple[str, str], Field]:
    return {(one.path, one.condition): one for one in fields(catalogue().lookup(kind, 1), catalogue())}


def test_no_field_stands_twice() -> None:
    for schema in catalogue().schemas():
        found = [(one.path, one.condition) for one in fields(schema, catalogue())]
        assert len(found) == len(set(found))


def test_fields_behind_references_lists_and_conditions_are_found() -> None:
    found = _found("member")
    assert ("signers[].kid", "") in found
    assert ("body.keys[].jwk.x", "") in found
    assert ("body.profile.rules[].sha256", "type is provider") in found
    assert ("body.profile.rules[].sha256", "type is not provider") not in found
    assert ("body.profile.legal_name", "type is not provider") in found


def test_required_is_said_of_the_object_it_stands_in() -> None:
    found = _found("member")
    assert found["body.type", ""].required
    assert not found["body.keys", ""].required
    assert found["body.keys[].purpose", ""].required


def test_a_field_is_as_restricted_as_what_it_stands_in() -> None:
    kid = _found("award")["signers[].kid", ""]
    assert (kid.own_class, kid.data_class) == ("C0", "C1")


def test_personal_and_commercial_fields_are_flagged() -> None:
    assert _found("neutral")["body.profile.display_name", ""].personal
    assert _found("genesis")["body.officers[].name", ""].personal
    assert _found("annex-neutral")["nationality", ""].personal
    assert _found("annex-member")["insurance", ""].commercial
    assert not _found("award")["body.date", ""].personal


def test_what_case_files_say_is_classified() -> None:
    found = _found("case-file")
    assert found["communications[].body", ""].data_class == "C3"
    assert found["claims[].solutions_proposed", ""].data_class == "C3"
    assert (found["parties[].name", ""].data_class, found["parties[].name", ""].personal) == ("C2", True)
    assert (found["claims[].facts", ""].data_class, found["claims[].facts", ""].commercial) == ("C2", True)
    assert {found[name, ""].data_class for name in ("case_id", "custodian", "stage", "amount_band")} == {"C1"}
    for entry in ("documents[]", "communications[]"):
        for name in ("class", "trade_secret", "personal_data"):
            assert found[f"{entry}.{name}", ""].required


def test_sealed_kinds_hold_no_free_text_about_parties() -> None:
    """Every text is a code, a hash, an id, a date or a label; the one title is that of the recipient's rules.

    A provider's report tells of problems of a kind, in its own words, and of no case.
    """
    free = {"name", "paragraph"}
    problems = {f"body.systemic_problems[].{name}" for name in ("description", "recommendation")}
    about_no_case = {*problems, "body.network_cooperation"}
    for kind in filter(is_sealed, catalogue().kinds()):
        for field in _found(kind).values():
            if kind == "quality-report" and field.path in about_no_case:
                continue
            assert field.definition.get("$ref", "").rpartition("/")[2] not in free, field.path


def test_a_reference_to_nowhere_is_an_error() -> None:
    with pytest.raises(LintError, match=r"The reference #/ghost leads nowhere\. \(award/v1\.schema\.json\)"):
        resolve("#/ghost", catalogue().lookup("award", 1), catalogue())

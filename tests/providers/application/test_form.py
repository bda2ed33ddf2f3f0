from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.application.form import MAX_APPLICATION, ApplicationForm, for_officer
from providers.errors import GatewayError
from signing.compose import payload
from signing.encoding import canonical, loads
from signing.errors import FormatError, SigningError
from signing.secretkeys import SigningKey
from tests.hub.world import signing_key

STATEMENT, HTTP = signing_key("statement"), signing_key("http")
OFFICERS = [signing_key(f"officer-{number}").kid for number in range(3)]
NOW = 1_795_000_000


def octets(*officers: str) -> bytes:
    signers = [(STATEMENT.kid, "introduced"), (HTTP.kid, "introduced"), *((kid, "officer") for kid in officers)]
    return payload("member", "my-centre", {"type": "provider"}, signers, network="ab" * 32, now=NOW)


def form(*officers: str, others: list[str] | None = None) -> ApplicationForm:
    return ApplicationForm.signed(octets(*officers), [STATEMENT, HTTP], OFFICERS if others is None else others, NOW)


def test_any_officer_finds_a_draft_that_waits_for_them() -> None:
    made = ApplicationForm.from_bytes(form(OFFICERS[0]).to_bytes())
    for kid in OFFICERS:
        draft = made.draft_for(kid)
        assert draft.missing() == {kid: "officer"}
        assert draft.payload["id"] == made.draft.payload["id"], "the log takes one of them"
        assert draft.payload | {"signers": []} == made.draft.payload | {"signers": []}
    assert len({draft.digest for draft in made.drafts()}) == 3
    with pytest.raises(GatewayError, match="the applicant has to apply anew") as caught:
        made.draft_for(signing_key("stranger").kid)
    assert caught.value.code == "officer_not_named"


def test_officers_whom_the_applicant_names_together_sign_together() -> None:
    made = ApplicationForm.from_bytes(form(OFFICERS[0], OFFICERS[1]).to_bytes())
    assert made.alternatives == ()
    assert set(made.draft.missing()) == {OFFICERS[0], OFFICERS[1]}


def test_it_is_read_as_it_was_written() -> None:
    data = form(OFFICERS[0]).to_bytes()
    assert ApplicationForm.from_bytes(data).to_bytes() == data
    assert len(data) < MAX_APPLICATION


def test_an_alternative_differs_in_the_officer_alone() -> None:
    draft = form(OFFICERS[0]).draft
    other = for_officer(draft, OFFICERS[1])
    assert other.octets == draft.octets.replace(OFFICERS[0].encode(), OFFICERS[1].encode())
    assert other.signatures == ()


GOOD = loads(form(OFFICERS[0]).to_bytes())
ONE = GOOD["alternatives"][0]
BAD = {
    "version": GOOD | {"odr_application": 2},
    "version that equals 1": GOOD | {"odr_application": True},
    "more": GOOD | {"more": 1},
    "less": {name: value for name, value in GOOD.items() if name != "alternatives"},
    "no draft": GOOD | {"draft": None},
    "alternatives no list": GOOD | {"alternatives": {}},
    "too many": GOOD | {"alternatives": [ONE | {"officer": signing_key(str(n)).kid} for n in range(16)]},
    "one more member": GOOD | {"alternatives": [ONE | {"more": 1}]},
    "no signatures": GOOD | {"alternatives": [ONE | {"signatures": [1]}]},
    "twice": GOOD | {"alternatives": [ONE, ONE]},
    "the draft's own": GOOD | {"alternatives": [ONE | {"officer": OFFICERS[0]}]},
    "to a draft for two": GOOD | {"draft": loads(form(OFFICERS[0], OFFICERS[1]).to_bytes())["draft"]},
}


@pytest.mark.parametrize("what", BAD)
def test_anything_else_is_refused(what: str) -> None:
    with pytest.raises(FormatError) as caught:
        ApplicationForm.from_bytes(canonical(BAD[what]))
    assert caught.value.code == "bad_application"
    assert str(caught.value).endswith(".") or caught.value.where


def test_a_kid_is_a_kid() -> None:
    with pytest.raises(FormatError) as caught:
        ApplicationForm.from_bytes(canonical(GOOD | {"alternatives": [ONE | {"officer": "x"}]}))
    assert caught.value.where == "/alternatives/0/officer"


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh_", max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSONS, st.sampled_from(["draft", "alternatives", "odr_application"]))
def test_whatever_comes_is_read_or_refused(value: object, name: str) -> None:
    data = canonical(GOOD | {name: value})
    with suppress(SigningError):
        assert ApplicationForm.from_bytes(data).to_bytes() == data


def test_a_key_signs_once() -> None:
    with pytest.raises(SigningError, match="signed the draft already"):
        ApplicationForm.signed(octets(OFFICERS[0]), [STATEMENT, STATEMENT], [], NOW)
    with pytest.raises(SigningError, match="does not announce this key"):
        ApplicationForm.signed(octets(OFFICERS[0]), [SigningKey.generate()], [], NOW)

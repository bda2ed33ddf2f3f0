import pytest

from hub.applications.testing import Asked, Examined, judge, new_challenge
from providers.application.selftest import ITEMS, Answer, Applicant, Challenge, Outcome, answered
from signing.encoding import canonical, loads
from signing.errors import FormatError
from signing.secretkeys import AgreementKey, SigningKey
from tests.hub.world import agreement_key, signing_key

NOW = 1_795_000_000
KEYS: dict[str, SigningKey | AgreementKey] = {
    "statement": signing_key("statement"),
    "http": signing_key("http"),
    "monitor": agreement_key("monitor"),
    "inbox": agreement_key("inbox"),
}
WHO = Applicant("0197b1a0-0000-7000-8000-000000000031", "my-centre", "provider")


def asked() -> Asked:
    return new_challenge({purpose: key.public for purpose, key in KEYS.items()})


def judged(one: Asked, answer: Answer) -> dict[str, str]:
    tested = Examined(WHO.application, WHO.actor, WHO.type, KEYS["statement"].public)
    outcomes = judge(one, answer, tested, ahead=0, now=NOW)
    assert [each.item for each in outcomes] == list(ITEMS)
    return {each.item: each.state for each in outcomes}


def test_the_right_keys_give_the_right_answer() -> None:
    one = asked()
    sent = Challenge.from_json(loads(canonical(one.challenge.json())))
    answer = Answer.from_json(loads(canonical(answered(sent, KEYS, WHO, NOW).json())))
    assert set(judged(one, answer).values()) == {"pass"}
    assert Asked.from_text(one.text()) == one


@pytest.mark.parametrize(
    ("purpose", "item"), [("inbox", "decryption"), ("monitor", "owner_tags"), ("statement", "test_statement")]
)
@pytest.mark.parametrize("how", ["another", "missing"])
def test_each_key_is_tested_by_itself(purpose: str, item: str, how: str) -> None:
    one, kind = asked(), type(KEYS[purpose])
    keys = {**KEYS, purpose: kind.generate()} if how == "another" else {k: v for k, v in KEYS.items() if k != purpose}
    found = judged(one, answered(one.challenge, keys, WHO, NOW))
    assert {name for name, state in found.items() if state == "fail"} == {item}


def test_a_challenge_is_never_the_same() -> None:
    first, second = asked(), asked()
    assert first.challenge.nonce != second.challenge.nonce
    assert not set(first.challenge.tags) & set(second.challenge.tags)
    assert first.sha256 != second.sha256
    assert 2 <= len(first.own) <= 5
    assert len(first.challenge.tags) == 16


def test_a_hub_that_asks_nonsense_gets_no_answer() -> None:
    one = asked().challenge
    for age in (b"", b"no age file", (one.age or b"")[:-1], b"x" * 9_000):
        assert answered(Challenge(age, one.tags, one.nonce), KEYS, WHO, NOW).sha256 is None
    assert answered(Challenge(None, ("x", *one.tags), one.nonce), KEYS, WHO, NOW).tags == ()


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"age": None, "tags": [], "nonce": "x"}, {"age": 1, "tags": [], "nonce": "A" * 43},
     {"age": None, "tags": [1], "nonce": "A" * 43}, {"age": None, "tags": ["x"] * 65, "nonce": "A" * 43}],
)  # fmt: skip
def test_a_challenge_has_its_form(value: object) -> None:
    with pytest.raises(FormatError) as caught:
        Challenge.from_json(value)
    assert caught.value.code in ("bad_challenge", "bad_base64url", "bad_length")


def test_an_outcome_has_its_form() -> None:
    one = Outcome("clock", "fail", "Your clock is wrong.")
    assert Outcome.from_json(one.json()) == one
    assert not one.holds
    for value in (None, {}, {"item": "clock"}):
        with pytest.raises(FormatError) as caught:
            Outcome.from_json(value)
        assert caught.value.code == "bad_outcome"

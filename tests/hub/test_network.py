"""Founding values: officer files, witness policies, genesis payloads."""

import pytest

from hub.errors import NetworkError
from hub.network import OfficerFile, default_origin, read_officer, with_log, witness_policy_of
from signing.encoding import canonical
from signing.signnotes import log_signer, witness_signer
from signing.trust import parse_witness_policy
from tests.hub.world import Actor, agreement_key, signing_key

OFFICER = Actor("officer-1", "officer")
FILE = OfficerFile(OFFICER.id, "First", (("statement", OFFICER.statement.public), ("http", OFFICER.http.public)))
LOG = log_signer("hub.example/log/1", signing_key("log")).verifier.format()
WITNESSES = [
    f"{name} {witness_signer(f'{name}.example', signing_key(name)).verifier.format()} https://{name}.example/w"
    for name in ("w1", "w2", "w3")
]


def refusal(call: object, *arguments: object) -> tuple[str, str]:
    with pytest.raises(NetworkError) as caught:
        call(*arguments)  # type: ignore[operator]
    assert caught.value.message.endswith((".", ")"))
    return caught.value.code, caught.value.where


def test_an_officers_file_is_read_as_it_was_written() -> None:
    assert read_officer(FILE.to_bytes()) == FILE


@pytest.mark.parametrize(
    "members",
    [
        [],
        {"odr_officer": 2},
        {"odr_officer": 1, "id": "officer-1", "name": "First"},
        {"odr_officer": 1, "id": "officer-1", "name": "First", "keys": [{"purpose": "statement"}]},
        {"odr_officer": 1, "id": "officer-1", "name": "First", "keys": []},
        {
            "odr_officer": 1, "id": "officer-1", "name": "First",
            "keys": [{"purpose": "statement", "jwk": agreement_key("x").public.jwk()}],
        },
        {
            "odr_officer": 1, "id": "officer-1", "name": "First",
            "keys": [{"purpose": "statement", "jwk": OFFICER.statement.public.jwk(), "secret": "x"}],
        },
    ],
)  # fmt: skip
def test_other_files_are_refused(members: object) -> None:
    assert refusal(read_officer, canonical(members), "a.officer")[0] == "bad_officer_file"


def test_a_witness_policy_of_options_can_be_read() -> None:
    text = with_log(witness_policy_of(WITNESSES, 2), LOG, "https://hub.example")
    policy = parse_witness_policy(text)
    assert list(policy.witness_keys) == ["w1", "w2", "w3"]
    assert policy.satisfied_by(["w1", "w3"])
    assert not policy.satisfied_by(["w2"])
    assert policy.log_for("hub.example/log/1").format() == LOG
    everyone = parse_witness_policy(with_log(witness_policy_of(WITNESSES, None), LOG, "https://hub.example"))
    assert not everyone.satisfied_by(["w1", "w2"])


def test_no_witnesses_is_a_policy_too() -> None:
    assert parse_witness_policy(with_log(witness_policy_of([], None), LOG, "https://hub.example")).quorum == "none"


def test_the_logs_line_is_not_repeated() -> None:
    text = with_log("quorum none\n", LOG, "https://hub.example")
    assert with_log(text, LOG, "https://hub.example") == text


def test_impossible_witness_policies() -> None:
    assert refusal(witness_policy_of, ["w1 vkey"], None)[0] == "bad_witness"
    assert refusal(witness_policy_of, WITNESSES, 4) == ("bad_quorum", "quorum")
    assert refusal(witness_policy_of, [], 1) == ("bad_quorum", "quorum")
    assert refusal(with_log, "quorum all\n", LOG, "https://hub.example")[0] == "bad_witness_policy"
    assert (
        refusal(with_log, witness_policy_of([WITNESSES[0]] * 2, 1), LOG, "https://x.example")[0] == "bad_witness_policy"
    )


def test_the_origin_follows_from_the_address() -> None:
    assert default_origin("https://Hub.Example:8443") == "hub.example:8443/log/1"

"""The verification policy file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import FormatError
from signing.signnotes import format_trust
from signing.trust import TrustFile, parse_trust, parse_witness_policy
from tests.fakes.refusals import refused
from tests.fakes.world import World

WORLD = World()
POLICY = WORLD.witness_policy
NETWORK, DIGEST = "ab" * 32, "cd" * 32
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)


def text(**lines: str) -> bytes:
    """A policy file with some of its first lines replaced."""
    head = {"head": "odr-policy/1", "network": f"network {NETWORK}", "policy": f"policy {DIGEST} 7"} | lines
    return ("\n".join(head.values()) + "\n" + POLICY).encode()


@given(DIGESTS, DIGESTS, st.integers(0, 10**16 - 1), st.sampled_from([POLICY, "quorum none\n"]))
def test_a_policy_file_is_read_back(network: str, policy: str, index: int, witnesses: str) -> None:
    trust = TrustFile(network, policy, index, witnesses)
    assert parse_trust(format_trust(trust)) == trust


def test_the_file_has_the_lines_of_the_protocol() -> None:
    trust = parse_trust(text())
    assert trust == TrustFile(NETWORK, DIGEST, 7, POLICY)
    assert format_trust(trust) == text()


def test_the_witnesses_are_those_of_the_lines() -> None:
    witnesses = parse_witness_policy(parse_trust(format_trust(WORLD.trust())).text)
    assert set(witnesses.witness_keys) == {"witness-1", "witness-2", "witness-3"}
    assert set(witnesses.log_keys) == {WORLD.origin}
    assert witnesses.satisfied_by(["witness-1", "witness-3"])
    assert not witnesses.satisfied_by(["witness-1"])


@pytest.mark.parametrize("data", [b"\xff", text() + b"\xc3", b"\xff\xfe" + text()])
def test_what_is_not_utf8_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_policy_file", "The verification policy is not UTF-8 text."):
        parse_trust(data)


@pytest.mark.parametrize(
    "data",
    [
        b"", POLICY.encode(), b"\n" + text(), b"\xef\xbb\xbf" + text(), text().replace(b"\n", b"\r\n"),
        text(head="odr-policy/2"), text(head="odr-policy/1 "), text(network=f"network {NETWORK.upper()}"),
        text(network=f"network {NETWORK[1:]}"), text(network=f"network  {NETWORK}"), text(network=f"policy {DIGEST} 7"),
        text(policy=f"policy {DIGEST}"), text(policy=f"policy {DIGEST} 07"), text(policy=f"policy {DIGEST} -1"),
        text(policy=f"policy {DIGEST} {10**16}"), text(policy=f"policy {DIGEST} \u0667"),
        text(policy=f"policy {DIGEST} 7 "),
    ],
)  # fmt: skip
def test_a_file_that_begins_otherwise_is_refused(data: bytes) -> None:
    with refused(FormatError, "bad_policy_file", "begins with odr-policy/1, network and policy.", "line 1"):
        parse_trust(data)


@pytest.mark.parametrize(
    ("lines", "code"), [("", "bad_policy"), ("log x\n", "bad_base64"), ("quorum nobody\n", "bad_policy_line")]
)
def test_malformed_witness_lines_are_refused_when_the_file_is_read(lines: str, code: str) -> None:
    head = text()[: -len(POLICY.encode())]
    with pytest.raises(FormatError, match=r"policy|base64") as caught:
        parse_trust(head + lines.encode())
    assert caught.value.code == code

import base64
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import SigningError, TrustError
from signing.notes import COSIGNATURE, ED25519, VerifierKey
from signing.secretkeys import SigningKey
from signing.signnotes import format_witness_policy, log_signer, witness_signer
from signing.trust import WitnessPolicy, parse_witness_policy


def log(number: int, name: str | None = None) -> str:
    return log_signer(name or f"log{number}.example", SigningKey(bytes([number]) * 32)).verifier.format()


def witness(number: int) -> str:
    return witness_signer(f"w{number}.example", SigningKey(bytes([100 + number]) * 32)).verifier.format()


LOG, W1, W2, W3, W4, W5, W6 = log(1), *(witness(number) for number in range(1, 7))
EXAMPLE = f"""\
# the example of C2SP tlog-policy
log {LOG}

witness X1 {W1}
\twitness  X2\t{W2} \n\
witness X3 {W3} https://x3.example/
group X-witnesses 2 X1 X2 X3
  # groups of groups
witness Y1 {W4}
witness Y2 {W5}
witness Y3 {W6}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification() -> None:
    policy = parse_witness_policy(EXAMPLE)
    xs, ys = ["X1", "X2", "X3"], ["Y1", "Y2", "Y3"]
    for count in range(7):
        for names in combinations(xs + ys, count):
            expected = len(set(names) & set(xs)) >= 2 and len(set(names) & set(ys)) >= 1
            assert policy.satisfied_by(names) is expected
    assert policy.log_for("log1.example").format() == LOG
    assert policy.urls == {policy.witness_keys["X3"]: "https://x3.example/"}
    assert list(policy.witness_keys) == xs + ys
    assert policy.quorum != "none"


def test_names_of_groups_and_strangers_count_for_nothing() -> None:
    policy = parse_witness_policy(EXAMPLE)
    assert not policy.satisfied_by(["X-witnesses", "Y-witnesses", "X-and-Y", "none", "Z1", "w1.example"])


def test_quorum_none_needs_nobody() -> None:
    policy = parse_witness_policy("quorum none\n")
    assert policy == WitnessPolicy(quorum="none")
    assert policy.quorum == "none"
    assert policy.satisfied_by([])


def test_one_witness_may_be_the_quorum() -> None:
    policy = parse_witness_policy(f"witness w {W1}\nquorum w\nwitness later {W2}\n")
    assert policy.satisfied_by(["w"])
    assert not policy.satisfied_by(["later"])


def test_an_unknown_log_is_not_trusted() -> None:
    with pytest.raises(TrustError, match=r"trusts no log of this origin. \(log2.example\)") as refusal:
        parse_witness_policy(EXAMPLE).log_for("log2.example")
    assert refusal.value.code == "unknown_log"


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "bad_policy", ""),
        ("quorum none", "bad_policy", ""),
        ("quorum none\r\n", "bad_policy", ""),
        ("quorum none\0\n", "bad_policy", ""),
        ("quorum none\n" + "#" * 65_536 + "\n", "bad_policy", ""),
        (f"log {LOG}\n", "bad_policy", ""),
        ("quorum none\nquorum none\n", "bad_policy_line", "line 2"),
        ("quorum\n", "bad_policy_line", "line 1"),
        ("quorum none none\n", "bad_policy_line", "line 1"),
        ("quorum w\n", "bad_policy_line", "line 1"),
        (f"quorum w\nwitness w {W1}\n", "bad_policy_line", "line 1"),
        ("Quorum none\n", "bad_policy_line", "line 1"),
        ("quorum\u00a0none\n", "bad_policy_line", "line 1"),
        ("mirror m\nquorum none\n", "bad_policy_line", "line 1"),
        ("log\nquorum none\n", "bad_policy_line", "line 1"),
        (f"log {LOG} url more\nquorum none\n", "bad_policy_line", "line 1"),
        (f"log {LOG} # comment here\nquorum none\n", "bad_policy_line", "line 1"),
        (f"log {LOG}\nlog {LOG}\nquorum none\n", "bad_policy_key", "line 2"),
        (f"log {LOG}\nlog {log(2, 'log1.example')}\nquorum none\n", "bad_policy_key", "line 2"),
        (f"log {LOG}\nlog {log(1, 'other.example')}\nquorum none\n", "bad_policy_key", "line 2"),
        (f"log {W1}\nquorum none\n", "bad_policy_key", "line 1"),
        (f"witness w {LOG}\nquorum none\n", "bad_policy_key", "line 1"),
        (f"witness w {W1}x\nquorum none\n", "bad_base64", "line 1"),
        (f"witness none {W1}\nquorum none\n", "bad_policy_line", "line 1"),
        (f"witness w {W1}\nwitness w {W2}\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\nwitness v {W1}\nquorum none\n", "bad_policy_key", "line 2"),
        (f"witness w {W1}\ngroup w all w\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\ngroup none all w\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\ngroup g all\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\ngroup g 0 w\nquorum none\n", "bad_group", "line 2"),
        (f"witness w {W1}\ngroup g 2 w\nquorum none\n", "bad_group", "line 2"),
        (f"witness w {W1}\ngroup g 01 w\nquorum none\n", "bad_number", "line 2"),
        (f"witness w {W1}\ngroup g most w\nquorum none\n", "bad_number", "line 2"),
        (f"witness w {W1}\ngroup g any w w\nquorum none\n", "bad_group", "line 2"),
        (f"witness w {W1}\ngroup g any w v\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\ngroup g any g\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\ngroup g any none\nquorum none\n", "bad_policy_line", "line 2"),
        (f"witness w {W1}\ngroup g all w\ngroup h all w\nquorum none\n", "bad_policy_line", "line 3"),
        (f"witness w {W1}\ngroup g all w\ngroup h all g\ngroup i all g\nquorum none\n", "bad_policy_line", "line 4"),
    ],
)
def test_what_no_policy_looks_like_is_refused_with_its_line(text: str, code: str, where: str) -> None:
    with pytest.raises(SigningError) as refusal:
        parse_witness_policy(text)
    assert (refusal.value.code, refusal.value.where) == (code, where)


def test_a_small_order_witness_key_is_refused() -> None:
    identity = base64.b64encode(b"\4\1" + bytes(31)).decode()
    with pytest.raises(SigningError) as refusal:
        parse_witness_policy(f"witness w w+00000000+{identity}\nquorum none\n")
    assert (refusal.value.code, refusal.value.where) == ("small_order_key", "line 1")


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters=" "), min_size=1, max_size=9)


@st.composite
def policies(draw: st.DrawFn) -> WitnessPolicy:
    """Any policy: groups take members from what is not grouped yet, in any order."""
    names = draw(st.lists(words.filter(lambda one: one != "none"), unique=True, max_size=12))
    count = draw(st.integers(0, len(names)))
    logs = [VerifierKey(f"l{n}", ED25519, SigningKey(bytes([n]) * 32).public.x) for n in range(draw(st.integers(0, 3)))]
    keys = {
        name: VerifierKey(f"w{n}", COSIGNATURE, SigningKey(bytes([9 + n]) * 32).public.x)
        for n, name in enumerate(names[:count])
    }
    free, groups = list(keys), {}
    for name in names[count:]:
        if free:
            members = draw(st.lists(st.sampled_from(free), unique=True, min_size=1))
            groups[name] = (draw(st.integers(1, len(members))), tuple(members))
            free = [one for one in free if one not in members] + [name]
    urls = {key: draw(words) for key in (*logs, *keys.values()) if draw(st.booleans())}
    quorum = draw(st.sampled_from(["none", *keys, *groups]))
    return WitnessPolicy({key.name: key for key in logs}, keys, groups, urls, quorum)


@given(policies())
def test_a_policy_is_read_as_it_was_written(policy: WitnessPolicy) -> None:
    text = format_witness_policy(policy)
    assert parse_witness_policy(text) == policy
    assert format_witness_policy(parse_witness_policy(text)) == text


@given(policies(), st.data())
def test_more_witnesses_never_break_a_quorum(policy: WitnessPolicy, data: st.DataObject) -> None:
    few = data.draw(st.sets(st.sampled_from([*policy.witness_keys, "stranger"])))
    if policy.satisfied_by(few):
        assert policy.satisfied_by({*few, *policy.witness_keys})


def test_forty_of_each_are_no_problem() -> None:
    logs = [f"log {log(number)}" for number in range(1, 41)]
    witnesses = [f"witness w{number} {witness(number)} https://w{number}.example/" for number in range(1, 41)]
    groups = ["group g1 any w1", *(f"group g{n} all g{n - 1} w{n}" for n in range(2, 41))]
    policy = parse_witness_policy("\n".join([*logs, *witnesses, *groups, "quorum g40", ""]))
    assert policy.satisfied_by([f"w{number}" for number in range(1, 41)])
    assert not policy.satisfied_by([f"w{number}" for number in range(2, 41)])

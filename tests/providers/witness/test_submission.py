import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.witness.submission import MAX_BODY, Submission, format_submission, parse_submission
from signing.errors import FormatError

HASH = b"A" * 43 + b"=\n"

submissions = st.builds(
    Submission,
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.binary(min_size=1, max_size=100),
)


@given(submissions)
def test_a_submission_is_read_as_it_was_written(submission: Submission) -> None:
    assert parse_submission(format_submission(submission)) == submission


@given(submissions, st.data())
def test_whatever_is_accepted_is_written_the_same_way(submission: Submission, data: st.DataObject) -> None:
    octets = bytearray(format_submission(submission))
    octets[data.draw(st.integers(0, min(len(octets) - 1, 120)))] = data.draw(st.sampled_from(b"\n =A0+o\xc3"))
    try:
        accepted = parse_submission(bytes(octets))
    except FormatError:
        return
    assert format_submission(accepted) == octets


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"old 0",
        b"old 0\n",
        b"old 0\n\n",
        b"\nold 0\n\nnote",
        b"old  0\n\nnote",
        b"old 00\n\nnote",
        b"old -1\n\nnote",
        b"old\n\nnote",
        b"new 0\n\nnote",
        b"old 0\r\n\r\nnote",
        b"old 9223372036854775808\n\nnote",
        b"old 1\nAAAA\n\nnote",
        b"old 1\n" + HASH.replace(b"=", b"") + b"\nnote",
        b"old 1\n " + HASH + b"\nnote",
        b"old 1\n" + HASH * 64 + b"\nnote",
        b"old 0\n\n" + b"x" * MAX_BODY,
    ],
)
def test_what_no_submission_looks_like_is_refused(octets: bytes) -> None:
    with pytest.raises(FormatError):
        parse_submission(octets)

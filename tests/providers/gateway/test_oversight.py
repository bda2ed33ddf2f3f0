"""Enquiries and own figures as lines at a terminal."""

from typing import Any

from providers.gateway.oversight import enquiry_lines, figure_lines

ENQUIRY: dict[str, Any] = {
    "id": "0b1c", "code": "resolved_in_time", "period": {"from": "2025-10-01", "to": "2025-12-31"},
    "asked_at": "2026-04-09T09:00:00Z", "due": "2026-05-07T09:00:00Z", "text": "Why is that?\n\x1b[31mTell us.",
    "comment": None,
}  # fmt: skip
OWN = {
    "n": 74, "numerator": 26, "value": "0.3514", "expected": "0.6984", "adjusted": "0.3570", "level": "enquiry",
    "limits": {"inner": {"low": "0.5", "high": "0.8"}, "outer": {"low": "0.4321", "high": "0.9"}}, "withheld": [],
}  # fmt: skip
PEERS = [{"n": 40, "value": "0.7000"}, {"n": 51, "value": "0.8000"}, {"n": 60, "value": "0.6500"}]


def comparison(own: Any, peers: Any) -> dict[str, Any]:
    indicator = {"indicator": "resolved_in_time", "counts": "cases", "target": "0.7", "own": own, "peers": peers}
    return {"period": {"from": "2025-10-01", "to": "2025-12-31"}, "freeze": "", "indicators": [indicator]}


def test_enquiries_show_their_words_and_nothing_that_moves_the_cursor() -> None:
    assert enquiry_lines([]) == ["Nobody has asked you anything."]
    assert enquiry_lines([ENQUIRY]) == [
        "0b1c  resolved_in_time, 2025-10-01 to 2025-12-31",
        "  asked 2026-04-09, comment until 2026-05-07",
        "  | Why is that?",
        "  | \\u{1b}[31mTell us.",
        "  You have not commented.",
    ]
    assert enquiry_lines([{**ENQUIRY, "comment": "We were ill."}])[-1] == "  You said: We were ill."


def test_own_figures_stand_beside_what_was_expected_the_limits_and_the_others() -> None:
    assert figure_lines(comparison(OWN, PEERS)) == [
        "Filed, begun or due from 2025-10-01 to 2025-12-31, followed for 90 days at most",
        "",
        "resolved in time",
        "  yours      35.1 % of 74 cases; 69.8 % were expected",
        "  adjusted   35.7 %, as with everybody's mix of cases",
        "  limits     43.2 % to 90.0 % (99.8 %)",
        "  that is    outside the 99.8 % limits: officers may ask you why",
        "  others     70.0 % of 40, 80.0 % of 51, 65.0 % of 60",
    ]


def test_what_is_not_judged_or_not_shown_says_why() -> None:
    lines = figure_lines(comparison({**OWN, "level": "none", "withheld": ["too_few", "history_short"]}, None))
    assert "  that is    not judged: you have too few cases; there are too few quarters to learn from" in lines
    assert lines[-1] == "  others     not shown: fewer than three have cases enough"
    assert "  You have no cases in it." in figure_lines(comparison(None, PEERS))


def test_what_was_expected_is_not_shown_where_the_others_would_follow_from_it() -> None:
    untold = dict.fromkeys(("expected", "adjusted", "limits"))
    assert figure_lines(comparison({**OWN, **untold}, None))[2:] == [
        "resolved in time",
        "  yours      35.1 % of 74 cases",
        "  expected   not shown: fewer than three others have cases enough",
        "  that is    outside the 99.8 % limits: officers may ask you why",
        "  others     not shown: fewer than three have cases enough",
    ]


def test_cases_that_are_in_no_share_are_counted() -> None:
    apart = comparison(None, PEERS)
    apart["indicators"][0]["left_out"] = {"alone": 100, "unknown": 7}
    lines = figure_lines(apart)
    assert "  You have no cases that can be compared." in lines
    assert "  left out   100 of your cases: they have nothing to be compared with" in lines
    assert "  left out   7 of your cases: the result is not known" in lines
    own = comparison(OWN, PEERS)
    own["indicators"][0]["left_out"] = {"alone": 0, "unknown": 0}
    assert figure_lines(own) == figure_lines(comparison(OWN, PEERS)), "as a hub from before this says it"
    assert figure_lines(None) == ["Nothing can be compared yet."]

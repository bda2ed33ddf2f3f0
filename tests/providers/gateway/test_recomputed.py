"""A recomputed report as lines at a terminal."""

from typing import Any

from providers.gateway.recomputed import recomputed_lines, report_lines

STATED = {"version": 1, "value": "0.5", "numerator": 1, "denominator": 2, "missing": 0}
FOUND: dict[str, Any] = {
    "digest": "7d3f", "registered_at": "2027-04-12T09:05:00Z", "stands": True,
    "report": {
        "period": {"from": "2027-01-01", "to": "2027-03-31"},
        "source": {"recorded_until": "2027-04-12T09:00:00Z", "statements": 11, "root": "00"},
    },
    "source": {"same": True, "statements": 12, "root": "00"},
    "figures": [
        {"indicator": "incoming", "part": "", "status": "same", "meaning": "", "stated": STATED,
         "computed": {"value": "0.5"}, "difference": "0"},
        {"indicator": "resolved_in_time", "part": "within_90_days", "status": "differs",
         "meaning": "The events give another value.", "stated": STATED, "computed": {"value": "0.333333333333"},
         "difference": "0.16666666666666669"},
        {"indicator": "odd\x1b[2J", "part": "", "status": "not_defined",
         "meaning": "There is no such indicator or part.", "stated": STATED, "computed": None, "difference": None},
        {"indicator": "pending", "part": "", "status": "not_stated", "meaning": "", "stated": None,
         "computed": {"value": "3"}, "difference": None},
    ],
}  # fmt: skip


def test_each_difference_is_listed_and_what_is_left_out_is_named() -> None:
    assert recomputed_lines(FOUND) == [
        "Report on 2027-01-01 to 2027-03-31, registered 2027-04-12T09:05:00Z",
        "It counts the statements of events that the log has: 12.",
        "Same as your events give: 1 of 3 figures.",
        "  resolved_in_time/within_90_days: stated 0.5, computed 0.333333, difference 0.166667",
        "    The events give another value.",
        "  odd\\u{1b}[2J: stated 0.5, computed none",
        "    There is no such indicator or part.",
        "Not stated: pending.",
    ]


def test_what_officers_alone_compare_is_named_and_not_counted() -> None:
    said = {"indicator": "satisfaction", "part": "", "status": "for_officers", "meaning": "It rests on answers.",
            "stated": STATED, "computed": None, "difference": None}  # fmt: skip
    lines = recomputed_lines(FOUND | {"figures": [FOUND["figures"][0], said]})
    assert lines[2:] == [
        "Same as your events give: 1 of 1 figures.",
        "Of parties' answers, compared for officers alone: satisfaction.",
    ]


def test_another_source_and_a_later_report_are_said() -> None:
    found = FOUND | {"stands": False, "source": {**FOUND["source"], "same": False}, "figures": FOUND["figures"][:1]}
    corrected, source, same = recomputed_lines(found)[1:]
    assert corrected == "A later report on this period corrects it."
    assert source.startswith("Statements of events that it counts: 11; that the log has: 12. They are not the same")
    assert same == "Same as your events give: 1 of 1 figures."


def test_reports_are_listed_by_period() -> None:
    assert report_lines([]) == ["No report of yours is registered."]
    period = {"from": "2027-01-01", "to": "2027-03-31"}
    listed = {"period": period, "digest": "7d3f", "index": 4, "registered_at": "2027-04-12T09:05:00Z"}
    assert report_lines([listed]) == ["2027-01-01 to 2027-03-31  7d3f  registered 2027-04-12T09:05:00Z"]

from importlib.resources import files

import pytest

from metrics.definitions import STRATA, definition, definitions, read
from metrics.errors import BadDefinitionError
from metrics.indicators import COMPUTE

TEXT = files("metrics").joinpath("indicators.toml").read_text(encoding="utf-8")


def _tie(number: str = "numerator", to: str = "pending", parts: str = '""') -> str:
    return f'tied = [{{ part = "", number = "{number}", to = "{to}", parts = [{parts}] }}]'


def test_each_indicator_has_a_function_and_each_function_an_indicator() -> None:
    assert {one.id for one in definitions()} == set(COMPUTE)


def test_the_whole_catalogue_is_there() -> None:
    assert [one.number for one in definitions()] == list(range(1, 36))


def test_no_public_minimum_is_below_ten() -> None:
    assert min(one.minimum for one in definitions() if one.view == "public") >= 10


def test_what_is_good_news_has_a_direction_and_what_is_compared_has_strata() -> None:
    found = {one.id: one for one in definitions()}
    assert found["award_compliance"].strata == ("respondent_type", "amount_band")
    assert {one.id for one in definitions() if one.view == "supervised"} == {"case_turnover", "time_to_award"}
    federation = {"challenge_rate", "repeat_respondents", "reporting_quality"}
    assert {one.id for one in definitions() if one.view == "federation"} == federation
    assert {name for one in definitions() for name in one.strata} == set(STRATA), "no stratum without a use"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[indicator]]", "[[indicator", "The definitions are not TOML"),
        ("version = 1\n", "", r"Fields are missing or unknown: version. \(incoming\)"),
        ("version = 1\n", "version = 1\ncolour = 1\n", r"Fields are missing or unknown: colour. \(incoming\)"),
        ("version = 1\n", "version = true\n", r"version is empty or of the wrong type. \(incoming\)"),
        ("minimum = 10\n", "minimum = 0\n", r"minimum is empty or of the wrong type. \(incoming\)"),
        ('interval = "none"', 'interval = "wald"', r"interval has no value wald. \(incoming\)"),
        ('unit = "cases"', 'unit = "stars"', r"unit has no value stars. \(incoming\)"),
        ("strata = []", 'strata = "procedure"', r"strata is a list without repetitions. \(incoming\)"),
        ("strata = []", 'strata = ["panel", "panel"]', r"strata is a list without repetitions. \(incoming\)"),
        ("strata = []", 'strata = ["weather"]', r"strata has no value weather. \(incoming\)"),
        ('parts = "apart"', 'parts = "some"', r"parts has no value some. \(incoming\)"),
        ("tied = []", "tied = 1", r"tied is a list of part, number, to and parts. \(incoming\)"),
        ("tied = []", 'tied = [{ part = "" }]', r"tied is a list of part, number, to and parts. \(incoming\)"),
        ("tied = []", _tie(number="value"), r"tied is a list of part, number, to and parts. \(incoming\)"),
        ("tied = []", _tie(parts=""), r"tied is a list of part, number, to and parts. \(incoming\)"),
        ("tied = []", _tie(to="happiness"), r"leads to no indicator without ties: happiness. \(incoming\)"),
        ("tied = []", _tie(to="clearance_rate"), r"leads to no indicator without ties: clearance_rate. \(incoming\)"),
        ('comparison = "none"', 'comparison = "stars"', r"comparison has no value stars. \(incoming\)"),
        ('view = "public"', 'view = "secret"', r"view has no value secret. \(incoming\)"),
        ("number = 2\n", "number = 1\n", r"An id or number occurs twice. \(1\)"),
        ('id = "resolved"', 'id = "incoming"', r"An id or number occurs twice. \(incoming\)"),
    ],
)
def test_a_bad_definition_is_refused(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(BadDefinitionError, match=message):
        read(TEXT.replace(old, new, 1))


def test_an_unknown_indicator_is_named() -> None:
    assert definition("pending").number == 3
    with pytest.raises(BadDefinitionError, match=r"No indicator has this id. \(happiness\)"):
        definition("happiness")

"""The rows that need several processes run in small; what they print says what was measured and against what."""

import re
from random import Random

import pytest

from bench import events, flags, indicators, packages, pages, transfers
from bench.__main__ import main
from bench.memory import resident
from bench.table import show
from hub.web.routes import ROUTES


def test_a_small_package_goes_all_the_way() -> None:
    speed, memory = map(show, packages.rows(4 << 20))
    assert re.match(r"case package of 4 MiB, gateway to gateway: [\d,]+ MiB/s: [\d.]+ s \(packed and uploaded", speed)
    assert re.search(r"limit: (age|pyrage) and plain upload and download [\d,]+ MiB/s", speed)
    assert re.search(r"hub \d+ MiB, sender \d+ MiB, recipient \d+ MiB", memory)


def test_a_few_transfers() -> None:
    (row,) = transfers.rows(3, 2)
    assert re.match(r"transfer of a case of 20 kB, 2 at a time: [\d.]+/s, p50 [\d.]+ s, slowest", show(row))
    assert "enough for" in row.limit


def test_some_events() -> None:
    (row,) = events.rows(1_000)
    assert re.search(r"[\d,]+/s \(1,000 in [\d.]+ s", row.figures)


NO_PAGES = ("/v1/", "/console", "/log", "/static/{file}", "/openapi.json", "/healthz", "/readyz", "/metrics")


def test_every_public_page_is_measured() -> None:
    public = {one.path for one in ROUTES if one.method == "GET" and not one.path.startswith(NO_PAGES)}
    asked = pages.addresses(Random(1), 3, 5)
    assert asked.keys() == public
    for path, address in asked.items():
        assert re.fullmatch(re.sub(r"\\{id\\}", "[a-z0-9-]+", re.escape(path)) + r"(\?.*)?", address())


def test_flags_of_two_federations() -> None:
    public, supervised, hiding, late, alarmed = map(show, flags.rows(2))
    assert re.search(r"flags that may be public, 2 federations of 60 providers, 4 quarters", public)
    assert re.search(r"0\.\d+ of 12 planted outliers found in the year \(0\.\d+ of 36 quarters", public)
    assert "limit: found at least 0.6, false at most 0.01" in public
    assert "planted outliers in the year" in supervised
    assert "caught by cross-checks in 2 of 2 federations" in hiding
    assert late.startswith("providers that report late: 0 flags that may be public")
    assert re.search(r"[01]\.\d+ of 6 differences that begin with the newest quarter are alarmed", alarmed)
    assert re.search(r"[01]\.\d+ of 6 that were there all the year; 0\.\d+ false alarms per honest provider", alarmed)


def test_indicators_of_a_small_federation() -> None:
    first, *others = indicators.rows(1_200, 4)
    assert re.fullmatch(r"\d+ indicators, 4 providers and the federation, 1,200 cases", first.what)
    assert re.match(r"[\d.]+ s \([\d.]+ s of processor\) for [\d,]+ figures", first.figures)
    assert [one.what.split(" over ")[0] for one in others if one.limit] == ["Kaplan-Meier", "Aalen-Johansen, 7 causes"]


def test_an_unknown_row_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registraton"]) == 2
    assert "no such row: registraton; there are registration, verifying, packages" in capsys.readouterr().err


def test_who_is_gone_has_no_memory() -> None:
    assert resident(2**22 + 1) == 0

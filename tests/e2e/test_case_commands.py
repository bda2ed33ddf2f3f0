"""The commands of a clerk, against real gateways: what they print, and the code they end with."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from providers.cli import main
from tests.fakes.exchangehouse import House, house
from tests.providers.gateway.exchange.house import sample_case, terms


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("commands"), "provider-a", "provider-b") as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case as a platform exports it."""
    case, files = sample_case(int(time.time()))
    (tmp_path / "documents").mkdir()
    (tmp_path / "case.json").write_text(json.dumps(case), encoding="utf-8")
    (tmp_path / "terms.json").write_text(json.dumps(terms()), encoding="utf-8")
    for name, content in files.items():
        (tmp_path / "documents" / name).write_bytes(content)
    return tmp_path


class Clerk:
    """Types commands of one provider."""

    def __init__(self, here: House, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.directory = here.platforms[name].directory
        self._capsys = capsys

    def types(self, *words: str, code: int = 0) -> str:
        """One `odr-gateway case` command; returns what it printed."""
        found = main(["case", words[0], "--dir", str(self.directory), *words[1:]])
        printed = self._capsys.readouterr()
        assert found == code, printed.out + printed.err
        return printed.out + printed.err

    def asks(self, *words: str, code: int = 0) -> Any:
        """One command with --json: one document, and nothing else on standard output."""
        found = main(["case", words[0], "--dir", str(self.directory), *words[1:], "--json"])
        printed = self._capsys.readouterr()
        assert found == code, printed.out + printed.err
        assert printed.out.isascii()
        assert printed.out.count("\n") == 1
        return json.loads(printed.out)

    def offers(self, folder: Path) -> str:
        """Take the case in and offer it; returns the transfer."""
        said = self.types("new", str(folder))
        assert "with 5 documents" in said
        case_id = said.split("The case is in: ")[1].split(",")[0]
        said = self.types("offer", case_id, "--terms", str(folder / "terms.json"))
        return said.split("transfer ")[1].strip()

    def waits_for(self, transfer: str, words: str) -> str:
        limit = time.monotonic() + 30
        while words not in (said := self.types("show", transfer)) and time.monotonic() < limit:
            time.sleep(0.1)
        assert words in said
        return said

    def hears_of(self, transfer: str) -> None:
        limit = time.monotonic() + 30
        while f"{transfer}  from" not in (said := self.types("inbox")) and time.monotonic() < limit:
            time.sleep(0.1)
        assert f"{transfer}  from provider-a: offered" in said


def test_a_case_changes_hands(here: House, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = (Clerk(here, name, capsys) for name in ("provider-a", "provider-b"))
    transfer = ours.offers(folder)
    theirs.hears_of(transfer)
    seen = theirs.waits_for(transfer, "Summary")
    assert "To act    you must decide" in seen
    assert re.search(rf"\n  {transfer}  offered +from provider-a +you must decide +20", theirs.types("list"))
    assert "Party     respondent 1: 示例有限公司 (CN, small)" in seen
    assert "Document  发票 1.txt (correspondence, C2, " in seen
    said = theirs.types("accept", transfer, "--conflicts", "none", "--wait")
    assert "completed: custody has moved" in said
    assert "completed: custody has moved" in ours.types("show", transfer, "--wait")
    assert "No transfer is open." in theirs.types("inbox")
    assert theirs.asks("inbox") == {"transfers": []}
    assert transfer in {one["transfer_id"] for one in theirs.asks("inbox", "--all")["transfers"]}
    shown = theirs.asks("show", transfer, "--wait", "--quiet", "--save", str(tmp_path / "for-machines"))
    assert (shown["state"], shown["brief"]["parties"][1]["name"]) == ("completed", "示例有限公司")
    assert (tmp_path / "for-machines" / "case.json").exists()
    (known,) = (one for one in theirs.asks("list")["cases"] if one["case_id"] == shown["case_id"])
    assert (known["case"]["state"], [one["transfer_id"] for one in known["transfers"]]) == ("held", [transfer])
    listed = theirs.types("list")
    assert re.search(r"urn:odr:\S+ +in custody +- +yours to handle +-\n", listed)
    assert re.search(rf"\n  {transfer}  completed +from provider-a +nothing is left to do +-\n", listed)
    assert re.search(r"urn:odr:\S+ +handed over +- +the copy kept here is deleted +20\S+Z\n", ours.types("list"))
    assert transfer in theirs.types("inbox", "--all")
    saved = tmp_path / "saved"
    assert "5 documents" in theirs.types("show", transfer, "--save", str(saved))
    assert (saved / "documents" / "发票 1.txt").read_bytes() == (folder / "documents" / "发票 1.txt").read_bytes()
    assert "The folder can't be made" in theirs.types("show", transfer, "--save", str(saved), code=1)


def test_a_declined_offer_ends_a_wait_with_a_code_of_its_own(
    here: House, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = (Clerk(here, name, capsys) for name in ("provider-a", "provider-b"))
    transfer = ours.offers(folder)
    theirs.hears_of(transfer)
    theirs.waits_for(transfer, "Summary")
    assert "the sender keeps the case" in theirs.types("decline", transfer, "--reason", "capacity")
    assert "declined; the sender keeps the case" in ours.types("show", transfer, "--wait", code=3)
    assert ours.asks("show", transfer, "--wait", code=3)["state"] == "declined"
    assert "code wrong_state" in theirs.types("accept", transfer, "--conflicts", "none", code=1)


def test_an_offer_taken_back(here: House, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = Clerk(here, "provider-a", capsys)
    transfer = ours.offers(folder)
    ours.waits_for(transfer, "offered")  # before that it is cancelled here
    assert "withdrawal was asked for" in ours.types("withdraw", transfer, "--reason", "settled")
    assert ours.types("show", transfer, "--wait", code=3).split("State")[1].split("\n")[0].strip()
    assert "schema_violation" in ours.types("withdraw", transfer, "--reason", "mood", code=1)


def test_every_fault_of_a_case_is_printed(here: House, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "documents" / "empty.bin").unlink()
    said = Clerk(here, "provider-a", capsys).types("new", str(folder), code=1)
    assert "/documents/2/name: No file of this name came with the case." in said
    assert "code case_refused; to act: you" in said


def test_without_a_running_gateway_the_command_says_how_to_start_one(
    here: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["case", "inbox", "--dir", str(tmp_path), "--json"]) == 1
    printed = capsys.readouterr()
    assert (printed.out, "There is no gateway here" in printed.err) == ("", True)
    other = here.platforms["provider-b"]
    other.process.kill()
    assert main(["case", "inbox", "--dir", str(other.directory)]) == 1
    assert f"start it with: odr-gateway serve --dir {other.directory}" in capsys.readouterr().err
    other.process.start()

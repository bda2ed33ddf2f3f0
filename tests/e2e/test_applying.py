"""Applying as it goes in life: keys that don't work, lost answers, officers who decline, ids that are taken."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub import cli as hub_program
from providers import cli as gateway_program
from providers.gateway.keystore import save_keys
from signing.drafts import Draft
from signing.secretkeys import AgreementKey
from tests.fakes.onehub import one_hub


@dataclass
class Desk:
    """An applicant and an officer at one hub."""

    place: Path
    url: str
    output: Callable[[], tuple[str, str]]

    def run(self, main: Callable[[list[str]], int], *arguments: object) -> tuple[int, str]:
        code = main([str(one) for one in arguments])
        return code, "".join(self.output())

    def gateway(self, *arguments: object) -> tuple[int, str]:
        return self.run(gateway_program.main, *arguments, "--passphrase-file", self.place / "passphrase")

    def init(self, name: str, actor: str = "") -> Path:
        profile = (self.place / "profile.json").read_text().replace("My Centre", name.title())
        path = self.place / f"{name}.json"
        path.write_text(profile)
        where = ("--dir", self.place / name, "--hub", self.url, "--policy", self.place / "verification-policy.txt")
        code, out = self.gateway("init", *where, "--id", actor or name, "--type", "provider", "--profile", path)
        assert code == 0, out
        return self.place / name

    def apply(self, home: Path, *more: str) -> tuple[int, str]:
        return self.gateway("apply", "--dir", home, *more)

    def officer(self, command: str, *arguments: object) -> tuple[int, str]:
        key = "http" if command == "applications" else "statement"
        fixed = ("--hub", self.url, "--key", self.place / "officer" / f"officer.{key}.key")
        return self.run(
            hub_program.main, "officer", command, *arguments, *fixed, "--passphrase-file", self.place / "secret"
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    place = tmp_path_factory.mktemp("applying")
    with one_hub(place) as url:
        yield place, url


@pytest.fixture
def desk(served: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> Desk:
    def output() -> tuple[str, str]:
        found = capsys.readouterr()
        return found.out, found.err

    return Desk(*served, output)


def test_a_key_that_does_not_work_is_found_out_and_mended(desk: Desk) -> None:
    home = desk.init("mended-centre")
    for purpose, kind in (("inbox", AgreementKey), ("monitor", AgreementKey)):
        path = home / "keys" / f"{purpose}.key.json"
        shutil.move(path, f"{path}.right")
        save_keys({path: kind.generate()}, "only for this page")
    code, out = desk.apply(home)
    assert code == 1
    assert "FAIL  Decrypts what comes for the inbox key" in out
    assert "The SHA-256 of the content is missing: decrypt the age v1 file with the inbox key" in out
    assert "FAIL  Finds its own log entries with the monitor key" in out
    assert "pass  Signs statements with the statement key" in out
    assert "for mended-centre: the self-test has not passed yet." in out
    code, told = desk.officer("admit", "mended-centre", "--yes")
    assert (code, "[not_ready at " in told) == (1, True)
    assert "The application is not ready for a decision: it is testing." in told
    for purpose in ("inbox", "monitor"):
        path = home / "keys" / f"{purpose}.key.json"
        shutil.move(f"{path}.right", path)
    code, out = desk.apply(home)
    assert (code, "ready: an officer can admit you now." in out) == (0, True)


def test_an_answer_that_was_lost_is_asked_for_again(desk: Desk) -> None:
    home = desk.init("lost-centre")
    first = desk.apply(home)[1].splitlines()[-1]
    (home / "application.json").unlink()
    code, again = desk.apply(home)
    assert (code, again.splitlines()[-1]) == (0, first)
    assert (home / "application.json").exists()


def test_a_new_member_s_monitor_knows_its_own_admission(desk: Desk) -> None:
    home = desk.init("watchful-centre")
    desk.apply(home)
    code, told = desk.officer("admit", "watchful-centre", "--yes")
    assert (code, "Registered at index" in told) == (0, True)
    code, out = desk.gateway("monitor", "--once", "--home", home)
    assert (code, out.startswith("All is well since")) == (0, True), out


def test_a_reason_reaches_the_applicant(desk: Desk) -> None:
    home = desk.init("declined-centre")
    desk.apply(home)
    code, told = desk.officer("applications")
    assert (code, "ready     declined-centre  Declined-Centre (sample)" in told) == (0, True)
    code, told = desk.officer("applications", "declined-centre", "--decline", "Which economy is this?\x1b[2J")
    assert (code, "State        declined: Which economy is this?\\u{1b}[2J" in told) == (0, True)
    code, out = desk.apply(home)
    assert (code, "for declined-centre: declined: Which economy is this?\\u{1b}[2J." in out) == (1, True)
    code, told = desk.officer("admit", "declined-centre", "--yes")
    assert (code, "Nobody applies for this id at the moment." in told) == (1, True)
    assert "[no_application at declined-centre]" in told


def test_who_withdraws_may_apply_anew(desk: Desk) -> None:
    home = desk.init("fickle-centre")
    code, out = desk.apply(home, "--withdraw")
    assert (code, "There is no application of this gateway." in out, "no_application" in out) == (1, True, True)
    desk.apply(home)
    code, out = desk.apply(home, "--withdraw")
    assert (code, "for fickle-centre: withdrawn." in out) == (0, True)
    code, out = desk.apply(home)
    assert (code, "ready: an officer" in out) == (0, True)


def test_two_ask_for_one_id_and_one_gets_it(desk: Desk) -> None:
    one, other = desk.init("first-rival", "wanted-centre"), desk.init("second-rival", "wanted-centre")
    ids = [desk.apply(home)[1].splitlines()[-1].split()[1] for home in (one, other)]
    code, told = desk.officer("admit", "wanted-centre", "--yes")
    assert (code, "[several_applications at wanted-centre]" in told) == (1, True)
    assert all(one in told for one in ids), "in whatever order: they came within one second"
    code, told = desk.officer("applications", ids[1])
    assert (code, f"The application {ids[0]} asks for the same id, wanted-centre." in told) == (0, True)
    code, told = desk.officer("admit", ids[1], "--yes")
    assert (code, "Registered at index" in told) == (0, True)
    code, out = desk.apply(one)
    assert (code, "declined: The id asked for was given to somebody else." in out) == (1, True)
    code, out = desk.apply(other)
    assert (code, "admitted: you are a member." in out) == (0, True)


def test_the_officers_key_that_reads_is_looked_for_beside_the_one_that_signs(desk: Desk) -> None:
    home = desk.init("keyless-centre")
    desk.apply(home)
    alone = desk.place / "alone"
    alone.mkdir()
    for name in ("officer.statement.key", "verification-policy.txt"):
        shutil.copy(desk.place / "officer" / name, alone)
    fixed = ("--hub", desk.url, "--key", alone / "officer.statement.key", "--passphrase-file", desk.place / "secret")
    code, told = desk.run(hub_program.main, "officer", "admit", "keyless-centre", "--yes", *fixed)
    assert (code, "[http_key_needed at --http-key]" in told) == (1, True)
    beside = ("--http-key", desk.place / "officer" / "officer.http.key")
    code, told = desk.run(hub_program.main, "officer", "admit", "keyless-centre", "--yes", *fixed, *beside)
    assert (code, "Registered at index" in told) == (0, True)


def test_what_is_no_application_of_this_gateway_is_refused(desk: Desk) -> None:
    home = desk.init("strange-centre")
    path = home / "admission.draft.json"
    draft = Draft.from_bytes(path.read_bytes())
    assert draft.payload["issuer"] == "strange-centre"
    shutil.copy(desk.init("other-centre") / path.name, path)
    code, out = desk.apply(home)
    assert (code, "This is not the draft that `init` made." in out) == (1, True)
    (home / "keys" / "http.key.json").unlink()
    code, out = desk.apply(home)
    assert (code, "code no_http_key; to act: you" in out) == (1, True)

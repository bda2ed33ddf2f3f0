"""People who sign from a distance: officers, a provider and a neutral, each with the programs that they run."""

import io
import json
import re
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from hub import cli as hub_program
from providers import cli as gateway_program
from tests.fakes.exchangehouse import PASSPHRASE, ROOT, House
from tests.fakes.keyfiles import lay_keys
from tests.hub.world import Actor
from tests.providers.gateway.samples import AWARD_DETAILS, CASE, NEUTRAL_ENTRY, PDF, PROVIDER_PROFILE

__all__ = ["ID", "OFFICERS", "People", "admit", "found", "invite", "send_award"]

ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
OFFICERS = [Actor(f"officer-{number}", "officer") for number in (1, 2, 3)]
ACCREDIT = (
    "--type", "provider", "--status", "listed", "--scheme", "icodr", "--valid-from", "2026-01-01T00:00:00Z",
    "--valid-to", "2029-01-01T00:00:00Z", "--decided-by", "Sample coordinator", "--criterion", "transparency=met",
)  # fmt: skip


class People:
    """Everybody at their own table, with the programs that they run."""

    def __init__(self, directory: Path, hub: House) -> None:
        self.directory, self.hub = directory, hub
        self.policy = hub.hub_data / "verification-policy.txt"
        self.secret = directory / "passphrase"
        self.secret.write_text(f"{PASSPHRASE}\n")
        for one in OFFICERS:
            lay_keys({self.key(one, "statement"): one.statement, self.key(one, "http"): one.http}, PASSPHRASE)
        for name, value in (("profile", PROVIDER_PROFILE), ("neutral", NEUTRAL_ENTRY), ("details", AWARD_DETAILS)):
            (directory / f"{name}.json").write_text(json.dumps(value))
        (directory / "award.pdf").write_bytes(PDF)

    @property
    def home(self) -> Path:
        return self.directory / "gateway"

    def key(self, officer: Actor, purpose: str) -> Path:
        return self.directory / f"{officer.id}.{purpose}.key"

    def run(self, module: str, *arguments: str | Path, code: int = 0) -> str:
        command = [sys.executable, "-m", module, *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def here(self, *arguments: str | Path, code: int = 0, secret: bool = True) -> str:
        """Run a command in this process, which is quicker; standard output and errors together."""
        program, rest = (hub_program if arguments[0] == "officer" else gateway_program), list(map(str, arguments))
        rest += ["--passphrase-file", str(self.secret)] if secret else []
        with redirect_stdout(io.StringIO()) as told, redirect_stderr(told):
            ended = program.main(rest)
        assert ended == code, f"{arguments}\n{told.getvalue()}"
        return told.getvalue()

    def officers_sign(self, name: str, *officers: Actor) -> str:
        """Each signs the draft on the desk; what the last one is told."""
        told = ""
        for one in officers:
            key = ("--key", self.key(one, "statement"), "--policy", self.policy, "--hub", self.hub.url, "--yes")
            told = self.here("officer", "sign", name, *key)
        return told

    def gateway(self, *arguments: str | Path, code: int = 0) -> str:
        """Run a command of the provider's or a neutral's program as a process of its own."""
        return self.run("providers.cli", *arguments, "--passphrase-file", self.secret, code=code)

    def officer(self, *arguments: str | Path, code: int = 0) -> str:
        return self.here("officer", *arguments, "--hub", self.hub.url, code=code)

    def officer_signs(self, officer: Actor, name: str) -> str:
        more = ("--policy", self.policy, "--yes")
        return self.officer("sign", name, "--key", self.key(officer, "statement"), *more)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[0]


def admit(people: People) -> None:
    """The provider applies; one officer admits it; two of three list it, on the desk."""
    people.here(
        "init", "--dir", people.home, "--id", "sample-provider", "--type", "provider", "--hub", people.hub.url,
        "--policy", people.policy, "--profile", people.directory / "profile.json",
    )  # fmt: skip
    draft = people.home / "admission.draft.json"
    key = ("--key", people.key(OFFICERS[0], "statement"), "--yes", "--policy", people.policy)
    people.officer("admit", draft, *key)
    shared = people.officer(
        "accredit", "sample-provider", *ACCREDIT, "--by", "officer-2", "--by", "officer-3", "--share",
        "--http-key", people.key(OFFICERS[0], "http"), "--policy", people.policy,
    )  # fmt: skip
    name = found(ID, shared.rpartition("waits on the desk")[2])
    assert name in people.officer("drafts", "--key", people.key(OFFICERS[1], "http"))
    assert "officer-3 (officer)" in people.officer_signs(OFFICERS[1], name)
    assert "Registered at log index" in people.officer_signs(OFFICERS[2], name)
    assert "No draft is open." in people.officer("drafts", "--key", people.key(OFFICERS[2], "http"))


def invite(people: People) -> None:
    """A neutral makes a key and signs by a link; provider and officer sign on the desk."""
    told = people.here(
        "neutral", "invite", "--dir", people.home, "--id", "sample-neutral",
        "--profile", people.directory / "neutral.json",
    )  # fmt: skip
    link, name = found(r"http\S+#draft=\S+", told), found(ID, told)
    key = people.directory / "neutral.key.json"
    shown = people.here("sign", link, "--key", key, "--yes")
    assert "A NEUTRAL'S ENTRY IN THE REGISTER" in shown
    assert key.stat().st_mode & 0o077 == 0
    assert "Sample Neutral" in people.here("draft", "show", "--dir", people.home, name)
    people.here("sign", name, "--dir", people.home, "--yes")
    assert "Registered at log index" in people.officer_signs(OFFICERS[0], name)


def send_award(people: People) -> tuple[str, str]:
    """Prepare and send an award; its id on the desk, and the neutral's link."""
    pdf, draft = people.directory / "award.pdf", people.directory / f"{time.monotonic_ns()}.draft.json"
    people.here(
        "award", "prepare", "--dir", people.home, "--document", pdf, "--case", CASE, "--neutral", "sample-neutral",
        "--details", people.directory / "details.json", "--output", draft, secret=False,
    )  # fmt: skip
    told = people.here("award", "send", draft, "--dir", people.home)
    assert told == people.here("award", "send", draft, "--dir", people.home)  # again: the same draft, the same link
    assert "Link for sample-neutral with key" in told
    return found(ID, told), found(r"http\S+#draft=\S+", told)

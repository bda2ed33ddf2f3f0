"""The story, chapter by chapter: from two officers' keys to a bundle that a court accepts offline.

Every step that a person would do is the command that this person would type; only the passphrases, which a
person would be asked for, come from a file.
"""

import time
from dataclasses import dataclass

from hub.demo import samples
from hub.demo.exchange import Exchange
from hub.demo.samples import NEUTRAL, PROVIDER, write_json
from hub.demo.stage import DemoError, Stage, free_port, snapshot
from signing.drafts import Draft

__all__ = ["OFFICERS", "OLDER_COPY", "PASSPHRASE", "Story"]

PASSPHRASE = "sample passphrase of the demonstration"  # noqa: S105 - printed in the documentation
OFFICERS = {"officer-ada": "Ada Sample", "officer-ben": "Ben Sample"}
WITNESSES = ("witness-1", "witness-2", "witness-3")
SECRET = ("--passphrase-file", "passphrase")
SIGN = (*SECRET, "--yes")
HOME = "provider"
POLICY = ("--policy", "verification-policy.txt")
OLDER_COPY = "older-copy"
"""A backup of the hub from before the award, for the last of the forgeries."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """A running witness: name in the policy, verifier key, address."""

    name: str
    vkey: str
    url: str


class Story:
    """Tells the chapters in order on a stage; each leaves files for the next.

    Args:
        stage: where it plays.
        port: loopback port of the hub.
    """

    def __init__(self, stage: Stage, port: int) -> None:
        self.stage = stage
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.pdf = b""
        (stage.path / "passphrase").write_text(f"{PASSPHRASE}\n", encoding="utf-8")

    def tell(self) -> None:
        """All chapters up to the court's verdict.

        Raises:
            DemoError: a command did not do what the story needs.
        """
        self._found(self._witnesses())
        self._admit_provider()
        self._admit_neutral()
        exchange = Exchange(self.stage, self.url, self._officer_admits, self._accredit)
        self._award(exchange.tell())
        exchange.figures("officer-ada/officer-ada.http.key")
        self._court()

    def _witnesses(self) -> list[Watcher]:
        self.stage.heading("1. Two officers and three witnesses make their keys")
        self.stage.say("""Each on a machine of their own; here they share this one. Nobody's secret is ever shown to
            anybody else, and three independent witnesses will watch that the hub never rewrites its log.""")
        keygen = [
            ("odr-hub", "officer", "keygen", "--id", officer, "--name", name, "--dir", officer, *SECRET)
            for officer, name in OFFICERS.items()
        ]
        init = [("odr-gateway", "witness", "init", "--dir", name, "--name", f"{name}.example") for name in WITNESSES]
        results = self.stage.run_together([*init, *keygen])
        vkeys = [result.output.strip() for result in results[: len(init)]]
        ports = [str(free_port()) for _ in WITNESSES]
        serve = ("odr-gateway", "witness", "serve", "--dir")
        self.watching = [
            self.stage.start(*serve, name, "--port", port) for name, port in zip(WITNESSES, ports, strict=True)
        ]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        return [Watcher(*one) for one in zip(WITNESSES, vkeys, urls, strict=True)]

    def _found(self, watchers: list[Watcher]) -> None:
        self.stage.heading("2. The network is founded")
        self.stage.say("""Any two officers decide together; two of the three witnesses must have seen what counts.
            The founding statement is signed by every key that it names.""")
        officers = [f"{name}/{name}.officer" for name in OFFICERS]
        witnesses = [f"{one.name} {one.vkey} {one.url}" for one in watchers]
        self.stage.run(
            "odr-hub", "init", "--data", "hub", "--url", self.url, *_each("--officer", officers),
            "--threshold", "2", *_each("--witness", witnesses), "--quorum", "2", *SECRET, show=False,
        )  # fmt: skip
        log = str(Draft.from_bytes((self.stage.path / "hub" / "genesis.draft").read_bytes()).payload["body"]["log_key"])
        watch = [("odr-gateway", "witness", "add-log", "--dir", one.name, log) for one in watchers]
        first, *others = [_signs_genesis(name) for name in OFFICERS]
        self.stage.run_together([first, *watch], show=False)
        for command in others:
            self.stage.run(*command, show=False)
        self.stage.run("odr-hub", "init", "--data", "hub", "--genesis", "hub/genesis.draft")
        policy = (self.stage.path / "hub" / "verification-policy.txt").read_bytes()
        with (self.stage.path / "hub" / "hub.toml").open("a", encoding="utf-8") as settings:
            settings.write("\n[jobs]\nevidence_seconds = 1\n")  # so that nobody has to wait for an offer to expire
        for one in self.watching:
            self.stage.wait_for_line(one, "listening on ")
        hub = self.stage.start("odr-hub", "serve", "--data", "hub", "--port", str(self.port))
        self.stage.wait_for_url(hub, f"{self.url}/readyz")
        self.stage.wait_for_url(hub, f"{self.url}/log/checkpoint")  # the witnesses have seen the first entry
        self.stage.say("""The policy file is all that anybody will ever have to trust. Courts, providers and neutrals
            get it from the coordinator on paper or in person, never from the hub and never with an award:""")
        (self.stage.path / "verification-policy.txt").write_bytes(policy)
        self.stage.show(_shortened(policy.decode()))

    def _admit_provider(self) -> None:
        self.stage.heading("3. A provider is admitted and accredited")
        write_json(self.stage.path / "profile.json", samples.provider_profile())
        self.stage.run(
            "odr-gateway", "init", "--dir", HOME, "--id", PROVIDER, "--type", "provider", "--hub", self.url,
            *POLICY, "--profile", "profile.json", *SECRET,
        )  # fmt: skip
        draft = f"{HOME}/admission.draft.json"
        self._officer_admits(draft)
        self.stage.run("odr-gateway", "post", draft, "--dir", HOME)
        self._accredit(PROVIDER, "provider")

    def _admit_neutral(self) -> None:
        self.stage.heading("4. A neutral is admitted and accredited")
        self.stage.say("""The neutral makes a key of their own and hands over its public half. Neutral, provider and an
            officer sign the entry in the register.""")
        self.stage.run("odr-gateway", "keygen", "--out", "neutral.key.json", *SECRET)
        write_json(self.stage.path / "neutral.json", samples.neutral_entry())
        self.stage.run(
            "odr-gateway", "neutral", "prepare", "--dir", HOME, "--id", NEUTRAL, "--key", "neutral.public.json",
            "--profile", "neutral.json", show=False,
        )  # fmt: skip
        draft = f"{HOME}/{NEUTRAL}.draft.json"
        for key in ("neutral.key.json", f"{HOME}/keys/statement.key.json"):
            self.stage.run("odr-gateway", "sign", draft, "--key", key, *SIGN, show=False)
        self._officer_admits(draft)
        self.stage.run("odr-gateway", "post", draft, "--dir", HOME)
        self._accredit(NEUTRAL, "neutral")

    def _accredit(self, name: str, kind: str) -> None:
        draft = f"{name}.listing.json"
        self.stage.run(
            "odr-hub", "officer", "accredit", name, "--type", kind, "--hub", self.url, *POLICY, "--out", draft,
            *samples.accreditation_options("listed"), show=False,
        )  # fmt: skip
        key = "officer-ada/officer-ada.statement.key"
        self.stage.run("odr-hub", "officer", "sign", draft, "--key", key, *SIGN, show=False)
        self.stage.run("odr-hub", "officer", "post", draft, "--hub", self.url, *POLICY)

    def _award(self, case_id: str) -> None:
        """The award of the case that changed hands, by its new custodian."""
        self.stage.heading("6. An award is made, signed and registered")
        snapshot(self.stage.path / "hub", self.stage.path / OLDER_COPY)
        now = int(time.time())
        award_id = self.stage.run("odr-gateway", "award", "id", "--dir", HOME).output.strip()
        self.pdf = samples.award_pdf(award_id, case_id, self.url, now)
        (self.stage.path / "award.pdf").write_bytes(self.pdf)
        self.stage.say(f"""The provider's platform prints this id on the award (award.pdf, {len(self.pdf):,} bytes,
            PDF/A) and never touches the file again: what is signed is its SHA-256.""")
        write_json(self.stage.path / "details.json", samples.award_details(now))
        self.stage.run(
            "odr-gateway", "award", "prepare", "--dir", HOME, "--document", "award.pdf", "--case", case_id,
            "--neutral", NEUTRAL, "--details", "details.json", "--award-id", award_id,
        )  # fmt: skip
        draft = "award.draft.json"
        self.stage.say("The neutral sees in plain words what will be signed:")
        self.stage.run(
            "odr-gateway", "sign", draft, "--key", "neutral.key.json", "--document", "award.pdf", *SIGN
        )  # fmt: skip
        self.stage.say("The provider signs too:")
        self.stage.run(
            "odr-gateway", "award", "sign", "--dir", HOME, draft, "--document", "award.pdf", *SIGN, show=False
        )  # fmt: skip
        self.stage.run("odr-gateway", "award", "register", "--dir", HOME, draft)
        self.stage.run("odr-gateway", "award", "bundle", "--dir", HOME, "--document", "award.pdf")

    def _court(self) -> None:
        self.stage.heading("8. A court verifies it, offline")
        self.stage.say("""The winner hands over one file. The court has its policy file, this program, and no network
            connection; it trusts neither the hub nor the bundle.""")
        result = self.stage.run("odr-verify", "award-bundle.zip", *POLICY)
        if not result.output.startswith("Genuine: yes"):
            raise DemoError("The court does not find the award genuine.")

    def _officer_admits(self, draft: str) -> None:
        """The officer reads the application and signs it."""
        key = "officer-ada/officer-ada.statement.key"
        self.stage.run("odr-hub", "officer", "admit", draft, "--key", key, *POLICY, *SIGN, show=False)


def _signs_genesis(officer: str) -> list[str]:
    keys = _each("--key", [f"{officer}/{officer}.{purpose}.key" for purpose in ("statement", "http")])
    return ["odr-hub", "officer", "sign", "hub/genesis.draft", *keys, *SIGN]


def _each(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _shortened(text: str) -> str:
    return "\n".join(line if len(line) <= 96 else f"{line[:93]}..." for line in text.splitlines())

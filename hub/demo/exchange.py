"""The chapters about the exchange: a case changes hands between two providers, and the first figures appear."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.request import urlopen

from hub.demo import samples
from hub.demo.casefile import offer_terms, write_case
from hub.demo.samples import PROVIDER, write_json
from hub.demo.stage import DemoError, Stage
from metrics.samples import GUANGZHOU, as_reported, guangzhou_like

__all__ = ["MEDIATION", "Exchange"]

MEDIATION = "sample-mediation"
MEDIATION_NAME = "Sample Mediation House (sample provider)"
SECRET = ("--passphrase-file", "passphrase")
SENDER, RECIPIENT = "mediation", "provider"
EXPIRES_SECONDS = 6
EVENTS_SECONDS = 30
SHOWN = ("incoming", "resolved", "time_to_resolution", "settlement_by_stage")


class Exchange:
    """Two providers' gateways on the stage.

    Args:
        stage: where it plays; the recipient's gateway directory is there.
        url: the hub's address.
        admit: has officers sign an admission draft.
        accredit: has officers list a provider.
    """

    def __init__(
        self, stage: Stage, url: str, admit: Callable[[str], None], accredit: Callable[[str, str], None]
    ) -> None:
        self.stage = stage
        self.url = url
        self._admit, self._accredit = admit, accredit

    def tell(self) -> str:
        """The case changes hands; returns its id."""
        self.stage.heading("5. A case changes hands")
        self._second_provider()
        case_id = self._new_case()
        self._declined(case_id)
        self._expired(case_id)
        self._completed(case_id)
        return case_id

    def _second_provider(self) -> None:
        self.stage.say("""A second provider is admitted: it mediates and does not arbitrate. Each provider runs a
            gateway beside its platform; the gateways exchange cases through the hub, which sees ciphertext alone.""")
        profile = samples.provider_profile(MEDIATION_NAME) | {"stages_offered": ["negotiation", "mediation"]}
        write_json(self.stage.path / "mediation.json", profile)
        self.stage.run(
            "odr-gateway", "init", "--dir", SENDER, "--id", MEDIATION, "--type", "provider", "--hub", self.url,
            "--policy", "verification-policy.txt", "--profile", "mediation.json", *SECRET, show=False,
        )  # fmt: skip
        draft = f"{SENDER}/admission.draft.json"
        self._admit(draft)
        self.stage.run("odr-gateway", "post", draft, "--dir", SENDER, show=False)
        self._accredit(MEDIATION, "provider")
        for name in (SENDER, RECIPIENT):
            process = self.stage.start("odr-gateway", "serve", "--dir", name, "--port", "0", *SECRET)
            self.stage.wait_for_line(process, "listening")

    def _new_case(self) -> str:
        write_case(self.stage.path / "sample-case", MEDIATION, PROVIDER, int(time.time()))
        self.stage.say("""The mediation house holds a case of sample parties in Chile and China: contract, invoice,
            photographs, letters in Chinese and English. Mediation has failed; the parties want an award and consent to
            hand the case over to the sample provider.""")
        told = self.stage.run("odr-gateway", "case", "new", "--dir", SENDER, "sample-case").output
        return next(word.rstrip(",") for word in told.split() if word.startswith("urn:odr:"))

    def _declined(self, case_id: str) -> None:
        self.stage.say("The first offer is declined, because the desk is full that day:")
        transfer = self._offered(case_id, 3600)
        self.stage.run("odr-gateway", "case", "decline", "--dir", RECIPIENT, transfer, "--reason", "capacity")
        self._ended(transfer, "declined")

    def _expired(self, case_id: str) -> None:
        self.stage.say("""The second is not answered in time. The hub says so in a statement of its own, and the case is
            where it was:""")
        transfer = self._offered(case_id, EXPIRES_SECONDS)
        self._ended(transfer, "expired")

    def _completed(self, case_id: str) -> None:
        self.stage.say("The third is accepted, and the case moves:")
        transfer = self._offered(case_id, 3600)
        self.stage.run("odr-gateway", "case", "inbox", "--dir", RECIPIENT)
        self.stage.run(
            "odr-gateway", "case", "accept", "--dir", RECIPIENT, transfer, "--conflicts", "none", "--wait"
        )  # fmt: skip
        self.stage.run("odr-gateway", "case", "show", "--dir", RECIPIENT, transfer, "--save", "received-case")
        before = sorted((self.stage.path / "sample-case" / "documents").iterdir())
        after = sorted((self.stage.path / "received-case" / "documents").iterdir())
        if [(one.name, one.read_bytes()) for one in before] != [(one.name, one.read_bytes()) for one in after]:
            raise DemoError("The received documents are not those that were sent.")
        self.stage.say(f"""All {len(after)} documents arrived byte for byte. The sample provider is now the custodian:
            only it can register this case's award.""")

    def _offered(self, case_id: str, seconds: int) -> str:
        write_json(self.stage.path / "terms.json", offer_terms(PROVIDER, int(time.time()), seconds))
        command = ("odr-gateway", "case", "offer", "--dir", SENDER, case_id, "--terms", "terms.json")
        transfer = self.stage.run(*command).output.split()[-1]
        self._until(lambda: transfer in self.stage.run(
            "odr-gateway", "case", "inbox", "--dir", RECIPIENT, quiet=True
        ).output)  # fmt: skip
        return transfer

    def _ended(self, transfer: str, state: str) -> None:
        show = ("odr-gateway", "case", "show", "--dir", SENDER, transfer)
        self._until(lambda: f" {state}" in self.stage.run(*show, quiet=True).output)
        self.stage.run(*show)

    def figures(self, officer_key: str) -> None:
        """169 cases are reported, and an officer reads the figures beside what went in."""
        self.stage.heading("7. The coordinator reads the first figures")
        said = GUANGZHOU
        self.stage.say(f"""Figures come from signed events, never from reported totals. The sample provider now reports
            {said.cases} further sample cases, shaped after what one platform has published ({said.cases} cases,
            {said.mean_days} days on average, {said.settled_in_mediation_percent} % settled in mediation); dates and
            everything else are drawn by chance.""")
        first = datetime.fromtimestamp(time.time(), UTC).date() - timedelta(days=364)
        happened = sorted(guangzhou_like(1, said.cases, first, PROVIDER), key=lambda event: event.at)
        events = {"events": [as_reported(event) for event in happened]}
        (self.stage.path / "events.json").write_text(json.dumps(events), encoding="utf-8")
        self.stage.run("odr-gateway", "case", "report", "--dir", RECIPIENT, "events.json")
        self._until(lambda: self._counted() == len(happened), EVENTS_SECONDS)
        self.stage.say(f"""Input: {said.cases} cases, mean {said.mean_days} days, {said.settled_in_mediation_percent} %
            in mediation. What an officer sees of it (half of the cases take less than the mean, because a few
            take long):""")
        self.stage.run(
            "odr-hub",
            "officer",
            "figures",
            "--hub",
            self.url,
            "--key",
            officer_key,
            *SECRET,
            "--provider",
            PROVIDER,
            *(word for name in SHOWN for word in ("--indicator", name)),
        )

    def _counted(self) -> int:
        with urlopen(f"{self.url}/v1/indicators", timeout=10) as answer:  # noqa: S310 - loopback
            return int(json.load(answer)["events"])

    def _until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise DemoError(f"This did not happen within {seconds:.0f} s.")
            time.sleep(0.2)

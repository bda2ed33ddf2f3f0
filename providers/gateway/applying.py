"""Applying for membership from a gateway's directory: the draft that ``init`` made, signed for every officer.

The id of the application lies in ``DIR/application.json``, so that the command can be called again: it then tells how
things stand, and repeats a self-test that has not passed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from providers.application.client import Applying, Seen
from providers.application.form import ApplicationForm
from providers.application.selftest import ITEMS, Applicant, answered
from providers.client import connect, http_signer
from providers.errors import GatewayError, HubRefusedError
from providers.gateway import desk
from providers.gateway.admissions import checked, officer_names
from providers.gateway.home import Home, read_json, write_json
from providers.gateway.keystore import open_agreement_key, open_signing_key
from providers.gateway.made import remember_posted
from providers.gateway.online import fetch_network
from providers.network import Network
from providers.printable import printable
from signing.compose import payload
from signing.secretkeys import AgreementKey, SigningKey

__all__ = ["DRAFT", "applied", "asked", "member_keys", "outcome_lines", "tested", "withdrawn"]

DRAFT, RECORD = "admission.draft.json", "application.json"
PURPOSES = ("statement", "http", "monitor", "inbox")
_STATES = {
    "received": "received; the self-test is still to be made",
    "testing": "the self-test has not passed yet",
    "ready": "ready: an officer can admit you now",
    "admitted": "admitted: you are a member",
    "declined": "declined",
    "expired": "expired",
    "withdrawn": "withdrawn",
}

Keys = Mapping[str, SigningKey | AgreementKey]


def member_keys(home: Home, secret: str) -> dict[str, SigningKey | AgreementKey]:
    """The member's secret keys by purpose, as far as there are files."""
    found: dict[str, SigningKey | AgreementKey] = {}
    for purpose in PURPOSES:
        path = home.key_file(purpose)
        if path.exists():
            found[purpose] = (open_signing_key if purpose in ("statement", "http") else open_agreement_key)(
                path, secret
            )
    return found


async def applied(home: Home, keys: Keys, now: int, clock: Callable[[], int]) -> Seen:
    """Apply, or look at the application that is open.

    The draft of ``init`` is issued anew now. Where it names one officer, it is signed for every other officer of the
    verified policy too, so that any of them can admit.

    Args:
        home: the gateway.
        keys: its secret keys by purpose.
        now: POSIX seconds, for the draft.
        clock: POSIX seconds, for requests.

    Raises:
        GatewayError: no_http_key, application_over, or as ``desk.read_draft``.
        HubRefusedError, HubUnavailableError, UntrustedAnswerError: as the client says.
    """
    sign = http_signer(_http(home, keys), clock)
    if (known := _known(home)) is not None:
        async with connect(home.hub, sign=sign) as hub:
            return await Applying(hub).seen(known)
    form = _form(home, await fetch_network(home.hub, home.trust()), keys, now)  # unsigned: the key is not known yet
    await asyncio.to_thread(_remember, home, form)
    async with connect(home.hub, sign=sign) as hub:
        room = Applying(hub)
        try:
            seen = await room.apply(form)
        except HubRefusedError as error:
            if error.code != "application_pending":
                raise
            seen = await room.seen(error.where)  # its answer was lost
    write_json(home.directory / RECORD, {"application": seen.id})
    return seen


async def tested(home: Home, keys: Keys, seen: Seen, clock: Callable[[], int]) -> Seen:
    """Answer the challenge of an application; returns what became of it."""
    if seen.challenge is None:
        raise GatewayError("application_over", f"The application is {_STATES.get(seen.state, seen.state)}.", seen.id)
    answer = answered(seen.challenge, keys, Applicant(seen.id, seen.actor, seen.type), clock())
    async with connect(home.hub, sign=http_signer(_http(home, keys), clock)) as hub:
        return await Applying(hub).answer(seen.id, answer)


async def withdrawn(home: Home, keys: Keys, clock: Callable[[], int]) -> Seen:
    """Take the application back; afterwards another one can be made."""
    known = _known(home)
    if known is None:
        raise GatewayError("no_application", "There is no application of this gateway.", str(home.directory / RECORD))
    async with connect(home.hub, sign=http_signer(_http(home, keys), clock)) as hub:
        seen = await Applying(hub).withdraw(known)
    (home.directory / RECORD).unlink()
    return seen


def asked(seen: Seen) -> str:
    """How an application stands, in one sentence."""
    reason = "" if seen.reason is None else f": {seen.reason}"
    return printable(f"Application {seen.id} for {seen.actor}: {_STATES.get(seen.state, seen.state)}{reason}.")


def outcome_lines(seen: Seen) -> list[str]:
    """The outcomes of the self-test as a table."""
    width = max(len(text) for text in ITEMS.values())
    marks = {"pass": "pass", "fail": "FAIL", "not_needed": "none"}
    return [
        printable(f"  {marks.get(one.state, one.state)}  {ITEMS.get(one.item, one.item):<{width}}  {one.message}")
        for one in seen.outcomes
    ]


def _form(home: Home, network: Network, keys: Keys, now: int) -> ApplicationForm:
    path = home.directory / DRAFT
    before = desk.read_draft(path).payload
    if before["kind"] != "member" or before["issuer"] != home.actor:
        raise GatewayError("bad_draft", "This is not the draft that `init` made.", str(path))
    if before["network"] != network.id:
        raise GatewayError("wrong_network", "The draft belongs to another network than the hub's.", str(path))
    signers = [(one["kid"], one["role"]) for one in before["signers"]]
    octets = payload("member", home.actor, before["body"], signers, network=network.id, now=now)
    checked(octets)
    signing = [key for key in keys.values() if isinstance(key, SigningKey)]
    return ApplicationForm.signed(octets, signing, _officers(network), now)


def _remember(home: Home, form: ApplicationForm) -> None:
    """Note what is posted before it is: whichever officer admits, the member made that entry itself."""
    for draft in form.drafts():
        remember_posted(home, draft.digest)


def _officers(network: Network) -> Sequence[str]:
    return list(officer_names(network.policy))


def _http(home: Home, keys: Keys) -> SigningKey:
    key = keys.get("http")
    if not isinstance(key, SigningKey):
        message = "Without an http key nothing can be asked about the application."
        raise GatewayError("no_http_key", message, str(home.key_file("http")))
    return key


def _known(home: Home) -> str | None:
    path = home.directory / RECORD
    return str(read_json(path).get("application")) if path.exists() else None

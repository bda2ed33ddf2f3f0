"""The forgeries: each tries to deceive the court or the hub, and says beforehand how it must fail.

What is expected is the point: a forgery that fails in another way than expected, or does not fail, ends the
demonstration with an error. One attempt is no forgery at all (an award under lapsed accreditation): it must
*succeed*, and show the status.

Indented below a command stands what it printed, and nothing else; of a verifier's answer the first line and the step
that decides. What the hub answers to a statement that no command posts is told in the demonstration's own words.
"""

import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.demo import attacks, samples
from hub.demo.backstage import Backstage, Member
from hub.demo.forger import forge
from hub.demo.stage import DemoError, Stage, free_port
from providers.client import connect
from providers.errors import HubRefusedError
from providers.gateway.awards import make_bundle
from signing.compose import assemble, payload, sign
from signing.secretkeys import SigningKey
from signing.statement import Statement, parse_statement
from signing.trust import TrustFile

__all__ = ["FORGERIES", "Materials", "present"]


@dataclass(frozen=True, slots=True)
class Materials:
    """What the story has left on the table.

    ``provider`` and ``neutral`` are the sample provider's and neutral's own keys, ``officers`` those of the
    officers; ``data`` is the hub's data directory, ``snapshot`` an older copy of it.
    """

    stage: Stage
    backstage: Backstage
    trust: TrustFile
    policy: Path
    bundle: Path
    pdf: bytes
    provider: Member
    neutral: SigningKey
    snapshot: Path

    def details(self) -> dict[str, Any]:
        """Details of one more sample award."""
        return samples.award_details(int(time.time()))


Attempt = Callable[[Materials], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Forgery:
    """One attempt, how the answer to it must begin, and what that must say as its reason.

    ``reason`` is the code of the refusal (once, as nothing is refused, what the court must see).
    """

    title: str
    verdict: str
    reason: str
    attempt: Attempt

    def ended_well(self, answer: str) -> bool:
        """Whether ``answer`` is the expected one, wherever its lines break."""
        words = " ".join(answer.split())
        return words.startswith(self.verdict) and self.reason in words


async def present(materials: Materials) -> int:
    """Try every forgery; returns how many did not end as expected."""
    failures = 0
    for number, one in enumerate(FORGERIES, 1):
        materials.stage.say(f"{number:>2}. {one.title}")
        good = one.ended_well(await one.attempt(materials))
        failures += not good
        materials.stage.say("As it must be." if good else f"NOT AS EXPECTED: {one.verdict}, {one.reason}.")
    return failures


# --- what a court is handed ---------------------------------------------------------------------


async def _changed_byte(m: Materials) -> str:
    document = _file(m, "changed.pdf", attacks.changed_byte(m.pdf))
    return _court(m, m.bundle, "--document", document)


async def _stripped(m: Materials) -> str:
    return _court(m, _file(m, "stripped.zip", attacks.without_role(m.bundle.read_bytes(), "neutral")))


async def _extra(m: Materials) -> str:
    stranger, now = SigningKey.generate(), int(time.time())
    return _court(m, _file(m, "extra.zip", attacks.with_signature(m.bundle.read_bytes(), stranger, "neutral", now)))


async def _own_policy(m: Materials) -> str:
    forgery = forge(m.bundle.read_bytes(), attacks.changed_byte(m.pdf), int(time.time()))
    fooled = _file(m, "forged-policy.txt", forgery.policy)
    bundle = _file(m, "forged.zip", forgery.bundle)
    believer = json.loads(m.stage.run("odr-verify", bundle, "--policy", fooled, "--json", quiet=True).output)
    if believer["genuine"] != "yes":
        raise DemoError(f"The forgery is badly made: {believer}")
    m.stage.say("Under the forger's own policy every step of it passes: the forgery is well made.")
    return _court(m, bundle)


async def _policy_inside(m: Materials) -> str:
    forgery = forge(m.bundle.read_bytes(), attacks.changed_byte(m.pdf), int(time.time()))
    bundle = attacks.with_members(forgery.bundle, {"verification-policy.txt": forgery.policy})
    return _court(m, _file(m, "forged-with-policy.zip", bundle))


# --- what the hub is handed ---------------------------------------------------------------------


async def _other_provider(m: Materials) -> str:
    thief = await m.backstage.admit_provider(
        samples.SECOND_PROVIDER, samples.provider_profile("Second sample provider")
    )
    signers = [(m.neutral, "neutral"), (thief.statement, "provider")]
    draft = m.backstage.award_signed(m.provider.name, signers, m.details(), b"%PDF another provider's award")
    return await _hub(m, m.backstage, draft.statement())


async def _revoked_key(m: Materials) -> str:
    name = "sample-neutral-two"
    key = await m.backstage.admit_neutral(name, samples.neutral_entry("Second Sample Neutral"), m.provider)
    draft = m.backstage.award(m.provider, key, m.details(), b"%PDF signed before, posted after")
    await m.backstage.revoke(name, key, "neutral")
    return await _hub(m, m.backstage, draft.statement())


async def _small_order(m: Materials) -> str:
    name, now, officer = "sample-forger", int(time.time()), m.backstage.officers[0]
    body = {
        "type": "observer",
        "profile": samples.organisation_profile("Sample observer"),
        "keys": [{"purpose": "statement", "jwk": attacks.SMALL_ORDER_JWK}],
    }
    signers = [(attacks.SMALL_ORDER_KID, "introduced"), (officer.kid, "officer")]
    octets = payload("member", name, body, signers, network=m.backstage.network.id, now=now)
    signatures = [attacks.signature_for_everything("introduced", now), sign(octets, officer, "officer", now)]
    return await _hub(m, m.backstage, parse_statement(assemble(octets, signatures)))


async def _lapsed(m: Materials) -> str:
    name = "sample-provider-three"
    provider = await m.backstage.admit_provider(name, samples.provider_profile("Third sample provider"))
    listed = await m.backstage.decide(samples.accreditation(name, "provider"))
    entry = samples.neutral_entry("Third Sample Neutral")
    neutral = await m.backstage.admit_neutral("sample-neutral-three", entry, provider)
    await m.backstage.decide(samples.accreditation(name, "provider", "suspended"), listed)
    pdf = b"%PDF-1.7 award under lapsed accreditation (sample)\n%%EOF\n"
    posted = await m.backstage.post(m.backstage.award(provider, neutral, m.details(), pdf), provider.monitor)
    proofs = await m.backstage.hub.award(posted.registration.statement.digest)
    octets, _ = make_bundle(proofs, m.trust, ("award.pdf", pdf), int(time.time()))
    bundle = _file(m, "lapsed.zip", octets)
    return _court(m, bundle, decides="Accreditation")


async def _rolled_back(m: Materials) -> str:
    port = free_port()
    with (m.snapshot / "hub.toml").open("a", encoding="utf-8") as settings:
        settings.write(f'\n[server]\nauthorities = ["127.0.0.1:{port}"]\n')
    process = m.stage.start("odr-hub", "serve", "--data", m.snapshot, "--port", str(port))
    m.stage.wait_for_url(process, f"http://127.0.0.1:{port}/healthz")
    try:
        async with connect(f"http://127.0.0.1:{port}") as hub:
            restored = await Backstage.enter(hub, m.trust, m.backstage.officers)
            pdf = b"%PDF a second history"
            return await _hub(m, restored, restored.award(m.provider, m.neutral, m.details(), pdf).statement())
    finally:
        m.stage.stop(process)


FORGERIES = (
    Forgery("One bit of the PDF is changed.", "Genuine: no (step 3, document)", "(document_changed)", _changed_byte),
    Forgery(
        "The neutral's signature is cut out of the bundle.",
        "Genuine: no (step 2, statement)",
        "(signature_missing)",
        _stripped,
    ),
    Forgery(
        "A stranger's signature is added, correct in itself.",
        "Genuine: no (step 2, statement)",
        "(signature_extra)",
        _extra,
    ),
    Forgery(
        "Another provider's key signs in the sample provider's name.",
        "The hub refuses",
        "signer_missing",
        _other_provider,
    ),
    Forgery(
        "An award signed with a key that is revoked before it is registered.",
        "The hub refuses",
        "key_revoked",
        _revoked_key,
    ),
    Forgery(
        "No forgery, but often feared: the provider's accreditation was suspended before the award. The winner must"
        " not suffer for it, and the court must see it.",
        "Genuine: yes",
        "suspended since",
        _lapsed,
    ),
    Forgery(
        "A member asks to be admitted with a small-order key, under which one signature fits every message.",
        "The hub refuses",
        "small_order_key",
        _small_order,
    ),
    Forgery(
        "A whole network is forged: officers, hub, log, three witnesses; and its policy is put into the bundle.",
        "Genuine: can't tell (step 1, bundle)",
        "(foreign_member)",
        _policy_inside,
    ),
    Forgery(
        "The same forged network, with its policy left out of the bundle.",
        "Genuine: no (step 4, policy)",
        "(wrong_network)",
        _own_policy,
    ),
    Forgery(
        "The hub is restored from an older copy and goes on from there, as if the award had never been registered."
        " Its witnesses know better.",
        "The hub refuses",
        "read_only",
        _rolled_back,
    ),
)
"""In the order in which they are told."""


def _file(m: Materials, name: str, data: bytes) -> Path:
    path = m.stage.path / name
    path.write_bytes(data)
    return path


def _court(m: Materials, bundle: Path, *options: str | Path, decides: str = "FAIL") -> str:
    """Show what the verifier prints of its verdict and of the step that decides, and return that."""
    printed = m.stage.judge("odr-verify", bundle, "--policy", m.policy, *options).output
    m.stage.show(told := _excerpt(printed, decides))
    return told


def _excerpt(printed: str, decides: str) -> str:
    """The first line, and of the table of steps the first whose line has the word ``decides``; or all, if none has."""
    verdict, _, rest = printed.partition("\n")
    steps = re.split(r"\n(?=[ \d]\d  )", rest.rstrip("\n"))
    step = next((one for one in steps if decides in one.partition("\n")[0].split()), None)
    return printed if step is None else f"{verdict}\n…\n{step}"


async def _hub(m: Materials, backstage: Backstage, statement: Statement) -> str:
    """Post a statement, tell how the hub answers, and return that."""
    try:
        posted = await backstage.hub.post_statement(statement)
        told = f"The hub registers it at index {posted.receipt.index}."
    except HubRefusedError as error:
        told = f"The hub refuses: {error.code}. {error.message}"
    m.stage.say(told)
    return told

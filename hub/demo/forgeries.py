"""The forgeries: each tries to deceive the court or the hub, and says beforehand how it must fail.

``Expected`` is the point: a forgery that fails in another way than expected, or does not fail, ends the
demonstration with an error. One attempt is no forgery at all (an award under lapsed accreditation): it must
*succeed*, and show the status.
"""

import json
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
    """One attempt, and the words with which it is refused (or, once, accepted)."""

    title: str
    expected: str
    attempt: Attempt


async def present(materials: Materials) -> int:
    """Try every forgery; returns how many did not end as expected."""
    failures = 0
    for number, one in enumerate(FORGERIES, 1):
        materials.stage.say(f"{number:>2}. {one.title}")
        outcome = await one.attempt(materials)
        good = outcome.startswith(one.expected)
        failures += not good
        materials.stage.show(f"{outcome}\n{'as it must be' if good else f'NOT AS EXPECTED: {one.expected}'}")
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
    m.stage.show("(Under the forger's own policy every step of it passes: the forgery is well made.)")
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
    return await _hub(m.backstage, draft.statement())


async def _revoked_key(m: Materials) -> str:
    name = "sample-neutral-two"
    key = await m.backstage.admit_neutral(name, samples.neutral_entry("Second Sample Neutral"), m.provider)
    draft = m.backstage.award(m.provider, key, m.details(), b"%PDF signed before, posted after")
    await m.backstage.revoke(name, key, "neutral")
    return await _hub(m.backstage, draft.statement())


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
    return await _hub(m.backstage, parse_statement(assemble(octets, signatures)))


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
    report = _verified(m, bundle)
    shown = next(step["reason"] for step in report["steps"] if step["title"] == "Accreditation")
    return f"Genuine: {report['genuine']}; registered all the same. {shown}"


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
            return await _hub(restored, restored.award(m.provider, m.neutral, m.details(), pdf).statement())
    finally:
        m.stage.stop(process)


FORGERIES = (
    Forgery("One bit of the PDF is changed.", "Genuine: no (step 3, document_changed)", _changed_byte),
    Forgery("The neutral's signature is cut out of the bundle.", "Genuine: no (step 2, signature_missing)", _stripped),
    Forgery("A stranger's signature is added, correct in itself.", "Genuine: no (step 2, signature_extra)", _extra),
    Forgery(
        "Another provider's key signs in the sample provider's name.",
        "The hub refuses: signer_missing",
        _other_provider,
    ),
    Forgery(
        "An award signed with a key that is revoked before it is registered.",
        "The hub refuses: key_revoked",
        _revoked_key,
    ),
    Forgery(
        "No forgery, but often feared: the provider's accreditation was suspended before the award. The winner must"
        " not suffer for it, and the court must see it.",
        "Genuine: yes; registered all the same. ",
        _lapsed,
    ),
    Forgery(
        "A member asks to be admitted with a small-order key, under which one signature fits every message.",
        "The hub refuses: small_order_key",
        _small_order,
    ),
    Forgery(
        "A whole network is forged: officers, hub, log, three witnesses; and its policy is put into the bundle.",
        "Genuine: can't tell (step 1, foreign_member)",
        _policy_inside,
    ),
    Forgery(
        "The same forged network, with its policy left out of the bundle.",
        "Genuine: no (step 4, wrong_network)",
        _own_policy,
    ),
    Forgery(
        "The hub is restored from an older copy and goes on from there, as if the award had never been registered."
        " Its witnesses know better.",
        "The hub refuses: read_only",
        _rolled_back,
    ),
)
"""In the order in which they are told."""


def _file(m: Materials, name: str, data: bytes) -> Path:
    path = m.stage.path / name
    path.write_bytes(data)
    return path


def _verified(m: Materials, bundle: Path, *options: str | Path) -> dict[str, Any]:
    command = ("odr-verify", bundle, "--policy", m.policy, *options)
    result = m.stage.judge(*command, "--json", shown=command)
    report: dict[str, Any] = json.loads(result.output)
    return report


def _court(m: Materials, bundle: Path, *options: str | Path) -> str:
    """The verdict and the first step that failed."""
    report = _verified(m, bundle, *options)
    failed = next((step for step in report["steps"] if step["outcome"] == "fail"), None)
    verdict = str(report["genuine"]).partition(" (")[0]
    if failed is None:
        return f"Genuine: {verdict}"
    return f"Genuine: {verdict} (step {failed['number']}, {failed['code']}). {failed['reason']}"


async def _hub(backstage: Backstage, statement: Statement) -> str:
    try:
        posted = await backstage.hub.post_statement(statement)
    except HubRefusedError as error:
        return f"The hub refuses: {error.code}. {error.message}"
    return f"The hub registers it at index {posted.receipt.index}."

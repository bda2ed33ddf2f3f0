"""The forger of the demonstration does good work: without the pinned policy nobody could tell."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.demo import attacks
from hub.demo.forger import forge
from signing.encoding import b64u_decode
from signing.errors import KeyRefusedError
from signing.keys import PublicKey
from signing.trust import parse_trust
from signing.verification import Report, verify_award
from tests.fakes.world import World

FORGED = b"%PDF-1.7 ten times the amount\n%%EOF\n"


@pytest.fixture(scope="module")
def genuine() -> tuple[World, bytes]:
    world = World()
    provider = world.add_provider()
    index = world.admit(world.award(provider, world.add_neutral(provider)))
    return world, world.bundle(index)


def failed(report: Report) -> list[tuple[int, str]]:
    return [(step.number, step.code) for step in report.steps if step.outcome == "fail"]


def test_under_its_own_policy_the_forgery_is_perfect(genuine: tuple[World, bytes]) -> None:
    world, bundle = genuine
    forgery = forge(bundle, FORGED, world.now)
    report = verify_award(forgery.bundle, parse_trust(forgery.policy), FORGED, world.now)
    assert (report.genuine, report.exit_code, failed(report)) == ("yes", 0, [])


def test_under_the_pinned_policy_it_is_nothing(genuine: tuple[World, bytes]) -> None:
    world, bundle = genuine
    report = verify_award(forge(bundle, FORGED, world.now).bundle, world.trust(), FORGED, world.now)
    assert (report.exit_code, failed(report)) == (1, [(4, "wrong_network")])


def test_a_policy_inside_the_bundle_does_not_belong_there(genuine: tuple[World, bytes]) -> None:
    world, bundle = genuine
    forgery = forge(bundle, FORGED, world.now)
    packed = attacks.with_members(forgery.bundle, {"verification-policy.txt": forgery.policy})
    report = verify_award(packed, world.trust(), FORGED, world.now)
    assert (report.exit_code, failed(report)) == (2, [(1, "foreign_member")])


def test_each_tampering_fails_in_its_own_step(genuine: tuple[World, bytes]) -> None:
    world, bundle = genuine
    stripped = attacks.without_role(bundle, "neutral")
    extra = attacks.with_signature(bundle, world.signing_key("stranger"), "neutral", world.now)
    assert failed(verify_award(stripped, world.trust(), None, world.now)) == [(2, "signature_missing")]
    assert failed(verify_award(extra, world.trust(), None, world.now)) == [(2, "signature_extra")]


def test_one_bit_is_changed() -> None:
    changed = attacks.changed_byte(FORGED)
    assert len(changed) == len(FORGED)
    assert sum((one ^ other).bit_count() for one, other in zip(changed, FORGED, strict=True)) == 1


def test_the_small_order_signature_fits_everything_where_it_is_allowed() -> None:
    """OpenSSL allows the key: there the one signature verifies for any message. Here the key never gets in."""
    signature = b64u_decode(attacks.signature_for_everything("introduced", 1)["signature"], 64)
    permissive = Ed25519PublicKey.from_public_bytes(attacks.SMALL_ORDER_KEY)
    for message in (b"pay the claimant", b"pay the respondent"):
        permissive.verify(signature, message)
    with pytest.raises(KeyRefusedError) as caught:
        PublicKey.from_jwk(attacks.SMALL_ORDER_JWK)
    assert caught.value.code == "small_order_key"

"""Receipts that a gateway keeps: a damaged file is mended, and hides none of the others."""

import logging
from pathlib import Path

import pytest

from providers.errors import GatewayError
from providers.gateway import awards
from providers.gateway.desk import DocumentFacts
from providers.gateway.home import Home
from providers.receipts import Receipt, Registration
from signing.encoding import sha256_hex
from tests.fakes.world import PDF
from tests.providers.gateway.samples import home_in
from tests.signing.test_verification import Court

DOCUMENT = DocumentFacts("award.pdf", sha256_hex(PDF), len(PDF))


@pytest.fixture
def registered(tmp_path: Path) -> tuple[Home, Registration]:
    """A gateway's directory, and an award that is registered."""
    court = Court()
    index, world = court.register(), court.world
    home = home_in(tmp_path, world)
    statement = world.statements[index]
    proof = world.proof(index, world.checkpoint()).decode()
    return home, Registration(statement, Receipt(statement.digest, index, proof, "witnessed"))


def test_the_first_receipt_stays(registered: tuple[Home, Registration]) -> None:
    home, one = registered
    path = awards.store_registration(home, one)
    before = path.read_bytes()
    assert awards.store_registration(home, one) == path
    assert path.read_bytes() == before
    assert awards.find_registration(home, DOCUMENT).receipt == one.receipt


def test_a_torn_receipt_is_written_again(registered: tuple[Home, Registration]) -> None:
    home, one = registered
    path = awards.store_registration(home, one)
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    awards.store_registration(home, one)
    assert path.read_bytes() == whole


def test_a_torn_receipt_hides_no_other(registered: tuple[Home, Registration], caplog: pytest.LogCaptureFixture) -> None:
    home, one = registered
    whole = awards.store_registration(home, one).read_bytes()
    torn = home.directory / "receipts" / f"{'ab' * 32}.json"
    torn.write_bytes(whole[:40])
    with caplog.at_level(logging.WARNING, "providers"):
        assert awards.find_registration(home, DOCUMENT).receipt == one.receipt
    assert torn.name in caplog.text
    with pytest.raises(GatewayError) as caught:
        awards.find_registration(home, DocumentFacts("other.pdf", "cd" * 32, 1))
    assert caught.value.code == "not_registered_here"

"""Offer and dispatch need their file: the right octets, by the right member, for the right one."""

from dataclasses import replace
from typing import Any

import pytest

from hub.packages.errors import FileMissingError
from hub.packages.preconditions import Preconditions
from hub.storage.values import Package, Wanted
from tests.hub.exchange.network import BRIEF, CIPHERTEXT, ExchangeNetwork, at_state

STORED = 1_795_000_000


class Tables:
    """Packages, transfers and the log, in memory."""

    def __init__(self, net: ExchangeNetwork, *packages: Package) -> None:
        self.net, self.packages, self.registered = net, packages, set[str]()

    async def same(self, wanted: Wanted) -> Package | None:
        names = ("sha256", "owner", "recipient", "transfer")
        for one in self.packages:
            if all(getattr(one, name) == getattr(wanted, name) for name in names):
                return one
        return None

    async def current(self, name: str) -> Any:
        return self.net.record(name)

    async def index_of(self, digest: str) -> int | None:
        return 7 if digest in self.registered else None


def package(net: ExchangeNetwork, file: Any, purpose: str) -> Package:
    return Package(file["sha256"], "acme", "brio", net.transfer, purpose, file["size"], STORED)


def preconditions(tables: Tables) -> Preconditions:
    return Preconditions(tables, tables, tables, tables)  # type: ignore[arg-type]  # stand-ins


CHANGES: list[dict[str, Any]] = [
    {"sha256": "00" * 32}, {"size": 1}, {"owner": "cora"}, {"recipient": "cora"}, {"transfer": "other"},
    {"purpose": "other"}, {"deleted_at": 9},
]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "make", "file", "purpose", "code"),
    [
        ("", "offer", BRIEF, "brief", "brief_missing"),
        ("accepted", "dispatch", CIPHERTEXT, "package", "package_missing"),
    ],
)
async def test_the_file_is_there_as_the_statement_says(
    state: str, make: str, file: Any, purpose: str, code: str
) -> None:
    net = at_state(state) if state else ExchangeNetwork()
    statement = getattr(net, make)()
    right = package(net, file, purpose)
    await preconditions(Tables(net, right)).check(statement)
    for change in CHANGES:
        with pytest.raises(FileMissingError) as caught:
            await preconditions(Tables(net, replace(right, **change))).check(statement)
        assert caught.value.code == code, change
    tables = Tables(net)
    tables.registered.add(statement.digest)
    await preconditions(tables).check(statement)


async def test_other_statements_need_nothing() -> None:
    net = at_state("accepted")
    tables = Tables(net)
    for statement in (net.withdrawal(), net.events([("one", 1)]), net.member("cora")):
        await preconditions(tables).check(statement)


async def test_a_dispatch_of_nothing_is_left_to_the_rules() -> None:
    net = ExchangeNetwork()
    await preconditions(Tables(net)).check(net.dispatch())

"""The one signer of kinds that their issuer alone signs."""

from typing import Any

import pytest

from registry.errors import Refused
from registry.signers import sole_signer
from tests.registry.network import Network, introduced, officers, populated, signing_key, statement_entry

ACME, BRIO = (signing_key("acme"), "provider"), (signing_key("brio"), "provider")


def signed_by(net: Network, signers: Any, issuer: str = "acme", role: str = "provider") -> str:
    record = sole_signer(net.make("note", issuer, {}, signers), net.state, net.at(), role)
    return record.kid


def test_one_current_statement_key_of_the_issuer() -> None:
    net = populated()
    assert signed_by(net, [ACME]) == ACME[0].kid
    assert signed_by(net, [(signing_key("hub"), "hub")], "hub", "hub") == signing_key("hub").kid


@pytest.mark.parametrize(
    ("signers", "code", "where"),
    [
        ([ACME, BRIO], "signer_extra", "/signers"),
        ([ACME, *officers("ann")], "signer_extra", "/signers"),
        ([BRIO], "signer_missing", "/signers"),
        (officers("ann"), "signer_missing", "/signers"),
        (introduced("zed"), "unknown_key", "/signers/0"),
        ([(signing_key("acme"), "hub")], "role_mismatch", "/signers/0"),
        ([(signing_key("acme http"), "provider")], "wrong_purpose", "/signers/0"),
        ([(signing_key("acme old"), "provider")], "key_revoked", "/signers/0"),
    ],
)
def test_anybody_else_is_refused(signers: Any, code: str, where: str) -> None:
    net = populated()
    net.submit(net.member("brio"))
    add = {"action": "add", "key": statement_entry(signing_key("acme http"), "http")}
    net.submit(net.key("acme", add, [ACME, *introduced("acme http")]))
    net.submit(net.add_key("acme", "acme old", "acme"))
    revoke = {"action": "revoke", "kid": signing_key("acme old").kid, "reason": "lost"}
    net.submit(net.key("acme", revoke, [ACME]))
    with pytest.raises(Refused) as caught:
        signed_by(net, signers)
    assert (caught.value.code, caught.value.where) == (code, where)


def test_the_issuer_must_be_registered_in_the_role_that_the_kind_asks_for() -> None:
    net = populated()
    with pytest.raises(Refused, match="registered in another role"):
        signed_by(net, [ACME], role="hub")

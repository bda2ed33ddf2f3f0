"""A draft is judged as if everybody had signed it; the stand-ins verify nowhere."""

from typing import Any

import pytest

from hub.console.trial import as_if_signed, try_draft
from signing.compose import payload
from signing.drafts import Draft
from signing.errors import SignatureError
from signing.statement import Statement, verify_signatures
from tests.hub.world import signing_key

FIRST, SECOND = signing_key("first"), signing_key("second")


def draft() -> Draft:
    signers = [(FIRST.kid, "officer"), (SECOND.kid, "officer")]
    envelope: dict[str, Any] = {"network": "ab" * 32, "now": 1_795_000_000, "statement_id": "urn:odr:coordinator:1"}
    octets = payload("accreditation", "coordinator", {}, signers, **envelope)
    return Draft(octets).signed_by(FIRST, 1_795_000_000)


def test_every_announced_signer_is_there_and_what_is_there_stays() -> None:
    statement = as_if_signed(draft())
    assert statement.roles == {FIRST.kid: "officer", SECOND.kid: "officer"}
    assert statement.digest == draft().digest
    keys = {FIRST.kid: FIRST.public, SECOND.kid: SECOND.public}
    with pytest.raises(SignatureError) as caught:
        verify_signatures(statement, keys)
    assert caught.value.where == SECOND.kid


async def test_the_judgement_is_that_of_the_rules() -> None:
    judged: list[Statement] = []

    async def judge(statement: Statement) -> None:
        judged.append(statement)

    await try_draft(draft(), judge)
    assert [one.digest for one in judged] == [draft().digest]

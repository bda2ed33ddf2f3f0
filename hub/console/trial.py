"""Whether the rules would take a draft, once everybody who is announced has signed it.

The statement is judged with stand-ins for the signatures that are missing. The rules don't verify signatures, which
was done before they are asked; so everything else is judged as it will be: chain, status, procedure, findings, keys of
the signers, threshold. What was acceptable now may not be any more when the last signature is there.
"""

from collections.abc import Awaitable, Callable

from signing.compose import assemble
from signing.drafts import Draft
from signing.encoding import b64u_encode, canonical
from signing.statement import STATEMENT_TYPE, Statement, parse_statement

__all__ = ["as_if_signed", "try_draft"]

_NO_SIGNATURE = b64u_encode(bytes(64))


def as_if_signed(draft: Draft) -> Statement:
    """The statement with an empty signature wherever one is missing; it verifies nowhere and is for trying only."""
    empty = [{"protected": _header(kid, role), "signature": _NO_SIGNATURE} for kid, role in draft.missing().items()]
    return parse_statement(assemble(draft.octets, [*draft.signatures, *empty]))


async def try_draft(draft: Draft, dry_run: Callable[[Statement], Awaitable[None]]) -> None:
    """Raise what registering the completed draft would raise, as far as it can be known now.

    Args:
        draft: whose form and schema hold.
        dry_run: judges a statement without registering it.

    Raises:
        Refused: by the rules.
    """
    await dry_run(as_if_signed(draft))


def _header(kid: str, role: str) -> str:
    return b64u_encode(canonical({"alg": "Ed25519", "iat": 0, "kid": kid, "role": role, "typ": STATEMENT_TYPE}))

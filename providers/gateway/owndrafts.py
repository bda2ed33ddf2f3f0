"""The gateway's own copies of what it put on a hub's signing desk, and of the links that it handed out.

``DIR/drafts/<digest>.json``, readable by its owner alone, is written before anything is posted, so that the same draft
posted again has the same links. What the hub shows later is held against it: another text is never signed, and never
registered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from providers.drafts import DraftView, wire
from providers.errors import GatewayError, UntrustedAnswerError
from providers.gateway.home import Home
from providers.gateway.keystore import replace_file, write_new
from providers.invitations import Invitation
from signing.compose import assemble
from signing.drafts import Draft
from signing.encoding import JSON, canonical, loads, sha256_hex
from signing.errors import SigningError
from signing.statement import STATEMENT_TYPE, parse_jws, verify_signatures

__all__ = ["INVITED", "OwnDraft", "find_own", "keep_own", "named", "require_own"]

MAX_FILE = 900_000
INVITED = ""


@dataclass(frozen=True, slots=True)
class OwnDraft:
    """A draft or an invitation of this gateway, and its links.

    Args:
        digest: names the file: of the payload, or of the invitation.
        links: secret by kid; an empty kid for who is invited.
        draft: as it was posted; None for an invitation.
        invitation: None for a draft.
        id: on the hub's desk; None until it has been posted.
    """

    digest: str
    links: Mapping[str, str] = field(repr=False)
    draft: Draft | None = None
    invitation: Invitation | None = None
    id: str | None = None


def keep_own(home: Home, what: Draft | Invitation, links: Mapping[str, str]) -> OwnDraft:
    """Write the copy, on disk when this returns; one that is there already is kept, with its links."""
    path = _folder(home) / f"{_digest(what)}.json"
    if path.exists():
        return _read(path)
    draft = what if isinstance(what, Draft) else None
    own = OwnDraft(_digest(what), links, draft, None if isinstance(what, Draft) else what)
    write_new(path, _octets(own), secret=True)
    return own


def named(home: Home, own: OwnDraft, name: str) -> OwnDraft:
    """Note under which id the hub has it."""
    own = replace(own, id=name)
    path = _folder(home) / f"{own.digest}.json"
    replace_file(path, _octets(own))
    path.chmod(0o600)
    return own


def find_own(home: Home, name: str) -> OwnDraft | None:
    """The copy of what the hub has under this id, if it was posted from here."""
    return next((own for own in _all(home) if own.id == name), None)


def require_own(own: OwnDraft, view: DraftView) -> Draft:
    """The draft that the hub shows, if it is the one that was posted, or the invitation completed by one new key.

    Signatures are taken as they are but for that of the new key, which is verified.

    Raises:
        UntrustedAnswerError: ``draft_differs``, or how an invitation was changed.
        GatewayError: ``draft_without_text``.
    """
    shown = view.draft
    if shown is None:
        message = f"The hub shows no text of this draft: it is {view.state}."
        raise GatewayError("draft_without_text", message, view.listed.id)
    if own.draft is not None:
        if (shown.octets, shown.annex) != (own.draft.octets, own.draft.annex):
            message = (
                "The hub shows another draft under this id than this gateway posted. Don't sign it; ask its operator."
            )
            raise UntrustedAnswerError("draft_differs", message, view.listed.id, actor="hub")
        return shown
    if own.invitation is not None:
        _check_completed(own.invitation, shown)
    return shown


def _check_completed(invitation: Invitation, shown: Draft) -> None:
    key = invitation.require(shown)
    jws = parse_jws(assemble(shown.octets, shown.signatures), STATEMENT_TYPE)
    mine = tuple(one for one in jws.signatures if one.kid == key.kid)
    if not mine:
        message = "Who was invited has not signed with the new key."
        raise UntrustedAnswerError("signature_missing", message, key.kid, actor="hub")
    try:
        verify_signatures(replace(jws, signatures=mine), {key.kid: key})
    except SigningError as error:
        raise UntrustedAnswerError(error.code, error.message, error.where, actor="hub") from error


def _digest(what: Draft | Invitation) -> str:
    return what.digest if isinstance(what, Draft) else sha256_hex(canonical(what.to_json()))


def _octets(own: OwnDraft) -> bytes:
    members: dict[str, JSON] = {
        "v": 1,
        "id": own.id,
        "links": dict(own.links),
        "draft": None if own.draft is None else wire(own.draft),
        "invitation": None if own.invitation is None else own.invitation.to_json(),
    }
    return canonical(members) + b"\n"


def _all(home: Home) -> Iterator[OwnDraft]:
    for path in sorted(_folder(home).glob("*.json")):
        yield _read(path)


def _read(path: Path) -> OwnDraft:
    try:
        members = loads(path.read_bytes().strip(), max_bytes=MAX_FILE)
        draft = None if members["draft"] is None else Draft.from_bytes(canonical(members["draft"]))
        told = members["invitation"]
        invitation = None if told is None else Invitation.from_json(told, told["network"])
        return OwnDraft(path.stem, members["links"], draft, invitation, members["id"])
    except (OSError, SigningError, KeyError, TypeError) as error:
        message = "This gateway's copy of a draft can't be read."
        raise GatewayError("own_draft_unreadable", message, str(path)) from error


def _folder(home: Home) -> Path:
    return home.directory / "drafts"

"""Drafts of what officers decide: accreditation, a reference, a new policy, keys, the review of an award.

A draft names who is to sign it; the signatures come later, from each officer's own machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.errors import OfficerError
from hub.network import OfficerFile, with_log
from hub.rotating import Rotation
from schemas.errors import SchemaViolationError
from schemas.validation import validate, validate_annex
from signing.authority import GRAVE_STATUSES
from signing.compose import new_salt, payload
from signing.drafts import Draft
from signing.encoding import JSON, canonical, loads_canonical
from signing.keys import PublicKey
from signing.statement import MAX_PAYLOAD

__all__ = [
    "Network", "accreditation_draft", "confirmation_draft", "key_draft", "policy_draft", "reference_draft",
    "review_draft", "revocation_draft",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Network:
    """The network as its newest policy describes it.

    Args:
        id: digest of the genesis payload.
        policy: digest of the newest policy statement.
        body: its body.
    """

    id: str
    policy: str
    body: Mapping[str, JSON]

    @property
    def coordinator(self) -> str:
        """Issuer of what officers decide."""
        return str(self.body["coordinator"]["id"])

    def signers(self, count: int, chosen: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Statement keys of the officers who are to sign: those chosen, or the first ``count``.

        Raises:
            OfficerError: unknown_officer, too_few_officers.
        """
        known = {officer["id"]: officer for officer in self.body["officers"]}
        names = list(chosen) or list(known)[:count]
        for name in names:
            if name not in known:
                raise OfficerError("unknown_officer", f"The policy names no officer {name}.", name)
        if len(names) < count:
            raise OfficerError("too_few_officers", f"{count} officers must sign; {len(names)} are named.", "by")
        return [(_statement_kid(known[name]), "officer") for name in names]

    def officer_names(self) -> dict[str, str]:
        """Name of each officer by the kid of their statement key."""
        return {_statement_kid(one): str(one["name"]) for one in self.body["officers"]}


def accreditation_draft(  # noqa: PLR0913, PLR0917 - a decision and its place
    network: Network,
    body: Mapping[str, JSON],
    previous: str | None,
    chosen: Sequence[str],
    now: int,
    reasons: Sequence[str] = (),
) -> Draft:
    """A decision on the accreditation of ``body["subject"]``; grave ones need the threshold.

    Args:
        network: where it is decided.
        body: the statement's body.
        previous: digest of the newest decision on this subject, None when there is none.
        chosen: officers who are to sign; the first ones when empty.
        now: POSIX seconds.
        reasons: paragraphs for the annex, which members and officers may read; no annex when empty.
    """
    count = int(network.body["threshold"]) if body["status"] in GRAVE_STATUSES else 1
    annex = canonical({"salt": new_salt(), "reasons": list(reasons)}) if reasons else None
    return _draft("accreditation", network, body, network.signers(count, chosen), previous, now, annex)


def reference_draft(network: Network, body: Mapping[str, JSON], chosen: Sequence[str], now: int) -> Draft:
    """The threshold publishes a version of a reference; versions follow each other by number, not by a chain."""
    signers = network.signers(int(network.body["threshold"]), chosen)
    return _draft("reference", network, body, signers, None, now)


def revocation_draft(network: Network, body: Mapping[str, JSON], chosen: Sequence[str], now: int) -> Draft:
    """The threshold revokes a key; a revocation is never refused as stale, so it names no predecessor."""
    signers = network.signers(int(network.body["threshold"]), chosen)
    return _draft("key", network, body, signers, None, now)


def confirmation_draft(
    network: Network, body: Mapping[str, JSON], previous: str | None, chosen: Sequence[str], now: int
) -> Draft:
    """The threshold confirms a suspended key; ``previous`` is the newest statement about the owner's keys."""
    signers = network.signers(int(network.body["threshold"]), chosen)
    return _draft("key", network, body, signers, previous, now)


def review_draft(network: Network, body: Mapping[str, JSON], chosen: Sequence[str], now: int) -> Draft:
    """The threshold ends the dispute about an award; sealed as the award is, with a salt of its own."""
    signers = network.signers(int(network.body["threshold"]), chosen)
    return _draft("award-review", network, body, signers, None, now, salt=new_salt())


def key_draft(  # noqa: PLR0913, PLR0917 - whose key it is, and who is to sign
    network: Network,
    owner: str,
    purpose: str,
    new: PublicKey,
    previous: str | None,
    chosen: Sequence[str],
    now: int,
) -> Draft:
    """The threshold gives ``owner`` a new key that signs too; it counts 72 hours after its entry (PROTOCOL §6).

    Args:
        network: where.
        owner: actor id of the member or neutral.
        purpose: statement or http; X25519 keys are added by the owner, who proves possession.
        new: the key, from the owner's own hands.
        previous: digest of the newest statement about the owner's keys, None before any.
        chosen: officers who are to sign; the first ones when empty.
        now: POSIX seconds.

    Raises:
        OfficerError: unknown_officer, too_few_officers, or the body breaks its schema.
    """
    signers = network.signers(int(network.body["threshold"]), chosen)
    entry: dict[str, JSON] = {"purpose": purpose, "jwk": new.jwk()}
    body: dict[str, JSON] = {"action": "add", "owner": owner, "key": entry}
    return _draft("key", network, body, [*signers, (new.kid, "introduced")], previous, now)


def policy_draft(  # noqa: PLR0913 - one parameter per thing that may change
    network: Network,
    now: int,
    *,
    threshold: int | None = None,
    witness_policy: str | None = None,
    added: Sequence[OfficerFile] = (),
    removed: Sequence[str] = (),
    affiliations: Sequence[str] = (),
    chosen: Sequence[str] = (),
    rotation: Rotation | None = None,
) -> Draft:
    """The whole new policy: the one in force with these changes; signed by its threshold and by each new key.

    Args:
        network: whose policy changes.
        now: POSIX seconds.
        threshold: how many officers decide from then on.
        witness_policy: new tlog-policy lines; the log's own line is kept.
        added: public files of new officers.
        removed: actor ids of officers who leave.
        affiliations: ``OFFICER=MEMBER`` for each member that an officer belongs to, ``OFFICER=`` to take all back;
            officers who are not named keep theirs.
        chosen: officers in force who are to sign; the first ones when empty.
        rotation: another log under which the network goes on. Heads of the log that ends stay acceptable under
            this policy, because its last ones are judged by it too; the next policy drops its line.

    Raises:
        OfficerError: unknown_officer, bad_affiliation, too_few_officers, nothing_changes.
        NetworkError: bad_witness_policy.
    """
    old = network.body
    officers = [one for one in old["officers"] if one["id"] not in removed] + [one.body() for one in added]
    if missing := set(removed) - {one["id"] for one in old["officers"]}:
        raise OfficerError("unknown_officer", f"The policy names no officer {min(missing)}.", min(missing))
    officers = _affiliated(officers, affiliations)
    body: dict[str, Any] = {**old, "officers": officers, "threshold": threshold or old["threshold"]}
    body.pop("base", None)
    body["witness_policy"] = _witness_policy(old, witness_policy, rotation)
    if rotation is not None:
        body |= {"origin": rotation.origin, "log_key": rotation.log_key, "base": rotation.base}
    if body == old:
        raise OfficerError("nothing_changes", "The new policy would be the one in force.", "policy")
    new = [(key.kid, "introduced") for officer in added for _, key in officer.keys if key.curve == "Ed25519"]
    signers = network.signers(int(old["threshold"]), chosen) + new
    return _draft("policy", network, body, signers, network.policy, now)


def _affiliated(officers: Sequence[Mapping[str, JSON]], said: Sequence[str]) -> list[dict[str, JSON]]:
    """The officers' entries with the affiliations said of some of them, in place of those they had."""
    members: dict[str, list[str]] = {}
    for one in said:
        name, equals, member = one.partition("=")
        if not equals:
            raise OfficerError("bad_affiliation", "An affiliation is written OFFICER=MEMBER.", one)
        members.setdefault(name, []).extend([member] if member else [])
    if missing := members.keys() - {one["id"] for one in officers}:
        raise OfficerError("unknown_officer", f"The policy names no officer {min(missing)}.", min(missing))
    entries = []
    for officer in officers:
        entry = dict(officer)
        if (named := members.get(entry["id"])) is not None:
            entry.pop("affiliations", None)
            entry |= {"affiliations": named} if named else {}
        entries.append(entry)
    return entries


def _witness_policy(old: Mapping[str, JSON], text: str | None, rotation: Rotation | None) -> str:
    """Log lines first: that of the log in force, and of the one it is rotated to at the same address."""
    lines = str(old["witness_policy"]).splitlines(keepends=True)
    own = next(line for line in lines if line.split()[:2] == ["log", old["log_key"]])
    logs = [line for line in lines if line.split()[:1] == ["log"]]
    if text is None and rotation is None and logs == [own]:
        return str(old["witness_policy"])
    rest = "".join(line for line in lines if line not in logs) if text is None else text
    after = "" if rotation is None else own.replace(str(old["log_key"]), rotation.log_key)
    return with_log(f"{own}{after}{rest}", str(old["log_key"]), "")


def _draft(  # noqa: PLR0913, PLR0917 - the members of an envelope
    kind: str,
    network: Network,
    body: Mapping[str, JSON],
    signers: Sequence[tuple[str, str]],
    previous: str | None,
    now: int,
    annex: bytes | None = None,
    salt: str | None = None,
) -> Draft:
    issuer = network.coordinator
    octets = payload(
        kind, issuer, body, signers, network=network.id, now=now, previous=previous, annex=annex, salt=salt
    )
    draft = Draft(octets, annex=annex)
    _require_size(octets, "/body")
    _require_size(annex or b"", "/annex")
    try:
        validate(kind, 1, draft.payload)
        if annex is not None:
            validate_annex(kind, 1, loads_canonical(annex))
    except SchemaViolationError as error:
        raise OfficerError(error.code, error.message, error.where) from None
    return draft


def _require_size(octets: bytes, where: str) -> None:
    """No schema limits the whole: many texts, each of a length that is allowed, can be too much together."""
    if len(octets) > MAX_PAYLOAD:
        message = (
            f"Together this is {len(octets):,} bytes, and a statement has at most {MAX_PAYLOAD:,}. "
            "Shorten the texts, or leave some for another statement, and prepare it again."
        )
        raise OfficerError("too_large", message, where)


def _statement_kid(officer: Mapping[str, JSON]) -> str:
    return next(PublicKey.from_jwk(one["jwk"]).kid for one in officer["keys"] if one["purpose"] == "statement")

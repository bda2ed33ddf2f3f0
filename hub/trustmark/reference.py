"""The page ``docs/reference/trust-mark.md``: addresses, payload, states, the element, and the hashes of the script."""

import hashlib
import sys
from collections.abc import Iterable

from hub.trustmark.look import LANGUAGES, SHAPES, THEMES, WORDS
from hub.trustmark.script import build, integrity
from hub.trustmark.standing import APPROVALS, STATES

__all__ = ["page"]

_HEAD = """# The trust mark

What other sites show of a member's accreditation. [How to show it](../how-to/show-the-trust-mark.md); [why
so](../adr/0025-the-mark-pins-the-hubs-key.md). Generated from `hub/trustmark/` by `make docs`.

## Addresses

| address | answer |
|---|---|
| `GET /v1/members/{id}/status`, `GET /v1/neutrals/{id}/status` | the signed status; 404 for nobody |
| `GET /v1/members/{id}/badge.svg?theme=&lang=` | the badge, unsigned; for nobody a grey one with 404 |
| `GET /static/trust-mark.js` | the script of the element |

The status is `application/jose+json`; `?at=<time or log size>` asks for the past. All allow any origin to read them
(`Access-Control-Allow-Origin: *`), never with cookies. Status and badge:
`Cache-Control: public, max-age=20, must-revalidate`, and an `ETag`.

## The signed status

A JWS in General JSON Serialization with one Ed25519 signature by the hub's statement key; protected header exactly
`alg` `Ed25519`, `iat`, `kid`, `role` `hub`, `typ` `odr-member-status+jws`. The payload is canonical JSON:

| member | what |
|---|---|
| `v` | 1 |
| `network` | digest of the network's genesis |
| `member`, `name` | actor id, and public name, which is text from outside |
| `type` | `provider`, `court`, `observer` or `neutral` |
| `state` | one of the states below |
| `accreditation` | null, or the newest decision: {`status`, `scheme`, `valid_from`, `valid_to`, `lapsed`, …} |
| `size`, `root` | the checkpoint up to which this is so |
| `policy` | {`digest`, `index`} of the policy in force at that size |
| `time`, `expires` | POSIX seconds; valid from `time` until before `expires`, at most 60 seconds later |

In an answer to `at`, `time` and `expires` are both the moment asked about, so that it never counts as current.
`lapsed` and `state` are judged at `time`; an accreditation ends *at* `valid_to`, and no approval is valid for longer.
The decision is told with `digest` and `index` too. The hub signs at most one status of a
member for each checkpoint and 10 seconds. While the hub knows that entries of the log are missing or others where it
runs (a backup was restored: [store_behind](../operations/alarms/store_behind.md)), it signs no status of now and
answers 503 `newest_unknown`: what is missing may be a suspension; the badge is a grey one, with 503. Answers to
`at` are given where it is a log size, or a time before that of the newest entry stored there; only to a log size where
the log's key has signed another history ([store_differs](../operations/alarms/store_differs.md)).
"""

_ELEMENT = """
## The element

`<odr-trust-mark>`, defined by the script:

| attribute | what |
|---|---|
| `hub` | origin of the hub, https (http on loopback only) |
| `member` or `neutral` | actor id |
| `network` | pinned digest of the network |
| `hub-key` | pinned statement key of the hub: `x` of its JWK; up to four, separated by spaces |
| `theme` | `light` (default), `dark`, `auto` |
| `lang` | language; otherwise the nearest `lang` around it, otherwise English |

Its property `result` is {`state`, `code`, `status`}; at each change it sends the event `odr-trust-mark` with the
same as `detail`. `state` is one of the above, `unknown` (the hub answered 404), `checking`, or `unverified` with
one of these codes:

| code | shown | when |
|---|---|---|
"""

_CODES = {
    "unreachable": "no answer within 10 seconds, an error, or none since the last one expired",
    "not_genuine": "not of the form, a signature that does not fit, or about another member or network",
    "key_changed": "signed with a key that the page does not name",
    "stale": "expired, or from the future: `time` is more than 60 s ahead of this device's clock",
    "wrong_setup": "an attribute is missing or not of its form",
    "insecure": "the page was not served under https",
}

_SCRIPT = """
The module exports `verifyMemberStatus(text, {{network, keys, member, neutral}}, now)`, which returns the payload or
throws a `Refusal` with one of these codes. It asks again 15 seconds before expiry while the page is visible, and
shows no answer for longer than 60 seconds, also when this device's clock is set back meanwhile. It sends
no cookies and no referrer, stores nothing, and draws by DOM calls alone, in a shadow root with a constructed style
sheet. Signatures are verified by WebCrypto; where it lacks Ed25519, by
[noble-ed25519](https://github.com/paulmillr/noble-ed25519) 3.2.0 (MIT), which is part of the file.

## The script of this version

| | |
|---|---|
| size | {size} bytes |
| SHA-256 | `{sha256}` |
| `integrity` | `{integrity}` |
"""


def page() -> str:
    """The whole page."""
    script = build().encode()
    states = [
        "## States", "", "| state | approval | shown as | tone |", "|---|---|---|---|",
        *(f"| `{one}` | {_yes(one)} | {WORDS['en'][one]} | {SHAPES[one].tone} |" for one in STATES),
        "", f"Languages: {_listed(LANGUAGES)}. Themes: {_listed(THEMES)}.",
    ]  # fmt: skip
    codes = [f"| `{code}` | {WORDS['en'][code]} | {when} |" for code, when in _CODES.items()]
    facts = _SCRIPT.format(size=len(script), sha256=hashlib.sha256(script).hexdigest(), integrity=integrity(script))
    return _HEAD + "\n".join(states) + "\n" + _ELEMENT + "\n".join(codes) + "\n" + facts


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in names)


def _yes(state: str) -> str:
    return "yes" if state in APPROVALS else "no"


if __name__ == "__main__":
    sys.stdout.write(page())

"""What the questionnaire asks, and answers held against it. Pure.

Each question is a sentence with which a party agrees from 1 (not at all) to 5 (wholly). All but ``overall`` may be left
out: who settled without a neutral has nothing to say about one, and an answer that is asked for where there is none
would be noise. There is no free text (ADR 0028).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.feedback.errors import BadAnswerError
from signing.encoding import JSON

__all__ = [
    "HIGHEST", "LOWEST", "OUTCOMES", "QUESTIONS", "REQUIRED", "ROLES", "Given", "Relayed", "Wanted", "read_given",
    "read_relayed", "read_wanted",
]  # fmt: skip

QUESTIONS = (
    "overall", "fairness", "clarity", "speed", "cost", "neutral", "platform_usability", "language", "would_use_again",
)  # fmt: skip
"""In the order of the page; the source is ``domain.md`` 2.16."""

REQUIRED = frozenset({"overall"})
LOWEST, HIGHEST = 1, 5

OUTCOMES = ("won", "lost", "partly", "settled", "undecided")
"""How the case ended for who answers: by a decision for them, against them, in part; by agreement; or neither."""

ROLES = ("claimant", "respondent")
_PSEUDONYM = re.compile(r"[A-Za-z0-9_-]{22,43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered, to whichever slot."""

    outcome_side: str
    scores: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Slots that a provider asks for: language tags of the links by role."""

    case: str
    languages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Relayed:
    """An answer that a provider took down, and of whom."""

    case: str
    role: str
    given: Given


def read_given(members: JSON) -> Given:
    """An answer from JSON: ``outcome_side`` and ``scores``, and nothing else.

    Raises:
        BadAnswerError: bad_feedback.
    """
    found = _members(members, {"outcome_side", "scores"}, "")
    outcome, scores = found["outcome_side"], found["scores"]
    if outcome not in OUTCOMES:
        raise _bad(f"outcome_side is one of {', '.join(OUTCOMES)}.", "/outcome_side")
    if not isinstance(scores, dict):
        raise _bad("scores is an object: a question and a number each.", "/scores")
    return Given(str(outcome), {name: _score(name, scores[name]) for name in _asked(scores)})


def read_wanted(members: JSON, languages: tuple[str, ...]) -> Wanted:
    """Slots asked for, from JSON: ``case``, and ``slots`` with ``role`` and ``language`` each.

    Args:
        members: what was posted.
        languages: tags that the page is written in.

    Raises:
        BadAnswerError: bad_feedback.
    """
    found = _members(members, {"case", "slots"}, "")
    case, slots = _case(found["case"]), found["slots"]
    if not isinstance(slots, list) or not 1 <= len(slots) <= len(ROLES):
        raise _bad("slots is a list: one slot for each party that is asked.", "/slots")
    wanted: dict[str, str] = {}
    for number, one in enumerate(slots):
        slot = _members(one, {"role", "language"}, f"/slots/{number}")
        role = _role(slot["role"], f"/slots/{number}/role")
        if slot["language"] not in languages:
            raise _bad(f"The page is written in {', '.join(languages)}.", f"/slots/{number}/language")
        if role in wanted:
            raise _bad("Each role has one slot.", f"/slots/{number}/role")
        wanted[role] = str(slot["language"])
    return Wanted(case, wanted)


def read_relayed(members: JSON) -> Relayed:
    """A relayed answer from JSON: ``case``, ``role``, ``outcome_side`` and ``scores``.

    Raises:
        BadAnswerError: bad_feedback.
    """
    found = _members(members, {"case", "role", "outcome_side", "scores"}, "")
    given = read_given({"outcome_side": found["outcome_side"], "scores": found["scores"]})
    return Relayed(_case(found["case"]), _role(found["role"], "/role"), given)


def _asked(scores: Mapping[str, JSON]) -> list[str]:
    for name in scores:
        if name not in QUESTIONS:
            raise _bad(f"There is no such question; known: {', '.join(QUESTIONS)}.", "/scores")
    for name in sorted(REQUIRED - scores.keys()):
        raise _bad("This question is to be answered; the others may be left out.", f"/scores/{name}")
    return [name for name in QUESTIONS if name in scores]


def _score(name: str, value: JSON) -> int:
    if type(value) is not int or not LOWEST <= value <= HIGHEST:
        raise _bad(f"A score is a whole number from {LOWEST} to {HIGHEST}.", f"/scores/{name}")
    return value


def _members(value: JSON, names: set[str], where: str) -> dict[str, JSON]:
    if not isinstance(value, dict) or value.keys() != names:
        raise _bad(f"Expected an object of exactly {', '.join(sorted(names))}.", where)
    return value


def _case(value: JSON) -> str:
    if not isinstance(value, str) or not _PSEUDONYM.fullmatch(value):
        raise _bad("A case is named by its pseudonym, 22 to 43 base64url characters, as in case events.", "/case")
    return value


def _role(value: JSON, where: str) -> str:
    if value not in ROLES:
        raise _bad(f"A role is one of {', '.join(ROLES)}.", where)
    return str(value)


def _bad(message: str, where: str) -> BadAnswerError:
    return BadAnswerError("bad_feedback", message, where)

"""The table of refusals: complete, documented, each produced by a test."""

import ast
import re
import string
from pathlib import Path

import pytest

from hub.exchange.errors import EVENT_REFUSALS
from providers.errors import ProvidersError, TransferRefused
from providers.transfer.refusals import REFUSALS, refused
from providers.transfer.values import TRANSITIONS

ROOT = Path(__file__).parents[3]
ACTORS = {"issuer", "provider", "officers", "hub", "nobody"}
PAGE = "docs/reference/transfers.md"


def raised() -> set[str]:
    """Every word of the package's source that is a code of the table, outside the table."""
    found = set()
    for path in (ROOT / "providers" / "transfer").glob("*.py"):
        if path.name != "refusals.py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def test_every_code_is_raised_somewhere() -> None:
    assert set(REFUSALS) <= raised()


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_a_plain_sentence_with_somebody_to_act(code: str) -> None:
    sentence, actor, retryable = REFUSALS[code]
    assert re.fullmatch(r"[a-z0-9_]+", code)
    assert actor in ACTORS
    assert isinstance(retryable, bool)
    assert sentence[0].isupper() or sentence[0] == "{"
    assert sentence.endswith(".")


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_is_produced_by_a_test(code: str) -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert f'"{code}"' in texts


def test_messages_and_attributes() -> None:
    refusal = refused("not_sender", "/issuer", issuer="acme")
    assert isinstance(refusal, ProvidersError)
    assert isinstance(refusal, TransferRefused)
    assert str(refusal) == "acme is not the sender of this transfer. (/issuer)"
    assert (refusal.code, refusal.where, refusal.actor, refusal.retryable) == ("not_sender", "/issuer", "issuer", False)


def test_the_reference_lists_the_table() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| (.+?) \| (\w+) \| (yes|no) \|$", text, re.MULTILINE)
    assert [(code, sentence, actor, again == "yes") for code, sentence, actor, again in rows] == [
        (code, _printed(sentence), actor, retryable)
        for code, (sentence, actor, retryable) in (REFUSALS | EVENT_REFUSALS).items()
    ]


def _printed(sentence: str) -> str:
    """A sentence as documented: each fact as ⟨name⟩."""
    return "".join(text + (f"⟨{name}⟩" if name else "") for text, name, _, _ in string.Formatter().parse(sentence))


def test_the_reference_prints_the_transitions() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    section = text.split("## States")[1].split("are final")[0]
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \|", section, re.MULTILINE)
    printed = {old: frozenset(new.split(", ")) for old, new in rows if old != "from"}
    assert printed == {state: after for state, after in TRANSITIONS.items() if after}

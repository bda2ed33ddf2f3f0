"""The catalogue of refusals: complete, documented, each produced by a test."""

import ast
import re
import string
from pathlib import Path

import pytest

from registry.accreditations import TRANSITIONS
from registry.errors import REFUSALS, BatchEndedError, NotLoaded, Refused, RegistryError, refused, refused_by
from signing.errors import KeyRefusedError

ROOT = Path(__file__).parents[2]
ACTORS = {"issuer", "signer", "officers", "provider", "neutral", "hub", "nobody"}


def raised_codes() -> set[str]:
    """First arguments of every call of ``refused`` in the package."""
    found = set()
    for path in (ROOT / "registry").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refused":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.add(str(code.value))
    return found


def signing_codes() -> set[str]:
    """Codes that the parts of ``signing`` behind the rules may raise."""
    text = "".join((ROOT / "signing" / f"{name}.py").read_text(encoding="utf-8") for name in ("keyring", "authority"))
    return set(re.findall(r'Error\(\s*"([a-z0-9_]+)"', text))


def test_every_code_raised_is_in_the_catalogue_and_none_else() -> None:
    entry_checks = {"bad_jwk", "bad_curve", "bad_base64url", "bad_length", "key_not_canonical", "small_order_key"}
    assert raised_codes() | signing_codes() | entry_checks == set(REFUSALS)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_a_plain_sentence_with_somebody_to_act(code: str) -> None:
    sentence, actor, retryable = REFUSALS[code]
    assert re.fullmatch(r"[a-z0-9_]+", code)
    assert actor in ACTORS
    assert isinstance(retryable, bool)
    assert sentence[0].isupper() or sentence[0] in "{i"
    assert sentence.endswith((".", "{reason}", ":."))


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_is_produced_by_a_test(code: str) -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert f'"{code}"' in texts


def test_the_reference_lists_the_catalogue() -> None:
    text = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| (.+?) \| (\w+) \| (yes|no) \|$", text, re.MULTILINE)
    assert [(code, sentence, actor, again == "yes") for code, sentence, actor, again in rows] == [
        (code, _printed(sentence), actor, retryable) for code, (sentence, actor, retryable) in REFUSALS.items()
    ]


def _printed(sentence: str) -> str:
    """A sentence as documented: each fact as ⟨name⟩."""
    return "".join(text + (f"⟨{name}⟩" if name else "") for text, name, _, _ in string.Formatter().parse(sentence))


def test_messages_and_attributes() -> None:
    refusal = refused("actor_id_taken", "/issuer", actor="ann")
    assert str(refusal) == "The id ann belongs to another actor, or did; ids are never reused. (/issuer)"
    assert (refusal.code, refusal.where, refusal.actor, refusal.retryable) == (
        "actor_id_taken",
        "/issuer",
        "issuer",
        False,
    )
    taken = refused_by(KeyRefusedError("key_revoked", "The key was revoked at log index 4.", "kid"), "/signers/0")
    assert (str(taken), taken.actor) == ("The key was revoked at log index 4. (/signers/0)", "signer")
    assert str(Refused("x", "Said.")) == "Said."


def test_one_root() -> None:
    assert issubclass(Refused, RegistryError)
    assert issubclass(NotLoaded, RegistryError)
    assert issubclass(BatchEndedError, RegistryError)
    assert str(NotLoaded(frozenset({"b", "a"}))) == "State not loaded: a, b."


def test_the_reference_prints_the_transitions() -> None:
    text = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    section = text.split("## Accreditation: legal transitions")[1].split("##")[0]
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \|$", section, re.MULTILINE)
    assert {old: frozenset(new.split(", ")) for old, new in rows if old != "from"} == TRANSITIONS

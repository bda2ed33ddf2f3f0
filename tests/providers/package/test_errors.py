"""Every refusal has a word for the evidence, and the words are those of the protocol."""

import pytest

from providers.errors import ProvidersError
from providers.package.errors import REASONS, PackageRefusedError, WorkerFailedError, refusal_of
from signing.errors import FormatError

WORDS = {"wrong_key", "truncated", "manifest_mismatch", "package_invalid", "consent_defect", "hash_mismatch"}


def test_both_errors_are_of_the_family() -> None:
    assert issubclass(PackageRefusedError, ProvidersError)
    assert issubclass(WorkerFailedError, ProvidersError)


@pytest.mark.parametrize("code", [*REASONS, "anything_else"])
def test_a_refusal_has_a_word_for_the_evidence(code: str) -> None:
    assert PackageRefusedError(code, "A sentence.").reason in WORDS


def test_a_refusal_of_another_package_keeps_its_words() -> None:
    error = refusal_of(FormatError("not_json", "A sentence.", "/a"), "case.json")
    assert (error.code, error.message, error.where) == ("not_json", "A sentence.", "case.json/a")
    assert str(error) == "A sentence. (case.json/a)"

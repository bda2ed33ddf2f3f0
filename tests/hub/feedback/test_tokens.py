"""Tokens: their form, their hash, their link."""

import hashlib

import pytest

from hub.feedback.tokens import hash_of, link, new_token, read_token

TOKEN = "AbCdEfGhIjKlMnOpQrStUv"


def test_tokens_differ_and_are_read_from_their_header() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert {read_token(f"Feedback {one}") for one in made} == {hash_of(one) for one in made}
    assert hash_of(TOKEN) == hashlib.sha256(TOKEN.encode()).hexdigest()


@pytest.mark.parametrize(
    "header",
    [None, "", TOKEN, f"Draft {TOKEN}", f"Feedback {TOKEN}A", f"Feedback {TOKEN[1:]}", f"Feedback  {TOKEN}",
     f"Feedback {TOKEN[1:]}é", f"Feedback {TOKEN}\n"],
)  # fmt: skip
def test_what_is_no_token(header: str | None) -> None:
    assert read_token(header) is None


def test_the_token_stands_in_the_fragment_alone() -> None:
    address, _, fragment = link("https://hub.example", TOKEN, "es").partition("#")
    assert (address, fragment) == ("https://hub.example/feedback?lang=es", TOKEN)

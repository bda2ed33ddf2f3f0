"""Links: made, read back, and refused when a part of them is missing."""

import hashlib

import pytest

from providers.draftlinks import DraftLink, is_draft_id, new_secret, secret_hash
from providers.errors import GatewayError

ID = "0197b1a0-0000-7000-8000-000000000001"
SECRET = "AAECAwQFBgcICQoLDA0ODw"
NETWORK = "ab" * 32
LINK = DraftLink("https://hub.example:8600", ID, SECRET)


def test_a_link_is_read_as_it_was_made() -> None:
    text = LINK.text()
    assert text == f"https://hub.example:8600/desk#draft={ID}&secret={SECRET}&hub=https://hub.example:8600"
    assert DraftLink.parse(f" {text}\n") == LINK


def test_a_link_may_name_its_network() -> None:
    named = DraftLink(LINK.hub, ID, SECRET, NETWORK)
    assert named.text() == f"{LINK.text()}&network={NETWORK}"
    assert DraftLink.parse(named.text()) == named


def test_a_link_that_names_a_network_leads_to_no_other() -> None:
    named = DraftLink(LINK.hub, ID, SECRET, NETWORK)
    named.require(NETWORK)
    for other in ("cd" * 32, None):
        LINK.require(other)
        with pytest.raises(GatewayError, match="another network than the draft") as caught:
            named.require(other)
        assert caught.value.code == "wrong_network"


def test_what_stands_before_the_fragment_does_not_matter() -> None:
    assert DraftLink.parse(LINK.text().replace("https://hub.example:8600/desk", "file:///sign.html", 1)) == LINK
    assert DraftLink.parse(LINK.text().replace("hub=https://", "hub=https%3A%2F%2F", 1)) == LINK


@pytest.mark.parametrize(
    "text",
    [
        "", "https://hub.example/desk", f"#draft={ID}", f"#draft={ID}&secret={SECRET}",
        f"#draft={ID}&secret={SECRET[:-1]}&hub=https://hub.example",
        f"#draft={ID}&secret={SECRET}A&hub=https://hub.example",
        f"#draft={ID}x&secret={SECRET}&hub=https://hub.example",
        f"#draft={ID}&secret={SECRET}&hub=https://hub.example&hub=https://other.example",
        f"#draft={ID}&secret={SECRET}&hub=https://hub.example&more=1",
        f"{LINK.text()}&network=",
        f"{LINK.text()}&network={NETWORK[1:]}",
        f"{LINK.text()}&network={NETWORK.upper()}",
        f"{LINK.text()}&network={NETWORK}&network={NETWORK}",
    ],
)  # fmt: skip
def test_part_of_a_link_is_none(text: str) -> None:
    with pytest.raises(GatewayError, match="no whole draft link") as caught:
        DraftLink.parse(text)
    assert caught.value.code == "bad_draft_link"


def test_a_link_to_no_hub_is_refused() -> None:
    with pytest.raises(GatewayError) as caught:
        DraftLink.parse(f"#draft={ID}&secret={SECRET}&hub=ftp://hub.example")
    assert caught.value.code == "bad_hub_url"


def test_secrets_are_random_and_the_hub_gets_their_hash() -> None:
    one, two = new_secret(), new_secret()
    assert one != two
    assert len(one) == 22
    assert secret_hash(one) == hashlib.sha256(one.encode()).hexdigest()
    assert SECRET not in repr(LINK)


def test_ids_are_of_version_7() -> None:
    assert is_draft_id(ID)
    assert not is_draft_id(ID.replace("-7", "-4"))
    assert not is_draft_id(f"{ID}\n")

"""Signing from a distance, with real processes: nobody mails a file, and a court's verifier says yes at the end.

Hub and witness are processes in every test, the programs of the provider, the neutral and the court in the first one.

Officers decide two of three on the desk; a neutral without any key is invited by a link and signs their entry; an award
is sent, signed by link, and registered. Then the hub is killed between the last signature and the registration.
"""

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from signing.compose import sign
from signing.drafts import Draft
from signing.keyfile import parse_keyfile
from tests.fakes.exchangehouse import PASSPHRASE, house
from tests.fakes.pages import ROOT
from tests.fakes.people import ACCREDIT, ID, OFFICERS, People, admit, found, invite, send_award
from tests.providers.gateway.samples import PDF


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """A provider that officers have listed, and a neutral who was invited."""
    directory = tmp_path_factory.mktemp("desk")
    with house(directory, officers=3, threshold=2) as hub:
        found = People(directory, hub)
        admit(found)
        invite(found)
        yield found


def test_from_an_invitation_to_a_verified_award_without_mailing_a_file(people: People) -> None:
    name, link = send_award(people)
    pdf, key = people.directory / "award.pdf", people.directory / "neutral.key.json"
    swapped = people.directory / "swapped.pdf"
    swapped.write_bytes(PDF + b"another page\n")
    refused = people.gateway("sign", link, "--key", key, "--document", swapped, "--yes", code=1)
    assert "document_mismatch" in refused
    foreign = re.sub("network=[0-9a-f]{64}", "network=" + "cd" * 32, link)
    assert foreign != link, "the gateway's links name the network of its policy"
    assert "wrong_network" in people.gateway("sign", foreign, "--key", key, "--document", pdf, "--yes", code=1)
    assert "document_needed" in people.gateway("sign", link, "--key", key, "--yes", code=1)
    assert "sample-provider (provider)" in people.gateway("sign", link, "--key", key, "--document", pdf, "--yes")
    assert "already_signed" in people.gateway("sign", link, "--key", key, "--document", pdf, "--yes", code=1)
    signed = people.gateway("sign", name, "--dir", people.home, "--document", pdf, "--yes")
    assert "Registered at log index" in signed
    registered = people.gateway("award", "register", name, "--dir", people.home)
    assert "cosigned by w1" in registered
    assert f"Digest {next((people.home / 'receipts').glob('*.json')).stem}" in registered
    people.run("providers.cli", "award", "bundle", "--dir", people.home, "--document", pdf)
    bundle = people.directory / "award-bundle.zip"
    verdict = people.run("signing.cli", bundle, "--document", pdf, "--policy", people.policy)
    assert "Genuine: yes" in verdict


def test_an_invitation_of_another_network_than_its_link_names_is_not_accepted(people: People) -> None:
    profile, key = people.directory / "neutral.json", people.directory / "never.key.json"
    arguments = ("neutral", "invite", "--dir", people.home, "--id", "second-neutral", "--profile", profile)
    link = found(r"http\S+#draft=\S+", people.here(*arguments))
    foreign = re.sub("network=[0-9a-f]{64}", "network=" + "cd" * 32, link)
    assert "wrong_network" in people.here("sign", foreign, "--key", key, "--yes", code=1)
    assert not key.exists()


def test_the_how_to_shows_an_invitation_as_it_is_made(people: People) -> None:
    page = (ROOT / "docs/how-to/register-an-award.md").read_text(encoding="utf-8")
    entry = people.directory / "ann.json"
    entry.write_text(found(r"(?s)(?<=```json\n)\{\n  \"key_custody\".*?(?=```)", page))
    made = ("neutral", "invite", "--dir", people.home, "--id", "ann-example", "--profile", entry)
    shown = (
        page.partition("--profile ann.json\n")[2].partition("```")[0].replace("--dir gateway", f"--dir {people.home}")
    )
    pattern = (
        re.escape(shown).replace(r"01a20913\-…", ID).replace("…", r"\S+").replace(r"https://hub\.example", r"http\S+?")
    )
    assert re.fullmatch(pattern, people.here(*made))


def test_killed_between_the_last_signature_and_registration_it_is_registered_once(people: People) -> None:
    name, link = send_award(people)
    pdf, key = people.directory / "award.pdf", people.directory / "neutral.key.json"
    people.here("sign", link, "--key", key, "--document", pdf, "--yes")
    before = log_size(people)
    people.hub.hub.kill()
    last_signature_as_of_the_kill(people, name)
    people.hub.hub.start()
    until = time.monotonic() + 60
    while state_of(people, name) != "registered" and time.monotonic() < until:
        time.sleep(0.1)
    assert state_of(people, name) == "registered"
    assert "Registered at log index" in people.here("award", "register", name, "--dir", people.home)
    assert log_size(people) == before + 1


def test_an_officer_takes_back_what_they_put_on_the_desk_and_nothing_else(people: People) -> None:
    one, two = (("--key", people.key(each, "http")) for each in OFFICERS[:2])
    names = [shared_decision(people), shared_decision(people)]
    listed = people.officer("drafts", *one)
    assert all(name in listed for name in names)
    assert "draft_not_yours" in people.officer("drafts", "--withdraw", names[0], *two, code=1)
    more = [word for name in names for word in ("--withdraw", name)]
    assert people.officer("drafts", *more, *one) == "".join(f"{name}  It is withdrawn.\n" for name in names)
    assert "No draft is open." in people.officer("drafts", *one)
    assert "wrong_draft_state" in people.officer("drafts", "--withdraw", names[0], *one, code=1)


def test_what_everybody_signed_and_the_rules_refuse_for_now_is_listed_with_the_reason(people: People) -> None:
    """The provider that nominates is a member, and not accredited yet."""
    home, one = people.directory / "newcomer", OFFICERS[0]
    where = ("--hub", people.hub.url, "--policy", people.policy)
    profile = ("--profile", people.directory / "profile.json")
    people.here("init", "--dir", home, "--id", "newcomer", "--type", "provider", *where, *profile)
    key = ("--key", people.key(one, "statement"), "--yes")
    people.here("officer", "admit", home / "admission.draft.json", *where, *key)
    profile = ("--profile", people.directory / "neutral.json")
    told = people.here("neutral", "invite", "--dir", home, "--id", "early-neutral", *profile)
    link, name = found(r"http\S+#draft=\S+", told), found(ID, told)
    people.here("sign", link, "--key", people.directory / "early.key.json", "--yes")
    people.here("sign", name, "--dir", home, "--yes")
    reason = (
        "Waits: The nominating provider's accreditation is not in force. [nominator_not_accredited; to act: provider]"
    )
    told = people.officers_sign(name, one)
    assert f"Everybody has signed. {reason}; the hub tries again by itself until 20" in told
    assert reason in people.here("draft", "show", "--dir", home, name)
    assert f"missing: nobody\n  {reason}\n" in people.here("draft", "list", "--dir", home)
    listed = people.officer("drafts", "--key", people.key(one, "http"))
    assert listed.startswith(f"{name}  neutral of early-neutral, until 20")
    assert listed.endswith(f"\n  {reason}\n")
    assert people.here("draft", "list", "--dir", home, "--state", "open") == "No draft is open.\n"


def shared_decision(people: People) -> str:
    """A decision about the provider that the first officer prepares and the others are to sign; its id on the desk."""
    told = people.officer(
        "accredit", "sample-provider", *ACCREDIT, "--by", "officer-2", "--by", "officer-3", "--share",
        "--http-key", people.key(OFFICERS[0], "http"), "--policy", people.policy,
    )  # fmt: skip
    return found(ID, told.rpartition("waits on the desk")[2])


def test_a_neutral_reads_what_is_held_with_a_key_of_its_own(people: People) -> None:
    """The key is made and registered by the neutral alone; nobody else's key opens what is held."""
    where = ("--id", "sample-neutral", "--hub", people.hub.url, "--policy", people.policy)
    own, http = people.directory / "neutral.key.json", people.directory / "neutral.http.key.json"
    told = people.here("neutral", "http-key", *where, "--key", own, "--out", http, "--yes")
    assert "A CHANGE OF KEYS" in told
    assert "cosigned by w1" in told
    assert http.stat().st_mode & 0o077 == 0
    kid = parse_keyfile(http.read_bytes()).public.kid
    output = people.directory / "held.json"
    told = people.here("neutral", "held", *where, "--key", http, "--output", output)
    answer = json.loads(output.read_bytes())
    kinds = [one["kind"] for one in answer["statements"]]
    assert kinds == ["neutral", "key"]
    assert f"the hub holds {len(kinds)} statements, each proven to be in the log" in told
    assert f"  {kid}  http\n" in told
    assert {one["kid"] for one in answer["keys"]} == {parse_keyfile(own.read_bytes()).public.kid, kid}
    assert "file_exists" in people.here("neutral", "held", *where, "--key", http, "--output", output, code=1)
    theirs = people.home / "keys" / "http.key.json"
    assert "code not_for_you" in people.here("neutral", "held", *where, "--key", theirs, code=1)
    assert "code http_key_unknown" in people.here("neutral", "held", *where, "--key", own, code=1)
    again = people.here("neutral", "http-key", *where, "--key", own, "--out", http, "--yes")
    assert f"The key is registered already.\nThe key {kid} in {http} signs your requests." in again, (
        "after a lost answer"
    )
    assert parse_keyfile(http.read_bytes()).public.kid == kid, "the key that is there is not made anew"
    wrong = people.here("neutral", "http-key", *where, "--key", own, "--out", theirs, "--yes", code=1)
    assert "code key_known" in wrong, "the key in that file is somebody else's"
    officers_revoke(people, "sample-neutral", kid)
    again = people.here("neutral", "http-key", *where, "--key", own, "--out", http, "--yes", code=1)
    assert "code key_known" in again, "a revoked key is not called registered"
    assert "code http_key_refused" in people.here("neutral", "held", *where, "--key", http, code=1)


def officers_revoke(people: People, owner: str, kid: str) -> None:
    """Two officers revoke a key with a draft file that they pass on."""
    file, at = people.directory / "revocation.draft", ("--hub", people.hub.url, "--policy", people.policy)
    what = ("officer", "revoke", owner, kid, "--reason", "lost", *at)
    http_key = ("--http-key", people.key(OFFICERS[0], "http"))
    for given in ((), ("--out", file, "--share", *http_key)):
        assert "out_or_share" in people.here(*what, *given, code=1)
    assert "http_key_needed" in people.here(*what, "--share", code=1)
    assert not file.exists()
    assert "A CHANGE OF KEYS" in people.here(*what, "--out", file)
    assert "signature_missing" in people.here("officer", "post", file, *at, code=1, secret=False)
    for one in OFFICERS[:2]:
        people.here("officer", "sign", file, "--key", people.key(one, "statement"), "--yes")
    assert "Registered at index" in people.here("officer", "post", file, *at, secret=False)


def test_a_neutral_declines_by_link_and_the_provider_hears_why(people: People) -> None:
    name, link = send_award(people)
    told = people.here("sign", link, "--decline", "This is not the text\x1b[2J that I approved.", "--yes", secret=False)
    assert "Declined: This is not the text" in told
    assert "\x1b" not in told
    assert "that I approved." in people.here("draft", "show", "--dir", people.home, name)
    late = ("--key", people.directory / "neutral.key.json", "--document", people.directory / "award.pdf", "--yes")
    assert "draft_not_open" in people.here("sign", link, *late, code=1)
    draft = next(people.directory.glob("*.draft.json"))
    assert "code nobody_to_tell" in people.here("sign", draft, "--decline", "No.", code=1)


def test_a_draft_that_is_sent_again_hands_in_the_signatures_that_its_file_has_by_now(people: People) -> None:
    name, link = send_award(people)
    draft = max(people.directory.glob("*.draft.json"), key=lambda path: path.stat().st_mtime_ns)
    pdf = people.directory / "award.pdf"
    people.here("award", "sign", draft, "--dir", people.home, "--document", pdf, "--yes")
    told = people.here("award", "send", draft, "--dir", people.home)
    assert link in told
    assert "You sign it with" not in told
    people.here("sign", draft, "--key", people.directory / "neutral.key.json", "--document", pdf, "--yes")
    told = people.here("award", "send", draft, "--dir", people.home)
    assert f"The hub has the draft as {name}. Registered at log index" in told
    assert "Link for" not in told


def test_a_provider_declines_a_draft_by_its_id(people: People) -> None:
    name, _ = send_award(people)
    assert "code no_gateway" in people.here("sign", name, "--decline", "The wrong case.", "--yes", code=1)
    told = people.here("sign", name, "--dir", people.home, "--decline", "The wrong case.", "--yes")
    assert told == "Declined: The wrong case.\n"


def test_a_draft_is_fetched_into_a_file_and_taken_back(people: People) -> None:
    name, link = send_award(people)
    pdf, key = people.directory / "award.pdf", people.directory / "neutral.key.json"
    people.here("sign", link, "--key", key, "--document", pdf, "--yes")
    file = people.directory / "fetched.json"
    told = people.here("draft", "fetch", "--dir", people.home, name, "--output", file)
    assert f"Wrote {file}. Still to sign: sample-provider (provider)" in told
    fetched = Draft.from_bytes(file.read_bytes())
    assert list(fetched.missing().values()) == ["provider"], "the signature so far came along"
    assert "file_exists" in people.here("draft", "fetch", "--dir", people.home, name, "--output", file, code=1)
    assert people.here("draft", "withdraw", "--dir", people.home, name) == "It is withdrawn.\n"
    told = people.here("draft", "fetch", "--dir", people.home, name, "--output", file.with_suffix(".2"), code=1)
    assert "The hub shows no text of this draft. It is withdrawn." in told
    assert "code wrong_draft_state" in people.here("draft", "withdraw", "--dir", people.home, name, code=1)
    assert "code draft_not_open" in people.here("sign", link, "--key", key, "--document", pdf, "--yes", code=1), (
        "the link leads to nothing that could be signed"
    )


def test_an_application_is_shared_with_who_must_sign_too(people: People) -> None:
    """The first officer shares the file of an applicant who named two."""
    home = people.directory / "second"
    people.here(
        "init", "--dir", home, "--id", "second-provider", "--type", "provider", "--hub", people.hub.url,
        "--policy", people.policy, "--profile", people.directory / "profile.json",
        "--officer", "officer-1", "--officer", "officer-2",
    )  # fmt: skip
    draft, key = home / "admission.draft.json", ("--key", people.key(OFFICERS[0], "statement"), "--yes")
    assert "hub_needed" in people.here("officer", "admit", draft, *key, "--share", code=1)
    more = ("--policy", people.policy, "--hub", people.hub.url, "--http-key", people.key(OFFICERS[0], "http"))
    told = people.here("officer", "admit", draft, *key, *more, "--share")
    name = found(ID, told.rpartition("waits on the desk")[2])
    assert "Registered at log index" in people.officers_sign(name, OFFICERS[1])


def test_officers_publish_criteria_and_change_the_policy_on_the_desk(people: People) -> None:
    """Last, because a new policy counts for readers only once a witness has seen it."""
    share = ("--hub", people.hub.url, "--policy", people.policy, "--share", "--http-key")
    http, (first, second, third) = people.key(OFFICERS[0], "http"), OFFICERS
    assert "nothing_changes" in people.here("officer", "policy", *share, http, code=1)
    chosen = ("--by", "officer-2", "--by", "officer-3")
    told = people.here("officer", "reference", "icodr-standards", *chosen, *share, http)
    name = found(ID, told.rpartition("waits on the desk")[2])
    assert "Registered at log index" in people.officers_sign(name, second, third)
    told = people.here("officer", "policy", "--affiliation", "officer-3=sample-provider", *share, http)
    name = found(ID, told.rpartition("waits on the desk")[2])
    assert "Still to sign: officer-2 (officer)" in people.officers_sign(name, first)
    assert "Registered at log index" in people.officers_sign(name, second)


def last_signature_as_of_the_kill(people: People, name: str) -> None:
    """What the transaction of the last signature has written, when the process dies right after it."""
    from providers.gateway.keystore import open_signing_key

    key = open_signing_key(people.home / "keys" / "statement.key.json", PASSPHRASE)
    with database(people) as connection:
        (payload,) = connection.execute("SELECT payload FROM drafts WHERE id = ?", (name,)).fetchone()
        one: dict[str, Any] = sign(payload, key, "provider", int(time.time()))
        connection.execute(
            "UPDATE draft_signers SET signed = 1, protected = ?, signature = ? WHERE draft = ? AND kid = ?",
            (one["protected"], one["signature"], name, key.kid),
        )
        connection.execute("UPDATE drafts SET state = 'complete' WHERE id = ?", (name,))
        connection.commit()


def state_of(people: People, name: str) -> str:
    with database(people) as connection:
        return str(connection.execute("SELECT state FROM drafts WHERE id = ?", (name,)).fetchone()[0])


def log_size(people: People) -> int:
    with database(people) as connection:
        return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])


def database(people: People) -> Any:
    return closing(sqlite3.connect(people.hub.hub_data / "hub.sqlite3", timeout=20))

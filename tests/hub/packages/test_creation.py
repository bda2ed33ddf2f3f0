"""What an announcement must satisfy, at each bound."""

from dataclasses import replace

import pytest

from hub.packages.creation import Announcement, check_announcement, check_disk, check_situation, needed_octets
from hub.packages.errors import OutOfSpaceError, PackagesError
from hub.settings import UploadsSection
from hub.storage.uploads import Situation
from hub.storage.values import Package

LIMITS = UploadsSection(package_bytes=5_000_000, quota_bytes=10_000_000, open_uploads=3, free_bytes=100)
BRIEF = Announcement("acme-odr", "brief", "urn:odr:acme-odr:1", "brio-odr", "ab" * 32, 1_048_576)


def code(error: pytest.ExceptionInfo[PackagesError]) -> tuple[str, str]:
    return error.value.code, error.value.where


def test_sizes_by_purpose() -> None:
    check_announcement(BRIEF, LIMITS)
    check_announcement(replace(BRIEF, purpose="package", size=5_000_000), LIMITS)
    for one in (replace(BRIEF, size=1_048_577), replace(BRIEF, purpose="package", size=5_000_001)):
        with pytest.raises(PackagesError) as caught:
            check_announcement(one, LIMITS)
        assert code(caught) == ("too_large", "Upload-Length")


def test_transfers_are_opened_by_their_sender() -> None:
    for transfer in ("urn:odr:acme-odr-2:1", "urn:odr:brio-odr:1"):
        with pytest.raises(PackagesError) as caught:
            check_announcement(replace(BRIEF, transfer=transfer), LIMITS)
        assert code(caught) == ("transfer_id_of_other_issuer", "transfer")


PROVIDER = {"role": "provider", "active": True}
FREE = Situation(PROVIDER, None, octets=0, unfinished=0, awaited={})


def refused(found: Situation, announced: Announcement = BRIEF) -> PackagesError:
    with pytest.raises(PackagesError) as caught:
        check_situation(announced, found, LIMITS)
    return caught.value


def test_a_recipient_is_another_active_provider() -> None:
    check_situation(BRIEF, FREE, LIMITS)
    for recipient in (None, PROVIDER | {"active": False}, PROVIDER | {"role": "court"}):
        assert refused(replace(FREE, recipient=recipient)).code == "recipient_unknown"
    assert refused(FREE, replace(BRIEF, recipient="acme-odr")).code == "recipient_unknown"


def test_once_and_never_again() -> None:
    package = Package("ab" * 32, "acme-odr", "brio-odr", "t", "brief", 5, 1)
    assert refused(replace(FREE, same=package)).code == "package_stored"
    assert refused(replace(FREE, same=replace(package, deleted_at=9))).code == "package_deleted"


def test_quota_counts_what_is_stored_and_announced() -> None:
    check_situation(BRIEF, replace(FREE, octets=10_000_000 - BRIEF.size, unfinished=2), LIMITS)
    error = refused(replace(FREE, octets=10_000_001 - BRIEF.size))
    assert isinstance(error, OutOfSpaceError)
    assert (error.code, error.retry_after) == ("quota_exceeded", 600)
    many = refused(replace(FREE, unfinished=3))
    assert (many.code, many.message) == ("too_many_uploads", "3 uploads of yours are unfinished.")


def test_the_disk_keeps_its_floor() -> None:
    check_disk(150, 50, LIMITS)
    with pytest.raises(OutOfSpaceError) as caught:
        check_disk(150, 51, LIMITS)
    assert (caught.value.code, caught.value.retry_after) == ("disk_full", 60)


PACKAGE = replace(BRIEF, purpose="package", size=10)


def test_what_others_announced_counts_up_to_a_share_of_the_room() -> None:
    found = replace(FREE, awaited={"acme-odr": 300, "cora-odr": 7, "dora-odr": 1_000_000})
    assert needed_octets(PACKAGE, found, 500, LIMITS) == 300 + 7 + (500 - 100) // 4 + 10
    assert needed_octets(PACKAGE, found, 50, LIMITS) == 300 + 10
    assert needed_octets(PACKAGE, FREE, 500, LIMITS) == 10


def test_a_brief_waits_for_nobody_who_has_not_sent() -> None:
    found = replace(FREE, awaited={"acme-odr": 1 << 40, "cora-odr": 1 << 40})
    assert needed_octets(BRIEF, found, 5_000_000, LIMITS) == BRIEF.size

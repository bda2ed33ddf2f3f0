"""What the announcement of an upload must satisfy before a single octet is taken in."""

from dataclasses import dataclass

from hub.packages.errors import OutOfSpaceError, UploadError
from hub.settings import UploadsSection
from hub.storage.uploads import Situation
from hub.storage.values import Package

__all__ = ["PURPOSES", "Announcement", "check_announcement", "check_disk", "check_situation", "needed_octets"]

BRIEF_BYTES = 1_048_576
"""Largest brief (PROTOCOL §7)."""
SHARE = 4
"""One part in so many of the room on disk is what a member's unsent octets hold against other members, at most.

What is announced is to find its room when it comes, so it counts before it is sent. But announcing costs nothing and
lasts a day: without a bound one member could keep all others out with three requests. A quarter leaves room for
everybody else while three members are at it. The price is that large packages of several members may be announced
together that have no room together; the last of them then waits with ``disk_full`` half-way, and loses nothing.
"""
PURPOSES = ("brief", "package")


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a member wants to upload: for whom, for which transfer, which octets."""

    owner: str
    purpose: str
    transfer: str
    recipient: str
    sha256: str
    size: int


def check_announcement(announced: Announcement, limits: UploadsSection) -> None:
    """Refuse a file too large for its purpose, and one for a transfer that another member would have to open.

    Raises:
        UploadError: too_large, transfer_id_of_other_issuer.
    """
    most = BRIEF_BYTES if announced.purpose == "brief" else limits.package_bytes
    if announced.size > most:
        raise UploadError("too_large", f"A {announced.purpose} has at most {most} bytes.", "Upload-Length")
    if not announced.transfer.startswith(f"urn:odr:{announced.owner}:"):
        raise UploadError(
            "transfer_id_of_other_issuer",
            f"The transfer id does not begin with urn:odr:{announced.owner}:.",
            "transfer",
        )


def check_situation(announced: Announcement, found: Situation, limits: UploadsSection) -> None:
    """Hold an announcement against the register, what is stored, and the member's quota.

    Raises:
        UploadError: recipient_unknown, package_stored, package_deleted, too_many_uploads.
        OutOfSpaceError: quota_exceeded.
    """
    recipient = found.recipient
    known = recipient is not None and recipient["active"] and recipient["role"] == "provider"
    if not known or announced.recipient == announced.owner:
        raise UploadError("recipient_unknown", "No other provider has the id of the recipient.", announced.recipient)
    _check_new(found.same)
    if found.unfinished >= limits.open_uploads:
        raise UploadError("too_many_uploads", f"{found.unfinished} uploads of yours are unfinished.")
    if found.octets + announced.size > limits.quota_bytes:
        raise OutOfSpaceError(
            "quota_exceeded", f"You have {found.octets} bytes here, of {limits.quota_bytes} that a member may have."
        )


def check_disk(free: int, needed: int, limits: UploadsSection) -> None:
    """Refuse ``needed`` octets when less than the floor would stay free.

    Raises:
        OutOfSpaceError: disk_full.
    """
    if free - needed < limits.free_bytes:
        raise OutOfSpaceError("disk_full", "The hub's disk has no room for this now.", retry_after=60)


def needed_octets(announced: Announcement, found: Situation, free: int, limits: UploadsSection) -> int:
    """How much of what is ``free`` on the disk an announcement needs, with what was announced before it.

    All that its owner has not sent yet counts, and of every other member at most a ``SHARE`` of the room. A brief
    needs its own octets alone: it is so small that it never has to wait for packages that may never come.
    """
    if announced.purpose == "brief":
        return announced.size
    most = max(free - limits.free_bytes, 0) // SHARE
    others = sum(min(octets, most) for owner, octets in found.awaited.items() if owner != announced.owner)
    return found.awaited.get(announced.owner, 0) + others + announced.size


def _check_new(same: Package | None) -> None:
    """Refuse what is stored already, or was, for the same recipient and transfer."""
    if same is not None and same.deleted_at is None:
        raise UploadError("package_stored", "This file is stored already for this recipient and transfer.", "sha256")
    if same is not None:
        raise UploadError("package_deleted", "This file was stored for this transfer and deleted as planned.", "sha256")

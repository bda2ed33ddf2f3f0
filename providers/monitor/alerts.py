"""What a monitor tells: alerts, each with a stable code, what it means and what is to be done.

Three sorts. An *incident* is a contradiction that the log has signed: it stays until a person acknowledges it, whatever
the log shows afterwards. An *entry* stays until it turns out to be the member's own, or is acknowledged. A *condition*
is gone when the next visit finds it gone.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from signing.encoding import JSON

__all__ = ["MEANINGS", "Alert", "Meaning", "State"]


class State(StrEnum):
    """The answer to the one question: is all well?"""

    WELL = "well"
    ALERT = "alert"
    UNKNOWN = "unknown"


class Meaning(NamedTuple):
    """What a code stands for, in a few words, and what is to be done about it."""

    title: str
    advice: str


_ASK_HUB = "Ask the hub's operator. If it goes on, tell an officer and another member."
_TELL_ALL = "Keep the evidence. Tell officers, members and witnesses; rely on no new receipt until they answer."
_OURS = "If somebody here made it elsewhere, acknowledge it. If not, revoke your keys and tell an officer today."

MEANINGS = MappingProxyType(
    {
        "log_forked": Meaning("The log shows two histories", _TELL_ALL),
        "log_rolled_back": Meaning("The log shows fewer entries than before", _TELL_ALL),
        "other_log": Meaning("This is another log than the one that the policy names", _TELL_ALL),
        "bad_log_signature": Meaning("The log's signature on its checkpoint fails", _ASK_HUB),
        "bad_cosignature": Meaning("A witness's signature on the checkpoint fails", _ASK_HUB),
        "unwitnessed": Meaning("The quorum of witnesses has not seen the newest checkpoint", _ASK_HUB),
        "stale": Meaning("No witness has looked at the log for too long", _ASK_HUB),
        "cosigned_ahead": Meaning(
            "A witness signed in the future", "Compare this computer's clock, then ask the witness."
        ),
        "entries_withheld": Meaning("The hub does not show entries that its log has signed", _TELL_ALL),
        "entries_altered": Meaning("The entries that the hub shows are not those that its log has signed", _TELL_ALL),
        "tiles_withheld": Meaning("The hub does not show hashes that its log has signed", _ASK_HUB),
        "tiles_altered": Meaning("The hashes that the hub shows are not those of its entries", _TELL_ALL),
        "policy_untrusted": Meaning("The chain of policies does not follow from the pinned one", _TELL_ALL),
        "policy_withheld": Meaning("The hub hides a policy that its log holds", _TELL_ALL),
        "entry_under_our_tag": Meaning("A sealed entry in your name that was not made here", _OURS),
        "entry_in_our_name": Meaning("A public entry in your name that was not made here", _OURS),
        "key_by_others": Meaning(
            "Somebody else changed your keys",
            "Ask the officers why. An added key waits 72 hours before it signs; acknowledge it once you know.",
        ),
        "monitor_key_unknown": Meaning(
            "A monitor key of yours is not here: what stands under it is not seen",
            "Put its key file beside the others as keys/monitor.NAME.key.json, or name it with --monitor-key: the log "
            "is then read again. If nobody here made the key, revoke your keys and tell an officer today.",
        ),
        "statement_withheld": Meaning("The hub does not show a public statement that its log holds", _ASK_HUB),
        "unreadable_entry": Meaning("The log holds something that is no entry", _ASK_HUB),
    }
)
"""Every code."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that is not as it must be.

    ``index`` is the log index of an entry, ``incident`` the number of an incident; a condition has neither. ``since``
    and the names of ``evidence`` (files below the monitor's directory) say where to look further.
    """

    code: str
    message: str
    since: int
    index: int | None = None
    incident: int | None = None
    evidence: tuple[str, ...] = ()

    @property
    def meaning(self) -> Meaning:
        """Title and advice."""
        return MEANINGS[self.code]

    @property
    def name(self) -> str:
        """What tells this alert from every other one that stands at the same time."""
        return f"{self.code}/{self.index}/{self.incident}"

    def to_json(self) -> dict[str, JSON]:
        """As ``/alerts.json`` and ``--json`` show it."""
        found: dict[str, JSON] = {"code": self.code, "title": self.meaning.title, "message": self.message}
        found |= {"advice": self.meaning.advice, "since": self.since, "evidence": list(self.evidence)}
        if self.index is not None:
            found["index"] = self.index
        if self.incident is not None:
            found["incident"] = self.incident
        return found

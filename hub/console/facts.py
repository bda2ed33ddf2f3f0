"""What the console knows of the network at one moment; what is to be done about it is ``attention``'s question.

Times are POSIX seconds. Names of subjects are those of their newest registered profile; they are members' texts and
never trusted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = [
    "AlarmFact",
    "AnswersFact",
    "ApplicationFact",
    "DecisionFact",
    "DoubtFact",
    "DraftFact",
    "EnquiryFact",
    "Facts",
    "KeyFact",
]


@dataclass(frozen=True, slots=True)
class DraftFact:
    """A draft that waits for signatures.

    Attributes:
        id: under which the hub keeps it.
        kind: of the statement.
        about: actor that it is about, empty where it is about none.
        status: the status that it would give to an accreditation, the action of a key statement, else empty.
        yours: whether the signature of the officer who looks is missing.
        missing: how many signatures are missing.
        since: when it was posted.
        expires: when it lapses.
        official: whether an officer posted it.
    """

    id: str
    kind: str
    about: str
    status: str
    yours: bool
    missing: int
    since: int
    expires: int
    official: bool = True


@dataclass(frozen=True, slots=True)
class ApplicationFact:
    """A request for membership.

    Attributes:
        id: under which the hub keeps it.
        name: what the applicant is called, by its own words.
        state: ``ready`` (the self-test passed), ``stuck`` (a step of it failed or nothing moves), ``testing``.
        since: when it came to that state.
        expires: when the request lapses.
    """

    id: str
    name: str
    state: str
    since: int
    expires: int


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """The newest decision on the accreditation of a subject.

    Attributes:
        subject: actor id.
        name: what it is called.
        status: as decided.
        since: entry time of the decision.
        ends: when validity ends.
        cure: until when conditions are to be fulfilled or a concern cured, None without.
        consulted: whether the panel has reported.
        appeal: state of the appeal, empty without one.
        appeal_until: until when one can be lodged, None without.
    """

    subject: str
    name: str
    status: str
    since: int
    ends: int
    cure: int | None = None
    consulted: bool = False
    appeal: str = ""
    appeal_until: int | None = None


@dataclass(frozen=True, slots=True)
class KeyFact:
    """A key whose state will change, or must be answered.

    Attributes:
        owner: actor id.
        kid: of the key.
        state: ``waiting`` (officers made it, it waits 72 h), ``overlap`` (retired, signs still), ``suspended`` (came in
            through a revoked key and was not confirmed).
        since: entry time of what brought it there.
        until: when it ends by itself, None where it does not.
    """

    owner: str
    kid: str
    state: str
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class DoubtFact:
    """A key revoked backwards, and the awards that this put in doubt; awards are counted, never named.

    Attributes:
        owner: actor id.
        kid: of the revoked key.
        awards: how many that nobody has reviewed since.
        since: entry time of the revocation.
        at_least: whether there may be more than were counted.
    """

    owner: str
    kid: str
    awards: int
    since: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class AlarmFact:
    """An alarm of the hub that concerns officers."""

    code: str
    since: int


@dataclass(frozen=True, slots=True)
class AnswersFact:
    """Answers of parties that the rules refuse to register.

    Attributes:
        code: of the refusal.
        answers: how many.
        since: when the first of them were refused for this reason.
    """

    code: str
    answers: int
    since: int


@dataclass(frozen=True, slots=True)
class EnquiryFact:
    """An enquiry that its provider has not commented on.

    Attributes:
        since: when it was sent.
        due: until when the provider may comment.
    """

    since: int
    due: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything together.

    Attributes:
        more_drafts: how many drafts wait beside those that are told.
        more_applications: how many applications do.
    """

    drafts: Sequence[DraftFact] = field(default=())
    applications: Sequence[ApplicationFact] = field(default=())
    decisions: Sequence[DecisionFact] = field(default=())
    keys: Sequence[KeyFact] = field(default=())
    doubts: Sequence[DoubtFact] = field(default=())
    alarms: Sequence[AlarmFact] = field(default=())
    enquiries: Sequence[EnquiryFact] = field(default=())
    answers: Sequence[AnswersFact] = field(default=())
    more_drafts: int = 0
    more_applications: int = 0

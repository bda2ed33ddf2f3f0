"""The text of an agreement to resolve disputes with a named provider, in each language of the pages. Pure.

What it contains follows what makes such agreements hold: provider and rules by name and version, the stages, the seat
and the language, and consent to one named successor, because the provider is part of the agreement and nobody else
can take its place without the consent of all parties. It is a text to start from and no legal advice.
"""

from dataclasses import dataclass

from hub.web.formats import tongue
from hub.web.languages import Language

__all__ = ["Terms", "agreement"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the parties choose.

    Attributes:
        provider: name and actor id; so is ``successor``.
        rules: title and version.
        stages: of the provider, up to the last one wanted, in their order.
        language: of the procedure (BCP 47).
        seat: city and country; None leaves a blank.
    """

    provider: tuple[str, str]
    rules: tuple[str, str]
    stages: tuple[str, ...]
    language: str
    network: str
    seat: str | None = None
    successor: tuple[str, str] | None = None


def agreement(language: Language, terms: Terms) -> tuple[str, ...]:
    """The paragraphs in ``language``, numbered."""
    say = language.translations
    arbitrates, mediates = "arbitration" in terms.stages, "mediation" in terms.stages
    told = {
        "provider": terms.provider[0],
        "id": terms.provider[1],
        "network": f"{terms.network[:16]}…",
        "rules": terms.rules[0],
        "version": terms.rules[1],
    }
    paragraphs = [
        say.gettext(
            "Any dispute arising out of or in connection with this contract, including any question about its "
            "existence, validity, interpretation, performance or termination, shall be resolved online by %(provider)s "
            "(identifier %(id)s in the network %(network)s) under its rules “%(rules)s”, version %(version)s."
        )
        % told,
        _joined(language, *_stages(language, terms)),
    ]
    if arbitrates and mediates:
        paragraphs.append(
            say.gettext(
                "Whoever acted as mediator shall not act as arbitrator, unless both parties agree to this in writing "
                "after the mediation has ended."
            )
        )
    paragraphs.append(_place(language, terms, arbitrates))
    paragraphs.append(
        say.gettext(
            "Notices and documents shall be exchanged on the provider's platform. The parties' addresses for this are: "
            "[electronic address of each party]."
        )
    )
    paragraphs.append(_succession(language, terms))
    return tuple(f"{number}. {text}" for number, text in enumerate(paragraphs, 1))


def _stages(language: Language, terms: Terms) -> list[str]:
    say = language.translations
    texts = {
        "negotiation": say.gettext("The parties shall first negotiate on the provider's platform."),
        "mediation": say.gettext(
            "A mediator appointed by the provider shall help them to settle what they have not settled."
        ),
        "arbitration": say.gettext(
            "What is not settled shall be finally decided in arbitration by one arbitrator. The award is final and "
            "binds the parties."
        ),
    }
    found = [texts[stage] for stage in texts if stage in terms.stages]
    if "arbitration" not in terms.stages:
        found.append(
            say.gettext("This is no agreement to arbitrate: what is not settled may be brought before the courts.")
        )
    return found


def _place(language: Language, terms: Terms, arbitrates: bool) -> str:  # noqa: FBT001
    say = language.translations
    spoken = say.gettext("The language of the proceedings is %(language)s.") % {
        "language": tongue(language, terms.language)
    }
    if not arbitrates:
        return spoken
    seat = terms.seat or say.gettext("[city and country]")
    return _joined(language, say.gettext("The seat of the arbitration is %(seat)s.") % {"seat": seat}, spoken)


def _joined(language: Language, *sentences: str) -> str:
    """Sentences one after the other; Chinese has no space between them."""
    return ("" if language.locale.language == "zh" else " ").join(sentences)


def _succession(language: Language, terms: Terms) -> str:
    say = language.translations
    successor = say.gettext("[name of the successor provider]")
    if terms.successor is not None:
        successor = say.gettext("%(name)s (identifier %(id)s)") % {"name": terms.successor[0], "id": terms.successor[1]}
    return say.gettext(
        "If the provider can no longer administer the dispute because it has closed, has lost its accreditation or "
        "must decline, the parties consent now that %(successor)s takes its place and receives the case file. The "
        "successor's rules in force at that time apply; seat and language stay the same. A transfer to any other "
        "provider needs the consent of all parties at that time."
    ) % {"successor": successor}

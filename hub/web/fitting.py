"""Whether a provider fits a dispute, condition by condition, as its own profile tells. Pure; nobody is ranked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.web.formats import amount, economy, listed, tongue
from hub.web.languages import Language
from signing.encoding import JSON

__all__ = ["CONDITIONS", "Need", "Point", "fits", "met_text", "missed_text", "points", "where_text", "would_fit"]

CONDITIONS = ("dispute_type", "stage", "language", "amount")
"""What a reader can relax, in the order of the questions."""


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody looks for; what is None was not said and asks for nothing.

    Attributes:
        economies: where the sides are, one for each side that was said (ISO 3166-1).
        amount: in ``currency`` (ISO 4217); both or neither.
    """

    dispute_type: str | None = None
    stage: str | None = None
    language: str | None = None
    economies: tuple[str, ...] = ()
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One condition: met, not met, or None where the profile can't tell."""

    name: str
    met: bool | None


def points(profile: Mapping[str, JSON], accredited: bool, need: Need) -> tuple[Point, ...]:  # noqa: FBT001
    """Every condition of ``need`` against a provider's profile, accreditation first."""
    return (Point("accredited", accredited), *(Point(name, met) for name, met in _conditions(profile, need)))


def would_fit(profile: Mapping[str, JSON], need: Need, without: Iterable[str] = ()) -> bool:
    """Whether an accredited provider fits when the conditions ``without`` are dropped; asked of a thousand at once."""
    return all(met is not False or name in without for name, met in _conditions(profile, need))


def _conditions(profile: Mapping[str, JSON], need: Need) -> Iterator[tuple[str, bool | None]]:
    """Each condition that the profile decides, and whether it is met; one after another, as far as they are asked."""
    if need.dispute_type is not None:
        yield "dispute_type", need.dispute_type in profile["dispute_types"]
    if need.stage is not None:
        yield "stage", need.stage in profile["stages_offered"]
    if need.stage == "arbitration" and need.stage in profile["stages_offered"]:
        yield "binding", bool(profile["binding"])
    if need.language is not None:
        yield "language", _speaks(profile["languages_procedure"], need.language)
    if need.amount is not None:
        yield "amount", _accepts(profile.get("value_threshold"), need)


def fits(found: Iterable[Point]) -> bool:
    """Whether no condition is missed; what can't be told is for the reader to ask."""
    return all(one.met is not False for one in found)


def met_text(language: Language, found: Sequence[Point], need: Need, profile: Mapping[str, JSON]) -> str:
    """Why it fits, in one sentence; then what can't be told."""
    say = language.translations
    words = {
        "accredited": say.gettext("is accredited"),
        "dispute_type": say.gettext("takes this kind of dispute"),
        "stage": _conducts(language, need.stage),
        "binding": say.gettext("its award binds the parties"),
        "language": say.gettext("works in %(language)s") % {"language": tongue(language, need.language or "")},
        "amount": say.gettext("accepts this amount"),
    }
    text = say.gettext("Fits: %(reasons)s.") % {
        "reasons": listed(language, [words[one.name] for one in found if one.met])
    }
    return f"{text} {_unsure(language, found, profile)}".rstrip()


def missed_text(language: Language, found: Sequence[Point], need: Need, profile: Mapping[str, JSON]) -> str:
    """Why it does not quite fit, in one sentence."""
    say = language.translations
    words = {
        "accredited": say.gettext("it is not accredited now"),
        "dispute_type": say.gettext("it does not take this kind of dispute"),
        "stage": _conducts_no(language, need.stage),
        "binding": say.gettext("its award does not bind the parties"),
        "language": say.gettext("it works in %(languages)s only")
        % {"languages": listed(language, [tongue(language, one) for one in profile["languages_procedure"]])},
        "amount": say.gettext("it accepts amounts %(limits)s only") % {"limits": limits_text(language, profile)},
    }
    reasons = listed(language, [words[one.name] for one in found if one.met is False])
    return say.gettext("Not quite: %(reasons)s.") % {"reasons": reasons}


def where_text(language: Language, profile: Mapping[str, JSON], need: Need) -> str:
    """Where it is established, seen from the sides."""
    say, place = language.translations, {"economy": economy(language, profile["economy"])}
    here = profile["economy"] in need.economies
    if not need.economies or (len(need.economies) == 1 and not here):
        return say.gettext("Established in %(economy)s.") % place
    if not here:
        return say.gettext("Established in %(economy)s, where neither side is.") % place
    if len(need.economies) == 1:
        return say.gettext("Established in %(economy)s, the place of the side that you named.") % place
    if len(set(need.economies)) == 1:
        return say.gettext("Established in %(economy)s, as both sides.") % place
    return say.gettext("Established in %(economy)s, the place of one side.") % place


def limits_text(language: Language, profile: Mapping[str, JSON]) -> str:
    """The amounts that a provider accepts."""
    say, limits = language.translations, profile.get("value_threshold") or {}
    told = {name: amount(language, limits[name], limits["currency"]) for name in ("min", "max") if name in limits}
    if len(told) == 2:
        return say.gettext("from %(min)s to %(max)s") % told
    if "max" in told:
        return say.gettext("up to %(max)s") % told
    return say.gettext("from %(min)s") % told if told else say.gettext("of any size")


def _conducts(language: Language, stage: str | None) -> str:
    say = language.translations
    return {
        "negotiation": say.gettext("conducts negotiations"),
        "mediation": say.gettext("conducts mediations"),
    }.get(stage or "", say.gettext("conducts arbitrations"))


def _conducts_no(language: Language, stage: str | None) -> str:
    say = language.translations
    return {
        "negotiation": say.gettext("it conducts no negotiations"),
        "mediation": say.gettext("it conducts no mediations"),
    }.get(stage or "", say.gettext("it conducts no arbitrations"))


def _unsure(language: Language, found: Sequence[Point], profile: Mapping[str, JSON]) -> str:
    if all(one.met is not None for one in found):
        return ""
    say = language.translations
    if profile.get("value_threshold") is None:
        return say.gettext("It names no limits on amounts: ask.")
    told = {"limits": limits_text(language, profile)}
    return say.gettext("It accepts amounts %(limits)s: compare, the currency is another.") % told


def _speaks(languages: Iterable[str], wanted: str) -> bool:
    """A language asked for is a range (RFC 4647 basic filtering): zh is spoken where zh-Hans is."""
    asked = wanted.lower()
    return any(one.lower() == asked or one.lower().startswith(f"{asked}-") for one in languages)


def _accepts(limits: Mapping[str, JSON] | None, need: Need) -> bool | None:
    if limits is None or need.amount is None:
        return None
    if "min" not in limits and "max" not in limits:
        return True
    if limits["currency"] != need.currency:
        return None
    return Decimal(limits.get("min", 0)) <= need.amount <= Decimal(limits.get("max", "Infinity"))

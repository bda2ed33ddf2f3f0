"""What may not leave a provider: privileged files without consent, bank details, tax numbers.

*Items.* What is privileged (class C3: offers, caucus notes, trade secrets) travels only when every party
of the case gave an ``item_disclosure`` consent that names its SHA-256 and the recipient, and that holds
at the time of dispatch. Items are the files, and within ``case.json`` the communications of class C3
that have a body and, once negotiations have begun, the solutions that a claim proposes, each by the SHA-256
of its text in UTF-8, which is computed here whatever the case file says it is. An item's class must be among
those that the offer announced.

*Text.* No transfer carries bank details or tax numbers: the schemas have no place for them, and free
text is searched. Found are member names that ask for them, and IBANs with valid check digits in capitals
or small letters, in groups or letter by letter, divided by white space, dashes, or the dots and strokes of
``_DIVIDERS``. *Not* found are one whose line ends after its country; one whose country is a word of the
sentence (``no. 4006381000178``), that is with a gap after it and in small letters or before a full stop, with
the check digits not by themselves and no letters in the number; one with a gap after its country and groups
that are neither equal nor those of the country (``accountfields``), or in columns of a table that has more of
them; one that other letters or digits touch; account numbers without check digits, cards, and anything inside
documents: keeping those out is the sender's duty.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise

from providers.package.accountfields import LENGTHS, is_written_so
from providers.package.errors import PackageRefusedError
from signing.encoding import JSON, sha256_hex
from signing.statement import seconds

__all__ = ["Terms", "check_item", "has_iban", "privileged_texts", "refuse_financial_details"]

ROLES = {"claimant": "claimants", "respondent": "respondents", "joined": "joined"}
_BANK = re.compile(
    r"(bank|iban|bic|swift|routing_?number|sort_?code|account_?(no|nr|number|holder)|card_?(no|nr|number)|clabe|cnaps|ifsc)"
)
_TAX = re.compile(r"(tax_?(id|no|nr|number|payer)|vat_?(id|no|nr|number)|tin|nif|ein|abn|gstin|rfc|cuit|uscc)")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_GAP = " .\t\n"
"""What stands for a gap, each for one: a full stop first, or a line end in it, or one as in a table, or any other."""

_APART = " .\t"
"""A gap that may stand after the country."""

_COLUMN = "\t"
_MORE_COLUMNS = re.compile(f"{_COLUMN}[0-9]")

_IBAN_START = re.compile(rf"(?:(?<![A-Z0-9])|(?<=IBAN))[A-Z]{{2}}[{_APART}]?[0-9][{_GAP}]?[0-9]")
_SPELLED_START = re.compile(rf"(?<![A-Z0-9])(?=[A-Z][{_GAP}][A-Z](?:[{_GAP}][0-9]){{2}}[{_GAP}])")
_IDENTIFIER = re.compile(r"urn:odr:[a-z0-9-]+:[0-9a-f-]{36}|[0-9a-f]{64}|(?!.[-_].[-_])[A-Za-z0-9_-]{43}")
_DIGITS_ALONE = frozenset({
    "AE", "AT", "BA", "BE", "CZ", "DE", "DK", "EE", "ES", "FI", "FO", "GL", "HR", "HU", "IL", "IS", "LT", "ME", "NO",
    "PL", "PT", "RS", "SE", "SI", "SK", "TN", "XK",
})  # fmt: skip
"""Countries whose IBANs have digits alone after the country: a postcode (SE10 8XR) with words after it is none."""

_LETTERS_NEEDED = frozenset({
    "AZ", "BG", "BH", "GB", "GE", "GI", "HN", "IE", "IQ", "IT", "JO", "KW", "LC", "LV", "MT", "MU", "NI", "NL", "PK",
    "PS", "QA", "RO", "SC", "SM", "SV", "VG", "YE",
})  # fmt: skip
"""Countries whose IBANs name the bank, or check the rest, in letters: digits alone are none."""

_DIVIDERS = frozenset(
    "-_~/\\"
    "\u2044\u2215\u2216\u29f5\u29f8"  # strokes
    "\u02d7\u2043\u2053\u2212\u223c\u23af\u2796\u30fc\u1173"  # what passes for a dash and is none
    "\u00b0\u00b7\u1801\u2022\u2027\u2218\u2219\u22c5\u25cb\u25cf\u25e6\u2e31\u2e33\u30fb"  # dots
)
"""Strokes, dots and signs like dashes that stand between groups; every dash and space, and full stops, besides."""

_COLUMNS = frozenset("\t|\u00a6\u01c0\u2016\u2223\u2225\u2758" + "".join(map(chr, range(0x2500, 0x2580))))
"""What divides the columns of a table, and groups too."""

_STOPS = frozenset(".\u3002")
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_GAPS = re.compile(rf"[{_GAP}]+")


def _character(country: str) -> str:
    return "[0-9]" if country in _DIGITS_ALONE else "[A-Z0-9]"


_IBAN_OF = {
    country: re.compile(rf"{country}[{_APART}]?(?:{_character(country)}[{_GAP}]?){{{length - 2}}}(?![A-Z0-9])")
    for country, length in LENGTHS.items()
}
_SPELLED_OF = {
    country: re.compile(
        rf"{country[0]}[{_GAP}]{country[1]}(?:[{_GAP}]{_character(country)}){{{length - 2}}}(?![A-Z0-9])"
    )
    for country, length in LENGTHS.items()
}
_NORWEGIAN = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the offer says about disclosure, as its body has it."""

    case_id: str
    stage: str
    data_classes: frozenset[str]
    parties: Mapping[str, int] = field(repr=False)
    consents: tuple[Mapping[str, JSON], ...] = field(repr=False)

    @classmethod
    def of_offer(cls, body: Mapping[str, JSON]) -> "Terms":
        """The terms in the body of a ``transfer-offer`` that its schema accepts."""
        classes, consents = frozenset(body["data_classes"]), tuple(body["consents"])
        return cls(body["case_id"], body["stage"], classes, body["parties"], consents)

    def everyone(self) -> Iterator[tuple[str, int]]:
        """Every party of the case: role and number."""
        for role, count in ROLES.items():
            yield from ((role, number) for number in range(1, self.parties[count] + 1))

    def consenting(self, sha256: str, recipient: str, at: int) -> set[tuple[str, int]]:
        """The parties whose consent to disclose the file with this digest to ``recipient`` holds at ``at``."""
        return {
            (one["party"]["role"], one["party"]["number"])
            for one in self.consents
            if one["purpose"] == "item_disclosure"
            and one["recipient"] == recipient
            and sha256 in one.get("items", ())
            and seconds(one["given_at"]) <= at
            and ("expires_at" not in one or at < seconds(one["expires_at"]))
        }


def check_item(data_class: str, sha256: str, terms: Terms, recipient: str, at: int, where: str) -> None:  # noqa: PLR0913, PLR0917
    """Raise unless an item of this class and digest may be disclosed to ``recipient`` at POSIX second ``at``.

    Raises:
        PackageRefusedError: ``class_not_offered``, or ``item_consent_missing`` (names a party).
    """
    if data_class not in terms.data_classes:
        raise PackageRefusedError("class_not_offered", f"The offer does not announce class {data_class}.", where)
    if data_class == "C3":
        agreed = terms.consenting(sha256, recipient, at)
        for role, number in terms.everyone():
            if (role, number) not in agreed:
                message = f"What is privileged needs the consent of every party; {role} {number} has not given it."
                raise PackageRefusedError("item_consent_missing", message, where)


def privileged_texts(case: Mapping[str, JSON]) -> Iterator[tuple[str, str]]:
    """What is privileged within a case file that its schema accepts: JSON pointer and SHA-256 of each."""
    for at, one in enumerate(case["communications"]):
        if one["class"] == "C3" and "body" in one:
            yield f"/communications/{at}", sha256_hex(one["body"].encode("utf-8"))
    for at, claim in enumerate(case["claims"]):
        if "solutions_proposed" in claim and case["stage"] != "before_commencement":
            yield f"/claims/{at}/solutions_proposed", sha256_hex(claim["solutions_proposed"].encode("utf-8"))


def refuse_financial_details(document: JSON, file: str) -> None:
    """Raise when ``document`` has a member for, or a text with, bank details or tax numbers.

    Raises:
        PackageRefusedError: ``bank_details`` or ``tax_number``; ``where`` is ``file`` and a JSON pointer.
    """
    for pointer, name, value in _walk(document, ""):
        asked = _asked_by_known(name) if len(name) <= _LONGEST_KEPT else _asked_by(name)
        if asked is not None:
            code, what = asked
            message = f"This member is for {what}, which no transfer carries."
            raise PackageRefusedError(code, message, f"{file}{pointer}")
        if isinstance(value, str) and has_iban(value):
            message = "This text contains a bank account number (IBAN), which no transfer carries. Remove it."
            raise PackageRefusedError("bank_details", message, f"{file}{pointer}")


def _asked_by(name: str) -> tuple[str, str] | None:
    """What a member of this name asks for and must not: the code of the refusal, and its words."""
    words = _WORDS.sub("_", name).lower()
    for code, pattern, what in (("bank_details", _BANK, "bank details"), ("tax_number", _TAX, "a tax number")):
        if any(pattern.fullmatch(part) for part in _parts(words)):
            return code, what
    return None


_LONGEST_KEPT = 64
_asked_by_known = lru_cache(maxsize=1024)(_asked_by)
"""The names of a schema come again and again; those that a stranger makes up are not kept where they are long."""


def has_iban(text: str) -> bool:
    """Whether an IBAN with valid check digits stands in ``text``, divided, in lower case or wide characters too."""
    if text.isascii() and len(text) < _SHORTEST:
        return False
    if _IDENTIFIER.fullmatch(text):  # our own ids look like one by chance now and then
        return False
    shown = _GAPS.sub(_gap, _as_shown(text))
    plain = shown.upper() if shown.isascii() else "".join(map(_capital, shown))
    return any(map(_checks, chain(_in_groups(shown, plain), _spelled(plain))))


def _in_groups(shown: str, plain: str) -> Iterator[str]:
    """What has the form of an IBAN, with or without gaps; ``plain`` is ``shown`` in capitals."""
    for found in _IBAN_START.finditer(plain):
        form = _IBAN_OF.get(found[0][:2])
        if form is not None and (whole := form.match(plain, found.start())) is not None:
            number = _GAPS.sub("", whole[0])
            written = whole[0].rstrip(_GAP)
            end = whole.start() + len(written)
            apart = written[2] in _GAP
            if not apart or (_mostly_digits(number) and _is_country(shown[whole.start() : end], number, shown[end:])):
                yield number


def _spelled(plain: str) -> Iterator[str]:
    """What has the form of an IBAN with a gap after each character."""
    for found in _SPELLED_START.finditer(plain):
        form = _SPELLED_OF.get(plain[found.start()] + plain[found.start() + 2])
        if form is not None and (whole := form.match(plain, found.start())) is not None:
            number = whole[0][::2]
            if _mostly_digits(number):
                yield number


def _mostly_digits(number: str) -> bool:
    """Not so where ``it 20 words follow``: a sentence, whose letters fit by chance now and then."""
    return sum(map(str.isdigit, number)) * 2 >= len(number)


def _is_country(shown: str, number: str, following: str) -> bool:
    """Whether two letters with a gap after them are meant as a country, and the number as its.

    An article number after "no." is no account, and a row of numbers in a table by country is none.

    Args:
        shown: what stands there, from the country to the last digit or letter.
        number: the same in capitals and without gaps.
        following: what comes after it.
    """
    capitals, stop = shown[:2].isupper(), shown[2] == "."
    check_digits_apart = shown[5] in _GAP and shown[4] not in _GAP
    if not ((capitals and not stop) or check_digits_apart or not number[2:].isdigit()):
        return False
    in_table = _COLUMN in shown
    if in_table and _MORE_COLUMNS.match(following):
        return False
    groups = shown[3:]
    return any(
        is_written_so(number[:2], [len(one) for one in _GAPS.split(some)], in_table=in_table)
        for some in (groups, groups.replace("\n", ""))  # a line ends between groups, or anywhere
    )


def _checks(number: str) -> bool:
    """Whether it has letters where the country asks for them, the check digits hold, and Norway's own.

    Norway's numbers are as long as those of articles (EAN-13).
    Accounts with 00 after their bank's four digits, and those of the old postal bank (0000), have no such digit.
    """
    if number[2:4] in ("00", "01", "99") or (number[:2] in _LETTERS_NEEDED and number[2:].isdigit()):
        return False
    if int("".join(str(int(one, 36)) for one in number[4:] + number[:4])) % 97 != 1:
        return False
    account = number[4:]
    if not number.startswith("NO") or account.startswith("0000") or account[4:6] == "00":
        return True
    return sum(weight * int(one) for weight, one in zip(_NORWEGIAN, account, strict=True)) % 11 == 0


def _gap(found: re.Match[str]) -> str:
    """One character for a gap, so that a match takes bounded time; a line may end within an account number's groups."""
    run = found[0]
    if "\n" in run:
        return "\n"
    return _COLUMN if _COLUMN in run or run.startswith("  ") else run[0]


def _capital(one: str) -> str:
    """The letter's capital; itself if that would be several, so that both texts have the same places."""
    capital = one.upper()
    return capital if len(capital) == 1 else one


def _as_shown(text: str) -> str:
    """The text as the eye takes it, see ``_legible``."""
    if text.isascii():
        return text.translate(_ASCII)
    return "".join(map(_legible, unicodedata.normalize("NFKC", text)))


def _legible(one: str) -> str:
    """A character as the eye takes it: nothing if it is invisible, a gap if it divides groups."""
    if one in _LINE_ENDS:
        return "\n"
    if one in _STOPS:
        return "."
    if one in _COLUMNS:
        return _COLUMN
    if one in _DIVIDERS or one.isspace():
        return " "
    category = "" if one.isascii() else unicodedata.category(one)
    if category == "Cf":
        return ""
    return " " if category == "Pd" else one


_ASCII = {number: _legible(chr(number)) for number in range(128)}
_SHORTEST = min(LENGTHS.values())


def _parts(words: str) -> Iterator[str]:
    """The name, and every run of one or two words of it: ``seller_bank_name`` is about a bank."""
    single = words.strip("_").split("_")
    yield from single
    yield from (f"{one}_{two}" for one, two in pairwise(single))


def _walk(value: JSON, pointer: str, name: str = "") -> Iterator[tuple[str, str, JSON]]:
    yield pointer, name, value
    if isinstance(value, Mapping):
        for member, inner in value.items():
            yield from _walk(inner, f"{pointer}/{member.replace('~', '~0').replace('/', '~1')}", member)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _walk(inner, f"{pointer}/{at}")

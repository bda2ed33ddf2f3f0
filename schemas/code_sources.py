"""Makes the code lists of international standards from the data that Babel carries (Unicode CLDR).

::

    python -m schemas.code_sources [--check]

writes ``countries.json``, ``currencies.json`` and ``languages.json``; ``--check`` writes nothing and
fails with the names of the files that differ. CLDR has the labels and which codes exist; what it
lacks or sees differently is stated here: which of its territories are not ISO 3166-1 codes, units of
account that no territory uses as tender, and the minor units of ISO 4217 (CLDR rounds to custom).
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from babel.core import Locale, get_cldr_version
from babel.numbers import get_territory_currencies

from schemas.codes import DIRECTORY

__all__ = ["LISTS", "main", "stale"]

_ENGLISH: Final = Locale("en")
_AS_OF: Final = date(2026, 1, 1)
"""Tender changes with time; the list is that of one day, or it would change by itself."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOT_ISO_3166: Final = _words("AC CP CQ DG EA EU EZ IC QO TA UN XA XB XK ZZ")
"""Territories of CLDR without an officially assigned ISO 3166-1 code."""

_UNITS_OF_ACCOUNT: Final = _words("BOV CHE CHW CLF COU MXV SVC USN UYI UYW VED XAD XDR XSU XUA")
"""ISO 4217 codes that are no everyday tender but may stand in contracts; metals and test codes are left out."""

_ENDED: Final = _words("BGN")
"""Tender that CLDR still lists: Bulgaria pays in euro since 1 January 2026."""

_MINOR_UNITS: Final = {
    0: _words("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    3: _words("BHD IQD JOD KWD LYD OMR TND"),
    4: _words("CLF UYW"),
}
"""ISO 4217 list one; every other currency has 2, but for the units of account for which it states none."""

_NO_MINOR_UNITS: Final = _words("XAD XDR XSU XUA")

_NO_LANGUAGE: Final = _words("mis mul und zxx")


_LABELS: Final = {"VED": "Venezuelan Digital Bolívar", "XAD": "Arab Accounting Dinar"}
"""Names of currencies that CLDR does not have."""


def _countries() -> dict[str, Any]:
    return _listed("countries", "ISO 3166-1 alpha-2", _labels(_ENGLISH.territories, "[A-Z]{2}", _NOT_ISO_3166))


def _currencies() -> dict[str, Any]:
    tender = {
        code
        for country in _countries()["entries"]
        for code in get_territory_currencies(country, start_date=_AS_OF, end_date=_AS_OF)
    }
    codes = (tender | _UNITS_OF_ACCOUNT) - _ENDED
    names = _LABELS | _labels(_ENGLISH.currencies, "[A-Z]{3}")
    found = _listed("currencies", f"ISO 4217 as of {_AS_OF}", {code: names[code] for code in codes})
    digits = {code: number for number, group in _MINOR_UNITS.items() for code in group}
    return {**found, "minor_units": {code: digits.get(code, 2) for code in sorted(codes - _NO_MINOR_UNITS)}}


def _languages() -> dict[str, Any]:
    return _listed("languages", "BCP 47 language subtags", _labels(_ENGLISH.languages, "[a-z]{2,3}", _NO_LANGUAGE))


def _labels(names: Mapping[Any, Any], form: str, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """The names of all codes of a form, but for some."""
    return {code: label for code, label in names.items() if re.fullmatch(form, code) and code not in without}


def _listed(name: str, standard: str, labels: Mapping[str, str]) -> dict[str, Any]:
    version = get_cldr_version()
    source = f"{standard}; labels from Unicode CLDR {version} by way of Babel"
    return {"name": name, "version": version, "source": source, "entries": dict(sorted(labels.items()))}


LISTS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "countries": _countries,
    "currencies": _currencies,
    "languages": _languages,
}


def _text(name: str) -> str:
    return json.dumps(LISTS[name](), indent=2, ensure_ascii=False) + "\n"


def stale() -> list[str]:
    """Names of the lists whose file is not what would be written now."""
    files = {name: DIRECTORY / f"{name}.json" for name in LISTS}
    return [name for name, file in files.items() if not file.exists() or file.read_text("utf-8") != _text(name)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the lists, or check them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.code_sources", description="Make the standard code lists.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a list is not current")
    check = parser.parse_args(arguments).check
    found = stale()
    for name in found:
        if check:
            sys.stderr.write(f"{name}.json is not current: python -m schemas.code_sources\n")
        else:
            (DIRECTORY / f"{name}.json").write_text(_text(name), "utf-8")
    return 1 if found and check else 0


if __name__ == "__main__":
    sys.exit(main())

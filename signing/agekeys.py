"""The text forms of X25519 keys that the program ``age`` reads: ``age1…`` and ``AGE-SECRET-KEY-1…``.

Both are Bech32 (BIP 173) of the 32 key bytes, a recipient in lower case, an identity in capitals. The
hub's own formats carry JWKs; these are for working on a package with other tools.
"""

from collections.abc import Iterable, Sequence

from .errors import FormatError, KeyRefusedError
from .keys import PublicKey
from .secretkeys import AgreementKey

__all__ = ["format_identity", "format_recipient", "parse_identity", "parse_recipient"]

_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_RECIPIENT, _IDENTITY = "age", "age-secret-key-"
_CHECKSUM = 6
_VALUES = 52  # 32 bytes in groups of 5 bits


def format_recipient(key: PublicKey) -> str:
    """The ``age1…`` text of an X25519 public key."""
    if key.curve != "X25519":
        raise KeyRefusedError("wrong_purpose", "Only an X25519 key is an age recipient.", key.kid)
    return _format(_RECIPIENT, key.x)


def format_identity(key: AgreementKey) -> str:
    """The ``AGE-SECRET-KEY-1…`` text of an X25519 secret key."""
    return _format(_IDENTITY, key.secret).upper()


def parse_recipient(text: str) -> PublicKey:
    """Read ``age1…``; refuses what ``format_recipient`` would not give, and unacceptable keys."""
    return PublicKey("X25519", _parse(_RECIPIENT, text))


def parse_identity(text: str) -> AgreementKey:
    """Read ``AGE-SECRET-KEY-1…``; messages never contain the text."""
    if text != text.upper():
        raise _bad("It is in lower case.")
    return AgreementKey(_parse(_IDENTITY, text.lower()))


def _format(prefix: str, data: bytes) -> str:
    values = [int(one, 2) for one in _groups("".join(f"{byte:08b}" for byte in data) + "0" * 4, 5)]
    checksum = _polymod([*_expanded(prefix), *values, *[0] * _CHECKSUM]) ^ 1
    values += [checksum >> 5 * (_CHECKSUM - 1 - at) & 31 for at in range(_CHECKSUM)]
    return f"{prefix}1" + "".join(_CHARACTERS[value] for value in values)


def _parse(prefix: str, text: str) -> bytes:
    if not text.startswith(f"{prefix}1"):
        raise _bad(f"It does not begin with {prefix}1.")
    values = [_CHARACTERS.find(one) for one in text[len(prefix) + 1 :]]
    if len(values) != _VALUES + _CHECKSUM or min(values) < 0:
        raise _bad("It has a wrong length or a foreign character.")
    if _polymod([*_expanded(prefix), *values]) != 1:
        raise _bad("Its checksum is wrong.")
    bits = "".join(f"{value:05b}" for value in values[:_VALUES])
    if bits[256:] != "0" * 4:
        raise _bad("Its padding is not zero.")
    return bytes(int(one, 2) for one in _groups(bits[:256], 8))


def _groups(bits: str, size: int) -> Iterable[str]:
    return (bits[at : at + size] for at in range(0, len(bits), size))


def _expanded(prefix: str) -> list[int]:
    return [*(ord(one) >> 5 for one in prefix), 0, *(ord(one) & 31 for one in prefix)]


def _polymod(values: Sequence[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum


def _bad(reason: str) -> FormatError:
    return FormatError("bad_age_key", f"This is not an age key. {reason}")

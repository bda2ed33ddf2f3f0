"""Errors of the hub.

HubError
├── SettingsError   the settings file says something it may not say
├── IntakeError     a posted statement is refused before any rule sees it
├── AccessError     this reader may not see or do this
├── NotFoundError   nothing of that name is registered
├── RequestError    the request itself is not one this hub answers
├── ChartError      a chart would mislead, or say less than its reader must know
├── NetworkError    a network can't be created from what was given
├── ListenError     the address where the hub is to be served can't be used
└── OfficerError    an officer's command can't be carried out

Errors never know HTTP: ``hub.web.problems`` maps their codes to responses.
"""

from collections.abc import Sequence

__all__ = [
    "AccessError",
    "ChartError",
    "HubError",
    "IntakeError",
    "ListenError",
    "NetworkError",
    "NotFoundError",
    "OfficerError",
    "RequestError",
    "SettingsError",
]


class HubError(Exception):
    """Root: a stable ``code``, a plain sentence, and ``where`` (JSON pointer, setting, file name)."""

    def __init__(self, code: str, message: str, where: str = "") -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.code = code
        self.message = message
        self.where = where


class SettingsError(HubError):
    """The settings file says something it may not say; ``where`` is the dotted path."""


class IntakeError(HubError):
    """A posted statement is refused before any rule sees it.

    ``errors`` lists every schema violation as (JSON pointer, sentence); empty for other causes.
    """

    def __init__(self, code: str, message: str, where: str = "", errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(code, message, where)
        self.errors = tuple(errors)


class AccessError(HubError):
    """This reader may not see or do this."""


class NotFoundError(HubError):
    """Nothing of that name is registered, or nothing this reader may know of."""


class RequestError(HubError):
    """The request itself is not one this hub answers."""


class ChartError(HubError):
    """A chart would mislead, or say less than its reader must know; ``where`` is the label it is about."""


class NetworkError(HubError):
    """A network can't be created from what was given."""


class ListenError(HubError):
    """The address where the hub is to be served can't be used; ``where`` is host and port."""


class OfficerError(HubError):
    """An officer's command can't be carried out."""

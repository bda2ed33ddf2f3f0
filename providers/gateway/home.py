"""The gateway's directory.

::

    DIR/gateway.toml              actor, type, hub, policy (below)
    DIR/verification-policy.txt   the pinned policy, obtained from outside the hub
    DIR/keys/<purpose>.key.json   passphrase-protected key files, mode 0600
    DIR/awards/, DIR/receipts/    drafts and verified registrations

    DIR/exchange/                 what `odr-gateway serve` keeps

``gateway.toml`` has exactly the settings of ``SETTINGS``, and may have a table ``[serve]`` (``exchange.settings``);
any other name is an error.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from providers.addresses import checked_url
from providers.errors import GatewayError
from providers.gateway.keystore import write_new
from signing.encoding import JSON, canonical, loads
from signing.errors import SigningError
from signing.keyfile import parse_keyfile
from signing.keys import PublicKey
from signing.trust import TrustFile, parse_trust

__all__ = ["SETTINGS", "Home", "create_home", "load_home", "read_json", "read_policy", "write_json"]

FILE_NAME = "gateway.toml"
POLICY_NAME = "verification-policy.txt"
SETTINGS = {
    "actor": "Actor id of the member that this gateway acts for.",
    "type": "provider, court or observer.",
    "hub": "The hub's address, http(s)://host[:port].",
    "policy": "The pinned verification policy; a file name, relative to this directory.",
}
MAX_JSON_FILE = 262_144


@dataclass(frozen=True, slots=True)
class Home:
    """An opened gateway directory; holds no secret."""

    directory: Path
    actor: str
    type: str
    hub: str
    policy: Path
    serve: Mapping[str, JSON] = field(default_factory=dict)

    def key_file(self, purpose: str) -> Path:
        """Where the key file of a purpose lies."""
        return self.directory / "keys" / f"{purpose}.key.json"

    def new_key_file(self, purpose: str) -> Path:
        """Where a key that is being added lies until it is in use; often there is none."""
        return self.directory / "keys" / f"{purpose}.new.key.json"

    def older_key_files(self, purpose: str) -> list[Path]:
        """Files of keys of a purpose that were used before the present one, by name."""
        found = self.key_file(purpose).parent.glob(f"{purpose}.*.key.json")
        return sorted(path for path in found if path != self.new_key_file(purpose))

    def key_files(self, purpose: str) -> list[Path]:
        """The file of the key of a purpose that is in use, and those of the keys before it."""
        return [self.key_file(purpose), *self.older_key_files(purpose)]

    def public_key(self, purpose: str) -> PublicKey:
        """The public half of one of the member's keys, read without a passphrase."""
        path = self.key_file(purpose)
        try:
            return parse_keyfile(path.read_bytes()).public
        except OSError as error:
            message = f"The key file can't be read: {error.strerror}."
            raise GatewayError("key_file_unreadable", message, str(path)) from error

    def trust(self) -> TrustFile:
        """The pinned verification policy."""
        return read_policy(self.policy)


def create_home(directory: Path, *, actor: str, member_type: str, hub: str, policy: bytes) -> Home:
    """Write ``gateway.toml`` and the pinned policy into a directory that has none yet."""
    url = checked_url(hub)
    write_new(directory / POLICY_NAME, policy)
    values = {"actor": actor, "type": member_type, "hub": url, "policy": POLICY_NAME}
    lines = [f'# {SETTINGS[name]}\n{name} = "{value}"\n' for name, value in values.items()]
    write_new(directory / FILE_NAME, "".join(lines).encode("utf-8"))
    return Home(directory, actor, member_type, url, directory / POLICY_NAME)


def load_home(directory: Path) -> Home:
    """Read ``DIR/gateway.toml``.

    Raises:
        GatewayError: ``no_gateway``, ``bad_settings``, ``unknown_setting`` or ``setting_missing``.
    """
    path = directory / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = "There is no gateway here; `odr-gateway init` makes one."
        raise GatewayError("no_gateway", message, str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GatewayError("bad_settings", f"The settings are not TOML: {error}.", str(path)) from error
    serve = values.pop("serve", {})
    if not isinstance(serve, dict):
        raise GatewayError("bad_settings", "serve is a table of settings.", f"{path}: serve")
    for name in values:
        if name not in SETTINGS:
            raise GatewayError(
                "unknown_setting", f"{name} is no setting; known: {', '.join(SETTINGS)}.", f"{path}: {name}"
            )
    for name, help_text in SETTINGS.items():
        if not isinstance(values.get(name), str):
            raise GatewayError("setting_missing", f"{name} is needed, as text: {help_text}", f"{path}: {name}")
    return Home(
        directory, values["actor"], values["type"], checked_url(values["hub"]), directory / values["policy"], serve
    )


def read_policy(path: Path) -> TrustFile:
    """Read a verification policy file."""
    try:
        return parse_trust(path.read_bytes())
    except OSError as error:
        message = "The verification policy can't be read; obtain it from the coordinator, not from the hub."
        raise GatewayError("no_policy", message, str(path)) from error
    except SigningError as error:
        raise GatewayError(error.code, str(error), str(path)) from error


def read_json(path: Path, max_bytes: int = MAX_JSON_FILE) -> dict[str, JSON]:
    """Read a strict JSON object from a file of the user's."""
    try:
        value = loads(path.read_bytes(), max_bytes=max_bytes)
    except OSError as error:
        raise GatewayError("file_unreadable", f"The file can't be read: {error.strerror}.", str(path)) from error
    except SigningError as error:
        raise GatewayError(error.code, str(error), str(path)) from error
    if not isinstance(value, dict):
        raise GatewayError("not_an_object", "The file must hold one JSON object.", str(path))
    return value


def write_json(path: Path, value: JSON) -> None:
    """Create ``path`` with ``value`` in canonical form."""
    write_new(path, canonical(value) + b"\n")

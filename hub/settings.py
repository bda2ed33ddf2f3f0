r"""Settings: one TOML file, ``DATA/hub.toml``, becomes one frozen value.

Each setting declares its name, default, unit and help beside its type; ``declared()`` lists them, the
reference page is generated from that list. A name that is not declared is an error that says where it
stands and what was probably meant; so is a value of another type. Secrets never stand in the file:
settings name files that hold them.

    >>> read_settings('[hub]\nurl = "https://hub.example"\n').limits.page_entries
    100
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from hub.errors import SettingsError
from hub.settingurls import check_storage, check_url

__all__ = [
    "Settings",
    "SettingsError",
    "StorageSection",
    "declared",
    "load_settings",
    "read_settings",
    "reference_page",
]

FILE_NAME = "hub.toml"


def _setting(
    default: Any,  # noqa: ANN401
    unit: str,
    help_text: str,
    *,
    least: int | None = None,
    most: int | None = None,
) -> Any:  # noqa: ANN401
    """Declare one setting; ``default`` MISSING makes it required, ``least`` and ``most`` bound a number."""
    return field(default=default, metadata={"unit": unit, "help": help_text, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSection:
    """Who this hub is."""

    url: str = _setting(
        MISSING, "URL", "Public address, scheme and authority only; signed requests and links are built from it."
    )
    title: str = _setting("ODR Hub", "text", "Name shown at the head of every page.")
    contact: str = _setting("", "text", "Who runs this hub and how to reach them; shown on the home page.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSection:
    """Where the service listens."""

    host: str = _setting("127.0.0.1", "address", "Address to listen on; `serve --host` overrides it.")
    port: int = _setting(8600, "TCP port", "Port to listen on; `serve --port` overrides it.", least=0, most=65_535)
    authorities: tuple[str, ...] = _setting(
        (), "list of host[:port]", "Further Host values to answer, besides the one in hub.url."
    )
    verifiers: int = _setting(
        1,
        "processes",
        "Processes that check posted statements beside the hub's own; one for each core but one.",
        least=0,
    )
    shutdown_seconds: int = _setting(10, "s", "How long open requests may finish after SIGTERM.", least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSection:
    """Where tables live: in a SQLite file, or on a PostgreSQL server where ``url`` names one."""

    database: str = _setting("hub.sqlite3", "file name", "SQLite database, inside the data directory.")
    url: str = _setting(
        "", "URL", "`postgresql://user@host/database`, with parameters of libpq as its query; never a password."
    )
    passfile: str = _setting(
        "", "file name", "libpq's password file for storage.url (mode 0600), relative to the data directory."
    )
    free_floor_mib: int = _setting(
        512, "MiB", "Free room below which nothing is taken in; 0: until the disk is full.", least=0
    )
    busy_timeout_ms: int = _setting(5000, "ms", "How long a statement waits for SQLite's lock.", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysSection:
    """Files that hold the hub's secrets (PKCS#8 PEM, mode 0600), relative to the data directory."""

    directory: str = _setting("keys", "directory", "Holds log.pem, statement.pem, http.pem, monitor.pem, inbox.pem.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """How statements are ordered and published."""

    batch_ms: int = _setting(100, "ms", "Longest time an entry waits for others of its batch.", least=0)
    batch_entries: int = _setting(256, "entries", "Most entries of one batch.", least=1)
    batch_bytes: int = _setting(4_194_304, "bytes", "Most statement bytes of one batch.", least=1)
    batch_rows: int = _setting(2000, "rows", "Most effect rows of one batch.", least=1)
    queue_entries: int = _setting(
        4096, "entries", "Statements that may wait for a batch before posts are answered 503.", least=1
    )
    public_checkpoint: str = _setting(
        "",
        "path or URL",
        "Where the checkpoint is published; compared at start and by odr-hub complete. A path is relative to the data"
        " directory.",
    )
    member_queue_entries: int = _setting(
        2048, "entries", "Statements signed by one member that may wait at a time; the others find room.", least=1
    )
    require_quorum: bool = _setting(
        default=False,
        unit="true/false",
        help_text="Answer posts with 503 once the quorum has been missing for witness.alarm_seconds.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSection:
    """How witnesses are asked."""

    timeout_ms: int = _setting(1000, "ms", "How long one witness may take to cosign.", least=1)
    refresh_seconds: int = _setting(
        3600, "s", "Age at which a checkpoint without new entries is cosigned again.", least=1
    )
    alarm_seconds: int = _setting(300, "s", "Time without a quorum after which the alarm is raised.", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSection:
    """What one request may cost."""

    post_bytes: int = _setting(
        786_432,
        "bytes",
        "Largest request body: a statement of 256 KiB in base64url, its signatures, and an annex.",
        least=1,
    )
    inline_bytes: int = _setting(
        32_768, "bytes", "Largest statement checked on the event loop; larger ones go to a worker thread.", least=0
    )
    inline_signatures: int = _setting(
        4, "signatures", "Most signatures checked on the event loop; more go to a worker thread.", least=0
    )
    wait_seconds: int = _setting(2, "s", "How long a post waits for a witnessed receipt when it doesn't say.", least=0)
    wait_most_seconds: int = _setting(30, "s", "Longest wait that `Prefer: wait=N` obtains.", least=0)
    body_seconds: int = _setting(30, "s", "How long a request's body may take to arrive.", least=1)
    page_entries: int = _setting(100, "entries", "Most members, neutrals or awards in one answer.", least=1)
    waiting_reads: int = _setting(16, "requests", "Requests of one member that may wait for its inbox.", least=1)
    member_posts_per_second: int = _setting(
        0, "statements/s", "Statements signed by one member in the long run; 0: as many as the queue takes.", least=0
    )
    address_posts_per_second: int = _setting(
        0, "statements/s", "Posts from one address; 0: no limit, as behind a proxy.", least=0
    )
    address_applications_per_hour: int = _setting(
        60, "applications/h", "New applications that hold, from one address; half of it at once; 0: no limit.", least=0
    )
    member_uploads_per_minute: int = _setting(
        600, "uploads/min", "Uploads that one member may begin in the long run; 0: no limit.", least=0
    )
    burst_seconds: int = _setting(10, "s", "These limits may be exceeded by what they allow in that time.", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsSection:
    """Encrypted briefs and packages: where they lie and how many are taken in."""

    directory: str = _setting(".", "directory", "Holds `uploads` and `packages`, relative to the data directory.")
    chunk_bytes: int = _setting(
        16_777_216, "bytes", "Largest body of one PATCH; what a broken connection costs.", least=1, most=67_108_864
    )
    package_bytes: int = _setting(68_719_476_736, "bytes", "Largest package.", least=1, most=68_719_476_736)
    quota_bytes: int = _setting(
        274_877_906_944, "bytes", "What one member may have stored and announced at a time.", least=1
    )
    open_uploads: int = _setting(64, "uploads", "Unfinished uploads that one member may have at a time.", least=1)
    free_bytes: int = _setting(
        2_147_483_648, "bytes", "Space on disk that uploads leave free; below it none is taken in.", least=0
    )
    idle_seconds: int = _setting(30, "s", "How long a PATCH may go without a single octet arriving.", least=1)
    chunk_seconds: int = _setting(600, "s", "How long one PATCH may take in all.", least=1)
    expire_hours: int = _setting(24, "h", "An unfinished upload is deleted that long after its last PATCH.", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSection:
    """How long case material is kept; what proves stays for ever."""

    packages_days: int = _setting(
        180, "days", "Packages and briefs are deleted at the latest that long after their upload.", least=1, most=180
    )
    unclaimed_days: int = _setting(30, "days", "Files that no offer or dispatch names are deleted after that.", least=1)
    statements_days: int = _setting(
        30, "days", "A transfer's texts go that long after its end, once both members have fetched them.", least=1
    )
    unfetched_days: int = _setting(180, "days", "They go that long after it in any case.", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsSection:
    """How often the hub looks for work that has become due."""

    evidence_seconds: int = _setting(10, "s", "Between two looks for deadlines that have passed.", least=1, most=30)
    retention_seconds: int = _setting(
        300, "s", "Between two looks for case material to delete and answers of parties to register.", least=1
    )
    drafts_seconds: int = _setting(30, "s", "Between two looks for drafts to register, end or delete.", least=1)
    watch_seconds: int = _setting(5, "s", "Between two looks at the room on disk and at the clock.", least=1)
    housekeeping_seconds: int = _setting(
        60, "s", "Between two looks for old nonces, unfinished uploads and a missing quorum.", least=1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator decides; immutable, read once at start."""

    hub: HubSection
    server: ServerSection = ServerSection()
    storage: StorageSection = StorageSection()
    keys: KeysSection = KeysSection()
    log: LogSection = LogSection()
    witness: WitnessSection = WitnessSection()
    limits: LimitsSection = LimitsSection()
    uploads: UploadsSection = UploadsSection()
    retention: RetentionSection = RetentionSection()
    jobs: JobsSection = JobsSection()

    @property
    def authorities(self) -> frozenset[str]:
        """Host values this hub answers: the one of ``hub.url`` and ``server.authorities``."""
        return frozenset((urlsplit(self.hub.url).netloc, *self.server.authorities))


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting; ``default`` is None when it must be given."""

    path: str
    type: type | Any
    default: Any
    unit: str
    help: str
    least: int | None
    most: int | None = None


def declared() -> tuple[Setting, ...]:
    """Every setting, in the order of the file."""
    return tuple(setting for section in _sections() for setting in _section_settings(*section))


def load_settings(data: Path) -> Settings:
    """Read ``DATA/hub.toml``.

    Raises:
        SettingsError: no_settings (no file), or as ``read_settings``.
    """
    path = data / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            "no_settings", "There is no settings file here; `odr-hub init` makes one.", FILE_NAME
        ) from None
    except UnicodeDecodeError:
        raise SettingsError("settings_not_toml", "The settings file is not UTF-8 text.", FILE_NAME) from None
    return read_settings(text)


def read_settings(text: str) -> Settings:
    """Parse the text of a settings file; checks names, types and least values, not whether files exist.

    Raises:
        SettingsError: settings_not_toml, unknown_setting, setting_type, setting_range, setting_missing, setting_url,
            setting_secret.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("settings_not_toml", f"The settings file is not TOML: {error}.", FILE_NAME) from None
    known = dict(_sections())
    _refuse_unknown(document, known, "")
    settings = Settings(**{name: _read_section(name, cls, document.get(name, {})) for name, cls in known.items()})
    check_url(settings.hub.url)
    check_storage(settings.storage.url)
    return settings


def reference_page() -> str:
    """The page ``docs/reference/settings.md``, generated from the declarations."""
    lines = ["# Settings", "", _PAGE_HEAD, ""]
    for name, cls in _sections():
        lines += [f"## [{name}]", "", str(cls.__doc__), "", *_TABLE_HEAD]
        lines += [_row(setting) for setting in _section_settings(name, cls)]
        lines.append("")
    return "\n".join(lines)


_TABLE_HEAD = ("| setting | default | unit | what it does |", "|---|---|---|---|")
_PAGE_HEAD = (
    "`DATA/hub.toml` holds these settings; `odr-hub init` writes it. Names that are not listed here are refused.\n"
    "Secrets never stand in this file. Generated from `hub/settings.py`: `python -m hub.settings` prints it."
)


def _row(setting: Setting) -> str:
    default = "required" if setting.default is MISSING else f"`{_toml(setting.default)}`"
    return f"| `{setting.path}` | {default} | {setting.unit} | {setting.help} |"


def _toml(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(list(value) if isinstance(value, tuple) else value)


def _sections() -> Iterator[tuple[str, type[Any]]]:
    hints = get_type_hints(Settings)
    return ((item.name, hints[item.name]) for item in fields(Settings))


def _section_settings(section: str, cls: type[Any]) -> Iterator[Setting]:
    hints = get_type_hints(cls)
    item: Field[Any]
    for item in fields(cls):
        meta = item.metadata
        yield Setting(
            f"{section}.{item.name}", hints[item.name], item.default, meta["unit"], meta["help"], meta["least"],
            meta["most"],
        )  # fmt: skip


def _read_section(name: str, cls: type[Any], table: object) -> Any:  # noqa: ANN401
    if not isinstance(table, dict):
        raise SettingsError("setting_type", f"[{name}] is a table of settings.", name)
    settings = {setting.path.rpartition(".")[2]: setting for setting in _section_settings(name, cls)}
    _refuse_unknown(table, settings, f"{name}.")
    for key, setting in settings.items():
        if setting.default is MISSING and key not in table:
            raise SettingsError("setting_missing", f"This setting must be given: {setting.help}", setting.path)
    return cls(**{key: _checked(settings[key], value) for key, value in table.items()})


def _refuse_unknown(table: Mapping[str, Any], known: Mapping[str, Any], prefix: str) -> None:
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {prefix}{close[0]}?" if close else f"Known here: {', '.join(known)}."
            raise SettingsError("unknown_setting", f"There is no such setting. {hint}", f"{prefix}{key}")


def _checked(setting: Setting, value: object) -> object:
    """``value`` in the declared type; TOML's true is no number and a list holds text only."""
    if setting.type == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise SettingsError("setting_type", f"Expected a list of text, found {value!r}.", setting.path)
    if type(value) is not setting.type:
        found = type(value).__name__
        raise SettingsError("setting_type", f"Expected {setting.type.__name__}, found {found} {value!r}.", setting.path)
    if setting.least is not None and isinstance(value, int) and value < setting.least:
        raise SettingsError("setting_range", f"The least value is {setting.least}, found {value}.", setting.path)
    if setting.most is not None and isinstance(value, int) and value > setting.most:
        raise SettingsError("setting_range", f"The greatest value is {setting.most}, found {value}.", setting.path)
    return value


if __name__ == "__main__":  # the one place that writes: regenerates the reference page
    import sys

    sys.stdout.write(reference_page())

"""Settings of ``odr-gateway serve``: the table ``[serve]`` of ``gateway.toml``, every one with a default."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields

from providers.errors import GatewayError
from signing.encoding import JSON

__all__ = ["ServeSettings", "read_serve"]


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How the service runs."""

    host: str = field(default="127.0.0.1", metadata={"help": "Address that the local interface listens at."})
    port: int = field(default=8700, metadata={"most": 65_535, "help": "Its TCP port; 0: any free one."})
    accept_unwitnessed: bool = field(
        default=False, metadata={"help": "In a network without witnesses, act on what the log alone proves."}
    )
    keep_days: int = field(
        default=30, metadata={"help": "Days for which a case that was handed over is still kept here."}
    )
    poll_seconds: int = field(
        default=30, metadata={"least": 1, "help": "How long one question for news waits at the hub."}
    )
    retry_first_seconds: int = field(
        default=60, metadata={"least": 1, "help": "The first retry comes within this time."}
    )
    retry_cap_seconds: int = field(default=3600, metadata={"least": 1, "help": "No retry is further away than this."})
    chunk_bytes: int = field(default=16_777_216, metadata={"least": 1024, "help": "Octets of an upload per request."})
    min_free_bytes: int = field(default=1 << 30, metadata={"help": "Less free disk than this turns health red."})
    max_case_bytes: int = field(default=1 << 36, metadata={"least": 1, "help": "The most that one case may hold."})


def read_serve(table: Mapping[str, JSON]) -> ServeSettings:
    """The settings of a ``[serve]`` table.

    Raises:
        GatewayError: ``unknown_setting`` or ``bad_setting``.
    """
    known = {one.name: one for one in fields(ServeSettings)}
    for name, value in table.items():
        if name not in known:
            message = f"{name} is no setting of [serve]; known: {', '.join(known)}."
            raise GatewayError("unknown_setting", message, f"serve.{name}")
        default = known[name].default
        if default is MISSING or type(value) is not type(default):
            message = f"{name} is not of its kind: {known[name].metadata['help']}"
            raise GatewayError("bad_setting", message, f"serve.{name}")
        least = known[name].metadata.get("least", 0)
        if type(value) is int and value < least:
            message = f"{name} is at least {least}: {known[name].metadata['help']}"
            raise GatewayError("bad_setting", message, f"serve.{name}")
        most = known[name].metadata.get("most")
        if most is not None and value > most:
            message = f"{name} is at most {most}: {known[name].metadata['help']}"
            raise GatewayError("bad_setting", message, f"serve.{name}")
    return ServeSettings(**table)

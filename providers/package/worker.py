"""The process that packs or unpacks: ``python -m providers.package.worker [MODULE:FUNCTION]``.

Encryption and hashing would hold up an event loop, and share its interpreter lock; here they do neither.
``running`` starts it. One JSON object on a line each::

    caller -> worker   the request: {"task": "pack" | "unpack", …}
    worker -> caller   {"event": "progress", "done": n, "total": n}      at most some hundred
    worker -> caller   {"event": "sign", "payload": <base64url>}         pack only, once
    caller -> worker   {"index": <base64url of index.json>}
    worker -> caller   {"event": "done", "result": {…}}
                    or {"event": "refused", "code", "message", "where", "actor"}

Secret keys arrive in the request, never as arguments, and the statement key not at all. When the
caller closes its end, the work is abandoned within a block and what is half done removed. The optional argument
names the schema validation.
"""

import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from providers.durable import flush, write_along
from providers.package.archive import Limits
from providers.package.casefile import Validate
from providers.package.disclosure import Terms
from providers.package.errors import PackageRefusedError, WorkerFailedError
from providers.package.manifest import Route
from providers.package.packing import Document, Parcel, pack
from providers.package.unpacking import Expected, unpack
from signing.encoding import JSON, b64u_decode, b64u_encode
from signing.keys import PublicKey
from signing.secretkeys import AgreementKey

__all__ = ["VALIDATOR", "Asked", "main", "partial_file", "perform"]

VALIDATOR = "schemas.validation:validate_document"
_PIECE = 1 << 16
_STEPS = 200
"""Progress is told at most about this often, so that a terabyte doesn't flood the caller."""


class Asked(Protocol):
    """Whoever wants the work done."""

    def progress(self, done: int, total: int) -> None:
        """Hear how far it is."""

    def sign(self, payload: bytes) -> bytes:
        """Sign the index."""


class Caller:
    """The other end: tells it things, and hears from it."""

    def __init__(self, source: int, target: TextIO) -> None:
        self._source = source
        self._target = target
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._told = 0
        self._gone = threading.Event()
        threading.Thread(target=self._listen, name="caller", daemon=True).start()

    def hear(self) -> dict[str, Any]:
        """The caller's next object."""
        line = self._lines.get()
        if not line:
            raise _abandoned()
        said: dict[str, Any] = json.loads(line)
        return said

    def tell(self, event: str, **members: JSON) -> None:
        """Send one event."""
        self._target.write(json.dumps({"event": event, **members}) + "\n")
        self._target.flush()

    def progress(self, done: int, total: int) -> None:
        """Send progress when it is worth a line; raises ``WorkerFailedError`` when nobody waits for it any more."""
        if self._gone.is_set():
            raise _abandoned()
        if done >= total or (done - self._told) * _STEPS >= total:
            self._told = done
            self.tell("progress", done=done, total=total)

    def sign(self, payload: bytes) -> bytes:
        """Have the caller sign the index."""
        self.tell("sign", payload=b64u_encode(payload))
        return b64u_decode(self.hear()["index"])

    def _listen(self) -> None:
        pending = b""
        while piece := os.read(self._source, _PIECE):  # no file object: its lock would outlive the interpreter
            *lines, pending = (pending + piece).split(b"\n")
            for line in lines:
                self._lines.put(line)
        self._gone.set()
        self._lines.put(b"")


def _abandoned() -> WorkerFailedError:
    return WorkerFailedError("abandoned", "The caller is gone.", actor="operator")


def partial_file(target: Path) -> Path:
    """Where a package grows before it is named ``target``."""
    return target.with_name(f".{target.name}.part")


def main(arguments: list[str]) -> int:
    """Serve one request; 0 when it was done, 1 when it was refused, 130 when it was abandoned."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an event
    caller = Caller(0, output)
    try:
        result = perform(caller.hear(), caller, arguments[0] if arguments else VALIDATOR)
        caller.tell("done", result=result)
    except PackageRefusedError as error:
        caller.tell("refused", code=error.code, message=error.message, where=error.where, actor=error.actor)
        return 1
    except WorkerFailedError:
        return 130
    return 0


def perform(request: Mapping[str, Any], caller: Asked, validator: str) -> dict[str, JSON]:
    """Do what a request asks for, here and now; the result that ``done`` carries.

    Raises:
        PackageRefusedError, OSError: as ``pack`` and ``unpack``.
    """
    return _TASKS[request["task"]](request, caller, _validator(validator))


@dataclass(frozen=True, slots=True)
class _Along:
    """A file that is on its way to the disk while it is written."""

    file: BinaryIO

    def write(self, data: bytes, /) -> None:
        write_along(self.file, data)


def _pack(request: Mapping[str, Any], caller: Asked, validate: Validate) -> dict[str, JSON]:
    documents = [
        Document(one["name"], Path(one["path"]), one["media_type"], one["class"]) for one in request["documents"]
    ]
    parcel = Parcel(request["case"], documents, _route(request), Terms.of_offer(request["offer"]), request["at"])
    recipients = [PublicKey.from_jwk(one) for one in request["recipients"]]
    target = Path(request["target"])
    partial = partial_file(target)
    file = partial.open("xb")
    try:
        with file:
            packed = pack(
                parcel,
                _Along(file),
                recipients,
                sign=caller.sign,
                validate=validate,
                progress=caller.progress,
                limits=_limits(request),
            )
            flush(file)
        partial.rename(target)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
    return {"manifest_root": packed.manifest_root, "sha256": packed.sha256, "size": packed.size}


def _unpack(request: Mapping[str, Any], caller: Asked, validate: Validate) -> dict[str, JSON]:
    keys = [PublicKey.from_jwk(one) for one in request["sender_keys"]]
    expected = Expected(
        _route(request),
        Terms.of_offer(request["offer"]),
        request["at"],
        request["manifest_root"],
        request["sha256"],
        request["size"],
        {one.kid: one for one in keys},
        request["escrow"],
    )
    identity = AgreementKey(b64u_decode(request["identity"], 32))
    source, target = Path(request["ciphertext"]), Path(request["target"])
    unpack(source, identity, expected, target, validate=validate, limits=_limits(request), progress=caller.progress)
    return {"folder": str(target)}


def _route(request: Mapping[str, Any]) -> Route:
    return Route(request["transfer_id"], request["sender"], request["recipient"])


def _limits(request: Mapping[str, Any]) -> Limits:
    return Limits(**request.get("limits", {}))


def _validator(name: str) -> Validate:
    module, _, function = name.partition(":")
    validate: Validate = getattr(importlib.import_module(module), function)
    return validate


_TASKS: dict[str, Callable[[Mapping[str, Any], Asked, Validate], dict[str, JSON]]] = {"pack": _pack, "unpack": _unpack}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

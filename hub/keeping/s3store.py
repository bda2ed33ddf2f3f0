"""Objects in a bucket of an S3-compatible service, by obstore (the extra ``s3``).

Where the service is and who asks stand in the environment, under the names that all S3 programs use:
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_REGION``, ``AWS_ENDPOINT_URL`` and so on. Creating sends
``If-None-Match: *``, replacing ``If-Match`` with the ETag that was read; a service that knows neither is not used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hub.keeping.errors import ExportError
from hub.keeping.objectstore import Stored

__all__ = ["BucketStore", "open_s3"]

_IMMUTABLE = {"Content-Type": "application/octet-stream", "Cache-Control": "public, max-age=31536000, immutable"}
_CHANGING = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "public, max-age=5"}


class BucketStore:
    """``ObjectStore`` on a store of obstore: each call is durable when it returns.

    Args:
        store: an opened store of obstore; it knows bucket and prefix.
    """

    def __init__(self, store: Any) -> None:  # noqa: ANN401  # the extra may not be there to name its type
        import obstore  # noqa: PLC0415  # an extra

        self._store = store
        self._api: Any = obstore

    async def get(self, name: str) -> Stored | None:
        """The object of this name, None when there is none."""
        with self._plain_words(name):
            try:
                found = await self._api.get_async(self._store, name)
            except FileNotFoundError:
                return None
            data = bytes(await found.bytes_async())
            return Stored(data, str(found.meta["e_tag"] or ""))

    async def create(self, name: str, data: bytes) -> bool:
        """Store a new object; False when one of this name exists, which is left as it is."""
        return await self._put(name, data, "create", _IMMUTABLE)

    async def replace(self, name: str, data: bytes, before: Stored | None) -> bool:
        """Put ``data`` in place of ``before``; False when something else stands there by now."""
        mode: Any = "create" if before is None else {"e_tag": before.version}
        return await self._put(name, data, mode, _CHANGING)

    async def flush(self) -> None:
        """Nothing waits: an object is stored when its request is answered."""

    async def _put(self, name: str, data: bytes, mode: Any, attributes: dict[str, str]) -> bool:  # noqa: ANN401
        refusals = (self._api.exceptions.AlreadyExistsError, self._api.exceptions.PreconditionError)
        with self._plain_words(name):
            try:
                await self._api.put_async(
                    self._store, name, data, mode=mode, attributes=attributes, use_multipart=False
                )
            except refusals:
                return False
            return True

    @contextmanager
    def _plain_words(self, name: str) -> Iterator[None]:
        try:
            yield
        except (self._api.exceptions.BaseError, OSError) as error:
            reason = " ".join(str(error).partition("Debug source")[0].split())[:300]
            raise ExportError("target_unreachable", f"The object store does not do it: {reason}", name) from None


def open_s3(target: str) -> BucketStore:
    """The store at ``s3://bucket/prefix``, as the environment says; asks it nothing yet.

    Raises:
        ExportError: bad_export_target, or s3_missing.
    """
    bucket, _, prefix = target.removeprefix("s3://").partition("/")
    if not bucket:
        raise ExportError("bad_export_target", "A bucket is named like s3://bucket/prefix.", target)
    try:
        from obstore.store import S3Store  # noqa: PLC0415  # an extra
    except ModuleNotFoundError:
        raise ExportError("s3_missing", "To export to S3, install the extra s3, which is obstore.", target) from None
    return BucketStore(S3Store(bucket, prefix=prefix.strip("/") or None))

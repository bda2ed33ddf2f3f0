"""Getting a log's entries and checkpoint from the log itself. Nothing of what comes is believed here."""

import aiohttp

from providers.witness.errors import WitnessError

__all__ = ["MAX_BUNDLE", "fetch"]

MAX_BUNDLE = 256 * (2 + 65_535)


async def fetch(session: aiohttp.ClientSession, where: str) -> bytes:
    """The octets at the URL ``where``, of bounded length; no redirect is followed.

    Raises:
        WitnessError: ``mirror_behind``, the log does not answer, or not with this file.
    """
    try:
        async with session.get(where, allow_redirects=False) as response:
            if response.status != 200:
                raise _behind(f"The log answers {response.status} where a file of its should be", where)
            data = bytearray()
            async for chunk in response.content.iter_any():
                data += chunk
                if len(data) > MAX_BUNDLE:
                    raise _behind("The log's answer is too long", where)
            return bytes(data)
    except (TimeoutError, aiohttp.ClientError) as error:
        raise _behind("The log can't be reached", where) from error


def _behind(message: str, where: str) -> WitnessError:
    return WitnessError(
        "mirror_behind", f"{message}; nothing is cosigned until they are stored.", where, retryable=True
    )

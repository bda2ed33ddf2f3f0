"""A reception that is taken over ends once, however many senders come back."""

import asyncio

import pytest

from hub.errors import RequestError
from hub.finishing import finished
from hub.packages.receiving import Reception


async def test_those_who_come_while_it_is_ending_change_nothing() -> None:
    ending, written = asyncio.Event(), asyncio.Event()

    async def receiving(reception: Reception) -> None:
        async with reception:
            try:
                await asyncio.Event().wait()  # the sender says nothing more
            finally:
                ending.set()
                await finished(written.wait())  # what has come is still being written

    reception = Reception(idle=60, most=60)
    task = asyncio.create_task(receiving(reception))
    await asyncio.sleep(0)
    reception.take_over()
    await ending.wait()
    reception.take_over()
    reception.take_over()
    written.set()
    with pytest.raises(RequestError) as refused:
        await task
    assert refused.value.code == "request_timeout"

"""Where the gateway listens: an address of the settings that can't be used is told in a sentence."""

import pytest
from aiohttp import web

from providers.errors import GatewayError
from providers.gateway.exchange.serving import _listen


@pytest.mark.parametrize(("host", "port"), [("a..b", 0), ("127.0.0.1", 99_999)])
async def test_a_host_or_port_that_is_none_is_refused(host: str, port: int) -> None:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    with pytest.raises(GatewayError, match="The address can't be used") as caught:
        await _listen(runner, host, port)
    await runner.cleanup()
    assert (caught.value.code, caught.value.where) == ("cannot_listen", f"{host}:{port}")

"""Alarms as a monitoring system reads them."""

from hub.alarms.kinds import KINDS
from hub.web import appkeys as keys
from tests.hub.running import Hub


async def test_every_kind_has_its_gauge(hub: Hub) -> None:
    alarms = hub.client.server.app[keys.ALARMS]  # type: ignore[attr-defined]
    for name in ("w1.example", "w2.example"):
        alarms.sound("witness_ahead", "It stands at 9.", subject=name)
    _, body = await hub.get("/metrics")
    lines = body.decode().splitlines()
    assert "# TYPE odr_alarm gauge" in lines
    assert 'odr_alarm{code="witness_ahead"} 2' in lines
    assert [line for line in lines if line.startswith("odr_alarm{")] == [
        f'odr_alarm{{code="{code}"}} {2 if code == "witness_ahead" else 0}' for code in sorted(KINDS)
    ]

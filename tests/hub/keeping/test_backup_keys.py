"""Keys in a backup: whatever a rotation of the log leaves beside them comes back, and nothing that could not."""

from pathlib import Path

import pytest

from hub import rotating
from hub.keeping.backup import Order, back_up
from hub.keeping.errors import BackupError
from hub.keeping.restore import Source, restore
from hub.settings import load_settings
from hub.web.appkeys import DATABASE
from tests.hub.running import Hub
from tests.hub.world import agreement_key

IDENTITY = agreement_key("operator/backup")
ORIGIN = "hub.example:8443/log/1"


async def backed_up(hub: Hub, target: Path) -> None:
    order = Order(hub.data, load_settings(hub.data), target, (IDENTITY.public,), hub.clock(), with_keys=True)
    await back_up(order, hub.client.app[DATABASE])


@pytest.mark.parametrize("until", ["prepared", "finished"])
async def test_keys_of_a_rotation_come_back(hub: Hub, tmp_path: Path, until: str) -> None:
    keys, target, again = hub.data / "keys", tmp_path / "one.age", tmp_path / "again"
    await rotating.prepare(hub.client.app[DATABASE], keys, None)
    if until == "finished":
        rotating.exchange_keys(keys, ORIGIN)
    await backed_up(hub, target)
    await restore(Source(target, IDENTITY, hub.clock()), again)
    assert {one.name: one.read_bytes() for one in (again / "keys").iterdir()} == {
        one.name: one.read_bytes() for one in keys.iterdir()
    }


async def test_a_key_that_could_not_be_restored_is_not_packed(hub: Hub, tmp_path: Path) -> None:
    target = tmp_path / "one.age"
    (hub.data / "keys" / "log (copy).pem").write_bytes(b"key")
    with pytest.raises(BackupError) as caught:
        await backed_up(hub, target)
    assert (caught.value.code, caught.value.where) == ("foreign_name", "keys/log (copy).pem")
    assert list(tmp_path.glob("*.age*")) == []

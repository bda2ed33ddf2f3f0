"""Keys change while a transfer is under way: what was rightly signed stays so."""

import pytest

from tests.providers.gateway.exchange.house import ACCEPT, A, B, House, briefed, offered, state, until


@pytest.mark.parametrize("change", ["retire", "revoke", "revoke without another"])
async def test_a_package_is_judged_by_the_keys_at_its_dispatch(house: House, change: str) -> None:
    world, sender = house.world, house.actors[A]
    async with house.gateway(A) as ours:
        async with house.gateway(B) as theirs:
            transfer = await offered(ours, world)
            await until(theirs, transfer, briefed)
            await theirs.service.accept(transfer, ACCEPT)
            await until(theirs, transfer, state("accepted"))
        await until(ours, transfer, state("dispatched"))
    if change == "revoke without another":
        world.change_key(sender, "revoke", sender.statement)  # officers do
    else:
        newer = world.add_key(sender, "statement-2")
        world.change_key(sender, change, sender.statement, by=newer)
    async with house.gateway(B) as theirs:
        found = await until(theirs, transfer, lambda one: one.final)
    assert (found.state, found.failure) == ("completed", None)
    assert house.hub.cases[found.case_id].custodian == B

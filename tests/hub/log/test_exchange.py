"""A transfer in a real log: sequenced, stored, checked, rebuilt."""

from sqlalchemy import text

from hub.log.fsck import fsck
from hub.log.genesis import initialise
from hub.log.rebuild import rebuild
from hub.log.service import NoWitnesses, open_log
from hub.storage.audit import Audit
from hub.storage.engine import Database
from hub.storage.rule_state import is_stored
from registry import state as registry_spaces
from signing.signnotes import log_signer
from tests.hub.exchange.network import ExchangeNetwork
from tests.registry.network import ORIGIN, signing_key


async def test_a_transfer_is_sequenced_checked_and_rebuilt(database: Database) -> None:
    net, log_key = ExchangeNetwork(), signing_key("log")

    def stopped(error: BaseException) -> None:
        raise AssertionError(error)

    genesis = net.genesis()
    net.submit(genesis)
    await initialise(database, log_key, genesis, lambda: net.now)
    opened = open_log(database, log_key, clock=lambda: net.now, on_stop=stopped, witnesses=lambda _: NoWitnesses())
    async with opened as log:
        for step in ("acme", "brio", "offer", "accept", "dispatch", "retrieval", "completion", "events"):
            statement = net.events([("one", 1), ("two", 2)]) if step == "events" else net.step(step)
            await log.sequencer.submit(statement)
            net.submit(statement)
    stored = {key: value for key, (value, _) in (await Audit(database).rule_state()).items()}
    assert stored == {key: value for key, value in net.state.values.items() if is_stored(key)}
    assert stored[registry_spaces.case(net.case)] == {"custodian": "brio", "transfer": None, "moves": 1}
    report = await fsck(database, log_signer(ORIGIN, log_key).verifier)
    assert report.sound, report.findings
    assert (await rebuild(database)).none
    lost = text("DELETE FROM rule_state WHERE key LIKE 'case/%'")
    await database.write(lambda connection: connection.execute(lost))
    changes = await rebuild(database)
    assert changes.added == (registry_spaces.case(net.case),)

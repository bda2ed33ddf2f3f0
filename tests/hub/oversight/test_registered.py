"""Awards of a real log as they are compared with events: read once, in pieces, with what reviews decided."""

from pathlib import Path

import pytest

from hub.oversight import registered
from hub.oversight.registered import RegisteredAwards
from hub.storage.awardstold import AwardsTold
from hub.web.appkeys import DATABASE, LOG
from metrics.crosschecks import RegisteredAward
from signing.compose import new_salt
from signing.statement import parse_statement
from tests.hub.running import Running
from tests.hub.world import Actor

OFFICERS = [Actor("officer-1", "officer"), Actor("officer-2", "officer")]
ACME, NEUTRAL = Actor("acme-odr", "provider"), Actor("neutral-a", "neutral")


async def test_awards_are_read_as_the_log_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered, "_PIECE", 2)
    async with Running(tmp_path, OFFICERS) as hub:
        speaker, app = hub.speaker, hub.client.app
        assert app is not None
        for document in (speaker.member(ACME), speaker.accreditation(ACME)):
            await hub.registered(document)
        await hub.registered(speaker.neutral(NEUTRAL, ACME))
        before = app[LOG].size
        documents = [speaker.award(ACME, NEUTRAL, b"%%PDF-1.7 award %d" % number) for number in range(3)]
        for document in documents:
            await hub.registered(document)
        awards, now = RegisteredAwards(AwardsTold(app[DATABASE])), hub.clock()
        digests = [parse_statement(document).digest for document in documents]
        assert await awards.known(before) == ()
        found = await awards.known(app[LOG].size)
        assert [one.digest for one in found] == digests
        case_id = "urn:odr:acme-odr:0197b1a0-0000-7000-8000-000000000001"
        assert found[0] == RegisteredAward("acme-odr", digests[0], now, case_id, "final")

        await hub.registered(speaker.revoke(NEUTRAL, NEUTRAL.statement, invalid_from=before))
        body = {"award": digests[1], "decision": "reject", "reason_code": "key_compromised"}
        await hub.registered(speaker.compose("award-review", "coordinator", body, speaker.officer(2), salt=new_salt()))
        assert [one.rejected for one in await awards.known(app[LOG].size)] == [False, True, False]
        anew = RegisteredAwards(AwardsTold(app[DATABASE]))
        assert await anew.known(app[LOG].size) == await awards.known(app[LOG].size)

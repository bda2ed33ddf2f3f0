"""A bundle answers for the moment of registration: keys, neutral and provider as they were, whatever came after."""

from __future__ import annotations

import pytest

from signing.keyring import KEY_OVERLAP_SECONDS
from signing.verification import Report, as_text, verify_award
from tests.fakes.world import Actor, World, neutral_body

DAY = 86_400


def said(report: Report, number: int) -> str:
    return report.steps[number - 1].reason


class Law:
    """One log in which awards are registered at several moments."""

    def __init__(self) -> None:
        self.world = World()
        self.provider: Actor = self.world.add_provider()
        self.neutral: Actor = self.world.add_neutral(self.provider)
        self.awards: list[int] = []

    def register(self) -> None:
        self.awards.append(self.world.admit(self.world.award(self.provider, self.neutral)))
        self.world.now += DAY

    def verified(self) -> list[Report]:
        """Every award, under the newest checkpoint and without the hub."""
        return [
            verify_award(self.world.bundle(index), document=None, trust=self.world.trust(), now=self.world.now)
            for index in self.awards
        ]


@pytest.fixture
def law() -> Law:
    return Law()


def test_each_award_has_the_accreditations_of_its_moment(law: Law) -> None:
    law.register()
    law.world.accredit(law.provider.id, "provider", "suspended")
    law.register()
    law.world.accredit(law.provider.id, "provider")
    law.world.accredit(law.neutral.id, "neutral", "removed")
    law.register()
    told = [said(one, 10) for one in law.verified()]
    assert ["provider-a: listed" in one for one in told] == [True, False, True]
    assert "provider-a: suspended" in told[1]
    assert ["neutral-a: listed" in one for one in told] == [True, True, False]
    assert "neutral-a: removed" in told[2]


def test_what_lapses_later_had_not_lapsed_then(law: Law) -> None:
    law.world.accredit(law.neutral.id, "neutral", valid_to="2026-10-01T00:00:00Z")
    law.register()
    law.world.now += 30 * DAY
    law.register()
    before, after = (said(one, 10) for one in law.verified())
    assert "neutral-a: listed since" in before
    assert "neutral-a: listed, lapsed" in after


def test_a_key_counts_until_its_revocation(law: Law) -> None:
    second = law.world.add_key(law.provider, "second")
    law.register()
    law.world.change_key(law.provider, "revoke", law.provider.statement, second, reason="superseded")
    law.awards.append(law.world.register(law.world.award(law.provider, law.neutral)))
    good, bad = law.verified()
    assert (good.genuine, good.exit_code) == ("yes", 0), as_text(good)
    assert bad.genuine.startswith("no")
    assert bad.steps[7].code == "key_revoked"


def test_a_retired_key_counts_for_its_overlap(law: Law) -> None:
    second = law.world.add_key(law.provider, "second")
    law.world.change_key(law.provider, "retire", law.provider.statement, second)
    retired = law.world.now
    law.world.now = retired + KEY_OVERLAP_SECONDS - DAY
    law.register()
    law.world.now = retired + KEY_OVERLAP_SECONDS + DAY
    law.awards.append(law.world.register(law.world.award(law.provider, law.neutral)))
    within, beyond = law.verified()
    assert within.genuine == "yes"
    assert beyond.steps[7].code == "key_retired"


def test_a_key_is_not_older_than_its_introduction(law: Law) -> None:
    key = law.world.signing_key("provider-a/later")
    signers = [(law.neutral.statement, "neutral"), (key, "provider")]
    early = law.world.register(law.world.award_signed(signers, law.provider.id))
    law.world.add_key(law.provider, "later")
    law.awards.append(early)
    (report,) = law.verified()
    assert (report.steps[7].outcome, report.exit_code) == ("not checkable", 2), as_text(report)
    assert report.steps[7].code == "evidence_missing"


def test_custody_and_name_are_those_of_the_moment(law: Law) -> None:
    law.register()
    body = neutral_body(law.neutral, law.provider.id, key_custody="provider-held")
    del body["keys"]
    body["profile"] = body["profile"] | {"display_name": "Sample Neutral Renamed"}
    signers = [
        (law.neutral.statement, "neutral"), (law.provider.statement, "provider"), *law.world.officer_signers(),
    ]  # fmt: skip
    law.world.admit(law.world.compose("neutral", law.neutral.id, body, signers))
    law.register()
    before, after = (said(one, 8) for one in law.verified())
    assert "Sample Neutral A (neutral-a, key custody: self)" in before
    assert "Sample Neutral Renamed (neutral-a, key custody: provider-held)" in after

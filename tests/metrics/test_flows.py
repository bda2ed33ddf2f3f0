from dataclasses import replace

import pytest

from metrics.columns import Columns
from metrics.errors import IdentityBrokenError
from metrics.facts import Spell
from metrics.flows import Flows, flows
from tests.metrics.stories import PERIOD, days, fact


def test_each_case_is_counted_where_it_belongs() -> None:
    facts = [
        fact("filed -20"),
        fact("filed -20", "refused -10"),
        fact("filed -20", "refused 0"),
        fact("filed 5", "settled 9 stage=mediation"),
        fact("filed 5", "transfer_out 9 transfer_id=t"),
        fact("transfer_in 5 transfer_id=t"),
        fact("filed 95", freeze=days(100)),
        fact("filed 5", "refused 95", freeze=days(100)),
    ]
    found = flows("alpha", Columns.of(facts), PERIOD)
    assert found == Flows(pending_before=2, filed=3, received=1, resolved=2, handed_over=1, pending=3)
    assert found.incoming == 4


def test_an_end_at_the_first_instant_of_the_period_is_within_it() -> None:
    assert flows("alpha", Columns.of([fact("filed -1", "refused 0")]), PERIOD).resolved == 1
    assert flows("alpha", Columns.of([fact("filed 0", "refused 90", freeze=days(91))]), PERIOD).pending == 1


def test_books_that_do_not_balance_raise() -> None:
    broken = replace(fact("filed 5"), spells=(Spell(days(5), "filed", days(-3), "settled"),))
    message = r"0 cases are pending, but 0 \+ 1 - 0 is 1. \(alpha\)"
    with pytest.raises(IdentityBrokenError, match=message) as caught:
        flows("alpha", Columns.of([broken]), PERIOD)
    assert caught.value.code == "identity_broken"

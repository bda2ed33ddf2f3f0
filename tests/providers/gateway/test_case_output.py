"""What a clerk reads of cases and transfers."""

from typing import Any

from providers.gateway import case_commands
from providers.gateway.case_output import cases_in_turn, list_lines


def known(name: str, case: dict[str, Any] | None, *transfers: dict[str, Any]) -> dict[str, Any]:
    return {"case_id": f"urn:odr:a:{name}", "case": case, "transfers": list(transfers)}


def held(state: str = "held", transfer: str | None = None, delete_by: str | None = None) -> dict[str, Any]:
    return {"state": state, "transfer": transfer, "delete_by": delete_by}


def moving(name: str, state: str, to_act: str, **more: Any) -> dict[str, Any]:
    one = {"transfer_id": f"urn:odr:a:{name}", "state": state, "to_act": to_act, "role": "sender", "peer": "b"}
    return {**one, "deadline": None, "problem": None, **more}


def test_the_table_has_cases_that_wait_for_a_person_first() -> None:
    cases = [
        known("1", held("moved", delete_by="2026-02-01T00:00:00Z"), moving("t1", "completed", "nobody")),
        known("2", held(transfer="urn:odr:a:t2"), moving("t2", "offered", "b", deadline="2026-01-09T00:00:00Z")),
        known("3", None, moving("t3", "offered", "you", role="recipient", deadline="2026-01-08T00:00:00Z")),
        known("4", held()),
        known("5", held("deleted"), moving("t5", "preparing", "gateway", problem={"code": "hub_unreachable"})),
    ]
    assert "\n".join(list_lines(cases_in_turn(cases))) + "\n" == TABLE


TABLE = """\
CASE, AND ITS TRANSFERS  STATE           OTHER PROVIDER  NEXT                                       BY
urn:odr:a:3              not here        -               -                                          -
  urn:odr:a:t3           offered         from b          you must decide                            2026-01-08T00:00:00Z
urn:odr:a:2              in custody      -               -                                          -
  urn:odr:a:t2           offered         to b            b must act                                 2026-01-09T00:00:00Z
urn:odr:a:5              deleted         -               -                                          -
  urn:odr:a:t5           being prepared  to b            this gateway is working [hub_unreachable]  -
urn:odr:a:1              handed over     -               the copy kept here is deleted              2026-02-01T00:00:00Z
  urn:odr:a:t1           completed       to b            nothing is left to do                      -
urn:odr:a:4              in custody      -               yours to handle                            -
"""


def test_no_case_is_said_in_words() -> None:
    assert list_lines([]) == ["There is no case here."]


def test_what_came_from_elsewhere_is_made_printable() -> None:
    assert "b\\u{202e}c" in "\n".join(list_lines([known("1", None, moving("t", "offered", "you", peer="b\u202ec"))]))


class Pages:
    """A gateway that has three cases and gives one at a time."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def get(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        number = len(self.asked)
        return {"cases": [known(str(number), None)], "next": f"urn:odr:a:{number}" if number < 3 else None}


async def test_every_page_is_read() -> None:
    local = Pages()
    found = await case_commands._known_cases(local)  # type: ignore[arg-type]
    assert [one["case_id"] for one in found] == ["urn:odr:a:1", "urn:odr:a:2", "urn:odr:a:3"]
    assert local.asked[1:] == ["/overview?limit=50&after=urn:odr:a:1", "/overview?limit=50&after=urn:odr:a:2"]

"""Transfers in words, for a person at a terminal; whatever came from elsewhere is made printable first."""

from collections.abc import Iterator, Mapping, Sequence

from providers.printable import printable
from signing.encoding import JSON

__all__ = ["cases_in_turn", "in_turn", "inbox_lines", "list_lines", "show_lines"]

_STATES = {
    "preparing": "being prepared",
    "offered": "offered",
    "accepted": "accepted",
    "dispatched": "on its way",
    "completed": "completed: custody has moved",
    "declined": "declined; the sender keeps the case",
    "withdrawn": "withdrawn; the sender keeps the case",
    "expired": "expired; the sender keeps the case",
    "failed": "failed; the sender keeps the case",
    "refused": "refused by the hub; the case stays here",
    "cancelled": "cancelled before it was registered; the case stays here",
}
_ACTS = {"you": "you must decide", "gateway": "this gateway is working", "nobody": "nothing is left to do"}

_CASE_STATES = {"held": "in custody", "moved": "handed over", "deleted": "deleted", "": "not here"}
_HEADINGS = ("CASE, AND ITS TRANSFERS", "STATE", "OTHER PROVIDER", "NEXT", "BY")


def cases_in_turn(cases: Sequence[Mapping[str, JSON]]) -> list[Mapping[str, JSON]]:
    """Cases of which a transfer waits for a person first, then those with an open one, then the others."""
    return sorted(cases, key=_turn)


def in_turn(transfers: Sequence[Mapping[str, JSON]]) -> list[Mapping[str, JSON]]:
    """Transfers that wait for a person first, each group in the order of its making."""
    return sorted(transfers, key=lambda one: (one["to_act"] != "you", str(one["created"])))


def list_lines(cases: Sequence[Mapping[str, JSON]]) -> list[str]:
    """A table of cases, each followed by its transfers."""
    if not cases:
        return ["There is no case here."]
    rows = [_HEADINGS, *(row for one in cases for row in _rows(one))]
    cells = [[printable(cell or "-") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def inbox_lines(transfers: Sequence[Mapping[str, JSON]]) -> list[str]:
    """One transfer a line."""
    if not transfers:
        return ["No transfer is open."]
    return [_line(one) for one in transfers]


def show_lines(one: Mapping[str, JSON]) -> list[str]:
    """Everything about a transfer."""
    lines = [
        f"Transfer  {one['transfer_id']}",
        f"Case      {one['case_id']}, {_way(one)} {one['peer']}",
        f"State     {_STATES[one['state']]}",
        f"To act    {_act(one)}",
    ]
    if one["deadline"]:
        lines.append(f"Deadline  {one['deadline']}")
    lines += [*_trouble(one), *_offer(one.get("offer")), *_brief(one.get("brief"))]
    for said in one.get("statements", ()):
        name = said.get("event") or said["kind"].removeprefix("transfer-")
        lines.append(f"Log       {said['index']:>6}  {said['time']}  {name} by {said['issuer']}")
    return [printable(line) for line in lines]


def _turn(known: Mapping[str, JSON]) -> int:
    acts = {one["to_act"] for one in known["transfers"]}
    return 0 if "you" in acts else 1 if acts - {"nobody"} else 2


def _rows(known: Mapping[str, JSON]) -> Iterator[tuple[str, ...]]:
    """A case and its transfers: id, state, the other provider, what comes next, by when."""
    case = known["case"] or {"state": "", "transfer": None, "delete_by": None}
    coming = {"held": "" if case["transfer"] else "yours to handle", "moved": "the copy kept here is deleted"}
    state = case["state"]
    yield known["case_id"], _CASE_STATES[state], "", coming.get(state, ""), case["delete_by"] or ""
    for one in known["transfers"]:
        short = _STATES[one["state"]].replace(":", ";").partition(";")[0]
        then = _act(one) if one["problem"] is None else f"{_act(one)} [{one['problem']['code']}]"
        yield f"  {one['transfer_id']}", short, f"{_way(one)} {one['peer']}", then, one["deadline"] or ""


def _way(one: Mapping[str, JSON]) -> str:
    return "to" if one["role"] == "sender" else "from"


def _line(one: Mapping[str, JSON]) -> str:
    deadline = f", until {one['deadline']}" if one["deadline"] else ""
    trouble = "" if one["problem"] is None else f"  [{one['problem']['code']}]"
    return printable(f"{one['transfer_id']}  {_way(one)} {one['peer']}: {one['state']}, {_act(one)}{deadline}{trouble}")


def _act(one: Mapping[str, JSON]) -> str:
    return _ACTS.get(one["to_act"], f"{one['to_act']} must act")


def _trouble(one: Mapping[str, JSON]) -> Iterator[str]:
    if one["problem"] is not None:
        yield f"Problem   {one['problem']['detail']} [{one['problem']['code']}; to act: {one['problem']['actor']}]"
    if one["failure"] is not None:
        yield f"Failure   {one['failure']['detail']} [{one['failure']['code']}]"


def _offer(offer: Mapping[str, JSON] | None) -> Iterator[str]:
    if offer is not None:
        yield f"Offer     stage {offer['stage']}, because of {offer['reason']}, under {offer['rules_to']['name']}"
        yield f"          consents: {len(offer['consents'])}, data classes: {', '.join(offer['data_classes'])}"


def _brief(brief: Mapping[str, JSON] | None) -> Iterator[str]:
    if brief is None:
        return
    for party in brief["parties"]:
        yield f"Party     {party['role']} {party['number']}: {party['name']} ({party['country']}, {party['kind']})"
    yield f"Summary   {brief['claim_summary']}"
    for one in brief["conflict_identifiers"]:
        yield f"Check     {one['scheme']}: {one['value']}"
    for one in brief["documents"]:
        yield f"Document  {one['name']} ({one['type']}, {one['class']}, {one['size']:,} bytes)"

"""Transfers in words, for a person at a terminal; whatever came from elsewhere is made printable first."""

from collections.abc import Iterator, Mapping, Sequence

from providers.gateway.desk import printable
from signing.encoding import JSON

__all__ = ["inbox_lines", "show_lines"]

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
    "cancelled": "cancelled before it was sent; the case stays here",
}
_ACTS = {"you": "you must decide", "gateway": "this gateway is working", "nobody": "nothing is left to do"}


def inbox_lines(transfers: Sequence[Mapping[str, JSON]]) -> list[str]:
    """One transfer a line, those that wait for a person first."""
    if not transfers:
        return ["No transfer is open."]
    ordered = sorted(transfers, key=lambda one: (one["to_act"] != "you", str(one["created"])))
    return [_line(one) for one in ordered]


def show_lines(one: Mapping[str, JSON]) -> list[str]:
    """Everything about a transfer."""
    way = "to" if one["role"] == "sender" else "from"
    lines = [
        f"Transfer  {one['transfer_id']}",
        f"Case      {one['case_id']}, {way} {one['peer']}",
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


def _line(one: Mapping[str, JSON]) -> str:
    way = "to" if one["role"] == "sender" else "from"
    deadline = f", until {one['deadline']}" if one["deadline"] else ""
    trouble = "" if one["problem"] is None else f"  [{one['problem']['code']}]"
    return printable(f"{one['transfer_id']}  {way} {one['peer']}: {one['state']}, {_act(one)}{deadline}{trouble}")


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

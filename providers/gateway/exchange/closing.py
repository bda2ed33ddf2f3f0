"""The end of a transfer: what is no longer needed goes, and custody shows in the list of cases."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from providers.gateway.exchange.context import KEY, Context
from providers.gateway.exchange.files import destroy
from providers.gateway.exchange.store import Book
from providers.gateway.exchange.values import DAY, Case, Dossier, Problem

__all__ = ["close", "delete_due", "sweep"]


async def close(context: Context, dossier: Dossier) -> None:
    """Destroy the transfer key and every ciphertext; the recipient of a completed transfer has a new case.

    A brief is forgotten unless the case came; a package that came too late, or was refused, is removed.
    """
    await asyncio.to_thread(_remove_files, context, dossier)

    def finish(book: Book) -> tuple[Case | None, list[Path]]:
        before = book.case(dossier.case_id), _received(book, context, dossier.case_id)
        changes = {"closed": True, "problem": _problem(dossier), "summary": None}
        if _brought(dossier):
            book.put_case(context.cases.received(context.received(dossier.transfer_id), book.now))
        elif dossier.role == "recipient":
            changes["brief"] = None
        book.settle(dossier.transfer_id, "cancelled")
        book.tell("closed", book.amend(dossier.transfer_id, **changes), state=dossier.state)
        return before

    before = await context.situations.change(dossier.transfer_id, finish)
    if _brought(dossier):
        await asyncio.to_thread(_delete, context, *before)  # the older copies of a case that came back


def _problem(dossier: Dossier) -> Problem | None:
    """Why it ended, where that was a refusal: of the offer, or of what made this gateway take it back."""
    if dossier.ended is not None:
        return dossier.problem
    kept = (dossier.decision or {}).get("problem")
    return None if kept is None else Problem(**kept)


def _remove_files(context: Context, dossier: Dossier) -> None:
    folder = context.folder(dossier.transfer_id)
    destroy(folder / KEY)
    shutil.rmtree(folder, ignore_errors=True)
    if dossier.role == "recipient" and dossier.state != "completed":
        shutil.rmtree(context.received(dossier.transfer_id), ignore_errors=True)


async def delete_due(context: Context) -> None:
    """Delete copies of cases that were handed over and are no longer to be kept, and old folders put aside."""
    kept_since = context.clock() - context.settings.keep_days * DAY
    await asyncio.to_thread(context.cases.forget_aside, kept_since)
    cases = await context.store.do(lambda book: book.cases())
    for case in cases:
        if case.state == "moved" and case.delete_by is not None and case.delete_by <= context.clock():
            await _delete_copy(context, case)


async def _delete_copy(context: Context, case: Case) -> None:
    """Delete what is kept of a case that was handed over; one that comes back meanwhile is another copy, and stays."""
    received = await context.store.do(
        lambda book: _received(book, context, case.case_id) if _same(book, case) else None
    )
    if received is None:
        return
    await asyncio.to_thread(_delete, context, case, received)

    def note(book: Book) -> None:
        if _same(book, case):
            book.change_case(case.case_id, state="deleted")
            book.tell("case_deleted", case_id=case.case_id)

    await context.store.do(note)


def _same(book: Book, case: Case) -> bool:
    now = book.case(case.case_id)
    return now is not None and (now.folder, now.state, now.delete_by) == (case.folder, case.state, case.delete_by)


def _received(book: Book, context: Context, case_id: str) -> list[Path]:
    """The packages of a case that were received and taken in, though newer versions may have come from the platform."""
    return [context.received(one.transfer_id) for one in book.of_case(case_id) if one.closed and _brought(one)]


def _brought(one: Dossier) -> bool:
    """Whether a transfer has brought its case here."""
    return one.role == "recipient" and one.state == "completed"


def _delete(context: Context, case: Case | None, received: Sequence[Path]) -> None:
    if case is not None:
        context.cases.delete(case)
    for folder in received:
        shutil.rmtree(folder, ignore_errors=True)


async def sweep(context: Context) -> None:
    """At the start: what no row stands for goes, or is put aside."""

    def known(book: Book) -> set[str]:
        received = [one for one in book.dossiers() if not one.closed or _brought(one)]
        return {one.folder for one in book.cases()} | {context.received(one.transfer_id).name for one in received}

    context.cases.sweep(await context.store.do(known), context.clock())

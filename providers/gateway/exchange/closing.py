"""The end of a transfer: what is no longer needed goes, and custody shows in the list of cases."""

import asyncio
import shutil

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

    def finish(book: Book) -> Case | None:
        before = book.case(dossier.case_id)
        changes = {"closed": True, "problem": _problem(dossier), "summary": None}
        if dossier.role == "recipient" and dossier.state == "completed":
            book.put_case(context.cases.received(context.received(dossier.transfer_id), book.now))
        elif dossier.role == "recipient":
            changes["brief"] = None
        book.settle(dossier.transfer_id, "cancelled")
        book.tell("closed", book.amend(dossier.transfer_id, **changes), state=dossier.state)
        return before

    before = await context.store.do(finish)
    if before is not None and dossier.role == "recipient" and dossier.state == "completed":
        await asyncio.to_thread(context.cases.delete, before)  # the older copy of a case that came back


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
            await asyncio.to_thread(context.cases.delete, case)

            def note(book: Book, case_id: str = case.case_id) -> None:
                book.change_case(case_id, state="deleted")
                book.tell("case_deleted", case_id=case_id)

            await context.store.do(note)


async def sweep(context: Context) -> None:
    """At the start: what no row stands for goes, or is put aside."""

    def known(book: Book) -> set[str]:
        folders = {one.folder for one in book.cases()}
        return folders | {context.received(one.transfer_id).name for one in book.dossiers(unfinished=True)}

    context.cases.sweep(await context.store.do(known), context.clock())

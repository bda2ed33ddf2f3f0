"""How long a neutral's way from an invitation to a signed award takes at a person's pace, in a real browser.

The page, the hub, the gateway and the officer's program are real, and what the machine takes is measured. What the
person takes is computed for every action by the keystroke-level model (Card, Moran, Newell: The keystroke-level model
for user performance time with interactive systems, Communications of the ACM 23:7, 1980): K a key or button pressed,
P pointing, H a hand moved between mouse and keyboard, M making up one's mind. The model knows no reading; every line is
read when it first appears, word by word, at 238 words a minute (Brysbaert, Journal of Memory and Language 109, 2019,
104047). A line that has been read already on the way is recognised and not read again.

Words are told apart by what they are: what is signed, which is every row of a statement and of its signers and every
line that is ticked; names of fields, buttons and headings; and explanations, which is everything else. Nobody has to
read the last to act rightly, and a name that is pressed or filled is found within its M; what is signed must be read.
So the time is given for each of these readers.

Counted: the neutral's own time. Not counted: reading the award itself and thinking about it, looking for files and
messages, mistakes, and the time of the provider and the officer, for whom the neutral need not wait.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table import Row
from tests.browser.chromium import chromium
from tests.browser.signpage import PASSPHRASE, Reader
from tests.fakes.exchangehouse import house
from tests.fakes.people import ID, OFFICERS, People, admit, found, send_award

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from playwright.async_api import Page

K, P, H, M = 0.28, 1.1, 0.4, 1.35
"""Seconds; K is that of an average typist who is no professional."""
WORDS_PER_SECOND = 238 / 60
LIMIT_SECONDS = 120
CLICK = P + K
SIGNED = ".facts, .signers, fieldset .tick"
NAMES = "h1, h2, h3, label, legend, summary, button, a.button"
LINES = """([signed, names]) => {
  const lines = (selector) => [...document.querySelectorAll(selector)].flatMap((one) => one.innerText.split("\\n"));
  const within = (selector) => `main :is(${selector})`;
  return { all: lines("main"), signed: lines(within(signed)), names: lines(within(names)) };
}"""
"""Lines on the screen as they are seen, and which of them are of what is signed, and names."""
COPYING = M + CLICK + 2 * K
"""A link in a message is pointed at and copied."""
PICKING = M + CLICK + P + 2 * K
"""The picker is opened, the file found in what it lists, and opened by a double click."""


@dataclass
class Pace:
    """Seconds of one part of the way: of hands and decisions, of reading, of the machine."""

    handling: float = 0.0
    machine: float = 0.0
    names: int = 0
    """Words read: of fields, buttons, headings and ticks;"""
    signed: int = 0
    """of what is signed;"""
    explained: int = 0
    """of explanations."""

    def __add__(self, other: Pace) -> Pace:
        return Pace(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def reading(self) -> float:
        return (self.names + self.signed + self.explained) / WORDS_PER_SECOND

    @property
    def whole(self) -> float:
        return self.unread + self.reading

    @property
    def needed(self) -> float:
        """Of somebody who reads no explanation."""
        return self.unread + (self.names + self.signed) / WORDS_PER_SECOND

    @property
    def signing(self) -> float:
        """Of somebody who reads whatever is signed and ticked, and of other lines those that are acted on."""
        return self.unread + self.signed / WORDS_PER_SECOND

    @property
    def unread(self) -> float:
        """Of somebody who reads nothing but the name of each field and button."""
        return self.handling + self.machine

    def figures(self) -> str:
        parts = f"{self.handling:.0f} s handling, {self.reading:.0f} s reading, {self.machine:.1f} s the machine"
        words = f"words: {self.names} of names, {self.signed} of what is signed, {self.explained} of explanations"
        return f"{self.whole:.0f} s ({parts}; {words})"


@dataclass
class Person(Reader):
    """Somebody at the page, whose every action is done by the browser at once and counted at a person's pace."""

    pace: Pace = field(default_factory=Pace)
    known: set[str] = field(default_factory=set)
    """Lines that were read."""

    async def act(self, seconds: float, done: Awaitable[object]) -> None:
        """Do something that takes a person ``seconds``; what the machine takes is added."""
        began = time.perf_counter()
        await done
        self.pace.machine += time.perf_counter() - began
        self.pace.handling += seconds

    async def read(self, title: str, **values: str) -> None:
        """Wait for a screen, and read every word of it that is new."""
        await self.act(M, self.until_title(title, **values))
        await self.read_new()

    async def read_new(self) -> None:
        """Read every word on the screen that is new."""
        found = await self.page.evaluate(LINES, [SIGNED, NAMES])
        for line in dict.fromkeys(found["all"]):
            if line in self.known:
                continue
            self.known.add(line)
            kind = "signed" if line in found["signed"] else "names" if line in found["names"] else "explained"
            setattr(self.pace, kind, getattr(self.pace, kind) + len(line.split()))

    async def follow_link(self, link: str) -> None:
        """A link that is pasted opens, wherever on the screen."""
        await self.copied(link)
        await self.act(COPYING + H + 2 * K + H, self.paste_copied())

    async def type_in(self, label: str, text: str) -> None:
        """Point at a field and type, hands to the keyboard and afterwards back."""
        field_ = self.page.get_by_label(self.text(label), exact=True)
        await self.act(M + CLICK + H + len(text) * K + H, field_.fill(text))

    async def pick_file(self, label: str, file: Path) -> None:
        await self.act(PICKING, self.pick(label, file))

    async def tick(self) -> None:
        count = await self.page.locator("fieldset input").count()
        await self.act(count * (M + CLICK), self.tick_all())

    async def enter(self, title: str) -> None:
        """The key that sends what was typed; a screen follows."""
        await self.act(K, self.page.keyboard.press("Enter"))
        await self.read(title)


def way() -> tuple[Pace, Pace]:
    """The entry and the award of a neutral who is invited, each once."""
    with tempfile.TemporaryDirectory() as place, house(Path(place), officers=3, threshold=2) as hub:
        people = People(Path(place), hub)
        admit(people)
        return asyncio.run(_way(people))


def rows() -> list[Row]:
    """From the invitation to the award, once."""
    entry, award = way()
    whole = entry + award
    return [
        Row("a neutral's entry at a person's pace, from the link to the signature", entry.figures(), "", ""),
        Row("an award at a person's pace, from the link to the signature", award.figures(), "", ""),
        Row(
            "from the invitation to the signed award at a person's pace", whole.figures(),
            f"{LIMIT_SECONDS} s",
            f"{whole.whole / LIMIT_SECONDS:.2f} of it, {whole.needed / LIMIT_SECONDS:.2f} without explanations"
            f" ({whole.needed:.0f} s), {whole.signing / LIMIT_SECONDS:.2f} with what is signed alone read"
            f" ({whole.signing:.0f} s), {whole.unread / LIMIT_SECONDS:.2f} without reading ({whole.unread:.0f} s)",
        ),
    ]  # fmt: skip


async def _way(people: People) -> tuple[Pace, Pace]:
    async with chromium() as browser:
        person = Person(await browser.new_page())
        name, link = await asyncio.to_thread(_invited, people)
        await person.act(M + P + 2 * K, person.open())
        entry = await _entry(person, link, people.directory / "odr-key.json")
        await asyncio.to_thread(people.gateway, "sign", name, "--dir", people.home, "--yes")
        await asyncio.to_thread(people.officer_signs, OFFICERS[0], name)
        _, link = await asyncio.to_thread(send_award, people)
        person.pace = Pace()
        return entry, await _award(person, link, people.directory / "award.pdf")


def _invited(people: People) -> tuple[str, str]:
    profile = people.directory / "neutral.json"
    told = people.gateway("neutral", "invite", "--dir", people.home, "--id", "sample-neutral", "--profile", profile)
    return found(ID, told), found(r"http\S+#draft=\S+", told)


async def _entry(person: Person, link: str, saved: Path) -> Pace:
    await person.read("start.title")
    await person.follow_link(link)
    await person.read("invitation.title", kind=person.text("kind.neutral"))
    await person.type_in("making.once", PASSPHRASE)
    await person.act(M, person.read_new())  # what was typed is looked over
    await person.enter("saving.title")
    await person.act(M + CLICK, _save(person.page, person.text("saving.save"), saved))
    await person.act(M + CLICK, person.press("saving.next"))
    await person.read("kind.neutral")
    await person.tick()
    await person.act(M + CLICK, person.press("key.sign"))
    await person.read("outcome.signed")
    return person.pace


async def _award(person: Person, link: str, pdf: Path) -> Pace:
    await person.follow_link(link)
    await person.read("kind.award")
    await person.pick_file("document.pick", pdf)
    await person.read_new()
    await person.tick()
    await person.type_in("key.passphrase", PASSPHRASE)
    await person.enter("outcome.signed")
    return person.pace


async def _save(page: Page, label: str, saved: Path) -> None:
    async with page.expect_download() as download:
        await page.get_by_role("link", name=label).click()
    await (await download.value).save_as(saved)

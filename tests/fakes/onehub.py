"""A hub of one officer as a process, at the address that its signed requests name, with an officer's desk beside it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.exchangehouse import free_port
from tests.fakes.pages import ROOT

__all__ = ["environment", "one_hub", "program"]


def program(name: str) -> list[str]:
    """How one of our programs is started."""
    module = {"odr-hub": "hub.cli", "odr-gateway": "providers.cli"}[name]
    return [sys.executable, "-m", module]


def environment(place: Path) -> dict[str, str]:
    """Variables of a process that works in ``place``."""
    return {"PYTHONPATH": str(ROOT), "PATH": f"{place / 'bin'}:/usr/bin:/bin", "NO_COLOR": "1", "HOME": str(place)}


@contextmanager
def one_hub(place: Path) -> Iterator[str]:
    """Found a hub in ``place/hub`` and serve it; gives its address.

    ``place`` then holds what a provider has (policy file, passphrase, profile of the page) and ``officer/`` with what
    its officer has.
    """
    url = f"http://127.0.0.1:{free_port()}"
    (place / "secret").write_text("of the officer\n")
    init = [*program("odr-hub"), "init", "--data", "hub", "--url", url, "--passphrase-file", "secret"]
    subprocess.run(init, cwd=place, env=environment(place), check=True, capture_output=True)
    _lay_out(place)
    serve = [*program("odr-hub"), "serve", "--data", "hub", "--port", url.rpartition(":")[2]]
    with subprocess.Popen(
        serve, cwd=place, env=environment(place), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as hub:
        try:
            assert hub.stdout is not None
            assert "is ready" in hub.stdout.readline()
            yield url
        finally:
            hub.terminate()


def _lay_out(place: Path) -> None:
    page = (ROOT / "docs/tutorial/become-a-provider.md").read_text(encoding="utf-8")
    (place / "passphrase").write_text("only for this page\n")
    (place / "profile.json").write_text(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    shutil.copy(place / "hub" / "verification-policy.txt", place)
    desk = place / "officer"
    desk.mkdir()
    shutil.copy(place / "verification-policy.txt", desk)
    shutil.copy(place / "secret", desk / "passphrase")
    for purpose in ("statement", "http"):
        shutil.copy(place / "hub" / "officer" / f"officer-1.{purpose}.key", desk / f"officer.{purpose}.key")

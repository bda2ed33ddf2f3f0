"""``python -m hub.demo [--once] [--port 8600] [--output demo-output]``: the story, the forgeries, then the site.

Exit codes: 0 everything ended as it must, 1 something did not, 2 wrong usage.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hub.demo.backstage import Backstage, Member
from hub.demo.forgeries import FORGERIES, Materials, present
from hub.demo.samples import PROVIDER
from hub.demo.stage import DemoError, Stage, port_is_free
from hub.demo.story import OFFICERS, OLDER_COPY, PASSPHRASE, Story
from providers.client import connect
from providers.errors import ProvidersError
from providers.gateway.home import load_home
from providers.gateway.keystore import open_signing_key
from signing.errors import SigningError
from signing.trust import parse_trust

__all__ = ["main"]

RESULTS = ("award.pdf", "award-bundle.zip", "verification-policy.txt")


def main(arguments: list[str] | None = None) -> int:
    """Run the demonstration; returns the exit code."""
    options = _parser().parse_args(arguments)
    if not port_is_free(options.port):
        sys.stderr.write(
            f"Port {options.port} on 127.0.0.1 is in use, perhaps by another demonstration."
            f" Stop that, or choose another one: make demo PORT={options.port + 1}{' ONCE=1' if options.once else ''}\n"
        )
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Stage(sys.stdout) as stage:
            return _play(stage, options.port, options.output, once=options.once)
    except (DemoError, ProvidersError, SigningError) as error:
        sys.stderr.write(f"\nThe demonstration failed: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")
        return 0


def _play(stage: Stage, port: int, output: Path, *, once: bool) -> int:
    story = Story(stage, port)
    story.tell()
    _hand_over(stage, output)
    stage.heading("9. The forgeries")
    stage.say("Of what odr-verify prints, the first line is shown and the step that decides.")
    failures = asyncio.run(_forgeries(stage, story))
    stage.heading("The end")
    if failures:
        stage.say(f"{failures} of {len(FORGERIES)} forgeries did not end as they must.")
        return 1
    stage.say(f"All {len(FORGERIES)} ended as they must. Told in {stage.seconds:.1f} s.")
    stage.say(f"Yours to keep: {', '.join(str(output / name) for name in RESULTS)}. Verify once more:")
    stage.show(f"{_verifier()} {output / 'award-bundle.zip'} --policy {output / 'verification-policy.txt'}")
    if not once:
        stage.say(f"The site is at {story.url} until you press Ctrl-C.")
        while True:
            time.sleep(3600)
    return 0


def _verifier() -> str:
    """The verifier as it is typed where the demonstration was started: no search path is sure to have it."""
    program, here = Path(sys.executable).with_name("odr-verify"), Path.cwd()
    if not program.exists():
        return f"{sys.executable} -m signing.cli"
    return str(program.relative_to(here) if program.is_relative_to(here) else program)


def _hand_over(stage: Stage, output: Path) -> None:
    """Put the results where the reader asked for them; results of an earlier run are replaced."""
    output.mkdir(parents=True, exist_ok=True)
    for name in RESULTS:
        shutil.copyfile(stage.path / name, output / name)


async def _forgeries(stage: Stage, story: Story) -> int:
    home = load_home(stage.path / "provider")
    files = [stage.path / name / f"{name}.statement.key" for name in OFFICERS]
    files += [home.key_file("statement"), stage.path / "neutral.key.json"]
    with ThreadPoolExecutor() as pool:
        *officers, provider, neutral = pool.map(lambda path: open_signing_key(path, PASSPHRASE), files)
    trust = parse_trust((stage.path / "verification-policy.txt").read_bytes())
    async with connect(story.url) as hub:
        materials = Materials(
            stage=stage,
            backstage=await Backstage.enter(hub, trust, officers),
            trust=trust,
            policy=stage.path / "verification-policy.txt",
            bundle=stage.path / "award-bundle.zip",
            pdf=story.pdf,
            provider=Member(PROVIDER, provider, home.public_key("monitor")),
            neutral=neutral,
            snapshot=stage.path / OLDER_COPY,
        )
        return await present(materials)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hub.demo",
        description="Show the whole system on this machine: hub, witnesses, award, forgeries.",
    )
    parser.add_argument("--once", action="store_true", help="end after the story instead of leaving the site up")
    parser.add_argument("--port", type=int, default=8600, help="loopback port of the hub (default: 8600)")
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="directory for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())

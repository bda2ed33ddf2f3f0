"""Row 3: one large case package from gateway to gateway through the hub, all on one disk."""

import asyncio
from pathlib import Path

from bench.exchanging import exchanging, gateways, hub_and_gateways
from bench.files import Plain, filled, plainly_moved
from bench.memory import Memory, watched
from bench.table import Row
from tests.fakes.exchangehouse import House

SIZE = 1 << 30
MIB = 1 << 20
_PHASES = (("packed and uploaded", "dispatched"), ("downloaded", "delivery"), ("unpacked", "retrieval"))


def rows(size: int = SIZE) -> list[Row]:
    """From the recipient's acceptance until both sides saw the completion, beside age and plain HTTP."""
    with gateways() as one:
        document = one.directory / "document.bin"
        digest = filled(document, size)
        seen, memory = asyncio.run(_moved(one, document, digest))
        seconds = seen["end"] - seen["accept"]
    with gateways() as one:  # a directory of its own once more, with nothing left to write back from before
        document = one.directory / "document.bin"
        filled(document, size)
        plain = plainly_moved(document, one.directory)
    return [_speed(size, seconds, seen, plain), *_memory(memory)]


async def _moved(one: House, document: Path, digest: str) -> tuple[dict[str, float], Memory]:
    async with exchanging(one) as exchange:
        await exchange.hand_over(await exchange.add_case({"small.bin": b"warms everybody up"}))
        with watched(hub_and_gateways(one)) as memory:
            case_id = await exchange.add_case({}, {document.name: (document, digest)})
            seen = await exchange.hand_over(case_id)
        return seen, memory


def _speed(size: int, seconds: float, seen: dict[str, float], plain: Plain) -> Row:
    at, phases = seen["accept"], []
    for what, name in _PHASES:
        phases.append(f"{what} {seen[name] - at:.1f} s")
        at = seen[name]
    rate, most = size / MIB / seconds, size / MIB / plain.seconds
    figures = f"{rate:,.0f} MiB/s: {seconds:.1f} s ({', '.join(phases)})"
    limit = (
        f"{plain.program} and plain upload and download {most:,.0f} MiB/s: {plain.seconds:.1f} s (encrypted "
        f"{plain.encrypt:.1f} s, up {plain.upload:.1f} s, down {plain.download:.1f} s, decrypted {plain.decrypt:.1f} s)"
    )
    return Row(f"case package of {size / MIB:,.0f} MiB, gateway to gateway", figures, limit, f"{rate / most:.2f} of it")


def _memory(memory: Memory) -> list[Row]:
    figures = ", ".join(f"{name} {memory.above(name):.0f} MiB" for name in memory.before)
    return [Row("    extra memory meanwhile, children included", figures, "", "")]

"""Who may import whom: the contracts of pyproject.toml, and where each library is at home."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

from tests.architecture.tree import PACKAGES, ROOT, imports, module_name, modules, tree

HOMES = {
    "aiohttp": ("hub", "providers"),
    "aiohttp_jinja2": ("hub.app", "hub.web"),
    "alembic": ("hub.storage",),
    "apscheduler": ("hub.jobs",),
    "babel": ("schemas.code_sources", "hub.web"),
    "click": ("hub", "providers"),
    "http_sf": ("signing.httpsig",),
    "jinja2": ("hub", "providers"),
    "jsonschema": ("schemas",),
    "jsonschema_rs": ("schemas",),
    "markupsafe": ("hub.charts", "hub.web"),
    "multidict": ("hub", "providers"),
    "nacl": ("signing.agestream", "signing.keyfile", "signing.keys", "signing.secretkeys"),
    "numpy": (
        "hub.oversight.ledgerfile",
        "hub.storage.keptarrays",
        "hub.storage.searchcolumns",
        "hub.storage.searchindex",
        "hub.storage.searchmemory",
        "hub.storage.searchview",
        "metrics",
    ),
    "obstore": ("hub.keeping.s3store",),
    "orjson": ("hub.storage", "hub.verifierprocess", "hub.web.responses"),
    "psycopg": ("hub.storage.postgresql",),
    "referencing": ("schemas",),
    "rich": ("hub", "providers"),
    "scipy": ("metrics",),
    "segno": ("hub", "providers"),
    "sqlalchemy": ("hub.storage", "providers.storage", "providers.gateway", "providers.monitor", "providers.witness"),
    "typst": ("hub.demo", "providers"),
    "uvloop": ("hub", "providers"),
    "yaml": ("schemas",),
    "yarl": ("hub", "providers"),
}
"""Third-party package and the modules (with everything under them) that may import it."""

CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
CLOCK_READERS = (
    "signing.cli",
    "providers.cli",
    "providers.directory.commands",
    "providers.gateway",
    "providers.monitor",
    "providers.witness",
)
"""Below the hub only programs read the clock; everything else is told the time."""


def test_the_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")  # a process of its own: it changes how logging works
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def at_home(module: str, homes: tuple[str, ...]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def test_every_library_stays_at_home() -> None:
    ours = sys.stdlib_module_names | set(PACKAGES)
    imported = [
        (f"{path}:{line}", module_name(path), name.partition(".")[0])
        for path in modules()
        for name, line in imports(path)
    ]
    strangers = [
        f"{place}: {library} has no business in {module}"
        for place, module, library in imported
        if library not in ours and not at_home(module, HOMES.get(library, ()))
    ]
    assert strangers == []


def test_signing_imports_itself_relatively() -> None:
    """The verifier is shipped under another name."""
    found = [(path, name) for path in modules("signing") for name, _ in imports(path)]
    assert [(str(path), name) for path, name in found if name.partition(".")[0] in PACKAGES] == []


def test_below_the_hub_only_programs_read_the_clock() -> None:
    """Everything else gets ``now`` as an argument."""
    below = modules("metrics", "providers", "registry", "schemas", "signing")
    readers = [
        f"{path}:{node.lineno}"
        for path in below
        if not at_home(module_name(path), CLOCK_READERS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS
    ]
    assert readers == []


def imports_on_loading(path: Path, known: set[str]) -> set[str]:
    """Modules of ours that loading this one loads by its own words; what only type checkers or functions import not."""
    package = path.parent.parts
    found = set()
    for node in tree(path).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join((*base, *(node.module or "").split("."))).strip(".")
            found |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return found & known - {module_name(path)}


def test_no_module_waits_for_itself() -> None:
    """Without a cycle every module can be imported first; so one process that imports all shows it for each."""
    names = {module_name(path): path for path in modules()}
    sorter = TopologicalSorter({name: imports_on_loading(path, set(names)) for name, path in names.items()})
    assert len(list(sorter.static_order())) == len(names)


IMPORT_ALL = """
import importlib, sys, warnings
warnings.simplefilter("error")
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
SCRIPTS = {"env.py", "__main__.py"}
"""Files that do their work when they are imported."""


def test_every_module_can_be_imported() -> None:
    names = [module_name(path) for path in modules() if "versions" not in path.parts and path.name not in SCRIPTS]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names], cwd=ROOT, capture_output=True, text=True, check=False, timeout=180
    )
    assert (done.returncode, done.stderr) == (0, "")

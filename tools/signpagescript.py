"""The script of the signing page: modules of ``hub/desk``, put into one after the other without a toolchain.

Each module becomes a function of its own that returns what it exports, so that no name meets another::

    const module_3 = (() => { const { utf8 } = module_1; …; return Object.freeze({ seal }); })();

A module may only be written in the forms that are understood here: imports of names or of everything from a file beside
it, exports before ``function``, ``class`` and ``const``, or one closing list. Whatever else looks like an import or an
export is refused, as is a circle of modules.
"""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

__all__ = ["ScriptError", "bundle", "read_modules"]

_IMPORT = re.compile(r'^import (\* as \w+|\{[^}]*\}) from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|class|const) (\w+)", re.MULTILINE)
_LIST = re.compile(r"^export \{([^}]*)\};\n?", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class ScriptError(Exception):
    """A module is not written in a form that can be put together."""


def read_modules(directory: Path) -> dict[str, str]:
    """Text of every module below ``directory`` by its path relative to it."""
    return {path.relative_to(directory).as_posix(): path.read_text("utf-8") for path in sorted(directory.rglob("*.js"))}


def bundle(modules: Mapping[str, str], first: str) -> str:
    """One script that runs the module ``first`` after everything it imports; the same modules give the same text.

    Raises:
        ScriptError: a form that is not understood, a module that is not there, a circle, or an end tag in a text.
    """
    order: list[str] = []
    _visit(modules, first, order, ())
    names = {path: f"module_{number}" for number, path in enumerate(order)}
    script = '"use strict";\n' + "".join(_wrapped(path, modules[path], names) for path in order)
    if re.search("</script|<!--", script, re.IGNORECASE):
        raise ScriptError("The script contains a text that would end its element.")
    return script


def _visit(modules: Mapping[str, str], path: str, order: list[str], above: tuple[str, ...]) -> None:
    if path in above:
        raise ScriptError(f"Modules import each other in a circle: {' -> '.join((*above, path))}.")
    if path in order:
        return
    if path not in modules:
        raise ScriptError(f"{above[-1] if above else 'The page'} imports {path}, which does not exist.")
    for _, target in _IMPORT.findall(modules[path]):
        _visit(modules, _resolved(path, target), order, (*above, path))
    order.append(path)


def _resolved(path: str, target: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / target).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _wrapped(path: str, text: str, names: Mapping[str, str]) -> str:
    """One module as a function; what the licence of a bundled one says stays in its first comment."""
    exported = [name for _, name in _EXPORT.findall(text)]
    exported += [name.strip() for listed in _LIST.findall(text) for name in listed.split(",") if name.strip()]
    body = _IMPORT.sub(lambda found: _binding(found[1], names[_resolved(path, found[2])]), text)
    body = _LIST.sub("", _EXPORT.sub(r"\1 \2", body))
    if left := _LEFT.search(_COMMENT.sub("", body)):
        raise ScriptError(f"{path}: {left[0]!r} is not a form that can be put together.")
    returned = f"return Object.freeze({{ {', '.join(exported)} }});"
    return f"\n/* {path} */\nconst {names[path]} = (() => {{\n{body}{returned}\n}})();\n"


def _binding(wanted: str, name: str) -> str:
    if wanted.startswith("* as "):
        return f"const {wanted.removeprefix('* as ')} = {name};\n"
    return f"const {wanted} = {name};\n"

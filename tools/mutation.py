"""Finding the checks of a module, and the module without one of them.

A check is: an ``if`` (or ``for``) that ends in ``raise``; a call that stands alone and is named like a check;
a ``raise`` that ends a function; a whole numbered step of the verification. Each is neutralised alone. Clauses of
a condition joined by ``or`` are checks of their own when asked for.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

__all__ = ["Mutant", "mutants_of", "mutated_code"]

_CHECK_NAME = re.compile(r"_*(check|require|verify|hold|refuse|b64u_decode|parse|decode|seconds|canonical|open)")
_REFUSAL_NAME = re.compile(r"_*refuse")
_STEP = re.compile(r"Step \d+\b")
_SAYS_NOTHING = ast.Return(ast.Constant(""))


@dataclass(frozen=True, slots=True)
class Mutant:
    """One check of one module: ``number`` counts the checks of the module in the order of its lines."""

    module: str
    path: Path
    number: int
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    block: list[ast.stmt]
    position: int
    replacement: list[ast.stmt]
    line: int
    text: str


def mutants_of(module: str, path: Path, *, clauses: bool = False) -> list[Mutant]:
    """Every check of the module at ``path``, in the order of its lines."""
    places = _places(ast.parse(path.read_text(encoding="utf-8")), clauses=clauses)
    return [Mutant(module, path, number, place.line, place.text) for number, place in enumerate(places)]


def mutated_code(mutant: Mutant, *, clauses: bool = False) -> CodeType:
    """The compiled module without the one check."""
    tree = ast.parse(mutant.path.read_text(encoding="utf-8"))
    place = _places(tree, clauses=clauses)[mutant.number]
    place.block[place.position : place.position + 1] = place.replacement
    return compile(ast.fix_missing_locations(tree), str(mutant.path), "exec")


def _places(tree: ast.Module, *, clauses: bool) -> list[_Place]:
    found = [place for block, closes in _blocks(tree) for place in _in_block(block, closes=closes, clauses=clauses)]
    return sorted(found, key=lambda place: (place.line, place.text))


def _blocks(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], bool]]:
    """Every list of statements, and whether it is the body of a function."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block:
                yield block, name == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _in_block(block: list[ast.stmt], *, closes: bool, clauses: bool) -> Iterator[_Place]:
    for position, statement in enumerate(block):
        last = position == len(block) - 1
        first = ast.unparse(statement).split("\n", 1)[0]
        replacement = _neutral(statement)
        if closes and last and isinstance(statement, ast.Raise):
            replacement = [ast.Pass()]
        elif last and not closes and _refuses([statement]):
            replacement = None  # it goes with the condition above it
        if replacement is not None:
            yield _Place(block, position, replacement, statement.lineno, first)
        if clauses and isinstance(statement, ast.If) and _refuses(statement.body):
            for shorter, dropped in _without_one(statement.test):
                weaker = ast.If(shorter, statement.body, statement.orelse)
                yield _Place(block, position, [weaker], statement.lineno, f"{first}  # without: {dropped}")


def _neutral(statement: ast.stmt) -> list[ast.stmt] | None:
    """What stands in for a check: nothing, but names bound in its condition stay bound."""
    match statement:
        case ast.If(test, body, orelse) if _refuses(body):
            kept: ast.stmt = ast.Expr(test) if _binds(test) else ast.Pass()
            return [kept, *orelse]
        case ast.For(body=body) if _refuses(body):
            return [ast.Pass()]
        case ast.Expr(ast.Call(func=function)) if _CHECK_NAME.match(_name(function)):
            return [ast.Pass()]
        case ast.FunctionDef() if _STEP.match(ast.get_docstring(statement) or ""):
            return [ast.FunctionDef(statement.name, statement.args, [_SAYS_NOTHING], [], statement.returns)]
    return None


def _refuses(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return bool(_REFUSAL_NAME.match(_name(last.value.func)))
    return isinstance(last, ast.Raise)


def _binds(test: ast.expr) -> bool:
    return any(isinstance(node, ast.NamedExpr) for node in ast.walk(test))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _without_one(test: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        for number, dropped in enumerate(test.values):
            rest = test.values[:number] + test.values[number + 1 :]
            yield (rest[0] if len(rest) == 1 else ast.BoolOp(ast.Or(), rest)), ast.unparse(dropped)

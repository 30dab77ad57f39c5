"""The rules of the house, read off the syntax trees: who may import whom, and what pure rooms may not do."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PLAN = yaml.safe_load((Path(__file__).parent / "plan.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its dotted module name and its text."""

    module: str
    text: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        return self.module if self.is_package else self.module.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a line breaks; `rule` is one of the names in `cases.yaml`."""

    rule: str
    module: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.rule}: {self.what}"


def sources(root: Path, packages: Iterable[str] = ("engine", "agi")) -> list[Source]:
    """Every module of the packages under `root`."""
    found = []
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            module = ".".join(parts[:-1] if is_package else parts)
            found.append(Source(module, path.read_text(encoding="utf-8"), is_package))
    return found


def room_of(module: str, floors: Mapping[str, int]) -> str | None:
    """The longest name in the plan that the module is or lies in."""
    parts = module.split(".")
    names = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((name for name in names if name in floors), None)


def imports(source: Source) -> Iterator[tuple[str, int]]:
    """Each imported module, or imported name as if it were one, with its line; relative ones made absolute."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                anchor = source.package.split(".")
                above = anchor[: len(anchor) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def downward(source: Source, plan: Mapping[str, Any]) -> Iterator[Breach]:
    """Imports go down only; rooms of one floor don't know each other; `engine` never knows `agi`."""
    floors = plan["floors"]
    here = room_of(source.module, floors)
    if here is None:
        if source.module not in plan["no_room"]:
            yield Breach("room", source.module, 1, "this module has no room in tests/house/plan.yaml")
        return
    for name, line in imports(source):
        if name.split(".")[0] not in ("engine", "agi"):
            continue
        there = room_of(name, floors)
        if source.module.startswith("engine") and name.startswith("agi"):
            yield Breach("engine_imports_agi", source.module, line, name)
        elif there is not None and there != here and floors[there] >= max(1, floors[here]):  # floor 0 is one room
            what = f"{here} (floor {floors[here]}) imports {there} ({floors[there]})"
            yield Breach("upward", source.module, line, what)


def _calls(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node.lineno
            elif isinstance(node.func, ast.Attribute):
                yield f".{node.func.attr}", node.lineno
                owner = getattr(node.func.value, "attr", None) or getattr(node.func.value, "id", None)
                if owner:
                    yield f"{owner}.{node.func.attr}", node.lineno


def pure(source: Source, plan: Mapping[str, Any]) -> Iterator[Breach]:
    """Pure rooms have no async, no sockets, no files, no clock and no randomness."""
    if room_of(source.module, dict.fromkeys(plan["pure"], 0)) is None:
        return
    reads_files = source.module in plan["reads_files"]
    modules = set(plan["impure_modules"]) - (set(plan["file_modules"]) if reads_files else set())
    calls = set(plan["impure_calls"]) | (set() if reads_files else set(plan["file_calls"]))
    for name, line in imports(source):
        if any(name == module or name.startswith(f"{module}.") for module in modules):
            yield Breach("impure", source.module, line, f"import {name}")
    for name, line in _calls(source.tree):
        if name in calls:
            yield Breach("impure", source.module, line, f"{name}()")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef):
            yield Breach("impure", source.module, node.lineno, f"async def {node.name}")


def kept_apart(source: Source, plan: Mapping[str, Any]) -> Iterator[Breach]:
    """Some libraries belong to one place each: heavy engines to their vendors file, `transitions` to the machine."""
    for name, line in imports(source):
        library = name.split(".")[0]
        homes = plan["only_in"].get(library)
        if homes is not None and room_of(source.module, dict.fromkeys(homes, 0)) is None:
            yield Breach("kept_apart", source.module, line, f"{library} belongs to {' or '.join(homes)}")


def sizes(source: Source, plan: Mapping[str, Any]) -> Iterator[Breach]:
    """Files and functions stay short."""
    lines = source.text.count("\n")
    if lines > plan["longest_file"]:
        yield Breach("long_file", source.module, 1, f"{lines} lines")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > plan["longest_function"]:
                yield Breach("long_function", source.module, node.lineno, f"{node.name} has {length} lines")


def cycles(found: Sequence[Source]) -> Iterator[Breach]:
    """No module imports itself by way of others; imports under `TYPE_CHECKING` count as well."""
    known = {source.module for source in found}
    edges = {source.module: set(_targets(source, known)) - {source.module} for source in found}
    done: set[str] = set()
    for start in sorted(edges):
        yield from _walk(start, edges, (), done)


def _targets(source: Source, known: set[str]) -> Iterator[str]:
    for name, _ in imports(source):
        target = name if name in known else name.rpartition(".")[0]
        if target in known:
            yield target


def _walk(module: str, edges: Mapping[str, set[str]], path: tuple[str, ...], done: set[str]) -> Iterator[Breach]:
    if module in path:
        yield Breach("cycle", module, 1, " -> ".join((*path[path.index(module) :], module)))
        return
    if module in done:
        return
    for target in sorted(edges.get(module, ())):
        yield from _walk(target, edges, (*path, module), done)
    done.add(module)


def breaches(found: Sequence[Source], plan: Mapping[str, Any] = PLAN) -> list[Breach]:
    """Everything that breaks a rule of the house."""
    each = [breach for source in found for rule in (downward, pure, kept_apart, sizes) for breach in rule(source, plan)]
    return each + list(cycles(found))

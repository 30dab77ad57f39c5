"""Builds a whole flow from its files, and reports everything that keeps it from being one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.errors import Finding
from engine.flow.calendar import Calendar
from engine.flow.guards import Scope
from engine.flow.hours import read_calendar
from engine.flow.languages import Languages
from engine.flow.model import (
    BUILT_INS,
    PARTS_OF_DAY,
    Answer,
    Flow,
    Intent,
    PromptText,
    Repair,
    Slot,
    Step,
    Tool,
    TransferStep,
)
from engine.flow.steps import StepBuilder
from engine.flow.things import (
    build_answer,
    build_intent,
    build_slot,
    build_tool,
    choice_values,
    named_choices,
    slot_type,
)
from engine.flow.units import Files, Folder, read_units
from engine.flow.variants import Variants
from engine.flow.writing import Entry, Names, Unit, Writing, number, word
from engine.yaml.nodes import Leaf, Node, Table, data, place_of, step_into
from engine.yaml.position import Place, Report, best_first, did_you_mean

_NAMED: Final = {
    "slot": "slots", "tool": "tools", "answer": "answers", "calendar": "calendars", "intent": "anywhere",
}  # fmt: skip
"""What each name of a section is called."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a flow. `flow` is None when a file could not be read or a part of it does not fit the
    schema; it may be there beside errors (a step that leads nowhere), and is sound only without them."""

    path: str
    flow: Flow | None
    report: Report
    entries: Mapping[tuple[str, str], Entry] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    """Every language that it speaks, its own first."""
    variants: tuple[str, ...] = ()
    """Every variant of which each call takes one; none where all calls are answered alike."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Best first."""
        return best_first(self.report.found)

    def place(self, section: str, name: str, *path: str | int, key: bool = False) -> Place:
        """Where a part of a slot, step, tool, ... was written: its value, or its key."""
        found = self.entries.get((section, name))
        if found is None:
            return Place(self.path)
        leaf, node = found
        return place_of(node, path, key) if path else leaf.place

    def has(self, section: str, name: str, key: str) -> bool:
        """Whether a key was written in a slot, step, tool, ..."""
        found = self.entries.get((section, name))
        return found is not None and isinstance(found[1], Table) and key in found[1]

    def has_in(self, section: str, name: str, *path: str) -> bool:
        """Whether all keys of a path were written, one inside the other."""
        found = self.entries.get((section, name))
        node: Node | None = found[1] if found is not None else None
        for key in path:
            node = step_into(node, key) if node is not None else None
        return node is not None


def read_flow(folder: Folder, main: str, language: str | None = None, variant: str | None = None) -> Reading:
    """Reads the flow in the file `main` of a folder, with all files that it names, in one of its languages and one of
    its variants (as it stands if None)."""
    report = Report()
    files = Files(folder, report)
    units = read_units(files, main)
    shown = folder.shown(main)
    if not units:
        return Reading(shown, None, report)
    return _Reader(files, units, shown, language, variant).read()


class _Reader:
    """Builds section by section; parts that do not fit the schema are left out, and then there is no flow."""

    def __init__(self, files: Files, units: list[Unit], path: str, language: str | None, variant: str | None) -> None:
        self.files, self.units, self.path, self.report = files, units, path, files.report
        self.root = units[0]
        self.resources = self._resources()
        names = Names()
        self.writing = Writing(self.report, names, Scope({}, {}, frozenset(), {}))
        self.writing.blind = frozenset(self._blind())
        self.writing.unread = frozenset(self._unread())
        self._declare(names)
        self.spoken = Languages(files, self.root.table, self.writing, language)
        self.variants = Variants(files, self.root, self.writing, self.spoken, variant)

    def read(self) -> Reading:
        timezone = self._timezone()
        calendars = dict(self._calendars(timezone))
        slots = dict(self._slots())
        tools = dict(self._tools())
        steps = dict(self._steps(tools))
        anywhere, answers = dict(self._anywhere()), dict(self._answers())
        start, operator = self._start(), self._operator(steps)
        repair, prompts = self._repair(), dict(self._prompts())
        self.spoken.check()
        self.variants.check()
        self._check_resources()
        flow: Flow | None = None
        if not any(unit.faults.paths for unit in self.units) and None not in self.files.trees.values():
            flow = Flow(
                name=word(self.root.table.get("flow")),
                path=self.path,
                hash=self._hash(),
                language=self.spoken.language,
                timezone=timezone,
                persona=word(self.variants.persona, "default"),
                start=start,
                operator=operator,
                calendars=calendars,
                resources=data(self.resources),
                slots=slots,
                anywhere=anywhere,
                answers=answers,
                tools=tools,
                steps=steps,
                repair=repair,
                prompts=prompts,
                sources={name: content.decode(errors="replace") for name, content in self.files.contents.items()},
                bookings_of=word(self.root.table.get("bookings_of")) or None,
                variant=self.variants.name,
                variants=self.variants.weights,
            )
        entries, names = self.writing.entries, tuple(self.variants.weights)
        return Reading(self.path, flow, self.report, entries, self.spoken.all, names)

    def _sound(self, section: str) -> Iterator[tuple[Unit, str, Table]]:
        """The parts of a section that fit the schema, over all units; what two units share comes once."""
        seen: set[tuple[str, str]] = set()
        for unit in self.units:
            for name, node in unit.section(section).items():
                once = section == "steps" or (unit.file, name) not in seen
                seen.add((unit.file, name))
                full = unit.prefix + name if section == "steps" else name
                if once:
                    self.writing.entries.setdefault((section, full), (unit.section(section).keys[name], node))
                if once and isinstance(node, Table) and not unit.faults.touch(section, name):
                    yield unit, name, node

    def _blind(self) -> Iterator[str]:
        """Kinds whose section is no table in some file: to miss each of their names would say nothing new."""
        for section in ("slots", "tools", "calendars", "resources", "steps"):
            odd = any(section in unit.table and not isinstance(unit.table.get(section), Table) for unit in self.units)
            if odd and not (section == "resources" and self.resources.values):
                yield section.removesuffix("s")

    def _unread(self) -> Iterator[str]:
        """What prompts are named after, of every part that does not fit the schema."""
        before = {"slots": "", "steps": "", "anywhere": "", "answers": "answer."}
        for unit in self.units:
            for section, prefix in before.items():
                full = unit.prefix if section == "steps" else prefix
                for name in unit.section(section).values:
                    if unit.faults.touch(section, name):
                        yield full + name

    def _declare(self, names: Names) -> None:
        """Collects every name there is, and reports those that mean two things."""
        for unit in self.units:
            names.calendars |= set(unit.section("calendars").values)
        names.resources |= set(self.resources.values)
        owners: dict[tuple[str, str], str] = {}
        for unit in self.units:
            for kind, section in _NAMED.items():
                for name, key in unit.section(section).keys.items():
                    if owners.setdefault((kind, name), unit.file) != unit.file:
                        message = f"{kind} `{name}` is already in {owners[kind, name]}"
                        hint = "Give it another name, or share it with `inputs` or `shared_tools`."
                        self.report.error("name-clash", key.place, message, hint)
            names.tools |= set(unit.section("tools").values)
        for unit in self.units:
            for name, node in unit.section("slots").items():
                names.slots.setdefault(name, slot_type(node) if isinstance(node, Table) else "")
        self._declare_results(names)
        self._clashes(names)
        for unit in self.units[1:]:
            self._check_inputs(unit, names)
        choices = {name: choice_values(table, self.resources) for _, name, table in self._sound("slots")}
        opened = {name: word(table.get("open")) for _, name, table in self._sound("slots") if "open" in table}
        self.writing.scope = Scope(
            types={**BUILT_INS, **names.results, **names.slots},
            choices={**{name: values for name, values in choices.items() if values}, "part_of_day": PARTS_OF_DAY},
            calendars=frozenset(names.calendars),
            open={name: calendar for name, calendar in opened.items() if names.slots.get(name) in ("date", "datetime")},
        )

    def _check_inputs(self, unit: Unit, names: Names) -> None:
        """Inputs of a used flow are slots of the flow around it, of the type that it asks for."""
        node = unit.table.get("inputs")
        if unit.faults.touch("inputs") or "slot" in self.writing.blind:
            return
        leaves = list(node.keys.values()) if isinstance(node, Table) else list(getattr(node, "nodes", ()))
        for leaf in leaves:
            name, kind = word(leaf), word(node.get(word(leaf))) if isinstance(node, Table) else ""
            if name not in names.slots:
                hint = did_you_mean(name, names.slots, "Add it to the flow that uses this one.")
                self.report.error("unknown-slot", leaf.place, f"there is no slot `{name}`", hint)
            elif kind and names.slots[name] not in (kind, ""):
                message = f"`{name}` is a {names.slots[name]} in the flow that uses this one, not a {kind}"
                self.report.error("wrong-type", leaf.place, message, "Give it another slot, or ask for that type.")

    def _declare_results(self, names: Names) -> None:
        for tool, node in (pair for unit in self.units for pair in unit.section("tools").items()):
            outcomes = node.get("outcomes") if isinstance(node, Table) else None
            for outcome, values in outcomes.items() if isinstance(outcomes, Table) else ():
                for name, kind in values.items() if isinstance(values, Table) else ():
                    place = place_of(node, ("outcomes", outcome, name))
                    if names.results.setdefault(name, word(kind)) != word(kind):
                        message = f"`{name}` of `{tool}` is a {word(kind)}, but elsewhere a {names.results[name]}"
                        self.report.error("wrong-type", place, message, "One name, one type.")

    def _clashes(self, names: Names) -> None:
        """Slots, results, built-ins and steps share one space of names: prompts and conditions name them alike."""
        for unit in self.units:
            for name, key in unit.section("slots").keys.items():
                other = (
                    "a built-in value" if name in BUILT_INS else "a result of a tool" if name in names.results else ""
                )
                if name in self.root.section("steps"):
                    other = "a step"
                if other:
                    self.report.error(
                        "name-clash", key.place, f"`{name}` is also the name of {other}", "Rename one of them."
                    )

    def _timezone(self) -> str:
        node = self.root.table.get("timezone")
        name = word(node)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            if node is not None and not self.root.faults.touch("timezone"):
                hint = did_you_mean(name, available_timezones(), "Such as `Europe/London`.")
                self.report.error("timezone", node.place, f"there is no time zone `{name}`", hint)
            return "UTC"
        return name

    def _calendars(self, timezone: str) -> Iterator[tuple[str, Calendar]]:
        for unit, name, table in self._sound("calendars"):
            key = unit.section("calendars").keys[name]
            yield name, read_calendar(name, table, key.place, timezone, self.report)

    def _resources(self) -> Table:
        node = self.root.table.get("resources")
        if isinstance(node, Leaf) and not self.root.faults.touch("resources"):
            read = self.files.tree(node.text, "resources", node.place)
            if read is not None:
                for path in read[1].paths:
                    self.root.faults.add(("resources", *path))
                return read[0]
        return node if isinstance(node, Table) else Table(self.root.table.place, {}, {})

    def _check_resources(self) -> None:
        for name, node in self.resources.items():
            if not isinstance(node, Table) or self.root.faults.touch("resources", name):
                continue
            self.writing.entries["resources", name] = (self.resources.keys[name], node)
            self.writing.known("calendar", node.get("calendar"), self.writing.names.calendars)
            services = node.get("services")
            people = node.get("practitioners")
            for person in people.values.values() if isinstance(people, Table) else ():
                if isinstance(person, Table) and isinstance(services, Table):
                    self._check_person(person, services)

    def _check_person(self, person: Table, services: Table) -> None:
        self.writing.known("calendar", person.get("calendar"), self.writing.names.calendars)
        offered = person.get("services")
        if isinstance(offered, Table):
            for leaf in offered.keys.values():
                self.writing.known("service", leaf, services.values)
        elif offered is not None:
            for item in getattr(offered, "nodes", ()):
                self.writing.known("service", item, services.values)

    def _slots(self) -> Iterator[tuple[str, Slot]]:
        for unit, name, table in self._sound("slots"):
            node = table.get("choices")
            if isinstance(node, Leaf) and named_choices(node, self.resources) is None:
                hint = "Name a resource of the flow, such as `surgery.services`."
                self.report.error("unknown-resource", node.place, f"there is no `{node.text}`", hint)
            yield name, build_slot(self.writing, unit, name, table, self.resources)

    def _tools(self) -> Iterator[tuple[str, Tool]]:
        for unit, name, table in self._sound("tools"):
            yield name, build_tool(self.writing, unit, name, table)

    def _steps(self, tools: dict[str, Tool]) -> Iterator[tuple[str, Step]]:
        for unit, local, table in self._sound("steps"):
            step = StepBuilder(self.writing, unit, tools).build(local, table, unit.section("steps").keys[local])
            if step is not None:
                yield unit.prefix + local, step

    def _anywhere(self) -> Iterator[tuple[str, Intent]]:
        for unit, name, table in self._sound("anywhere"):
            yield name, build_intent(self.writing, unit, name, table, unit.section("anywhere").keys[name], name)

    def _answers(self) -> Iterator[tuple[str, Answer]]:
        for unit, name, table in self._sound("answers"):
            yield name, build_answer(self.writing, name, table, unit.section("answers").keys[name])

    def _start(self) -> str:
        for unit in self.units[1:]:
            self._check_start(unit)
        return self._check_start(self.root)

    def _check_start(self, unit: Unit) -> str:
        node = unit.table.get("start")
        if node is None or unit.faults.touch("start"):
            return ""
        if word(node) not in unit.steps and "step" not in self.writing.blind:
            hint = did_you_mean(word(node), unit.steps)
            self.report.error("unknown-step", node.place, f"there is no step `{word(node)}` to start with", hint)
        return unit.steps.get(word(node), word(node))

    def _operator(self, steps: Mapping[str, Step]) -> str:
        node = self.root.table.get("operator")
        if node is not None:
            return self.writing.target(node, self.root)
        if "to_human" in self.root.steps:
            return self.root.steps["to_human"]
        found = next((step.name for step in steps.values() if isinstance(step, TransferStep)), None)
        if found is None and "steps" in self.root.table and not self.root.faults.touch("steps"):
            place = self.root.table.keys["flow"].place if "flow" in self.root.table else Place(self.path)
            hint = "Add a step `to_human` that transfers or takes a message, or name one with `operator:`."
            self.report.error("no-operator", place, "a caller who asks for a person gets nowhere", hint)
        return found or "hangup"

    def _repair(self) -> Repair:
        table = self.root.section("repair")
        if self.root.faults.touch("repair"):
            return Repair()
        ladder = self.writing.ladder("repair", table, self.root)
        return Repair(
            ladder,
            number(table.get("failures"), 8),
            number(table.get("turns"), 80),
            float(number(table.get("minutes"), 12)),
        )

    def _prompts(self) -> Iterator[tuple[str, PromptText]]:
        """What the engine itself says, in the flow's words."""
        section = self.root.section("prompts")
        given: dict[str, Node] = dict(section.items())
        given |= {id_: node for id_, (_, node) in self.writing.prompts.items() if id_.startswith("engine.")}
        for id_, node in given.items():
            key = section.keys.get(id_) or self.writing.prompts[id_][0]
            self.writing.entries["prompts", id_] = (key, node)
            prompt = self.writing.prompt(id_, node)
            if prompt is not None and not self.root.faults.touch("prompts", id_):
                yield id_, prompt

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for name, content in sorted(self.files.contents.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

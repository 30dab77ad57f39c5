"""What the builders of a flow share: the names that exist, the prompts, the places, and where findings go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from engine.flow.conditions import ConditionError, parse_condition
from engine.flow.duration import parse_duration
from engine.flow.guards import Condition, Scope
from engine.flow.model import BUILT_IN_TARGETS, Ladder, PromptText, Target, Variant
from engine.flow.schema import Faults
from engine.yaml.nodes import Items, Leaf, Node, Table
from engine.yaml.position import Place, Report, did_you_mean

Entry = tuple[Leaf, Node]


@dataclass(slots=True)
class Unit:
    """One flow file at one place of the whole: the flow itself, or a flow that a step uses.

    `steps` maps the file's own names of steps to where they lead in the whole flow, `exits` likewise. `slots` and
    `tools` are what it may name; None means everything.
    """

    file: str
    table: Table
    faults: Faults
    prefix: str = ""
    steps: dict[str, Target] = field(default_factory=dict)
    exits: dict[str, Target] = field(default_factory=dict)
    slots: frozenset[str] | None = None
    tools: frozenset[str] | None = None

    def section(self, name: str) -> Table:
        """A section of the file, empty where it is not given or is no table."""
        found = self.table.get(name)
        return found if isinstance(found, Table) else Table(self.table.place, {}, {})


@dataclass(slots=True)
class Names:
    """Every name that the flow declares, of whatever kind; also those of things that are themselves at fault."""

    slots: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    tools: set[str] = field(default_factory=set)
    calendars: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Writing:
    """One reading of one flow. `entries` maps (section, full name) to the key and node that it was built from."""

    report: Report
    names: Names
    scope: Scope
    prompts: Mapping[str, Entry] = field(default_factory=dict)
    phrases: Mapping[str, Entry] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    heard: dict[str, None] = field(default_factory=dict)
    """Places where phrases belong."""
    texts: dict[str, None] = field(default_factory=dict)
    """Ids of everything that is said aloud."""
    blind: frozenset[str] = frozenset()
    """Kinds of names whose whole section cannot be read, so that nothing can be said about them."""
    unread: frozenset[str] = frozenset()
    """Full names of slots, steps, answers and intents that are left out because they do not fit the schema."""

    def prompt(self, prompt_id: str, node: Node | None) -> PromptText | None:
        """The prompt of an id: from the language's own file, else as it stands in the flow; None if in neither."""
        self.ids.add(prompt_id)
        if prompt_id in self.prompts:
            self.used.add(prompt_id)
            node = self.prompts[prompt_id][1]
        if node is not None:
            self.texts[prompt_id] = None
        match node:
            case None:
                return None
            case Items():
                variants = tuple(self._variant(item) for item in node.nodes if isinstance(item, Table))
            case _:
                variants = (self._variant(node),)
        return PromptText(prompt_id, variants)

    def said(self, prompt_id: str, table: Table, key: str) -> PromptText:
        """The prompt of a key that the schema requires."""
        return self.prompt(prompt_id, table.get(key)) or PromptText(prompt_id, ())

    def label(self, label_id: str, node: Node | None, otherwise: str, own_name: bool = False) -> str:
        """What something is called aloud. It has one wording; `own_name` is the same in every language."""
        prompt = self.prompt(label_id, node)
        if not own_name:
            self.texts[label_id] = None
        elif label_id not in self.prompts:
            self.texts.pop(label_id, None)
        if prompt is None or not prompt.variants:
            return otherwise
        if len(prompt.variants) > 1 or prompt.variants[0].when is not None:
            self.report.error("type", self.prompts[label_id][0].place, "a label has one wording", "Write one text.")
        return prompt.variants[0].text

    def _variant(self, node: Node) -> Variant:
        if not isinstance(node, Table):
            return Variant(self.text(node), None, node.place.position)
        when = node.get("if")
        condition = self.condition(when) if isinstance(when, Leaf) else None
        words = node.get("text")
        place = words.place if words else node.place
        return Variant(self.text(words), condition, place.position, number(node.get("after"), 0))

    def text(self, node: Node | None) -> str:
        """Words to say or to hear, on one line; a comment right behind bare words is mostly a part of them."""
        if not isinstance(node, Leaf):
            return ""
        if node.plain:
            lines = self.report.sources.get(node.place.file, ())
            last = lines[node.place.end_line - 1] if node.place.end_line <= len(lines) else ""
            single = node.place.end_line == node.place.line
            after = node.place.column - 1 + len(node.text) if single else last.find(" #")
            if after >= 0 and last[after : after + 2] == " #" and last[max(0, after - 1)] != " ":
                place = Place(node.place.file, node.place.end_line, after + 2, 1)
                self.report.error(
                    "comment",
                    place,
                    "everything from # on is a comment and will not be said",
                    "Put the text in quotes.",
                )
        return " ".join(node.text.split())

    def hear(self, phrase_id: str, node: Node | None) -> tuple[str, ...]:
        """Example phrases: those of the language's own file, else those in the flow."""
        if node is not None or phrase_id in self.phrases:
            self.heard[phrase_id] = None
        if phrase_id in self.phrases:
            self.used.add(phrase_id)
            node = self.phrases[phrase_id][1]
        return tuple(self.text(item) for item in node.nodes) if isinstance(node, Items) else ()

    def condition(self, node: Leaf) -> Condition:
        """The condition of a text; one that cannot be read is reported and holds always."""
        try:
            if self.blind:
                return Condition(node.text)
            return parse_condition(node.text, self.scope)
        except ConditionError as error:
            place = node.place
            if place.end_line == place.line:
                quote = 0 if node.plain else 1
                place = Place(place.file, place.line, place.column + quote + error.start, error.width, place.line)
            self.report.error("condition", place, str(error), error.hint)
            return Condition(node.text)

    def ladder(self, owner: str, table: Table, unit: Unit, then: str = "then") -> Ladder:
        """The rungs of a slot or step, and where its ladder leads."""
        target = table.get(then)
        return Ladder(
            self._rungs(f"{owner}.nomatch", table.get("nomatch")),
            self._rungs(f"{owner}.noinput", table.get("noinput")),
            self.target(target, unit) if target is not None else None,
        )

    def _rungs(self, prompt_id: str, node: Node | None) -> tuple[PromptText, ...]:
        nodes: list[Node | None] = list(node.nodes) if isinstance(node, Items) else []
        while f"{prompt_id}.{len(nodes) + 1}" in self.prompts:
            nodes.append(None)
        rungs = (self.prompt(f"{prompt_id}.{index}", item) for index, item in enumerate(nodes, 1))
        return tuple(rung for rung in rungs if rung is not None)

    def target(self, node: Node | None, unit: Unit) -> Target:
        """Where a target leads in the whole flow; an unknown one is reported."""
        name = node.text if isinstance(node, Leaf) else ""
        if name in unit.exits:
            return unit.exits[name]
        if name in unit.steps:
            return unit.steps[name]
        if name not in BUILT_IN_TARGETS and node is not None and "step" not in self.blind:
            known = [*unit.steps, *unit.exits, *BUILT_IN_TARGETS]
            hint = did_you_mean(name, known, "Add the step, or name one that exists.")
            self.report.error("unknown-step", node.place, f"there is no step `{name}`", hint)
        return name

    def known(self, kind: str, node: Node | None, among: Iterable[str], allowed: frozenset[str] | None = None) -> str:
        """The name at a node; reports one that nothing of this kind has, or that this file may not use."""
        name = node.text if isinstance(node, Leaf) else ""
        if node is None or kind in self.blind:
            return name
        if name not in among:
            hint = did_you_mean(name, among, f"There is no {kind} at all." if not among else "")
            self.report.error(f"unknown-{kind}", node.place, f"there is no {kind} `{name}`", hint)
        elif allowed is not None and name not in allowed:
            key = "shared_tools" if kind == "tool" else "inputs"
            self.report.error(
                "not-shared", node.place, f"{kind} `{name}` belongs to the outer flow", f"Name it under `{key}`."
            )
        return name

    def slot(self, node: Node | None, unit: Unit) -> str:
        return self.known("slot", node, self.names.slots, unit.slots)

    def slots(self, node: Node | None, unit: Unit) -> tuple[str, ...]:
        return tuple(self.slot(item, unit) for item in node.nodes) if isinstance(node, Items) else ()

    def duration(self, node: Node | None, default: timedelta) -> timedelta:
        """A length of time longer than nothing."""
        if not isinstance(node, Leaf):
            return default
        try:
            length = parse_duration(node.text)
        except ValueError as error:
            self.report.error("duration", node.place, str(error))
            return default
        if length <= timedelta(0):
            self.report.error("duration", node.place, "this must be longer than nothing")
        return length


def truth(node: Node | None) -> bool:
    """Whether a node says yes."""
    return isinstance(node, Leaf) and node.value in (True, "yes")


def word(node: Node | None, default: str = "") -> str:
    """The text of a scalar."""
    return node.text if isinstance(node, Leaf) else default


def number(node: Node | None, default: int) -> int:
    """The number of a scalar; a number in quotes counts."""
    text = word(node)
    return int(text) if text.removeprefix("-").isdecimal() else default

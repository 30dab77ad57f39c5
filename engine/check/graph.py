"""The picture of a flow, taken from the compiled machine itself: boxes, arrows, and the path of a conversation."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from engine.dialogue.machine import PASSED, Compiled, Kind, Node, ladder_exit
from engine.dialogue.repair import ENGINE_RUNGS
from engine.flow.model import (
    AskStep,
    CallStep,
    ChooseSlotStep,
    ConfirmStep,
    ConsentStep,
    FormStep,
    HangupStep,
    ListenStep,
    MessageStep,
    NoticeStep,
    PromptText,
    SayStep,
    TransferStep,
)

Mark: TypeAlias = Literal["", "path", "full", "part", "none"]
"""On the path of a conversation, or covered by conversations wholly, partly, or not at all."""
PATH: Final = "path"
JUMPED_TO: Final = 3
"""Steps with more ways in than this are not joined with other groups by arrows but by signs that name them."""
_FROM_ANYWHERE: Final = {"operator": "asks for a person", "goodbye": "says goodbye", "home": "never mind"}
_TRIGGERS: Final = {
    "answered": "chosen",
    "recorded": "recorded",
    "beyond": "beyond the limit",
    "corrected": "corrected",
    "gave_up": "gave up",
    "yes": "yes",
    "no": "no",
}
_LONGEST: Final = 90
_PLACEHOLDER: Final = re.compile(r"\{(\w+)[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Box:
    """A step. `rows` are the slots of a form, with their questions; `group` is the flow that the step was used from."""

    name: str
    kind: Kind
    words: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    group: str = ""
    start: bool = False
    mark: Mark = ""
    sign: bool = False
    """Not a step, but the name of one that an arrow would reach from far away."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from step to step; `faint` for the ways out that ladders and globals add."""

    source: str
    dest: str
    label: str = ""
    faint: bool = False
    mark: Mark = ""
    turns: tuple[int, ...] = ()
    """When a conversation took this way: the numbers of its moves."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How steps, and ways between steps, are marked. `turns` are the numbers of a conversation's moves, by way."""

    steps: Mapping[str, Mark] = field(default_factory=dict)
    ways: Mapping[tuple[str, str], Mark] = field(default_factory=dict)
    turns: Mapping[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    @property
    def used(self) -> frozenset[Mark]:
        """The marks that a legend has to explain."""
        return frozenset(mark for mark in (*self.steps.values(), *self.ways.values()) if mark)


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    anywhere: tuple[tuple[str, str], ...] = ()
    """What a caller may do at any time, and the step that it leads to."""
    marks: frozenset[Mark] = frozenset()


def picture(compiled: Compiled, visited: Iterable[str] = (), marks: Marks | None = None) -> Picture:
    """What there is to draw, with marks. Without them, `visited` are positions of a conversation whose path is marked;
    given as a sequence in their order, the arrows between them too, through the steps that were passed on the way."""
    marked = path_marks(compiled, visited) if marks is None else marks
    everywhere = _everywhere(compiled)
    arrows = _arrows(compiled, marked, everywhere)
    linked = {compiled.flow.start, *(name for arrow in arrows for name in (arrow.source, arrow.dest))}
    linked |= {name for name, mark in marked.steps.items() if mark == PATH}
    boxes = [
        _box(compiled, node, marked.steps.get(node.name, ""))
        for node in compiled.nodes.values()
        if node.name == base(node.name)
        and node.name in linked
        and (node.kind != "bye" or marked.steps.get(node.name) == PATH)
    ]
    shown = {box.name for box in boxes}
    signs, arrows = _signs([arrow for arrow in arrows if {arrow.source, arrow.dest} <= shown])
    anywhere = tuple((_FROM_ANYWHERE.get(trigger, trigger.rpartition(".")[2]), dest) for trigger, dest in everywhere)
    ladder = _whole_ladder(compiled)
    return Picture(compiled.flow.name, (*boxes, *signs), tuple(arrows), (*anywhere, *ladder), marked.used)


def path_marks(compiled: Compiled, visited: Iterable[str]) -> Marks:
    """Marks for the path of a conversation."""
    nodes, edges = trail(compiled, visited)
    turns: dict[tuple[str, str], tuple[int, ...]] = {}
    number = 0
    for source, dest in edges:
        way = base(source), base(dest)
        if way[0] != way[1]:
            number += 1
            turns[way] = (*turns.get(way, ()), number)
    return Marks({base(name): PATH for name in nodes}, dict.fromkeys(turns, PATH), turns)


def _whole_ladder(compiled: Compiled) -> Iterator[tuple[str, str]]:
    """The ladder that holds wherever a step has none of its own, folded into one line."""
    ladder = compiled.flow.repair.ladder
    nomatch, noinput = len(ladder.nomatch) or ENGINE_RUNGS, len(ladder.noinput) or ENGINE_RUNGS
    yield f"not understood {nomatch + 1} ×, silent {noinput + 1} ×", ladder.then or compiled.flow.operator


def base(position: str) -> str:
    """The step that a state of the machine belongs to."""
    return position.partition("/")[0]


# boxes


def _box(compiled: Compiled, node: Node, mark: Mark) -> Box:
    return Box(
        node.name,
        node.kind,
        _words(compiled, node),
        tuple(_rows(compiled, node)),
        _group(node.name),
        node.name == compiled.flow.start,
        mark,
    )


def _group(name: str) -> str:
    """The flow that a step was used from."""
    return "" if name.startswith("engine.") else name.rpartition(".")[0]


def _words(compiled: Compiled, node: Node) -> str:
    match node.step:
        case SayStep(say=prompt) | ListenStep(say=prompt) | ChooseSlotStep(say=prompt):
            return _short(prompt)
        case NoticeStep(notice=prompt) | AskStep(ask=prompt) | ConsentStep(ask=prompt) | MessageStep(ask=prompt):
            return _short(prompt)
        case TransferStep():
            return f"rings {node.step.to}"
        case CallStep():
            return f"calls {node.step.call}"
        case ConfirmStep():
            return "reads back " + ", ".join(compiled.flow.slots[name].label for name in node.step.slots)
        case HangupStep(say=PromptText() as prompt):
            return _short(prompt)
        case _:
            return "says goodbye" if node.kind == "bye" else ""


def _rows(compiled: Compiled, node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node.step, FormStep):
        for name in node.step.slots:
            yield name, _short(compiled.flow.slots[name].ask)
        for check in node.step.checks:
            known = "is known" if len(check.after) == 1 else "are known"
            yield f"{check.call}?", f"as soon as {', '.join(check.after)} {known}"
    own = getattr(node.step, "ladder", None)
    if own is not None and (own.nomatch or own.noinput or own.then):
        tries = f"{len(own.nomatch) or ENGINE_RUNGS} and {len(own.noinput) or ENGINE_RUNGS} more tries"
        yield "repair", f"{tries}, then {ladder_exit(compiled.flow, node)}"


def _short(prompt: PromptText) -> str:
    text = _PLACEHOLDER.sub(r"‹\1›", prompt.variants[-1].text)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rsplit(" ", 1)[0] + " …"


# arrows


def _everywhere(compiled: Compiled) -> list[tuple[str, str]]:
    """Triggers that lead the same way from every state that waits, and where; a `home` leads to the last menu."""
    waiting = sum(1 for node in compiled.nodes.values() if node.kind not in PASSED and node.kind != "final")
    found: list[tuple[str, str]] = []
    for trigger, sources in _table(compiled).items():
        dests = {rows[0].dest for rows in sources.values()}
        if trigger != "gave_up" and len(sources) == waiting and len(dests) == 1:
            found.append((trigger, "the last menu" if trigger == "home" else dests.pop()))
    return found


def _arrows(compiled: Compiled, marks: Marks, everywhere: Sequence[tuple[str, str]]) -> list[Arrow]:
    """Arrows between steps, without those that start everywhere or lead out of a ladder to a person."""
    left_out = {trigger for trigger, _ in everywhere}
    labels: dict[tuple[str, str, bool], dict[str, None]] = {}
    for trigger, sources in _table(compiled).items():
        if trigger in left_out:
            continue
        faint = trigger == "gave_up"
        for source, rows in sources.items():
            for row in rows:
                here, there = base(source), base(row.dest)
                if here != there and not (faint and there == compiled.flow.operator):
                    labels.setdefault((here, there, faint), {})[_label(compiled, source, trigger, row)] = None
    return [
        Arrow(
            source,
            dest,
            "\n".join(filter(None, texts)),
            faint,
            "" if faint else marks.ways.get((source, dest), ""),
            () if faint else marks.turns.get((source, dest), ()),
        )
        for (source, dest, faint), texts in labels.items()
    ]


def _signs(arrows: Sequence[Arrow]) -> tuple[list[Box], list[Arrow]]:
    """Arrows into much used steps from another group end at a sign instead, one sign for each group."""
    ways_in = Counter(arrow.dest for arrow in arrows)
    signs: dict[str, Box] = {}
    left: list[Arrow] = []
    for arrow in arrows:
        group = _group(arrow.source)
        if arrow.mark == PATH or group == _group(arrow.dest) or ways_in[arrow.dest] <= JUMPED_TO:
            left.append(arrow)
            continue
        name = f"{group} → {arrow.dest}"
        signs[name] = Box(name, "final", f"→ {arrow.dest}", group=group, sign=True)
        left.append(replace(arrow, dest=name))
    return list(signs.values()), left


def _table(compiled: Compiled) -> Mapping[str, Mapping[str, Sequence[Any]]]:
    """The machine's transitions, by trigger and source."""
    return {name: event.transitions for name, event in compiled.machine.events.items()}


def _label(compiled: Compiled, source: str, trigger: str, row: Any) -> str:
    node = compiled.nodes[source]
    kind, _, name = trigger.partition(".")
    if kind == "want" and isinstance(node.step, ListenStep):
        key = node.step.intents[name].key
        return f"{name} [{key}]" if key else name
    if kind == "outcome":
        return f"{node.check.call}: {name}" if node.check else name
    if kind == "next":
        if node.kind == "choose":
            return " and ".join(condition.func.__name__ for condition in row.conditions) or "else"
        return "all known" if node.kind == "form" else ""
    return _TRIGGERS.get(trigger, trigger)


# the path of a conversation


def trail(compiled: Compiled, visited: Iterable[str]) -> tuple[frozenset[str], tuple[tuple[str, str], ...]]:
    """The states and moves of a conversation that waited at these positions. Only a sequence has moves, in their order:
    the shortest way between two waits through states that are passed."""
    positions = list(visited)
    if not isinstance(visited, Sequence):
        return frozenset(positions), ()
    following: dict[str, dict[str, None]] = {}
    for sources in _table(compiled).values():
        for source, rows in sources.items():
            following.setdefault(source, {}).update(dict.fromkeys(row.dest for row in rows))
    moves: list[tuple[str, str]] = []
    for source, dest in zip([compiled.flow.start, *positions], positions, strict=False):
        if source != dest:
            moves += _way(compiled, following, source, dest)
    nodes = {name for move in moves for name in move} | set(positions) | ({compiled.flow.start} if positions else set())
    return frozenset(nodes), tuple(moves)


def passed(compiled: Compiled, prompts: Iterable[str]) -> list[str]:
    """The states that were passed while these prompts (by id) were said: with them a path is not a guess."""
    names = ["engine.bye" if prompt.startswith("engine.bye") else prompt for prompt in prompts]
    return [name for name in names if name in compiled.nodes and compiled.nodes[name].kind in PASSED]


def _way(compiled: Compiled, following: Mapping[str, Iterable[str]], source: str, dest: str) -> list[tuple[str, str]]:
    came: dict[str, str] = {}
    queue = deque([source])
    while queue:
        here = queue.popleft()
        for there in following.get(here, ()):
            if there in came:
                continue
            came[there] = here
            if there == dest:
                return _back(came, source, dest)
            if compiled.nodes[there].kind in PASSED:
                queue.append(there)
    return []


def _back(came: Mapping[str, str], source: str, dest: str) -> list[tuple[str, str]]:
    moves = [(came[dest], dest)]
    while moves[-1][0] != source:
        here = moves[-1][0]
        moves.append((came[here], here))
    return moves[::-1]

"""Builds slots, tools, intents and answers from their nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

from engine.flow.model import (
    BUILT_INS,
    SLOT_TYPES,
    Answer,
    Choice,
    ConfirmPolicy,
    Intent,
    Limit,
    PromptText,
    Rule,
    Slot,
    Tool,
)
from engine.flow.writing import Unit, Writing, number, truth, word
from engine.kinds import LIST, RANGE
from engine.yaml.nodes import Items, Leaf, Node, Table
from engine.yaml.position import did_you_mean, listed

DOES: Mapping[str, str] = {
    "find": "booking.find", "book": "booking.book", "move": "booking.move", "change": "booking.move",
    "cancel": "booking.cancel", "lookup": "booking.lookup", "look": "booking.lookup",
}  # fmt: skip
"""What a tool does when it does not say so, by the first word of its name."""


def build_slot(writing: Writing, unit: Unit, name: str, table: Table, resources: Table) -> Slot:
    """A slot of a table that fits the schema."""
    key = unit.section("slots").keys[name]
    ask = writing.prompt(f"{name}.ask", table.get("ask"))
    if ask is None:
        hint = f"Write `ask:`, or `{name}.ask` in the prompts of the language."
        writing.report.error("no-ask", key.place, f"slot `{name}` has no question", hint)
    reject = table.get("reject")
    reasons = dict(reject.items()) if isinstance(reject, Table) else {}
    reasons |= {
        id_.rsplit(".", 1)[1]: entry[1] for id_, entry in writing.prompts.items() if id_.startswith(f"{name}.reject.")
    }
    opened, rules = table.get("open"), _rules(writing, name, table, reasons)
    depends_on = writing.slots(table.get("depends_on"), unit)
    return Slot(
        name=name,
        type=slot_type(table),
        ask=ask or PromptText(f"{name}.ask", ()),
        at=key.place.position,
        label=writing.label(f"{name}.label", table.get("label"), f"the {name.replace('_', ' ')}"),
        options=dict(_options(writing, name, table, resources)),
        min=_limit(writing, unit, table, "min"),
        max=_limit(writing, unit, table, "max"),
        earliest=_offset(table.get("from")),
        latest=_offset(table.get("to")),
        open=writing.known("calendar", opened, writing.names.calendars) if opened else None,
        depends_on=tuple(dict.fromkeys([*depends_on, *_looked_at(writing, name, rules)])),
        optional=truth(table.get("optional")),
        only_when_asked=truth(table.get("only_when_asked")),
        confirm=cast(ConfirmPolicy, word(table.get("confirm"), "when_unsure")),
        offer=word(table.get("offer")) or None,
        keypad=cast(Any, word(table.get("keypad"), "digits")),
        reject={
            reason: writing.said(f"{name}.reject.{reason}", Table(key.place, {}, reasons), reason) for reason in reasons
        },
        rules=rules,
        either=word(table.get("many")) == "either",
        ladder=writing.ladder(name, table, unit),
        help=writing.prompt(f"{name}.help", table.get("help")),
        **_privacy(table.get("sensitive")),
    )


def slot_type(table: Table) -> str:
    """The type of a slot as dialogue and tools know it; empty when what is written is none."""
    written = word(table.get("type"))
    if written not in SLOT_TYPES:
        return ""
    if truth(table.get("many")) or word(table.get("many")) == "either":
        return written + LIST
    return written + RANGE if truth(table.get("range")) or word(table.get("range")) == "both_ends" else written


def _rules(writing: Writing, name: str, table: Table, reasons: dict[str, Node]) -> tuple[Rule, ...]:
    """The rules of a slot; their prompts are added to the reasons for which a value is refused."""
    node, found = table.get("rules"), []
    for rule, entry in node.items() if isinstance(node, Table) else ():
        when = entry.get("if") if isinstance(entry, Table) else None
        if not isinstance(when, Leaf) or not isinstance(entry, Table) or not isinstance(node, Table):
            continue
        written = table.get("reject")
        if isinstance(written, Table) and rule in written:
            hint = "Rename the rule, or remove what `reject` says."
            writing.report.error("name-clash", node.keys[rule].place, f"`{rule}` has a prompt under `reject` too", hint)
        say = entry.get("say")
        if say is not None and f"{name}.reject.{rule}" not in writing.prompts:
            reasons[rule] = say
        condition = writing.condition(when)
        foreign = [one for one in condition.names if one not in writing.names.slots and one not in BUILT_INS]
        if foreign:
            message = f"a rule looks at slots, not at the result {listed(foreign)}"
            writing.report.error("condition", when.place, message, "Use a `choose` step after the tool instead.")
        found.append(Rule(rule, condition))
    return tuple(found)


def _looked_at(writing: Writing, name: str, rules: tuple[Rule, ...]) -> list[str]:
    """The other slots that rules look at, in the order of the flow."""
    names = {one for rule in rules for one in rule.when.names} - {name}
    return [one for one in writing.names.slots if one in names]


def _privacy(node: Node | None) -> dict[str, Any]:
    if isinstance(node, Table):
        return {"sensitive": word(node.get("log"), "mask") == "mask", "speech": word(node.get("speech"), "full")}
    return {"sensitive": truth(node)}


def _options(writing: Writing, name: str, table: Table, resources: Table) -> Iterator[tuple[str, Any]]:
    """What only the slot's type knows: numbers as numbers, lengths of time in minutes."""
    for key in ("country", "currency", "unit"):
        if (given := table.get(key)) is not None:
            yield key, word(given)
    if (step := table.get("step")) is not None:
        yield "step", int(writing.duration(step, timedelta(minutes=15)).total_seconds() // 60)
    for key in ("at_least", "at_most"):
        if (count := table.get(key)) is not None:
            yield key, number(count, 1)
    if word(table.get("range")) == "both_ends":
        yield "both_ends", True
    length = table.get("length")
    if isinstance(length, Table):
        yield "shortest", number(length.get("from"), 1)
        yield "longest", number(length.get("to"), 1)
    elif length is not None:
        yield "length", number(length, 1)
    if word(table.get("type")) == "choice":
        yield "choices", _choices(writing, name, table, resources)


def _choices(writing: Writing, name: str, table: Table, resources: Table) -> tuple[Choice, ...]:
    node = table.get("choices")
    if node is None:
        hint = "Write `choices:` with a list, names, or `<resource>.services`."
        writing.report.error("missing-key", table.place, f"`slots.{name}` needs `choices`", hint)
    people = isinstance(node, Leaf) and node.text.endswith(".practitioners")
    if isinstance(node, Leaf):
        node = named_choices(node, resources)
    if isinstance(node, Items):
        return tuple(Choice(words, words, ()) for words in map(writing.text, node.nodes))
    found = []
    for value, choice in node.items() if isinstance(node, Table) else ():
        if isinstance(choice, Table):
            hear = writing.hear(f"{name}.{value}", choice.get("hear"))
            found.append(Choice(value, writing.label(f"{name}.{value}", choice.get("say"), value, people), hear))
    return tuple(found)


def named_choices(node: Leaf, resources: Table) -> Table | None:
    """The table that `surgery.services` names, or None."""
    resource, _, part = node.text.partition(".")
    found = resources.get(resource)
    below = found.get(part) if isinstance(found, Table) else None
    return below if isinstance(below, Table) else None


def choice_values(table: Table, resources: Table) -> tuple[str, ...]:
    """The values that a choice slot can have, for conditions."""
    node = table.get("choices")
    if isinstance(node, Leaf):
        node = named_choices(node, resources)
    if isinstance(node, Items):
        return tuple(word(item) for item in node.nodes)
    return tuple(node.values) if isinstance(node, Table) else ()


def _limit(writing: Writing, unit: Unit, table: Table, key: str) -> Limit | None:
    """A limit in what the slot's values are: minutes for a length of time, else the number."""
    node = table.get(key)
    then = writing.target(node.get("then"), unit) if isinstance(node, Table) else None
    value = node.get("value") if isinstance(node, Table) else node
    if node is None or not isinstance(value, Leaf):
        return None
    is_length = word(table.get("type")) == "duration"
    if is_length != isinstance(value.value, str):
        form = "a length of time, such as `90 minutes`" if is_length else "a number"
        writing.report.error("limit", value.place, f"`{key}` of a slot of type {word(table.get('type'))} is {form}")
        return None
    if is_length:
        return Limit(int(writing.duration(value, timedelta(minutes=1)).total_seconds() // 60), then)
    return Limit(number(value, 0), then)


def _offset(node: Node | None) -> int | None:
    """Days from today: `today + 60 days`."""
    if node is None:
        return None
    found = re.search(r"([+-]) ?(\d{1,5})", word(node))
    return int(found[1] + found[2]) if found else 0


def build_tool(writing: Writing, unit: Unit, name: str, table: Table) -> Tool:
    """A tool of a table that fits the schema."""
    key = unit.section("tools").keys[name]
    does = word(table.get("does")) or DOES.get(name.split("_")[0], "")
    if not does:
        hint = "Write `does: booking.find`, or begin its name with find, book, move, cancel or lookup."
        writing.report.error("no-action", key.place, f"what does `{name}` do?", hint)
    outcomes = table.get("outcomes")
    declared = outcomes.items() if isinstance(outcomes, Table) else ()
    return Tool(
        name=name,
        does=does,
        takes=_takes(writing, unit, table.get("with")),
        outcomes={
            outcome: {value: word(kind) for value, kind in values.items()} if isinstance(values, Table) else {}
            for outcome, values in declared
        },
        at=key.place.position,
        resource=_resource(writing, name, does, table, key),
        deadline=writing.duration(table.get("deadline"), timedelta(seconds=5)).total_seconds(),
        commits=truth(table.get("commits")),
        subject=_wording(writing, f"{name}.subject", table.get("subject")),
        text=_wording(writing, f"{name}.text", table.get("text")),
    )


def _wording(writing: Writing, text_id: str, node: Node | None) -> str:
    """What a message says, in the language that is read; empty where the flow writes none."""
    return writing.label(text_id, node, "") if node is not None or text_id in writing.prompts else ""


def _takes(writing: Writing, unit: Unit, node: Node | None) -> dict[str, str]:
    match node:
        case Items():
            pairs = [(word(item), item) for item in node.nodes]
        case Table():
            pairs = list(node.items())
        case _:
            pairs = []
    return {argument: _value(writing, unit, item) for argument, item in pairs}


def _value(writing: Writing, unit: Unit, node: Node) -> str:
    """A slot, a result or a built-in value."""
    name = word(node)
    if name in writing.names.slots:
        return writing.slot(node, unit)
    if name not in writing.scope.types and "slot" not in writing.blind:
        hint = did_you_mean(name, writing.scope.types)
        writing.report.error("unknown-slot", node.place, f"there is no slot or result `{name}`", hint)
    return name


def _resource(writing: Writing, name: str, does: str, table: Table, key: Leaf) -> str | None:
    node, known = table.get("resource"), writing.names.resources
    if node is not None:
        return writing.known("resource", node, known)
    if len(known) > 1 and does.startswith("booking."):
        message = f"there are several resources, so `{name}` must say which it is for"
        writing.report.error("no-resource", key.place, message, "Write `resource: <name>`.")
    return next(iter(known)) if len(known) == 1 else None


def build_intent(writing: Writing, unit: Unit, name: str, table: Table, key: Leaf, phrase_id: str) -> Intent:
    """An intent of a `listen` step or of `anywhere:`."""
    return Intent(
        name=name,
        hear=writing.hear(phrase_id, table.get("hear")),
        go=writing.target(table.get("go"), unit),
        key=word(table.get("key")) or None,
        label=writing.label(f"{phrase_id}.label", table.get("label"), name.replace("_", " ")),
        at=key.place.position,
        urgent=truth(table.get("urgent")),
    )


def build_answer(writing: Writing, name: str, table: Table, key: Leaf) -> Answer:
    say = writing.said(f"answer.{name}", table, "say")
    return Answer(name, writing.hear(name, table.get("hear")), say, key.place.position)

"""Builds the steps of a call from their nodes, one function a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from engine.flow.model import (
    GO_ON,
    TRANSFER_OUTCOMES,
    AskStep,
    Branch,
    CallStep,
    Check,
    ChooseSlotStep,
    ChooseStep,
    ConfirmStep,
    ConsentStep,
    FormStep,
    HangupStep,
    ListenStep,
    MessageStep,
    NoticeStep,
    SayStep,
    Step,
    Target,
    Tool,
    TransferStep,
)
from engine.flow.schema import step_kinds
from engine.flow.things import build_intent
from engine.flow.writing import Unit, Writing, word
from engine.yaml.nodes import Items, Leaf, Node, Table
from engine.yaml.position import Place, did_you_mean, listed


class StepBuilder:
    """Builds the steps of one unit; `tools` are those of the whole flow that could be built."""

    def __init__(self, writing: Writing, unit: Unit, tools: dict[str, Tool]) -> None:
        self.writing, self.unit, self.tools = writing, unit, tools

    def build(self, local: str, table: Table, key: Leaf) -> Step | None:
        """The step of a table that fits the schema; None for `use`, whose steps are built from its own file."""
        kind = next(kind for kind in step_kinds() if kind in table)
        if kind == "use":
            return None
        name = self.unit.prefix + local
        common = {"name": name, "at": key.place.position, "end_line": table.place.end_line}
        return _BUILDERS[kind](self, table, common)

    def _to(self, table: Table, key: str) -> Target:
        return self.writing.target(table.get(key), self.unit)

    def _maybe_say(self, table: Table, common: dict[str, Any]) -> Any:
        return self.writing.prompt(common["name"], table.get("say"))

    def _say(self, table: Table, common: dict[str, Any], key: str = "say") -> Any:
        return self.writing.said(common["name"], table, key)

    def _ladder(self, table: Table, common: dict[str, Any], then: str = "then") -> Any:
        return self.writing.ladder(common["name"], table, self.unit, then)

    def say(self, table: Table, common: dict[str, Any]) -> Step:
        clear = self.writing.slots(table.get("clear"), self.unit)
        return SayStep(say=self._say(table, common), then=self._to(table, "then"), clear=clear, **common)

    def notice(self, table: Table, common: dict[str, Any]) -> Step:
        return NoticeStep(notice=self._say(table, common, "notice"), then=self._to(table, "then"), **common)

    def listen(self, table: Table, common: dict[str, Any]) -> Step:
        intents = {}
        listen = table.get("listen")
        for name, node in listen.items() if isinstance(listen, Table) else ():
            if isinstance(node, Table) and isinstance(listen, Table):
                phrase_id = f"{common['name']}.{name}"
                intents[name] = build_intent(self.writing, self.unit, name, node, listen.keys[name], phrase_id)
        return ListenStep(say=self._say(table, common), intents=intents, ladder=self._ladder(table, common), **common)

    def ask(self, table: Table, common: dict[str, Any]) -> Step:
        ladder = self._ladder(table, common)
        yes, no = self._to(table, "yes"), self._to(table, "no")
        return AskStep(ask=self._say(table, common, "ask"), yes=yes, no=no, ladder=ladder, **common)

    def consent(self, table: Table, common: dict[str, Any]) -> Step:
        yes, no = self._to(table, "yes"), self._to(table, "no")
        return ConsentStep(ask=self._say(table, common, "consent"), yes=yes, no=no, **common)

    def form(self, table: Table, common: dict[str, Any]) -> Step:
        slots = self.writing.slots(table.get("form"), self.unit)
        check = table.get("check")
        nodes: tuple[Node, ...] = check.nodes if isinstance(check, Items) else (check,) if check else ()
        checks = tuple(self._check(node, slots) for node in nodes if isinstance(node, Table))
        ladder = self._ladder(table, common, "gave_up")
        return FormStep(slots=slots, checks=checks, then=self._to(table, "then"), ladder=ladder, **common)

    def _check(self, table: Table, slots: tuple[str, ...]) -> Check:
        tool = self._tool(table)
        after = self.writing.slots(table.get("after"), self.unit)
        if "after" not in table and tool in self.tools:
            after = tuple(name for name in slots if name in self.tools[tool].takes.values())
        return Check(tool, after, self._wired(table, tool, (GO_ON,)), table.place.position)

    def choose_slot(self, table: Table, common: dict[str, Any]) -> Step:
        pair = table.get("choose_slot")
        assert isinstance(pair, Table)
        (slot, values), *_ = pair.items()
        key = pair.keys[slot]
        self.writing.slot(Leaf(key.place, slot, slot), self.unit)
        self._check_list(slot, values)
        ladder, then = self._ladder(table, common, "gave_up"), self._to(table, "then")
        say = self._say(table, common)
        return ChooseSlotStep(say=say, slot=slot, values=word(values), then=then, ladder=ladder, **common)

    def _check_list(self, slot: str, node: Node) -> None:
        """The list must come from a tool and hold what the slot takes."""
        results, name = self.writing.names.results, word(node)
        lists = [result for result, kind in results.items() if kind.endswith(" list")]
        if name not in results:
            if "tool" in self.writing.blind:
                return
            hint = did_you_mean(name, lists, "No tool returns a list." if not lists else "")
            self.writing.report.error("unknown-result", node.place, f"no tool returns `{name}`", hint)
            return
        due = f"{self.writing.names.slots.get(slot, '')} list"
        if self.writing.names.slots.get(slot) and results[name] != due:
            message = f"`{name}` is a {results[name]}, but `{slot}` is chosen from a {due}"
            self.writing.report.error("wrong-type", node.place, message, "Choose another list, or another slot.")

    def confirm(self, table: Table, common: dict[str, Any]) -> Step:
        slots = self.writing.slots(table.get("confirm"), self.unit)
        yes, gave_up = self._to(table, "yes"), self._to(table, "gave_up")
        say, ladder = self._maybe_say(table, common), self._ladder(table, common, "")
        return ConfirmStep(slots=slots, yes=yes, gave_up=gave_up, say=say, ladder=ladder, **common)

    def call(self, table: Table, common: dict[str, Any]) -> Step:
        tool = self._tool(table)
        return CallStep(call=tool, on=self._wired(table, tool), **common)

    def _tool(self, table: Table) -> str:
        return self.writing.known("tool", table.get("call"), self.writing.names.tools, self.unit.tools)

    def choose(self, table: Table, common: dict[str, Any]) -> Step:
        node = table.get("choose")
        branches = []
        for item in node.nodes if isinstance(node, Items) else ():
            when = item.get("if") if isinstance(item, Table) else None
            if isinstance(item, Table) and isinstance(when, Leaf):
                branches.append(Branch(self.writing.condition(when), self._to(item, "go"), when.place.position))
        return ChooseStep(branches=tuple(branches), otherwise=self._to(table, "else"), **common)

    def transfer(self, table: Table, common: dict[str, Any]) -> Step:
        details = table.get("transfer")
        assert isinstance(details, Table)
        calendar = details.get("calendar")
        return TransferStep(
            to=word(details.get("to")),
            on=self._on(table, TRANSFER_OUTCOMES, "the transfer"),
            say=self._maybe_say(table, common),
            calendar=self.writing.known("calendar", calendar, self.writing.names.calendars) if calendar else None,
            context=self.writing.slots(details.get("context"), self.unit),
            **common,
        )

    def message(self, table: Table, common: dict[str, Any]) -> Step:
        details = table.get("message")
        assert isinstance(details, Table)
        longest = self.writing.duration(details.get("longest"), timedelta(seconds=90)).total_seconds()
        ask = self._say(details, common, "ask")
        return MessageStep(ask=ask, then=self._to(table, "then"), longest=longest, **common)

    def hangup(self, table: Table, common: dict[str, Any]) -> Step:
        return HangupStep(say=self._maybe_say(table, common), **common)

    def _wired(self, table: Table, tool: str, extra: tuple[Target, ...] = ()) -> dict[str, Target]:
        if tool in self.tools:
            return self._on(table, self.tools[tool].all_outcomes, f"tool `{tool}`", extra)
        return {}

    def _on(
        self, table: Table, outcomes: Iterable[str], owner: str, extra: tuple[Target, ...] = ()
    ) -> dict[str, Target]:
        """Every outcome with its target; reports those that are not wired, and those that cannot come."""
        node, due = table.get("on"), list(outcomes)
        if not isinstance(node, Table):
            return {}
        report = self.writing.report
        for outcome, key in node.keys.items():
            if outcome not in due:
                report.error(
                    "unknown-outcome", key.place, f"{owner} has no outcome `{outcome}`", did_you_mean(outcome, due)
                )
        missing = [outcome for outcome in due if outcome not in node]
        if missing:
            place = _key_place(table, "on")
            hint = "Write where each leads." + (f" `{GO_ON}` goes on with the form." if extra else "")
            report.error("unwired-outcome", place, f"{owner} can also return {listed(missing)}", hint)
        wired = {}
        for outcome, target in node.items():
            wired[outcome] = word(target) if word(target) in extra else self.writing.target(target, self.unit)
        return wired


def _key_place(table: Table, key: str) -> Place:
    return table.keys[key].place


_BUILDERS: Final[dict[str, Callable[[StepBuilder, Table, dict[str, Any]], Step]]] = {
    "say": StepBuilder.say,
    "notice": StepBuilder.notice,
    "listen": StepBuilder.listen,
    "ask": StepBuilder.ask,
    "consent": StepBuilder.consent,
    "form": StepBuilder.form,
    "choose_slot": StepBuilder.choose_slot,
    "confirm": StepBuilder.confirm,
    "call": StepBuilder.call,
    "choose": StepBuilder.choose,
    "transfer": StepBuilder.transfer,
    "message": StepBuilder.message,
    "hangup": StepBuilder.hangup,
}

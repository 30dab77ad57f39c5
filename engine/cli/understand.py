"""`frontdesk understand`: what an utterance means to a flow."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.acts import SURE, Act, Affirm, Ask, Deny, Exclude, Fill, Global, Tier, Understood, Want
from engine.cli.served import Served, model_options, served
from engine.effects import Expecting
from engine.errors import SettingsError
from engine.flow.loader import load_flow, read_path
from engine.flow.model import Flow
from engine.languages.sheet import base_of
from engine.shipped import find_flow
from engine.slots.registry import type_of
from engine.understanding.asked import expecting_of
from engine.understanding.cascade import Understanding
from engine.understanding.explain import Reason
from engine.understanding.tier import Consulted, ModelTier, about_model

TIERS: Final[Mapping[Tier, str]] = {
    "none": "no stage found anything",
    "keys": "keys",
    "recognisers": "found by recognisers",
    "phrases": "found by phrases",
    "model": "found by the model",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One line of input: what was said, and after which question."""

    id: Any
    text: str
    alternatives: tuple[str, ...] = ()
    asked: str | None = None
    now: datetime | None = None
    language: str | None = None


def read_question(line: str) -> Question:
    """Reads one JSON line; raises ValueError that says what is wrong with it."""
    try:
        data = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is no JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("this is no JSON that we can read: it is nested too deep") from error
    if not isinstance(data, Mapping):
        raise ValueError('a line is an object such as {"id": 1, "text": "table for four"}')
    if not isinstance(data.get("text"), str):
        raise ValueError('"text" is missing or no text')
    alternatives = data.get("alternatives") or ()
    if not isinstance(alternatives, list | tuple) or not all(isinstance(other, str) for other in alternatives):
        raise ValueError('"alternatives" is a list of texts')
    for name in ("asked", "now", "language"):
        if data.get(name) is not None and not isinstance(data[name], str):
            raise ValueError(f'"{name}" is no text')
    now = read_now(data["now"]) if data.get("now") else None
    return Question(data.get("id"), data["text"], tuple(alternatives), data.get("asked"), now, data.get("language"))


def read_now(text: str) -> datetime:
    """A moment such as `2026-03-20T10:00`, with or without an offset; raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"now" is {text!r}, no moment such as 2026-03-20T10:00') from error


@dataclass(frozen=True, slots=True)
class Answered:
    """What was understood, what the model had to do with it, and why (only where that was wanted)."""

    understood: Understood
    consulted: Consulted | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass
class Answerer:
    """Understands questions about one flow; keeps an understanding for each language that was asked for. `served` is
    asked for what is not understood without it; `explain` gives reasons too."""

    flow: Flow
    clock: Callable[[], datetime]
    served: Served | None = None
    explain: bool = False
    _made: dict[str, Understanding] = field(default_factory=dict)
    _tiers: dict[str, ModelTier] = field(default_factory=dict)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.flow.timezone)

    def answer(self, question: Question) -> Answered:
        """Raises ValueError when the question names neither a slot nor a step that waits for the caller."""
        language = question.language or self.flow.language
        if language not in self._made:
            self._made[language] = Understanding(_in(language, self.flow))
        now = question.now or self.clock()
        local = now.replace(tzinfo=self._zone) if now.tzinfo is None else now.astimezone(self._zone)
        expecting = self._expecting(question.asked)
        made = self._made[language]
        understood = made.understand(question.text, expecting, local, question.alternatives)
        reasons = made.explain(question.text, expecting, local) if self.explain else ()
        if self.served is None:
            return Answered(understood, None, reasons)
        consulted = self._consult(self.served, language, question.text, understood, expecting or made.everything, local)
        return Answered(consulted.understood, consulted, (*reasons, *(about_model(consulted) if self.explain else ())))

    def _consult(
        self, served: Served, language: str, text: str, understood: Understood, waiting: Expecting, now: datetime
    ) -> Consulted:
        if language not in self._tiers:
            self._tiers[language] = ModelTier(_in(language, self.flow), served.model)
        tier = self._tiers[language]
        skipped = tier.skips(text, understood, waiting)
        if skipped:
            return Consulted(understood, skipped=skipped)
        return served.runner.run(tier.consult(text, understood, waiting, now))

    def _expecting(self, asked: str | None) -> Expecting | None:
        if asked is None:
            return None
        expecting = expecting_of(self.flow, asked)
        if expecting is None:
            raise ValueError(
                f'"asked" is {asked!r}: the flow has no such slot, and no such step that waits for an answer'
            )
        return expecting


def _in(language: str, flow: Flow) -> Flow:
    """The flow in a language that it speaks, perhaps of another country; else its own words, with values understood
    in that language."""
    if language == flow.language:
        return flow
    spoken = read_path(flow.path).languages
    near = next((tag for tag in spoken if base_of(tag) == base_of(language)), None)
    known = language if language in spoken else near
    return load_flow(flow.path, known) if known else replace(flow, language=language)


def act_json(act: Act, flow: Flow) -> dict[str, Any]:
    """One act as the contract of the command line has it; a global is named by itself."""
    data: dict[str, Any] = {}
    sure = act.confidence >= SURE
    match act:
        case Fill(slot, candidates):
            values = [type_of(flow.slots[slot].type).to_json(value) for value in candidates]
            sure = sure and len(values) == 1
            data = {"act": "fill", "slot": slot, "value": values[0], "candidates": values}
        case Exclude(slot, value):
            data = {"act": "exclude", "slot": slot, "value": type_of(flow.slots[slot].type).to_json(value)}
        case Want(intent):
            data = {"act": "want", "value": intent}
        case Ask(answer):
            data = {"act": "ask", "value": answer}
        case Affirm():
            data = {"act": "affirm"}
        case Deny():
            data = {"act": "deny"}
        case Global(name):
            data = {"act": name}
    span = act.span
    place = {"text": span.text, "start": span.start, "end": span.end}
    return {**data, **place, "confidence": round(act.confidence, 3), "sure": sure}


def answer_json(question: Question, answered: Answered, flow: Flow) -> dict[str, Any]:
    """A whole answer: acts, the best value of each slot, the intent when there is one, and reasons when wanted."""
    understood = answered.understood
    acts = [act_json(act, flow) for act in understood.acts]
    fills = [act for act in acts if act["act"] == "fill"]
    answer: dict[str, Any] = {"id": question.id, "acts": acts, "slots": {act["slot"]: act["value"] for act in fills}}
    wishes = [act["value"] for act in acts if act["act"] == "want"] or [a["value"] for a in acts if a["act"] == "ask"]
    if wishes:
        answer["intent"] = wishes[0]
    sure = bool(acts) and all(act["sure"] for act in acts)
    answer |= {"sure": sure, "tier": understood.tier, "ms": round(understood.milliseconds, 3)}
    if answered.reasons:
        answer["reasons"] = [asdict(reason) for reason in answered.reasons]
    return answer


def answers(lines: TextIO, answerer: Answerer, given: Question) -> Iterator[dict[str, Any]]:
    """One object for each line that is not empty; a line that cannot be read gives `{"line", "id"?, "error"}`. What a
    line leaves open is as `given`."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        question: Question | None = None
        try:
            question = _with(read_question(line), given)
            yield answer_json(question, answerer.answer(question), answerer.flow)
        except ValueError as error:
            known = {"id": question.id} if question else {}
            yield {"line": number, **known, "error": str(error)}


def _with(question: Question, given: Question) -> Question:
    return replace(
        question,
        asked=given.asked if question.asked is None else question.asked,
        now=question.now or given.now,
        language=question.language or given.language,
    )


def show(question: Question, answered: Answered, flow: Flow) -> None:
    """A table for a person, and below it the reasons when they were wanted."""
    understood = answered.understood
    console = Console(no_color=click.get_current_context().color is False or None, highlight=False)
    console.print(f"“{question.text}”", style="bold", markup=False)
    table = Table("act", "value", "words", "confidence")
    for act in understood.acts:
        data = act_json(act, flow)
        values = data.get("candidates") or ([data["value"]] if "value" in data else [])
        said = " or ".join(value if isinstance(value, str) else json.dumps(value) for value in values)
        name = f"{data['act']} {data.get('slot', '')}".strip()
        words = f"{data['text']} ({data['start']}–{data['end']})"
        table.add_row(name, Text(said), Text(words), f"{data['confidence']:.2f}{' sure' if data['sure'] else ''}")
    console.print(table if understood.acts else "nothing understood")
    console.print(f"{TIERS[understood.tier]}, {understood.milliseconds:.1f} ms", style="dim")
    if answered.consulted is not None and not answered.reasons:
        console.print(_model_line(answered.consulted), style="dim", markup=False)
    if answered.reasons:
        console.print("\nWhy", style="bold")
        console.print(_reasons(answered.reasons))


def _reasons(reasons: Iterable[Reason]) -> Table:
    table = Table("stage", "what", "", "why", box=None, pad_edge=False, header_style="dim")
    styles = {"taken": "green", "dropped": "yellow", "nothing": "dim", "not asked": "dim"}
    for reason in reasons:
        verdict = Text(reason.verdict, style=styles[reason.verdict])
        table.add_row(reason.tier, Text(reason.about), verdict, Text(reason.text))
    return table


def _model_line(consulted: Consulted) -> str:
    if consulted.skipped:
        return f"the model was not asked: {consulted.skipped}"
    if consulted.fault:
        return f"the model gave no answer: {consulted.fault}"
    believed, dropped = len(consulted.reading.acts), len(consulted.reading.dropped)
    return f"the model's acts: {believed} believed, {dropped} dropped"


@click.command("understand", short_help="What does a sentence mean to a flow?")
@click.argument("flow")
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help="Read questions from stdin, one JSON object a line, and answer likewise.")
@click.option("--asked", help="The slot or step that was asked about; a line of --jsonl may name its own.")
@click.option("--now", help="The moment of the call (ISO, in the flow's zone; a line's own counts); else the clock.")
@click.option("--language", help="The caller's language (a line's own counts); else the flow's.")
@click.option("--explain", is_flag=True, help="Say why each thing was found or not, stage by stage.")
@model_options
def command(
    flow: str,
    text: str | None,
    jsonl: bool,
    asked: str | None,
    now: str | None,
    language: str | None,
    explain: bool,
    model: str | None,
    model_name: str,
) -> None:
    """Show what TEXT means to FLOW (a file, a folder, or a shipped name).

    \b
    frontdesk understand trattoria "table for four on Friday at eight"
    frontdesk understand trattoria "half seven" --asked time --now 2026-03-20T10:00 --explain
    frontdesk understand trattoria "my lot fancy eating at yours" --model http://127.0.0.1:8000/v1
    echo '{"id": 1, "text": "seven", "asked": "time"}' | frontdesk understand trattoria --jsonl
    """
    if jsonl == (text is not None):
        raise click.UsageError("give either TEXT or --jsonl")
    loaded = load_flow(find_flow(flow))
    with asyncio.Runner() as runner, served(runner, model, model_name) as at:
        answerer = Answerer(loaded, lambda: datetime.now(ZoneInfo(loaded.timezone)), at, explain)
        try:
            default = read_now(now) if now else None
            given = Question(None, text or "", (), asked, default, language)
            if text is not None:
                show(given, answerer.answer(given), loaded)
                return
            answerer.answer(given)  # what every line begins with must itself hold
        except ValueError as error:
            raise SettingsError(str(error)) from error
        faults = 0
        for answer in answers(sys.stdin, answerer, given):
            faults += "error" in answer
            click.echo(json.dumps(answer, ensure_ascii=False))
    if faults:
        click.get_current_context().exit(1)

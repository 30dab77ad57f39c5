"""`frontdesk chat`: talk to a flow in the terminal."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Final, cast
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.text import Text

from engine.actions.registry import Toolbox
from engine.actions.store import Store, open_store
from engine.cli.served import model_options, served
from engine.dialogue.values import show_act, written
from engine.effects import Act, Effect, HangUp, LookUp, Record, Say, Transfer
from engine.events import CallStarted, Event, Heard, ToolReturned
from engine.persona.prompts import render
from engine.shipped import find_flow
from engine.simulate.chat import Conversation
from engine.simulate.stage import Stage, load_stage
from engine.understanding.tier import ModelTier
from engine.watch.calllog import CallLog
from engine.watch.encoding import TAG, encode

HELP: Final = "/keys 1  /silence  /hangup  /transfer busy  /quit"


@click.command("chat", short_help="Talk to a flow in the terminal.")
@click.argument("flow")
@click.option("--now", metavar="ISO", help="When the call starts, such as 2026-10-01T11:00, in the flow's time zone.")
@click.option("--language", metavar="TAG", help="One of the flow's languages, such as de; its first unless given.")
@click.option("--variant", metavar="NAME", help="One of the flow's variants; the flow as it stands unless given.")
@click.option("--db", metavar="FILE", help="Where bookings and the call are kept; without it they are gone at the end.")
@click.option("--caller", metavar="NUMBER", help="The number that the caller's line presents.")
@model_options
@click.option("--json", "to_json", is_flag=True, help="One event or effect a line, as JSON.")
@click.pass_context
def command(
    context: click.Context,
    flow: str,
    now: str | None,
    language: str | None,
    variant: str | None,
    db: str | None,
    caller: str | None,
    model: str | None,
    model_name: str,
    to_json: bool,
) -> None:
    """Talks to a flow as a caller would, in text: the same engine, understanding and tools as on the telephone.

    Lines come from the terminal, or from stdin, whose end hangs up. A line may also be a command: /keys 1 presses keys,
    /silence says nothing, /transfer busy lets calls to people end like this, /hangup hangs up, /quit leaves.

    \b
    Example:
      frontdesk chat trattoria --caller +441632960123
      frontdesk chat trattoria --language de
      printf 'a table for two tomorrow at eight\\n' | frontdesk chat trattoria --now 2026-10-01T11:00
    """
    stage = load_stage(find_flow(flow).resolve(), language, variant)
    number = re.sub(r"[^0-9+]", "", caller) if caller else None
    clock = _clock(now, ZoneInfo(stage.flow.timezone))
    began = clock()
    plain = "NO_COLOR" in os.environ or context.color is False
    console = Console(no_color=plain, highlight=False, soft_wrap=True)
    screen = _Json(stage, clock) if to_json else _Screen(stage, clock, console)
    with (
        open_store(db if db is not None else ":memory:") as store,
        asyncio.Runner() as runner,
        served(runner, model, model_name) as at,
    ):
        tier = ModelTier(stage.flow, at.model) if at else None
        named = _free(store, f"chat-{began:%Y%m%d-%H%M%S}")
        kept = CallLog(store, named, flow=stage.flow, now=clock(), caller=number, line="chat") if db else None
        tell = screen.tell if kept is None else _both(screen.tell, kept, clock)
        talk = Conversation(stage, Toolbox(stage.flow, store), clock, named, tell, tier, _without)
        screen.state = lambda: talk
        runner.run(talk.begin(number))
        if sys.stdin.isatty() and not to_json:
            console.print(Text(HELP, style="dim"))
        _converse(runner, talk, _lines(console, to_json))
        if kept is not None:
            kept.end(_ending(talk), clock())
            click.echo(f"kept as {named}: frontdesk export {named} --db {db}", err=True)


def _without(fault: str) -> None:
    click.echo(f"the model gave no answer: {fault}", err=True)


def _free(store: Store, name: str) -> str:
    """The name, with a number behind it where a call has it already."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(one for one in names if store.archive.call(one) is None)


def _both(
    tell: Callable[[Event | Effect], None], kept: CallLog, clock: Callable[[], datetime]
) -> Callable[[Event | Effect], None]:
    """Shows a conversation and keeps it."""

    def told(what: Event | Effect) -> None:
        tell(what)
        if type(what).__module__ == CallStarted.__module__:
            kept.event(cast(Event, what), clock())
        else:
            kept.effects((cast(Effect, what),), clock())

    return told


def _ending(talk: Conversation) -> str:
    """How the call ended, as the call log says it."""
    return talk.state.position if talk.state.ended else "left"


def _converse(runner: asyncio.Runner, talk: Conversation, lines: Iterable[str]) -> None:
    """Until the call is over or the caller has left."""
    for line in lines:
        if line == "/quit" or not _do(runner, talk, line):
            break
        if talk.state.ended:
            return
    if not talk.state.ended:
        runner.run(talk.hang_up())


def _do(runner: asyncio.Runner, talk: Conversation, line: str) -> bool:
    """Carries out one line of the caller; False when they have hung up."""
    word, _, rest = line.partition(" ")
    if not line.startswith("/"):
        runner.run(talk.say(line) if line else talk.stay_silent())
    elif word == "/keys" and re.fullmatch(r"[0-9*# ]+", rest):
        runner.run(talk.press(rest.replace(" ", "")))
    elif word == "/silence":
        runner.run(talk.stay_silent())
    elif word == "/transfer" and rest:
        talk.transfers = rest
    elif word == "/hangup":
        return False
    else:
        click.echo(f"no such command; there are: {HELP}", err=True)
    return True


def _lines(console: Console, to_json: bool) -> Iterator[str]:
    """What the caller types, until the end of the input."""
    if sys.stdin.isatty() and not to_json:
        while True:
            try:
                yield console.input("[bold cyan]you    [/] ").strip()
            except (EOFError, KeyboardInterrupt):
                return
    for line in sys.stdin:
        if not to_json and line.strip():
            console.print(Text("you     ", style="bold cyan").append(line.strip(), style="default"))
        if line.strip():
            yield line.strip()


def _clock(now: str | None, zone: ZoneInfo) -> Callable[[], datetime]:
    """A clock that starts at `now` and then runs as fast as any."""
    if now is None:
        return lambda: datetime.now(zone)
    try:
        start = datetime.fromisoformat(now)
    except ValueError as error:
        raise click.BadParameter(f"{now!r} is no moment such as 2026-10-01T11:00", param_hint="--now") from error
    start = start.replace(tzinfo=zone) if start.tzinfo is None else start.astimezone(zone)
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


class _Screen:
    """Shows a conversation to a person: our words, and dimly what was understood and done."""

    def __init__(self, stage: Stage, clock: Callable[[], datetime], console: Console) -> None:
        self._stage, self._clock, self._console = stage, clock, console
        slots = {name: slot.type for name, slot in stage.flow.slots.items()}
        self._kinds = {**stage.compiled.result_types, **slots}
        self._shown: dict[str, str] = {}
        self.state: Callable[[], Conversation] | None = None

    def tell(self, what: Event | Effect) -> None:
        match what:
            case Say():
                self._slots()
                for prompt in what.prompts:
                    words = render(prompt, self._stage.flow.language, self._clock())
                    self._console.print(Text("agent   ", style="bold green").append(words, style="default"))
            case Heard():
                acts = ", ".join(show_act(act, self._kinds) for act in what.acts)
                by_model = " (by the model)" if what.tier == "model" else ""
                self._dim(f"understood: {acts or 'nothing'}{by_model}")
            case Act():
                self._dim(f"{what.tool} is called")
            case LookUp():
                self._dim(f"{what.tool} is looked up")
            case ToolReturned():
                kinds = self._kinds
                found = [f"{name}={_shown(kinds.get(name, 'text'), one)}" for name, one in what.values.items()]
                self._dim(f"→ {what.outcome} {' '.join(found)}")
            case Transfer():
                self._dim(f"the call is put through to {what.to} ({what.why})")
            case Record():
                self._dim("the call is recorded" if what.kind == "call" else "your next line is recorded")
            case HangUp():
                self._dim(f"the call is over ({what.why})")

    def _slots(self) -> None:
        if self.state is None:
            return
        slots = self.state().state.slots
        now = {
            name: f"{name} {_shown(self._kinds[name], slot.value)} ({slot.status})"
            for name, slot in slots.items()
            if slot.value is not None
        }
        news = [text for name, text in now.items() if self._shown.get(name) != text]
        self._shown = now
        if news:
            self._dim(" · ".join(news))

    def _dim(self, text: str) -> None:
        self._console.print(Text(f"        {text.rstrip()}", style="dim"))


class _Json:
    """Writes a conversation for programs."""

    def __init__(self, stage: Stage, clock: Callable[[], datetime]) -> None:
        self._stage, self._clock = stage, clock
        self.state: Callable[[], Conversation] | None = None

    def tell(self, what: Event | Effect) -> None:
        now = self._clock()
        data = encode(what)
        kind = "event" if type(what).__module__ == CallStarted.__module__ else "effect"
        line = {"at": now.isoformat(timespec="milliseconds"), kind: data.pop(TAG), **data}
        if isinstance(what, Say):
            line["texts"] = [render(prompt, self._stage.flow.language, now) for prompt in what.prompts]
        click.echo(json.dumps(line, ensure_ascii=False))


def _shown(kind: str, value: object) -> str:
    text = written(kind, value)
    return text if isinstance(text, str) else f"[{', '.join(text)}]"

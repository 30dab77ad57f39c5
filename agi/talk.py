"""`frontdesk talk`: one whole audio call without a PBX, from recordings of a caller."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from agi.loopback import LoopbackLine, RecordedCaller, read_clip
from agi.net.audiosocket import AudioSocketServer
from engine.actions.store import Store, open_store
from engine.call.desk import Desk, DeskSettings
from engine.call.recording import CallRecording
from engine.check.graph import passed
from engine.dialogue.machine import Compiled, compile_flow
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.drawing import draw
from engine.effects import Act, Effect, Say
from engine.events import Event, Heard, Recorded, ToolReturned
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.persona.prompts import render
from engine.shipped import find_flow
from engine.speech.engines import Listening
from engine.watch.encoding import encode

LONGEST_CALL = 600.0


@dataclass
class Watcher:
    """Prints the conversation as it happens and keeps it for `--json`."""

    compiled: Compiled
    console: Console
    turns: list[dict[str, Any]] = field(default_factory=list)
    tools: list[dict[str, Any]] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)
    """The states of the machine in which the call waited or spoke; found by taking the same steps beside it."""
    _state: State | None = None
    _timings: dict[str, float] = field(default_factory=dict)

    def event(self, event: Event, now: datetime) -> None:
        state = self._state or new_state(self.compiled, "watched")
        self._state, effects = step(self.compiled, state, event, now)
        said = [prompt.id for effect in effects if isinstance(effect, Say) for prompt in effect.prompts]
        self.positions += [*passed(self.compiled, said), self._state.position]
        if isinstance(event, Heard):
            self.console.print(f"  caller  {event.words or '(not understood)'}", style="cyan")
            self.turns.append({"who": "caller", "words": event.words, "acts": encode(event.acts)})
        elif isinstance(event, Recorded):
            self.console.print(f"  caller  (recorded {event.seconds:.1f} s)", style="cyan")
            self.turns.append({"who": "caller", "recorded": event.ref, "seconds": event.seconds})
        elif isinstance(event, ToolReturned):
            self.console.print(f"          {self.tools[-1]['tool']}: {event.outcome}", style="dim")
            self.tools[-1]["outcome"] = event.outcome

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        for effect in effects:
            if isinstance(effect, Say):
                text = " ".join(render(prompt, self.compiled.flow.language, now) for prompt in effect.prompts)
                self.console.print(f"  agent   {text}")
                ids = [prompt.id for prompt in effect.prompts]
                self.turns.append({"who": "agent", "prompts": ids, "text": text})
            elif isinstance(effect, Act):
                self.tools.append({"tool": effect.tool, "values": {k: str(v) for k, v in effect.values.items()}})

    def timing(self, name: str, milliseconds: float) -> None:
        """Times arrive after the words that they belong to: `answer` with our next sound."""
        heard = [turn for turn in self.turns if turn["who"] == "caller"]
        if name == "answer" and heard:
            heard[-1]["ms"] = {**self._timings, "mouth_to_ear": round(milliseconds, 1)}
            self._timings = {}
        else:
            self._timings[name] = round(milliseconds, 1)


def flow_clock(now: datetime | None, zone: ZoneInfo) -> Callable[[], datetime]:
    """The time of the call: the machine's, or one that began at `now` (in the flow's zone) when the call did."""
    if now is None:
        return lambda: datetime.now(zone)
    began = time.monotonic()
    start = now if now.tzinfo else now.replace(tzinfo=zone)
    return lambda: start + timedelta(seconds=time.monotonic() - began)


async def talk(
    flow: Flow,
    store: Store,
    caller: RecordedCaller,
    watcher: Watcher,
    to: Path | None,
    number: str,
    now: datetime | None,
) -> State:
    """Holds the call; the sound of both sides is written to the file `to`."""
    clock = flow_clock(now, ZoneInfo(flow.timezone))
    recordings = store.recordings or Path(tempfile.mkdtemp(prefix="frontdesk-"))
    desk = Desk(DeskSettings(recordings=recordings, listening=Listening(workers=1)), {flow.name: flow}, store, clock)
    server = AudioSocketServer("127.0.0.1", 0)
    await server.start()
    await desk.warm()
    line = LoopbackLine("loopback", number, None)
    telephone = caller.telephone = await line.open(server)
    telephone.recording = CallRecording(to, line.rate) if to else None
    try:
        async with asyncio.timeout(LONGEST_CALL):
            ringing = asyncio.create_task(telephone.run())
            state = await desk.answer(line, flow.name, (caller, watcher))
            telephone.hang_up()
            await asyncio.gather(ringing, return_exceptions=True)
    finally:
        if telephone.recording is not None:
            telephone.recording.close()
        server.stop()
        await desk.close()
    return state


@click.command("talk", short_help="Hold a whole audio call, without a PBX.")
@click.argument("flow")
@click.option("--caller", "clips", multiple=True, required=True, metavar="[PROMPT=]IN.wav",
              help="What the caller says, in order, or bound to the prompt that it answers.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A stereo WAV: the caller left, frontdesk right.")
@click.option("--db", help="The database of bookings; default FRONTDESK_DB or frontdesk.db.")
@click.option("--now", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]),
              help="When the call takes place, in the flow's zone.")  # fmt: skip
@click.option("--number", default="+441632960123", show_default=True, help="The number that the caller presents.")
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the flow with this call's path (.svg, .png).")
@click.option("--json", "as_json", is_flag=True, help="Turns with words, acts and times; the outcome.")
def command(flow: str, clips: tuple[str, ...], output: Path | None, db: str | None, now: datetime | None, number: str,
            picture: Path | None, as_json: bool) -> None:  # fmt: skip
    """Hold one whole call over AudioSocket, without a PBX, with recordings as the caller.

    \b
    frontdesk talk trattoria --caller menu=book.wav --caller party_size.ask=four.wav -o call.wav
    """
    loaded = load_flow(find_flow(flow))
    watcher = Watcher(compile_flow(loaded), Console(quiet=as_json, highlight=False))
    caller = RecordedCaller([read_clip(text) for text in clips])
    with open_store(db) as store:
        state = asyncio.run(talk(loaded, store, caller, watcher, output, number, now))
    result = {"outcome": state.why, "turns": watcher.turns, "tools": watcher.tools, "call": state.call_id,
              "recording": str(output) if output else None}  # fmt: skip
    if picture is not None:
        draw(watcher.compiled, picture, watcher.positions)
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else f"ended: {state.why}")

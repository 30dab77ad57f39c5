"""Trials of a flow that is being changed: a caller types, or speaks into the browser's microphone; nothing is kept."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket

from engine.actions.store import Store, open_store
from engine.call.desk import Desk, DeskSettings
from engine.console.browser_line import BrowserLine
from engine.console.examining import laid_out, without
from engine.console.flows import draft_of, texts_of
from engine.console.navigation import EVERYONE
from engine.console.pages import Pages
from engine.console.parts import Streams
from engine.console.telling import Telling
from engine.console.texts import check_names
from engine.console.trial_socket import Out, hang_up, hear, received
from engine.console.visit import Visit
from engine.effects import Effect
from engine.errors import AuthorError, FrontdeskError, SettingsError
from engine.events import Event
from engine.flow.loader import load_flow
from engine.flow.model import Flow
from engine.persona.persona import persona_beside
from engine.settings import Settings
from engine.watch.account import Line

pages = Pages()

LONGEST: Final = 900.0
"""Seconds that a trial may take."""
LONGEST_LINE: Final = 1000
MOST_KEYS: Final = 40
TRANSFERS: Final = ("connected", "busy", "no_answer", "declined", "failed")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the browser asks for: the files that differ from the kept ones, and who calls when."""

    files: Mapping[str, str | None]
    language: str | None
    variant: str | None
    when: str
    caller: str | None
    transfers: str


@pages.websocket("/flows/{name}/type", roles=EVERYONE)
async def typed(visit: Visit, socket: WebSocket) -> None:
    """A trial that is typed: JSON `{"say"}`, `{"keys"}`, `{"silence"}` from the caller, lines back."""
    await _trial(visit, socket, visit.parts.streams, partial(_type, visit, socket))


async def _type(visit: Visit, socket: WebSocket, flow: Flow, wish: _Wish, out: Out) -> None:
    clock = clock_from(wish.when, ZoneInfo(flow.timezone))
    telling = Telling(flow, _showing(visit), out)

    def tell(what: Event | Effect) -> None:
        if isinstance(what, Event):
            telling.event(what, clock())
        else:
            telling.effects((what,), clock())

    with _memory() as store:
        persona = persona_beside(flow.path, flow.persona)
        talk = await visit.parts.workbench.converse(flow, persona, store, clock, _call_id(), tell)
        talk.transfers = wish.transfers
        await talk.begin(wish.caller)
        while not talk.state.ended:
            told = await received(socket)
            if told is None:
                await talk.hang_up()
            elif isinstance(told.get("say"), str) and told["say"].strip():
                await talk.say(str(told["say"])[:LONGEST_LINE])
            elif isinstance(told.get("keys"), str):
                await talk.press(re.sub(r"[^0-9*#]", "", told["keys"])[:MOST_KEYS])
            elif told.get("silence"):
                await talk.stay_silent()
        telling.flush()


@pages.websocket("/flows/{name}/speak", roles=EVERYONE)
async def spoken(visit: Visit, socket: WebSocket) -> None:
    """A trial by voice: 16 kHz sound from the microphone and back as binary messages, lines as JSON."""
    await _trial(visit, socket, visit.parts.speaking, partial(_speak, visit, socket))


async def _speak(visit: Visit, socket: WebSocket, flow: Flow, wish: _Wish, out: Out) -> None:
    settings, clock = visit.parts.settings, clock_from(wish.when, ZoneInfo(flow.timezone))
    with _memory() as store:
        ours = desk_settings(settings, Path(flow.path).parent)
        desk = await run_in_threadpool(Desk, ours, {"trial": flow}, store, clock)
        try:
            await desk.warm()
            line = BrowserLine(_call_id(), wish.caller, out, out, wish.transfers)
            out({"ready": True})
            hearing = asyncio.create_task(hear(socket, line))
            try:
                await desk.answer(line, "trial", [Telling(flow, _showing(visit), out)])
            finally:
                hearing.cancel()
        finally:
            await desk.close()


def desk_settings(settings: Settings, folder: Path) -> DeskSettings:
    """The ear and the mouth of the server's own calls, for one call whose sound is gone afterwards."""
    speech = settings.speech
    return DeskSettings(
        recordings=folder / "recordings",
        most_calls=1,
        listening=replace(speech.listening, workers=1),
        voice=speech.voice,
        voices=speech.voices,
        xtts=replace(speech.xtts, streams=1),
        cache=speech.cache,
        model=settings.model,
        people=settings.people,
    )


def clock_from(when: str, zone: ZoneInfo) -> Callable[[], datetime]:
    """A clock that begins at a moment such as `2026-12-24T19:00` in a zone, or now where that is none."""
    try:
        start = datetime.fromisoformat(when).replace(tzinfo=zone)
    except ValueError:
        return lambda: datetime.now(zone)
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


async def _trial(
    visit: Visit, socket: WebSocket, room: Streams, trial: Callable[[Flow, _Wish, Out], Awaitable[None]]
) -> None:
    """Runs a trial of the flow that the browser wants to try. What goes wrong is told to the browser."""
    await socket.accept()
    out = Out(socket)
    sending = asyncio.create_task(out.run())
    try:
        if room.full:
            raise SettingsError("As many trials as this server takes are running. Try again in a moment.")
        with room.one(), ExitStack() as opened:
            async with asyncio.timeout(LONGEST):
                wish = _wish(await received(socket) or {})
                flow = await run_in_threadpool(lambda: opened.enter_context(_flow(visit, wish)))
                await trial(flow, wish, out)
    except AuthorError as fault:
        errors = [found for found in fault.findings if found.severity == "error"]
        first = f" {errors[0].message} ({errors[0].at.file}, line {errors[0].at.line})." if errors else ""
        out({"problem": f"The flow has errors and cannot be tried.{first}"})
    except FrontdeskError as fault:
        out({"problem": str(fault)})
    except TimeoutError:
        out({"problem": "The trial took too long and was ended."})
    finally:
        out({"over": True})
        out.end()
        await asyncio.wait({sending}, timeout=5)
        await hang_up(socket)


def _wish(told: Mapping[str, Any]) -> _Wish:
    number = re.sub(r"[^0-9+]", "", str(told.get("caller", "")))[:20]
    transfers = str(told.get("transfers", ""))
    return _Wish(
        files=texts_of(told.get("files")),
        language=str(told["language"]) if told.get("language") else None,
        variant=str(told["variant"]) if told.get("variant") else None,
        when=str(told.get("when", "")),
        caller=number or None,
        transfers=transfers if transfers in TRANSFERS else TRANSFERS[0],
    )


@contextmanager
def _flow(visit: Visit, wish: _Wish) -> Iterator[Flow]:
    """The flow of a wish, in a folder that is gone after the trial. Blocks."""
    work = visit.parts.shelves.all().get(visit.named("name"))
    if work is None:
        raise SettingsError("There is no such flow any more.")
    texts = draft_of(work.shelf.head(), wish.files)
    check_names(texts)
    with laid_out(work.main, texts) as path:
        try:
            flow = load_flow(path, wish.language, wish.variant)
        except AuthorError as fault:
            raise AuthorError(tuple(without(found, path.parent) for found in fault.findings)) from fault
        yield replace(flow, variants={})


@contextmanager
def _memory() -> Iterator[Store]:
    """Bookings that are gone after the trial."""
    with open_store(":memory:") as store:
        yield store


def _showing(visit: Visit) -> Callable[[Sequence[Line], str], str]:
    return lambda lines, zone: visit.part("today/lines.html", lines=lines, zone=zone)


def _call_id() -> str:
    return f"trial-{secrets.token_hex(4)}"

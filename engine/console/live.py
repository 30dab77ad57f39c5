"""Calls as they happen: who is on the phone, one call's conversation, and what somebody decides over it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from engine.actions import orders
from engine.console.followings import Live
from engine.console.navigation import EVERYONE, STAFF
from engine.console.pages import Pages
from engine.console.visit import Visit

pages = Pages()

EVERY: Final = 0.5
"""Seconds between two looks."""
LONGEST: Final = 600.0
"""Seconds after which a browser asks again for its stream, and again shows that it is logged in."""
KEEP_AWAKE: Final = 15.0
"""Seconds after which something is sent where nothing happens, so that no proxy gives the stream up."""
_ORDERED: Final = {"person": "The call goes to a person.", "end": "The call is ended with a goodbye."}


@pages.get("/today/live", roles=EVERYONE)
async def now_on_the_phone(visit: Visit) -> Response:
    """A stream: the list of calls that go on, whenever it changes."""
    last = ""

    def look() -> dict[str, Any] | None:
        nonlocal last
        live = visit.parts.calls.live(visit.now)
        shown = visit.part("today/live.html", live=live)
        if shown == last:
            return None
        last = shown
        return {"html": shown, "count": len(live)}

    return _stream(visit, look)


@pages.get("/today/calls/{id}", roles=EVERYONE)
async def one_call(visit: Visit) -> Response:
    live = await _found(visit)
    compiled = await visit.run(lambda: visit.parts.calls.compiled(live.row))
    picture = await visit.run(lambda: visit.parts.pictures.of(compiled)) if compiled else None
    return visit.page("today/call.html", **_shown(live), live=live, picture=picture)


@pages.get("/today/calls/{id}/live", roles=EVERYONE)
async def follow_call(visit: Visit) -> Response:
    """A stream of one call: new lines of its conversation, what is known, where it is, and that it is over."""
    await _found(visit)
    began = visit.connection.headers.get("last-event-id") or visit.asked("from", "0")
    sent, state = (int(began) if began.isdigit() else 0), ""

    def look() -> dict[str, Any] | None:
        nonlocal sent, state
        live = visit.parts.calls.call(visit.named("id"))
        if live is None:
            return {"over": True}
        shown = _shown(live)
        lines = shown["lines"][sent:]
        told = {
            "facts": visit.part("today/facts.html", live=live, **shown),
            "step": live.following.step,
            "visited": live.following.visited,
            "over": live.row.ended is not None,
        }
        if not lines and json.dumps(told) == state:
            return None
        sent, state = sent + len(lines), json.dumps(told)
        return {**told, "id": sent, "lines": visit.part("today/lines.html", lines=lines, zone=live.row.timezone)}

    return _stream(visit, look)


@pages.post("/today/calls/{id}/order", roles=STAFF)
async def order(visit: Visit) -> Response:
    """Gives a call to a person, or ends it. The process that holds the call does it, within a second."""
    call_id, wanted = visit.named("id"), str((await visit.form()).get("what", ""))
    what = next((known for known in orders.WHATS if known == wanted), None)
    if what is None:
        raise HTTPException(422)
    store, user, now = visit.parts.store, visit.user, visit.now
    given = await visit.run(lambda: orders.give(store, call_id, what, user, now))
    if given:
        await visit.audit(f"call.{what}", call_id)
    told = _ORDERED[what] if given else "This call is over."
    return visit.back_to(f"/today/calls/{call_id}", told)


async def _found(visit: Visit) -> Live:
    call_id = visit.named("id")
    live = await visit.run(lambda: visit.parts.calls.call(call_id))
    if live is None:
        raise HTTPException(404)
    return live


def _shown(live: Live) -> dict[str, Any]:
    """What the page of a call and its stream show."""
    following = live.following
    return {
        "lines": list(following.lines),
        "known": list(following.known),
        "step": following.step,
        "last_answer": following.last_answer,
        "usual_answer": following.usual_answer,
        "zone": live.row.timezone,
    }


def _stream(visit: Visit, look: Callable[[], dict[str, Any] | None]) -> Response:
    """Server-sent events: what `look` gives, looked for twice a second in a thread; a comment keeps proxies awake."""
    if visit.parts.streams.full:
        raise HTTPException(503)

    async def events() -> AsyncIterator[str]:
        quiet = 0.0
        with visit.parts.streams.one():
            for _ in range(round(LONGEST / EVERY)):
                told = await visit.run(look)
                if told is not None:
                    quiet = 0.0
                    yield _event(told)
                    if told.get("over"):
                        return
                elif quiet >= KEEP_AWAKE:
                    quiet = 0.0
                    yield ": still here\n\n"
                await asyncio.sleep(EVERY)
                quiet += EVERY
                if visit.parts.streams.closed:
                    return

    return StreamingResponse(events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


def _event(told: Mapping[str, Any]) -> str:
    number = f"id: {told['id']}\n" if "id" in told else ""
    return f"{number}data: {json.dumps(told)}\n\n"

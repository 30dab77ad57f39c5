"""A process that holds whole calls with the shipped restaurant and is killed at a chosen moment of the booking.

    victim.py DATABASE

One line of JSON on stdin a call: `{"call", "moment", "at", "day"}`. Each call runs in a process of its own, forked from
this one, and is killed with SIGKILL: `sent` just before the commit is sent, `during` at a random moment from then on,
`committed` as soon as the commit returned, `unspoken` when the booking number is about to be said, `told` when it was
just said, `spared` never. Lines of JSON come back: `{"told": [ids], "numbers"}` for all that the caller heard, and
the booking numbers in them (written at once, so that they outlive the process), then `{"died": signal}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any

import sqlalchemy as sa

from engine.actions.contract import ToolCall
from engine.actions.registry import Toolbox
from engine.actions.store import Store, open_store
from engine.acts import Act, Affirm, Deny, Fill, PersonName, Want
from engine.dialogue.machine import compile_flow
from engine.dialogue.state import new_state
from engine.dialogue.step import step
from engine.effects import Act as RunTool
from engine.effects import HangUp, Listen, Note, Prompt, Say
from engine.events import CallStarted, Event, Heard, Spoken, ToolReturned
from engine.flow.loader import read_path
from engine.shipped import find_flow
from engine.watch.calllog import CallLog

FLOW = read_path(find_flow("trattoria")).flow
assert FLOW is not None
COMPILED = compile_flow(FLOW)
LONGEST_WAIT = 0.006
"""Seconds within which `during` strikes: some commits are over by then, some are not."""

Tell = Callable[[dict[str, Any]], None]


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Caller:
    """Answers what is asked, and books."""

    def __init__(self, day: date, number: str) -> None:
        self._values = {
            "party_size": 2,
            "day": day,
            "time": clock(19, 30),
            "name": PersonName("Maria", "Rossi"),
            "phone": number,
        }
        self._booked = False

    def answers(self, listen: Listen) -> Heard:
        expecting = listen.expecting
        act: Act = Deny() if expecting.step in ("may_record", "anything_else") else Affirm()
        if expecting.asked in self._values and not expecting.yes_no:
            act = Fill(expecting.asked, (self._values[expecting.asked],))
        elif "book" in expecting.intents:
            act = Want("book")
        return Heard(listen.turn, "words", (act,))


def _has(prompt: Prompt) -> bool:
    return "reference" in prompt.values


def strike(store: Store, moment: str, announce: Callable[[], None]) -> None:
    """Lays the trap at the commit that puts the booking in."""
    armed: set[int] = set()

    @sa.event.listens_for(store._engine, "before_cursor_execute")
    def arm(connection: sa.Connection, _: Any, statement: str, *__: Any) -> None:
        if statement.startswith("INSERT INTO bookings"):
            armed.add(id(connection.connection.dbapi_connection))

    commit = store._engine.dialect.do_commit

    def deadly(connection: Any) -> None:
        ours = id(getattr(connection, "dbapi_connection", connection)) in armed
        if ours and moment == "sent":
            kill()
        if ours and moment == "during":
            announce()
        commit(connection)
        if ours and moment == "committed":
            kill()

    store._engine.dialect.do_commit = deadly  # type: ignore[method-assign]


async def converse(store: Store, order: dict[str, Any], tell: Tell) -> None:
    """One call from its beginning to its end."""
    now, moment, call_id = datetime.fromisoformat(order["at"]), order["moment"], order["call"]
    caller = Caller(date.fromisoformat(order["day"]), "+447700900123")
    toolbox = Toolbox(COMPILED.flow, store)
    log = CallLog(store, call_id, flow=COMPILED.flow, now=now, caller="07700900123")
    state = new_state(COMPILED, call_id)
    events: deque[Event] = deque([CallStarted("07700900123", "100")])
    while events:
        event, now = events.popleft(), now + timedelta(seconds=1)
        log.event(event, now)
        state, effects = step(COMPILED, state, event, now)
        log.effects(effects, now)
        for effect in effects:
            match effect:
                case Say(number, prompts):
                    ids = [prompt.id for prompt in prompts]
                    if moment == "unspoken" and "done" in ids:
                        kill()
                    tell(
                        {
                            "told": ids,
                            "numbers": [prompt.values["reference"].value for prompt in prompts if _has(prompt)],
                        }
                    )
                    if moment == "told" and "done" in ids:
                        kill()
                    events.append(Spoken(number))
                case Listen():
                    events.append(caller.answers(effect))
                case RunTool(act, tool, values, key):
                    outcome = await toolbox.run(ToolCall(tool, "", values, key, call_id, now, "07700900123"))
                    events.append(ToolReturned(act, outcome.name, outcome.values))
                case Note("heard", key):
                    await toolbox.mark_heard(key)
                case HangUp():
                    log.end(state.why, now)
                    return


def held(database: str, order: dict[str, Any], pipe: int, struck: int) -> None:
    """The forked process."""

    def tell(news: dict[str, Any]) -> None:
        os.write(pipe, json.dumps(news).encode() + b"\n")

    with open_store(database) as store:
        strike(store, order["moment"], lambda: os.close(struck))
        asyncio.run(converse(store, order, tell))


def warm(database: str) -> None:
    """Does once, before the processes part, what each would have to do again."""
    open_store(database).close()
    order = {"call": "warm", "moment": "spared", "at": "2027-01-05T12:00+00:00", "day": "2027-01-06"}
    with open_store(":memory:") as store:
        asyncio.run(converse(store, order, lambda _: None))


def main(database: str) -> None:
    warm(database)
    for line in sys.stdin:
        order = json.loads(line)
        news, struck = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.close(news[0])
            os.close(struck[0])
            status = 1
            try:
                held(database, order, news[1], struck[1])
                status = 0
            finally:
                os._exit(status)
        os.close(news[1])
        os.close(struck[1])
        if order["moment"] == "during":
            os.read(struck[0], 1)  # ends when the child closes its end: it stands before the commit
            time.sleep(random.uniform(0, LONGEST_WAIT))
            os.kill(child, signal.SIGKILL)
        with os.fdopen(news[0]) as told:
            sys.stdout.write(told.read())
        os.close(struck[0])
        _, status = os.waitpid(child, 0)
        print(json.dumps({"died": os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)}))
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])

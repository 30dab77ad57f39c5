"""The tools of one flow, run against one database: which action each does, and which outcome its flow gets to see."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from engine.actions import ledger
from engine.actions.contract import Outcome, ToolCall
from engine.actions.details import detail
from engine.actions.exchange import Exchange
from engine.actions.ledger import Booking
from engine.actions.memory import CallMemory
from engine.actions.names import ANSWERS, KEEPS, NOTIFIES, OPEN
from engine.actions.operations import ACTIONS, Action, booked_values
from engine.actions.outbox import put
from engine.actions.outside import Webhook
from engine.actions.request import ARGUMENTS, Answer, Request, check_values
from engine.actions.resources import Resource, ResourceError, read_resources
from engine.actions.store import Abandoned, Store, StoreError, Unsure
from engine.actions.webhook import Webhooks
from engine.actions.wording import compose
from engine.errors import FrontdeskError
from engine.flow.model import Flow, Tool
from engine.slots.registry import type_of

T = TypeVar("T")

_SPARE: Final = 1.0
"""Seconds beyond a tool's deadline after which its thread is no longer waited for."""
_LOOK_UP: Final = 1.5
"""Seconds that a look-up waits for the write lock; the dialogue gives it two."""
_MARK: Final = 10.0
"""Seconds that noting whether a caller heard an outcome may take."""

_log = logging.getLogger(__name__)


def register(name: str, action: Action) -> None:
    """Adds what `does: <name>` means; `check` then knows the name, but not what it answers."""
    ACTIONS[name] = action
    ANSWERS.setdefault(name, {})


class Toolbox:
    """Implements `contract.Toolbox` for one flow and one store; several flows and calls may share a store.

    Making one raises ResourceError when the flow's resources or tools cannot work, and NotSetUp when they need more of
    the world than the settings name, so that no call begins with them. Without an `exchange`, as in a trial in the
    terminal, tools that need the world outside answer `failed`.
    """

    def __init__(self, flow: Flow, store: Store, exchange: Exchange | None = None) -> None:
        self._flow = flow
        self._store = store
        self._exchange = exchange
        self._webhooks = Webhooks(flow.name, exchange.poster) if exchange is not None else None
        self._resources = read_resources(flow.resources, flow.calendars)
        self._country = country_of(flow)
        self._kinds = {**_result_kinds(flow), **{name: slot.type for name, slot in flow.slots.items()}}
        self._memory = CallMemory()
        self._running: dict[str, threading.Event] = {}
        for tool in flow.tools.values():
            _check_tool(tool)
            if tool.does.startswith("booking."):
                self._resource(tool.resource)
            elif exchange is not None:
                exchange.check(tool.does)

    async def run(self, call: ToolCall) -> Outcome:
        """Calls the tool. A commit with a key that is known answers as it did the first time. If the waiting is
        cancelled the work goes on, so that a commit is never left half known."""
        tool = self._flow.tools[call.tool]
        abandoned = threading.Event()
        if tool.commits:
            self._running[call.key] = abandoned
        try:
            return await self._in_thread(lambda: self._run(tool, call, abandoned), tool.deadline + _SPARE, tool)
        except TimeoutError:
            return Outcome("unknown" if tool.commits else "failed")

    async def look_up(self, call: ToolCall) -> Outcome:
        """What became of the commit with this key: its outcome, `failed` when it surely did not and will not happen,
        or `unknown` when the database does not say in time."""
        tool = self._flow.tools[call.tool]
        running = self._running.pop(call.key, None)
        if running is not None:
            running.set()  # what has not been committed before we hold the write lock never will be
        try:
            return await self._in_thread(lambda: self._look_up(tool, call), _LOOK_UP + _SPARE, tool)
        except TimeoutError:
            return Outcome("unknown")

    async def mark_heard(self, key: str) -> None:
        """The caller heard what became of the commit with this key."""
        await self._in_thread(lambda: self._store.mark_heard(key), _MARK)

    async def mark_not_heard(self, key: str) -> None:
        """The caller was gone before they heard it."""
        await self._in_thread(lambda: self._store.mark_not_heard(key), _MARK)

    async def _in_thread(self, work: Callable[[], T], seconds: float, tool: Tool | None = None) -> T:
        outside = self._exchange is not None and tool is not None and tool.does.startswith(OPEN)
        threads = self._exchange.threads if outside and self._exchange is not None else self._store.threads
        future = asyncio.get_running_loop().run_in_executor(threads, work)
        return await asyncio.wait_for(asyncio.shield(future), seconds)

    def _run(self, tool: Tool, call: ToolCall, abandoned: threading.Event) -> Outcome:
        try:
            if tool.does.startswith(OPEN):
                return self._ask_outside(tool, call, abandoned)
            if tool.does in NOTIFIES:
                return self._notify(tool, call, abandoned)
            if tool.does == "call.about":
                return self._about(tool, call)
            request = self._request(tool, call)
            if not tool.commits:
                answers, _ = self._store.read(lambda connection: ACTIONS[tool.does](connection, request, self._memory))
            else:
                answers = self._store.write(lambda found: self._commit(found, tool, request), tool.deadline, abandoned)
            return declared(tool, answers)
        except Unsure as fault:
            _log.error("%s: %s", tool.name, fault)
            return Outcome("unknown")
        except Abandoned:
            return Outcome("failed")
        except (FrontdeskError, ValueError) as fault:
            _log.error("%s: %s", tool.name, fault)
            return Outcome("failed")
        finally:
            if self._running.get(call.key) is abandoned:
                del self._running[call.key]

    def _commit(self, connection: sa.Connection, tool: Tool, request: Request) -> Sequence[Answer]:
        known = ledger.committed(connection, request.key)
        if known is not None:
            return self._again(tool, known)
        answers, booking = ACTIONS[tool.does](connection, request, self._memory)
        about = booking.id if booking else None
        outcome = declared(tool, answers).name
        ledger.commit(connection, request.key, tool.does, outcome, about, request.call_id, request.now)
        if booking is not None and self._exchange is not None:
            self._exchange.booking_changed(connection, answers[0][0], booking, request.key, request.now)
        return answers

    def _ask_outside(self, tool: Tool, call: ToolCall, abandoned: threading.Event) -> Outcome:
        hook = self._hook(tool)
        if hook is None or self._webhooks is None:
            _log.error("%s: `%s` is not set up here", tool.name, tool.does)
            return Outcome("failed")
        kinds = {argument: self._kind(tool, argument) for argument in tool.takes}
        return self._webhooks.run(tool, hook, call, kinds, abandoned)

    def _notify(self, tool: Tool, call: ToolCall, abandoned: threading.Event) -> Outcome:
        """Takes a message to send; the caller does not wait until it has arrived."""
        kinds = {argument: self._kind(tool, argument) for argument in tool.takes}
        message = compose(tool, call, kinds, self._flow.language, self._country)
        if message is None or self._exchange is None:
            _log.error("%s: %s", tool.name, "nobody to write to" if message is None else "nothing is set up here")
            return Outcome("failed")

        def change(connection: sa.Connection) -> None:
            if ledger.committed(connection, call.key) is None:
                put(connection, message, call.now)
                ledger.commit(connection, call.key, tool.does, "queued", None, call.call_id, call.now)

        self._store.write(change, tool.deadline, abandoned)
        return declared(tool, [("queued", {})])

    def _about(self, tool: Tool, call: ToolCall) -> Outcome:
        """What the call is about, where it is one that we make. The booking whose number it was given may be touched:
        whoever answers was called because it is theirs."""
        kinds = tool.outcomes.get("given", {})
        values = {name: type_of(kinds[name]).from_json(data) for name, data in call.about.items() if name in kinds}
        if "reference" in call.about:
            self._memory.prove(call.call_id, str(call.about["reference"]))
        return declared(tool, [("given", values)] if call.about else [("none", {})])

    def _hook(self, tool: Tool) -> Webhook | None:
        kind, _, name = tool.does.partition(".")
        return self._exchange.outside.webhooks.get(name) if kind == "webhook" and self._exchange is not None else None

    def _look_up(self, tool: Tool, call: ToolCall) -> Outcome:
        if tool.does.startswith(OPEN):
            hook = self._hook(tool)
            if hook is None or self._webhooks is None:
                return Outcome("unknown")
            return self._webhooks.look_up(tool, hook, call, _LOOK_UP)
        try:
            known = self._store.write(lambda connection: ledger.committed(connection, call.key), _LOOK_UP)
        except StoreError as fault:
            _log.error("%s could not be looked up: %s", tool.name, fault)
            return Outcome("unknown")
        return Outcome("failed") if known is None else declared(tool, self._again(tool, known))

    def _again(self, tool: Tool, known: tuple[str, Booking | None]) -> Sequence[Answer]:
        outcome, booking = known
        return [(outcome, booked_values(booking, self._resource(tool.resource)) if booking else {})]

    def _request(self, tool: Tool, call: ToolCall) -> Request:
        values: dict[str, Any] = {name: value for name, value in call.values.items() if name in ARGUMENTS}
        rest = {name: value for name, value in call.values.items() if name not in ARGUMENTS}
        check_values(values if tool.does in KEEPS else call.values)
        return Request(
            flow=self._flow.bookings_of or self._flow.name,
            resource=self._resource(call.resource or tool.resource),
            country=self._country,
            key=call.key,
            call_id=call.call_id,
            now=call.now,
            line=call.caller,
            details={name: detail(self._kind(tool, name), one) for name, one in rest.items()},
            **values,
        )

    def _kind(self, tool: Tool, argument: str) -> str:
        """The type of what a tool's argument is filled with."""
        return self._kinds.get(tool.takes.get(argument, ""), "text")

    def _resource(self, name: str | None) -> Resource:
        """The resource of this name, or the flow's only one; raises ResourceError."""
        if name is None and len(self._resources) == 1:
            return next(iter(self._resources.values()))
        if name not in self._resources:
            raise ResourceError(
                f"a tool needs `resource:`, one of {', '.join(self._resources) or 'none, for the flow has none'}"
            )
        return self._resources[name]


def declared(tool: Tool, answers: Iterable[Answer]) -> Outcome:
    """The first answer that the tool declares and that has a value for all it declares there; else `failed`."""
    for name, values in answers:
        wanted = tool.outcomes.get(name)
        if wanted is not None and all(values.get(value) is not None for value in wanted):
            return Outcome(name, {value: values[value] for value in wanted})
    return Outcome("failed")


def _check_tool(tool: Tool) -> None:
    if tool.does.startswith(OPEN) or tool.does in NOTIFIES or tool.does == "call.about":
        return
    if tool.does not in ACTIONS:
        raise ResourceError(f"{tool.at}: tool `{tool.name}` does `{tool.does}`; there are {', '.join(ACTIONS)}")
    unknown = [argument for argument in tool.takes if argument not in ARGUMENTS]
    if unknown and tool.does not in KEEPS:
        known = ", ".join(ARGUMENTS)
        raise ResourceError(f"{tool.at}: tool `{tool.name}` cannot take `{unknown[0]}`; booking tools take {known}")


def _result_kinds(flow: Flow) -> dict[str, str]:
    return {
        name: kind for tool in flow.tools.values() for values in tool.outcomes.values() for name, kind in values.items()
    }


def country_of(flow: Flow) -> str | None:
    """The country of numbers without a country code: that of the flow's telephone slots, else of its language."""
    slots: Mapping[str, Any] = next((slot.options for slot in flow.slots.values() if slot.type == "phone"), {})
    country = slots.get("country") or flow.language.partition("-")[2]
    return str(country).upper() or None

"""Traces of calls for OpenTelemetry: a span for each call, and one for each stage of each answer in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from engine.effects import Act, Effect, LookUp
from engine.errors import SettingsError
from engine.events import Event, ToolReturned

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span, Tracer

GIVE_UP: Final = 5.0
"""Seconds that a collector may take."""


class Tracing:
    """One per process. What a caller says, and who they are, is in no span."""

    def __init__(self, processor: SpanProcessor, clock: Callable[[], int] = time.time_ns) -> None:
        """`processor` takes the spans that are over; `clock` is in nanoseconds since 1970."""
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        self._provider = TracerProvider(resource=Resource.create({"service.name": "frontdesk"}), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._clock = clock

    def observe(self, flow: str, call_id: str) -> CallTrace:
        """A call began; its observer must be told of the end."""
        return CallTrace(self._provider.get_tracer("frontdesk"), flow, call_id, self._clock)

    def close(self) -> None:
        """Sends what is left; waits for the collector, though not for long."""
        self._provider.shutdown()


def open_tracing(url: str) -> Tracing:
    """Sends traces to a collector by OTLP over HTTP, from a thread of its own: one that is away costs no call anything.
    Raises SettingsError where the extra is not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        hint = "traces: OpenTelemetry is not installed; run: pip install 'frontdesk[otel]'"
        raise SettingsError(hint) from error
    exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces", timeout=GIVE_UP)
    return Tracing(BatchSpanProcessor(exporter))


class CallTrace:
    """Observes one call. The stages are those of `Observer.timing`; `recognise` and `understand`, which are partly done
    before the words are known to be all, are attributes of `words`."""

    def __init__(self, tracer: Tracer, flow: str, call_id: str, clock: Callable[[], int]) -> None:
        from opentelemetry.trace import set_span_in_context

        self._tracer = tracer
        self._clock = clock
        about = {"frontdesk.flow": flow, "frontdesk.call": call_id}
        self._call = tracer.start_span("call", start_time=clock(), attributes=about)
        self._inside = set_span_in_context(self._call)
        self._turn = 0
        self._speech_ended = 0
        self._speak = 0
        self._words: Span | None = None
        self._words_end = 0
        self._tools: dict[int, tuple[str, int]] = {}

    def event(self, event: Event, now: datetime) -> None:
        """A tool that answered ends its span."""
        if isinstance(event, ToolReturned) and event.act in self._tools:
            name, began = self._tools.pop(event.act)
            span = self._span("tool", began)
            span.set_attributes({"frontdesk.tool": name, "frontdesk.outcome": event.outcome})
            span.end(self._clock())

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        """A tool that is asked begins one."""
        for effect in effects:
            if isinstance(effect, Act | LookUp):
                self._tools[effect.act] = effect.tool, self._clock()

    def timing(self, name: str, milliseconds: float) -> None:
        """A stage of the last turn is over."""
        now, length = self._clock(), round(milliseconds * 1e6)
        match name:
            case "endpoint":
                self._turn += 1
                self._speech_ended = now - length
                self._span(name, now - length).end(now)
            case "words":
                self._words, self._words_end = self._span(name, now - length), now
            case "recognise" | "understand":
                self._work(name, milliseconds)
            case "speak":
                self._speak = length  # told with `answer`, once the words were spoken
            case "answer":
                first = self._speech_ended + length
                self._span("speak", first - self._speak).end(first)
                self._span(name, self._speech_ended).end(first)
            case _:
                self._span(name, now - length).end(now)

    def end(self, outcome: str) -> None:
        """The call is over."""
        if self._words is not None:
            self._words.end(self._words_end)
        self._call.set_attribute("frontdesk.outcome", outcome)
        self._call.end(self._clock())

    def _span(self, name: str, began: int) -> Span:
        turn = {"frontdesk.turn": self._turn}
        return self._tracer.start_span(name, self._inside, attributes=turn, start_time=began)

    def _work(self, name: str, milliseconds: float) -> None:
        if self._words is not None:
            self._words.set_attribute(f"frontdesk.{name}_ms", round(milliseconds, 3))
            if name == "understand":
                self._words.end(self._words_end)
                self._words = None

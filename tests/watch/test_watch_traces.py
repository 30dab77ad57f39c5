"""The spans of a call: where each stage lies in time, and what is told with it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from engine.effects import Act
from engine.errors import SettingsError
from engine.events import ToolReturned
from engine.watch.traces import Tracing, open_tracing

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
MS = 10**6


class Clock:
    """A clock that is set, in milliseconds."""

    now = 0

    def __call__(self) -> int:
        return self.now * MS


def test_every_stage_lies_where_it_was() -> None:
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter").InMemorySpanExporter()
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    clock = Clock()
    tracing = Tracing(export.SimpleSpanProcessor(memory), clock)
    call = tracing.observe("trattoria", "20261001-1")
    moments = [
        (1200, "endpoint", 200), (1300, "words", 100), (1300, "recognise", 150), (1300, "understand", 2.5),
        (1301, "step", 1),
    ]  # fmt: skip
    for clock.now, name, length in moments:
        call.timing(name, length)
    call.effects((Act(1, "find_table", {}, "key"),), NOW)
    clock.now = 1801
    call.event(ToolReturned(1, "free"), NOW)
    clock.now = 4000  # when the words that answered were spoken to their end
    call.timing("speak", 20)
    call.timing("answer", 321)
    clock.now = 5000
    call.end("goodbye")
    spans = {span.name: span for span in memory.get_finished_spans()}
    assert {name: (span.start_time // MS, span.end_time // MS) for name, span in spans.items()} == {
        "call": (0, 5000),
        "endpoint": (1000, 1200),
        "words": (1200, 1300),
        "step": (1300, 1301),
        "tool": (1301, 1801),
        "speak": (1301, 1321),
        "answer": (1000, 1321),
    }
    root = spans["call"]
    assert root.attributes == {
        "frontdesk.flow": "trattoria", "frontdesk.call": "20261001-1", "frontdesk.outcome": "goodbye"
    }  # fmt: skip
    assert {span.parent.span_id for span in spans.values() if span.parent} == {root.context.span_id}
    words = {"frontdesk.turn": 1, "frontdesk.recognise_ms": 150, "frontdesk.understand_ms": 2.5}
    assert spans["words"].attributes == words
    assert spans["tool"].attributes == {
        "frontdesk.turn": 1, "frontdesk.tool": "find_table", "frontdesk.outcome": "free"
    }  # fmt: skip
    tracing.close()


def test_the_missing_extra_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match=r"pip install 'frontdesk\[otel\]'"):
        open_tracing("http://127.0.0.1:4318")

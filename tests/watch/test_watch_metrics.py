"""What Prometheus reads after a call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from watch_flow import BEGAN, CALL, FLOW, SECOND

from engine.effects import LookUp
from engine.events import ToolReturned
from engine.watch.metrics import CONTENT_TYPE, Metrics

LINES = (
    'frontdesk_calls_running{flow="clinic"} 0.0',
    'frontdesk_calls_total{flow="clinic",outcome="done"} 1.0',
    'frontdesk_call_seconds_sum{flow="clinic"} 19.0',
    'frontdesk_turns_total{flow="clinic",kind="heard"} 8.0',
    'frontdesk_turns_total{flow="clinic",kind="keys"} 2.0',
    'frontdesk_turns_total{flow="clinic",kind="silence"} 1.0',
    'frontdesk_nomatch_total{flow="clinic"} 1.0',
    'frontdesk_interrupted_total{flow="clinic"} 1.0',
    'frontdesk_tools_total{flow="clinic",outcome="booked",tool="book"} 1.0',
    'frontdesk_tool_seconds_sum{flow="clinic",tool="book"} 1.0',
    'frontdesk_bookings_total{flow="clinic",outcome="booked"} 1.0',
    'frontdesk_transfers_total{flow="clinic",outcome="busy"} 1.0',
    'frontdesk_stage_seconds_count{flow="clinic",stage="answer"} 1.0',
    'frontdesk_stage_seconds_sum{flow="clinic",stage="answer"} 0.25',
)


def after_a_call() -> str:
    metrics = Metrics()
    call = metrics.observe(FLOW, BEGAN)
    assert 'frontdesk_calls_running{flow="clinic"} 1.0' in metrics.render().decode()
    for seconds, (event, effects) in enumerate(CALL):
        call.event(event, BEGAN + seconds * SECOND)
        call.effects(effects, BEGAN + seconds * SECOND)
    call.timing("answer", 250.0)
    call.end("done", BEGAN + len(CALL) * SECOND)
    return metrics.render().decode()


@pytest.mark.parametrize("line", LINES)
def test_a_call_is_counted(line: str) -> None:
    assert line in after_a_call().splitlines()


def test_a_late_answer_is_not_counted_twice() -> None:
    metrics = Metrics()
    call = metrics.observe(FLOW, BEGAN)
    call.effects((LookUp(1, "book", "key"),), BEGAN)
    for _ in range(2):
        call.event(ToolReturned(1, "booked", {}), BEGAN + SECOND)
    assert 'frontdesk_bookings_total{flow="clinic",outcome="booked"} 1.0' in metrics.render().decode()


def test_two_processes_of_metrics_do_not_mix() -> None:
    first, second = Metrics(), Metrics()
    first.observe(FLOW, BEGAN)
    assert b'flow="clinic"' not in second.render()
    assert "text/plain" in CONTENT_TYPE


def test_a_call_of_a_variant_is_counted_for_it() -> None:
    metrics = Metrics()
    for name in ("brisk", "brisk", ""):
        metrics.observe(replace(FLOW, variant=name), BEGAN).end("done", BEGAN)
    lines = metrics.render().decode().splitlines()
    counted = [line for line in lines if line.startswith("frontdesk_variant_calls_total")]
    assert counted == ['frontdesk_variant_calls_total{flow="clinic",outcome="done",variant="brisk"} 2.0']

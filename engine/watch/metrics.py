"""Counters and times of all calls, as Prometheus reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from engine.effects import Act, Effect, LookUp
from engine.events import Digits, Event, Heard, Interrupted, Silence, ToolReturned, Transferred
from engine.flow.model import Flow
from engine.watch.numbers import Numbers

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
"""What `render` gives, for the HTTP header."""

_STAGES: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
"""What we promise lies on an edge: 0.15, 0.3, 0.4 and 0.7 s of an answer, and the 2 s after which a caller hears us."""
_LENGTHS: Final = (5, 15, 30, 60, 90, 120, 180, 300, 600, 1200)


class Metrics:
    """One per process. `observe` gives the observer of one call."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        """Where another part of the process may add metrics of its own."""
        prefix = "frontdesk"
        self.running = Gauge(
            "calls_running", "Calls at this moment", ["flow"], prefix, registry=registry, multiprocess_mode="livesum"
        )
        self.calls = Counter("calls", "Calls that ended", ["flow", "outcome"], prefix, registry=registry)
        labels = ["flow", "variant", "outcome"]
        self.variants = Counter(
            "variant_calls", "Calls that ended, by the variant of the flow", labels, prefix, registry=registry
        )
        self.length = Histogram(
            "call_seconds", "Length of calls", ["flow"], prefix, registry=registry, buckets=_LENGTHS
        )
        self.turns = Counter(
            "turns", "Turns of callers: heard, keys, silence", ["flow", "kind"], prefix, registry=registry
        )
        self.nomatch = Counter("nomatch", "Turns that were not understood", ["flow"], prefix, registry=registry)
        self.interrupted = Counter("interrupted", "Prompts that were talked over", ["flow"], prefix, registry=registry)
        self.tools = Counter("tools", "Answers of tools", ["flow", "tool", "outcome"], prefix, registry=registry)
        self.tool_time = Histogram(
            "tool_seconds", "Time until a tool answered", ["flow", "tool"], prefix, registry=registry, buckets=_STAGES
        )
        self.bookings = Counter(
            "bookings", "Commits of bookings: made, changed, cancelled", ["flow", "outcome"], prefix, registry=registry
        )
        self.transfers = Counter("transfers", "Calls handed over", ["flow", "outcome"], prefix, registry=registry)
        self.stages = Histogram(
            "stage_seconds",
            "Time of each stage of an answer",
            ["flow", "stage"],
            prefix,
            registry=registry,
            buckets=_STAGES,
        )
        self.completed = Counter(
            "calls_completed", "Calls in which a commit came to its first outcome", ["flow"], prefix, registry=registry
        )
        self.contained = Counter(
            "calls_contained", "Calls that ended without a person", ["flow"], prefix, registry=registry
        )
        labels = ["flow", "step", "slot", "kind", "rung"]
        self.misses = Counter(
            "misses",
            "Answers that were not understood, did not come or were refused, and questions that were given up",
            labels,
            prefix,
            registry=registry,
        )
        self.model = ModelMetrics(registry, prefix)

    def observe(self, flow: Flow, now: datetime) -> CallMetrics:
        """A call began; its observer must be told of the end."""
        return CallMetrics(self, flow, now)

    def render(self) -> bytes:
        """Everything in the text format that Prometheus scrapes."""
        return generate_latest(self.registry)


class ModelMetrics:
    """Counts what becomes of questions to a language model, for all lines."""

    def __init__(self, registry: CollectorRegistry, prefix: str) -> None:
        self._questions = Counter(
            "model_questions", "Questions to the model, by what came of them", ["outcome"], prefix, registry=registry
        )
        self._seconds = Histogram(
            "model_seconds", "Time until the model answered", [], prefix, registry=registry, buckets=_STAGES
        )
        self._dropped = Counter(
            "model_dropped", "Parts of the model's answers that were not believed", ["why"], prefix, registry=registry
        )
        self._open = Gauge(
            "model_breaker_open",
            "1 while the model is not asked, because it failed",
            [],
            prefix,
            registry=registry,
            multiprocess_mode="livemax",
        )

    def asked(self, outcome: str, seconds: float) -> None:
        """A question ended."""
        self._questions.labels(outcome).inc()
        if outcome == "answered":
            self._seconds.observe(seconds)

    def dropped(self, why: str) -> None:
        """A part of an answer was not believed."""
        self._dropped.labels(why).inc()

    def breaker(self, is_open: bool) -> None:
        """The model is asked again, or no longer."""
        self._open.set(is_open)


class CallMetrics:
    """Counts one call."""

    def __init__(self, metrics: Metrics, flow: Flow, now: datetime) -> None:
        self._metrics = metrics
        self._flow = flow
        self._began = now
        self._acts: dict[int, tuple[str, datetime]] = {}
        self._numbers = Numbers(flow, now)
        metrics.running.labels(flow.name).inc()

    def event(self, event: Event, now: datetime) -> None:
        """Something happened."""
        metrics, flow = self._metrics, self._flow.name
        self._numbers.event(event, now)
        match event:
            case Heard():
                metrics.turns.labels(flow, "heard").inc()
                if not event.acts:
                    metrics.nomatch.labels(flow).inc()
            case Digits():
                metrics.turns.labels(flow, "keys").inc()
            case Silence():
                metrics.turns.labels(flow, "silence").inc()
            case Interrupted():
                metrics.interrupted.labels(flow).inc()
            case Transferred():
                metrics.transfers.labels(flow, event.outcome).inc()
            case ToolReturned():
                self._returned(event, now)
            case _:
                pass

    def effects(self, effects: tuple[Effect, ...], now: datetime) -> None:
        """The dialogue answered."""
        self._numbers.effects(effects, now)
        for effect in effects:
            if isinstance(effect, (Act, LookUp)):
                self._acts[effect.act] = (effect.tool, now)

    def timing(self, name: str, milliseconds: float) -> None:
        """How long a stage of the last turn took."""
        self._metrics.stages.labels(self._flow.name, name).observe(milliseconds / 1000)

    def end(self, outcome: str, now: datetime) -> None:
        """The call is over."""
        flow = self._flow.name
        self._metrics.running.labels(flow).dec()
        self._metrics.calls.labels(flow, outcome).inc()
        if self._flow.variant:
            self._metrics.variants.labels(flow, self._flow.variant, outcome).inc()
        self._metrics.length.labels(flow).observe((now - self._began).total_seconds())
        ended = {"calls_completed": self._metrics.completed, "calls_contained": self._metrics.contained}
        ended["misses"] = self._metrics.misses
        for count in self._numbers.end(outcome, now):
            if count.name in ended:
                ended[count.name].labels(flow, *count.labels).inc(count.value)

    def _returned(self, event: ToolReturned, now: datetime) -> None:
        name, since = self._acts.pop(event.act, ("", now))
        tool = self._flow.tools.get(name)
        if tool is None:
            return  # a late answer that was counted before
        flow = self._flow.name
        self._metrics.tools.labels(flow, name, event.outcome).inc()
        self._metrics.tool_time.labels(flow, name).observe((now - since).total_seconds())
        if tool.commits:
            self._metrics.bookings.labels(flow, event.outcome).inc()

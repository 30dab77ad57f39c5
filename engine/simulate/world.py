"""The world around one simulated call: a clock that jumps, speech that takes its time, tools that answer as given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from engine.acts import Act as CallerAct
from engine.acts import Understood
from engine.call.keypad import Collector
from engine.check.graph import passed
from engine.dialogue.machine import Compiled
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.dialogue.values import show_act, written
from engine.effects import Act, Effect, Expecting, HangUp, Hush, Listen, LookUp, Note, Prompt, Record, Say, Transfer
from engine.events import (
    CallStarted,
    Digits,
    Event,
    Heard,
    HungUp,
    Interrupted,
    Recorded,
    Silence,
    Spoken,
    TimeUp,
    ToolReturned,
    Transferred,
)
from engine.persona.persona import Persona
from engine.persona.prompts import render
from engine.persona.spoken import placeholders
from engine.simulate.result import Called, Caller, Entry, Noted, Spoke
from engine.simulate.script import Given
from engine.simulate.tools import Answering

Understand: TypeAlias = Callable[[str, Expecting, datetime], Understood]
See: TypeAlias = Callable[[State, Event, State, tuple[Effect, ...]], object]

TOOL_TAKES: Final = 0.2
RINGING: Final = 5.0
RECORDS: Final = 2.0
SILENT_RECORDING: Final = 4.0
CALLER_PACE: Final = 150.0
"""Words a minute."""
KEY_TAKES: Final = 0.25
MOST_EVENTS: Final = 10_000
HOLE: Final = "hole"
"""The kind of note about a prompt that could not be said as a whole."""


@dataclass(slots=True)
class _Speech:
    """A Say under way; `ends` are when each of its prompts is over."""

    say: Say
    ends: tuple[datetime, ...]

    def may_be_cut(self, now: datetime) -> bool:
        """Whether all that the caller must hear first has been said."""
        return self.say.interruptible and sum(1 for end in self.ends if end <= now) >= self.say.protected


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a call meets: tool answers by name, how we sound, and how words are understood."""

    answers: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    persona: Persona = field(default_factory=lambda: Persona("plain"))
    understand: Understand = lambda words, expecting, now: Understood()
    see: See | None = None
    """Is told of every step."""


class World:
    """One call in simulated time. Times are aware datetimes of the flow's zone."""

    def __init__(self, compiled: Compiled, surroundings: Surroundings, now: datetime, call_id: str) -> None:
        self.compiled, self.flow = compiled, compiled.flow
        self.surroundings = surroundings
        self.state: State = new_state(compiled, call_id)
        self.now = self.started = self.turn_began = now
        self.log: list[Entry] = []
        self.positions: list[str] = []
        self.ended: str | None = None
        self._speeches: list[_Speech] = []
        self._then: Transfer | Record | None = None
        self._recording: Record | None = None
        self._due: list[tuple[datetime, int, Event]] = []
        self._answering = Answering(compiled, surroundings.answers)
        self._quiet_since = now
        self._events = 0

    # what the caller can do

    def start(self, caller: str | None, called: str | None, open_speech: bool) -> None:
        self._take_turn(CallStarted(caller, called, open_speech, self.flow.variant))

    def settle(self) -> None:
        """Lets time pass until we wait for the caller, or the call is over."""
        while not self.waits and self._tick(None, silence=False):
            pass

    def wait(self, until: datetime, silence: bool = True) -> None:
        """Lets time pass until a moment, whatever happens before."""
        while self._tick(until, silence=silence):
            pass
        self.now = max(self.now, until)

    def wait_for(self, seconds: float) -> None:
        """Lets time pass until so many seconds after our turn began: after the caller's last line ended."""
        self.wait(self.turn_began + timedelta(seconds=seconds))

    @property
    def over(self) -> bool:
        return self.state.ended

    @property
    def recording(self) -> Record | None:
        """What is being recorded now, in answer to our request."""
        return self._recording

    @property
    def waits(self) -> bool:
        """Whether it is the caller's turn, or nobody's any more."""
        if self._speeches:
            return False
        return self.state.ended or self._recording is not None or isinstance(self.state.waiting, Listen)

    def say(self, words: str) -> None:
        """The caller says words; a recording under way keeps them, and nobody hears them where we do not listen."""
        takes = max(0.4, len(words.split()) * 60 / CALLER_PACE)
        if self._recording is not None:
            self.record(takes, words)
            return
        listen = self._begin("words", words)
        if listen is not None:
            self.wait(self.now + timedelta(seconds=takes), silence=False)
            found = self.surroundings.understand(words, listen.expecting, self.now)
            self._hear(listen, "words", words, found.acts, found.tier)

    def mean(self, acts: tuple[CallerAct, ...]) -> None:
        """The caller means acts, whatever the words."""
        listen = self._begin("acts", "")
        if listen is not None:
            self.wait(self.now + timedelta(seconds=1), silence=False)
            self._hear(listen, "acts", "", acts)

    def _hear(self, listen: Listen, kind: str, words: str, acts: tuple[CallerAct, ...], tier: str = "") -> None:
        shown = tuple(self.shown(act) for act in acts)
        self.log.append(Caller(self._at, "acts" if kind == "acts" else "words", words, acts, shown, tier=tier))
        self._take_turn(Heard(listen.turn, words, acts))

    def press(self, keys: str) -> None:
        """The caller presses keys, one after the other; more keys than one answer needs go to the next question."""
        if self._recording is not None:
            self._press_in_recording(keys)
            return
        self.log.append(Caller(self._at, "keys", keys))
        left = keys
        while left:
            listen = self._begin("keys", left)
            if listen is None:
                return
            answer, left = _collect(left, listen.expecting)
            self.wait(self.now + timedelta(seconds=KEY_TAKES * len(answer)), silence=False)
            self._take_turn(Digits(listen.turn, answer))

    def _press_in_recording(self, keys: str) -> None:
        self.log.append(Caller(self._at, "keys", keys))
        if keys == "*0":
            self._recording = None
            self._take_turn(Digits(self.state.turn, keys))
            return
        self.record(RECORDS)

    def stay_silent(self, seconds: float | None) -> None:
        """Nothing from the caller for so many seconds from now, or until we have spoken again."""
        self.log.append(Caller(self._at, "silence", "" if seconds is None else f"{seconds:g} s"))
        if self._recording is not None:
            self.record(0.0)
        elif seconds is not None:
            self.wait(self.now + timedelta(seconds=seconds))
        elif isinstance(self.state.waiting, Listen):
            turn = self.state.waiting.turn
            while isinstance(self.state.waiting, Listen) and self.state.waiting.turn == turn:
                if not self._tick(None, silence=True):
                    return

    def record(self, seconds: float, words: str = "") -> None:
        """The caller speaks into the recording that is under way; 0 says nothing."""
        record, self._recording = self._recording, None
        if record is None:
            return
        seconds = min(seconds, record.longest)
        self.log.append(Caller(self._at, "recording", words or f"{seconds:g} s"))
        self.wait(self.now + timedelta(seconds=seconds or SILENT_RECORDING), silence=False)
        if record.kind == "message":
            self.log.append(Called(self._at, "message", {}, "recorded" if seconds else "nothing"))
        self._take_turn(Recorded(record.act, f"simulated-{record.act}.wav", seconds))

    def record_as_usual(self) -> None:
        """The caller says something short into the recording."""
        self.record(RECORDS)

    def hang_up(self) -> None:
        self.log.append(Caller(self._at, "hung_up"))
        if not self.state.ended:
            self._take_turn(HungUp())
            self.ended = self.ended or "hung_up"
        self._speeches.clear()

    # time

    @property
    def _at(self) -> float:
        return (self.now - self.started).total_seconds()

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self._at

    def _tick(self, until: datetime | None, silence: bool) -> bool:
        """The next thing that happens, if it happens by `until`."""
        if self._events > MOST_EVENTS:
            return False
        found = self._next(silence)
        if found is None or (until is not None and found[0] > until):
            return False
        at, event = found
        self._events += 1
        self.now = max(self.now, at)
        if isinstance(event, Spoken):
            self._speeches.pop(0)
            self._quiet_since = self.now
        else:
            self._due = [due for due in self._due if due[2] is not event]
        self._feed(event)
        if not self._speeches:
            self._go_on()
        return True

    def _next(self, silence: bool) -> tuple[datetime, Event] | None:
        found: list[tuple[datetime, int, Event]] = []
        if self._speeches:
            speech = self._speeches[0]
            found.append((speech.ends[-1], -1, Spoken(speech.say.say)))
        if not self.state.ended:
            found += self._due
            found += [(timer.at, 1 << 30, TimeUp(timer.name)) for timer in self.state.timers]
            waiting = self.state.waiting
            if silence and isinstance(waiting, Listen) and not self._speeches:
                noinput = timedelta(seconds=waiting.expecting.noinput)
                found.append((self._quiet_since + noinput, 1 << 31, Silence(waiting.turn)))
        first = min(found, key=lambda due: due[:2], default=None)
        return None if first is None else (first[0], first[2])

    # the engine

    def _take_turn(self, event: Event) -> None:
        self._feed(event)
        if not self._speeches:
            self._go_on()

    def _feed(self, event: Event) -> None:
        if isinstance(event, (CallStarted, Heard, Digits, Silence, Recorded)):
            self.turn_began = self.now
        before = self.state
        self.state, effects = step(self.compiled, before, event, self.now)
        if self.surroundings.see is not None:
            self.surroundings.see(before, event, self.state, effects)
        said = [prompt.id for effect in effects if isinstance(effect, Say) for prompt in effect.prompts]
        for name in (*passed(self.compiled, said), self.state.position):
            if self.positions[-1:] != [name]:
                self.positions.append(name)
        for effect in effects:
            self._perform(effect)

    def _begin(self, kind: str, words: str) -> Listen | None:
        """The question that the caller answers now, interrupting us if need be; None where nobody listens."""
        waiting = self.state.waiting
        speech = self._speeches[0] if self._speeches else None
        if not isinstance(waiting, Listen) or (speech is not None and not speech.may_be_cut(self.now)):
            self.log.append(Caller(self._at, "keys" if kind == "keys" else "words", words, unheard=True))
            return None
        if speech is not None:
            last = self._speeches[-1]
            self._feed(Interrupted(last.say.say, sum(1 for end in last.ends if end <= self.now)))
        return waiting

    def _hush(self) -> None:
        self._speeches.clear()
        self._quiet_since = self.now

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Say():
                self._speak(effect)
            case Hush():
                self._hush()
            case Listen():
                self._quiet_since = self.now
            case Act() | LookUp():
                self._call(effect)
            case Record(kind="call"):
                self.log.append(Noted(self._at, "recording", "the call is recorded"))
            case HangUp():
                self.ended = effect.why
            case Transfer() | Record():
                self._then = effect
            case Note():
                self.log.append(Noted(self._at, effect.kind, effect.text))

    def _speak(self, say: Say) -> None:
        end = self._speeches[-1].ends[-1] if self._speeches else self.now
        ends: list[datetime] = []
        for prompt in say.prompts:
            text = self._rendered(prompt)
            shown = self._written(prompt)
            self.log.append(Spoke((end - self.started).total_seconds(), prompt.id, text, prompt.text, shown))
            prosody = self.surroundings.persona.prosody(prompt.situation)
            minutes = len(text.split()) / (prosody.pace * say.pace)
            end += timedelta(seconds=minutes * 60 + prosody.sentence_pause)
            ends.append(end)
        self._speeches.append(_Speech(say, tuple(ends)))

    def _rendered(self, prompt: Prompt) -> str:
        """The words of a prompt. One that names a value that is not there is kept as it is written, and noted."""
        missing = [name for name, _ in placeholders(prompt.text) if name not in prompt.values]
        if not missing:
            return render(prompt, self.flow.language, self.now)
        self.log.append(Noted(self._at, HOLE, f"`{prompt.id}` names {missing[0]}, which has no value"))
        return prompt.text

    def _written(self, prompt: Prompt) -> str:
        text = prompt.text
        for name, value in prompt.values.items():
            shown = written(value.type, value.value)
            text = text.replace(f"{{{name}}}", shown if isinstance(shown, str) else ", ".join(shown))
        return text

    def _go_on(self) -> None:
        """What waited for the end of our words."""
        then, self._then = self._then, None
        match then:
            case Transfer():
                given = self._answering.transfer()
                after = RINGING if given.after is None else given.after
                called = Called(self._at, "transfer", {"to": then.to}, given.outcome)
                self.log.append(called)
                self._later(after, Transferred(then.act, given.outcome))
            case Record():
                self._recording = then

    def _call(self, effect: Act | LookUp) -> None:
        given = self._answering.tool(effect.tool, self.now)
        taken = self._answering.taken(effect) if isinstance(effect, Act) else {}
        brought = self._answering.brought(effect.tool, given)
        self.log.append(Called(self._at, effect.tool, taken, given.outcome, brought, isinstance(effect, LookUp)))
        after = TOOL_TAKES if given.after is None else given.after
        self._later(after, ToolReturned(effect.act, given.outcome, given.values))

    def _later(self, seconds: float, event: Event) -> None:
        self._due.append((self.now + timedelta(seconds=seconds), len(self.log), event))

    def shown(self, act: CallerAct) -> str:
        """An act as a talk file holds it."""
        return show_act(act, {name: slot.type for name, slot in self.flow.slots.items()})


def _collect(keys: str, expecting: Expecting) -> tuple[str, str]:
    """The first answer that keys make, and the keys after it; a `#` after an answer that was whole is dropped."""
    collector = Collector(expecting)
    for number, key in enumerate(keys, 1):
        answer = collector.press(key, 0.0)
        if answer is not None:
            left = keys[number:]
            return answer, left[1:] if key != "#" and left.startswith("#") else left
    return collector.expire(float("inf")) or keys, ""

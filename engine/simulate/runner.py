"""Runs a talk through the engine in simulated time and tells the first difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from engine.coverage.watch import Watch
from engine.dialogue.values import as_json
from engine.errors import AuthorError, Finding, Position, SettingsError
from engine.simulate.checks import Checker, Failure, Window
from engine.simulate.files import read_file, stage_of
from engine.simulate.result import Caller, Difference, Noted, Result, SlotResult, Spoke
from engine.simulate.review import Review
from engine.simulate.script import Script, bind
from engine.simulate.stage import Stage
from engine.simulate.world import HOLE, Surroundings, Understand, World
from engine.talk import model
from engine.talk.reader import TalkError, by_place
from engine.talk.writer import write_line

CALLERS = (
    model.CallerSays,
    model.CallerMeans,
    model.CallerKeys,
    model.CallerSilent,
    model.CallerRecords,
    model.CallerHangsUp,
)
NEVER = (HOLE, "unconfirmed", "spin")
"""Kinds of notes about faults of the flow."""
EXPECTS = (model.ExpectEnd, model.ExpectCalls, model.ExpectSlot)


def run_file(
    path: str | Path,
    flow: str | None = None,
    watched: bool = False,
    hear: Callable[[Stage], Understand] | None = None,
) -> Result:
    """Runs the talk or bare transcript of a file; `flow` is used where the file gives none and has none above it.
    The result of a watched run says what the conversation lived through; `hear` gives another understanding.

    Faults of the talk and of its flow come back in the result; raises SettingsError when a file cannot be read.
    """
    file = Path(path)
    began = perf_counter()
    try:
        talk = read_file(file)
        stage = stage_of(talk, file, flow)
        understand = None if hear is None else hear(stage)
        result = run_script(bind(talk, stage.flow), stage, stage.watch if watched else None, understand=understand)
    except TalkError as error:
        faults = (*error.findings, *_further(error.talk, file, flow))
        result = Result(str(file), faults=tuple(sorted(faults, key=by_place)))
    except AuthorError as error:
        result = Result(str(file), faults=error.findings)
    return replace(result, seconds=perf_counter() - began)


def _further(talk: model.Talk, file: Path, flow: str | None) -> tuple[Finding, ...]:
    """What the flow does not know in the lines that could be read, where it is clear which flow that is."""
    try:
        known = stage_of(talk, file, flow).flow
    except SettingsError:
        return ()
    except AuthorError as error:
        return tuple(one for one in error.findings if one.source and one.at.file == str(file))
    try:
        bind(talk, known)
    except AuthorError as error:
        return error.findings
    return ()


def run_script(
    script: Script,
    stage: Stage,
    watch: Watch | None = None,
    review: Review | None = None,
    understand: Understand | None = None,
) -> Result:
    """Runs a bound talk. With a `review`, lines of ours and pins that do not hold are left to it; `understand` takes
    the place of the embedded understanding."""
    see = None if watch is None else watch.begin().see
    surroundings = Surroundings(script.answers, stage.persona, understand or stage.understand, see)
    compiled = stage.compiled if watch is None else watch.compiled
    world = World(compiled, surroundings, script.now, Path(script.talk.file).stem)
    difference = Run(script, world, Checker(script, world, stage.prompts), review).play()
    return Result(
        file=script.talk.file,
        title=script.talk.title,
        difference=difference,
        entries=tuple(world.log),
        slots={
            name: SlotResult(
                slot.status, None if slot.value is None else as_json(stage.flow.slots[name].type, slot.value)
            )
            for name, slot in world.state.slots.items()
        },
        ended=world.ended,
        positions=tuple(world.positions),
        turns=world.state.turns,
        call_seconds=world.elapsed,
        flow=stage.flow.path,
        lived=frozenset() if watch is None else frozenset(watch.lived),
    )


class Run:
    """One talk being played line by line."""

    def __init__(self, script: Script, world: World, checker: Checker, review: Review | None = None) -> None:
        self.script, self.world, self.checker, self.review = script, world, checker, review
        self.window = Window()
        self.logged = 0

    def play(self) -> Difference | None:
        """The first difference, or None."""
        script, world = self.script, self.world
        lines = list(enumerate(script.talk.lines))
        following = dict(pairwise([None, *(number for number, line in lines if isinstance(line, CALLERS)), None]))
        world.start(script.caller, script.called, script.open_speech)
        self._pass_time(following[None])
        for number, line in lines:
            failure = self._line(number, line, following) or self._hole()
            if failure is not None:
                return self._difference(line, failure)
        return None

    def _hole(self) -> Failure | None:
        """What must never happen is a difference whatever the talk says: a prompt without one of its values, a booking
        that was refused because nobody had confirmed it, a call that spins."""
        notes = (entry for entry in self.world.log if isinstance(entry, Noted) and entry.kind in NEVER)
        found = next(notes, None)
        return None if found is None else Failure(found.text)

    def _line(self, number: int, line: model.Line, following: dict[int | None, int | None]) -> Failure | None:
        if isinstance(line, model.AgentSays):
            return self._agent(number, line)
        if isinstance(line, model.Pins):
            return self._pins(number, line)
        if isinstance(line, EXPECTS):
            return self.checker.expect(number, line)
        if not isinstance(line, CALLERS):
            return None
        failure = self._caller(number, line)
        if failure is None:
            self._pass_time(following[number])
        return failure

    def _agent(self, number: int, line: model.AgentSays) -> Failure | None:
        before = self.window.at
        failure = self.checker.agent(line, self.window)
        if self.review is None:
            return failure
        self.review.agent(number, line, self.window, before, failure is None)
        return None

    def _pins(self, number: int, line: model.Pins) -> Failure | None:
        failure = self.checker.pins(number, line, self.window)
        if failure is None or self.review is None:
            return failure
        self.review.pinned(number, line, self.window, self.world)
        return None

    def _pass_time(self, upcoming: int | None) -> None:
        """Until the caller's next line: until we are done speaking, or until the moment that the line says."""
        line = None if upcoming is None else self.script.talk.lines[upcoming]
        after = getattr(line, "after", None)
        if after is not None:
            self.world.wait_for(after)
        else:
            self.world.settle()
            while self.world.recording is not None and not isinstance(line, CALLERS):
                self.world.record_as_usual()
                self.world.settle()
            if self.world.recording is not None and isinstance(line, model.CallerMeans):
                self.world.record_as_usual()
                self.world.settle()
        self._look()

    def _look(self) -> None:
        """Takes what was said and heard since into the window."""
        for entry in self.world.log[self.logged :]:
            if isinstance(entry, Spoke):
                self.window.said.append(entry)
            elif isinstance(entry, Caller):
                self.window.heard = entry
        self.logged = len(self.world.log)

    def _caller(self, number: int, line: model.Caller) -> Failure | None:
        world = self.world
        if world.over and not isinstance(line, model.CallerHangsUp):
            return Failure("the call was over before this line", f"It ended at {world.ended or world.state.position}.")
        before, self.window = self.window, Window()
        match line:
            case model.CallerSays():
                world.say(line.words)
            case model.CallerMeans():
                world.mean(self.script.acts[number])
            case model.CallerKeys():
                world.press(line.keys)
            case model.CallerSilent():
                world.stay_silent(line.seconds)
            case model.CallerRecords():
                if world.recording is None:
                    return Failure("nothing is being recorded here")
                world.record(line.seconds)
            case model.CallerHangsUp():
                world.hang_up()
        if any(isinstance(entry, Caller) and entry.unheard for entry in world.log[self.logged :]):
            self.window = before
        return None

    def _difference(self, line: model.Line, failure: Failure) -> Difference:
        self._look()
        return Difference(
            at=line.at,
            source=write_line(line).strip(),
            message=failure.message,
            said=tuple(self.window.said),
            heard=self.window.heard,
            position=self.world.state.position,
            hint=failure.hint,
            step=self._place(),
        )

    def _place(self) -> Position | None:
        """Where the slot or step that we wait in is written."""
        node = self.world.compiled.nodes.get(self.world.state.position)
        if node is None:
            return None
        slot = self.world.flow.slots.get(node.slot or "")
        return slot.at if slot else node.step.at

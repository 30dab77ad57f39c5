"""How many conversations are simulated a second: `simulate.py [--acts N] [--words N] [--jobs N] [--json]`.

The talks are those of the shipped flows, over and over, as files: once with the caller's words, once with the acts that
they mean. The floor, in the same run and one process, is the engine alone: `step` fed with the very same events. The
ratio counts processor time, so that it says the same on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.acts import Fill
from engine.dialogue.machine import Compiled
from engine.dialogue.state import State, new_state
from engine.dialogue.step import step
from engine.dialogue.values import show_act
from engine.effects import Effect
from engine.events import Event
from engine.shipped import shipped_flows
from engine.simulate.batch import Batch
from engine.simulate.checks import Checker
from engine.simulate.files import find_talks, flow_of, read_file, stage_of
from engine.simulate.result import Caller
from engine.simulate.runner import Run, run_file
from engine.simulate.script import bind
from engine.simulate.world import Surroundings, World
from engine.talk import model
from engine.talk.meant import acts_of
from engine.talk.scan import Scanner
from engine.talk.writer import write_talk

Moments = list[tuple[Event, datetime]]


def as_acts(file: Path, talk: model.Talk) -> model.Talk:
    """The talk with the acts that were understood in place of words."""
    stage = stage_of(talk, file)
    kinds = {name: slot.type for name, slot in stage.flow.slots.items()}
    heard = (entry for entry in run_file(file).entries if isinstance(entry, Caller))
    lines: list[model.Line] = []
    for line in talk.lines:
        entry = next(heard, None) if isinstance(line, model.Caller.__args__) else None  # type: ignore[attr-defined]
        if not isinstance(line, model.CallerSays) or entry is None or entry.kind != "words" or entry.unheard:
            lines.append(line)
            continue
        sure = [replace(act, confidence=round(act.confidence, 2)) for act in entry.acts]
        shown = ", ".join(show_act(act, kinds) for act in sure if not isinstance(act, Fill) or act.candidates)
        lines.append(model.CallerMeans(acts_of(Scanner(shown or "nothing"), model.NOWHERE), line.after))
    return model.Talk(tuple(lines), talk.file)


def written(folder: Path, count: int, acts: bool) -> list[Path]:
    """So many talk files, from those of the shipped flows in turn."""
    texts = []
    for file in find_talks(list(shipped_flows())):
        talk = read_file(file)
        given = model.GivenFlow(str(flow_of(talk, file)))
        plain = as_acts(file, talk) if acts else talk
        lines = (given, *(line for line in plain.lines if not isinstance(line, model.GivenFlow)))
        texts.append((file.stem, write_talk(replace(plain, lines=lines))))
    files = []
    for number in range(count):
        stem, text = texts[number % len(texts)]
        files.append(folder / f"{number:06}-{stem}.talk")
        files[-1].write_text(text, encoding="utf-8")
    return files


def timed(count: int, acts: bool, jobs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        files = written(Path(folder), count, acts)
        began, spent = time.perf_counter(), spent_by_all()
        results = list(Batch(jobs=jobs, whole=False).run(files))
        seconds, spent = time.perf_counter() - began, spent_by_all() - spent
    turns = sum(result.turns for result in results)
    failed = [result for result in results if not result.passed]
    return {
        "conversations": count,
        "failed": len(failed),
        "seconds": round(seconds, 2),
        "conversations_a_second": round(count / seconds, 1),
        "turns_a_second": round(turns / seconds, 1),
        "processor_seconds": round(spent, 2),
        "seconds_on_idle_processors": round(spent / jobs, 2),
    }


def spent_by_all() -> float:
    """Processor seconds of this process and those that it has ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def lived(file: Path) -> tuple[Compiled, Moments]:
    """Every event of a talk with its moment."""
    talk = read_file(file)
    stage = stage_of(talk, file)
    script = bind(talk, stage.flow)
    found: Moments = []

    def see(before: State, event: Event, state: State, effects: tuple[Effect, ...]) -> None:
        found.append((event, world.now))

    world = World(
        stage.compiled, Surroundings(script.answers, stage.persona, stage.understand, see), script.now, file.stem
    )
    Run(script, world, Checker(script, world, stage.prompts)).play()
    return stage.compiled, found


def floor() -> dict[str, Any]:
    """The engine alone, over the talks of the shipped flows."""
    calls = [lived(file) for file in find_talks(list(shipped_flows()))]
    began, turns = time.process_time(), 0
    for compiled, events in calls:
        state = new_state(compiled, "floor")
        for event, now in events:
            state, _ = step(compiled, state, event, now)
        turns += state.turns
    seconds = time.process_time() - began
    return {
        "conversations": len(calls),
        "conversations_a_second": round(len(calls) / seconds, 1),
        "turns_a_second": round(turns / seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=10_000, help="conversations given as acts")
    parser.add_argument("--words", type=int, default=2_000, help="conversations given as words")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    bare = floor()
    found = {"jobs": options.jobs, "floor": bare}
    for name, count in (("acts", options.acts), ("words", options.words)):
        figures = timed(count, name == "acts", options.jobs)
        each = count / figures["processor_seconds"]
        found[name] = figures | {"of_the_floor": round(each / bare["conversations_a_second"], 3)}
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(f"the engine alone: {bare['conversations_a_second']} conversations, {bare['turns_a_second']} turns a second")
    for name in ("acts", "words"):
        one = found[name]
        print(
            f"{one['conversations']} given as {name}, {options.jobs} processes: {one['seconds']} s, "
            f"{one['conversations_a_second']} conversations and {one['turns_a_second']} turns a second "
            f"({one['seconds_on_idle_processors']} s if all processors were idle); "
            f"a process does {one['of_the_floor']:.0%} of the engine alone; {one['failed']} failed"
        )


if __name__ == "__main__":
    main()

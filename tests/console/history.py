"""Many calls for the console's tests and benchmarks: a few real conversations, kept again and again at other times."""

from __future__ import annotations

import math
import random
import wave
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from engine.actions import schema
from engine.actions.archive import CallRow, Entry
from engine.actions.counting import count_call
from engine.actions.history import words_of
from engine.actions.store import Store
from engine.watch.encoding import decode
from engine.watch.numbers import Numbers
from tests.console.talking import BOOKING, Talk, flow

CONVERSATIONS = (
    BOOKING,
    BOOKING,
    ["yes", "a table for two on saturday at eight", "Tom Baker", "yes", "yes", "no thanks"],
    ["no", "where can I park", "no thanks"],
    ["no", "can I speak to the manager"],
    ["no", "a table", "the whatsit for my aunt", "something for the whatsit", "four of us"],
    ["no", "do you serve the little fried fish", "a table for three", "the day after the fair"],
)


@dataclass(frozen=True)
class Template:
    """A call to make others of, with the numbers that it adds."""

    row: CallRow
    entries: list[Entry]
    words: tuple[str, ...]


def templates(store: Store, now: datetime) -> list[Template]:
    """One kept call for each conversation."""
    found = []
    for number, said in enumerate(CONVERSATIONS):
        call_id = f"first-{number}"
        talk = Talk(store, call_id, now)
        for one in said:
            if not talk.state.ended:
                talk.say(one)
        if not talk.state.ended:
            talk.end("hung_up")
        store.archive.flush()
        row = store.archive.call(call_id)
        assert row is not None
        found.append(Template(row, store.archive.entries(call_id), words_of(" ".join(said))))
    return found


def write_history(store: Store, calls: int, until: datetime, days: int = 30) -> None:
    """Keeps so many calls, spread over the days before `until`, more of them at noon and in the evening."""
    chance = random.Random(7)
    base = templates(store, until - timedelta(minutes=20))
    made = [_again(chance.choice(base), number, until, days, chance) for number in range(calls - len(base))]

    def work(connection: sa.Connection) -> None:
        for some in (made[start : start + 500] for start in range(0, len(made), 500)):
            connection.execute(sa.insert(schema.calls), [_columns(row) for row, _, _ in some])
            connection.execute(sa.insert(schema.call_events), [each for row, e, _ in some for each in _events(row, e)])
            words = [{"call_id": row.id, "word": word} for row, _, known in some for word in known]
            connection.execute(sa.insert(schema.call_words), words)
            for row, entries, _ in some:
                numbers = counted(row, entries)
                assert row.ended is not None
                added = numbers.end(row.outcome or "", row.ended)
                count_call(connection, row.id, row.flow, row.ended, added, numbers.misses)

    store.write(work, 120.0)


def counted(row: CallRow, entries: list[Entry]) -> Numbers:
    """The numbers that a kept call adds."""
    numbers = Numbers(flow(row.flow).flow, row.started)
    for entry in entries:
        match entry.kind:
            case "event":
                numbers.event(decode(entry.body), entry.at)
            case "effect":
                numbers.effects((decode(entry.body),), entry.at)
            case _:
                numbers.timing(entry.body["name"], entry.body["ms"])
    return numbers


def _again(
    first: Template, number: int, until: datetime, days: int, chance: random.Random
) -> tuple[CallRow, list[Entry], tuple[str, ...]]:
    hour = min(22.0, max(10.0, chance.gauss(chance.choice((12.5, 18.5)), 1.6)))
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight - timedelta(days=chance.randrange(days)) + timedelta(hours=hour)
    if at > until - timedelta(minutes=20):
        at -= timedelta(days=1)
    later = at - first.row.started
    slow = chance.lognormvariate(0.0, 0.35)
    entries = [replace(one, at=one.at + later, body=_slower(one, slow)) for one in first.entries]
    assert first.row.ended is not None
    row = replace(
        first.row,
        id=f"{at:%Y%m%d-%H%M%S}-{number:08x}",
        caller=f"+44163296{number % 10000:04}",
        started=at,
        ended=first.row.ended + later,
    )
    return row, entries, first.words


def _slower(entry: Entry, factor: float) -> Any:
    return {**entry.body, "ms": round(entry.body["ms"] * factor, 3)} if entry.kind == "timing" else entry.body


def _columns(row: CallRow) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in schema.calls.columns if column.name != "counted"}


def _events(row: CallRow, entries: list[Entry]) -> Iterator[dict[str, Any]]:
    for one in entries:
        yield {"call_id": row.id, "seq": one.seq, "at": one.at, "kind": one.kind, "body": one.body}


def write_sound(path: Path, seconds: float = 40.0, rate: int = 8000) -> None:
    """A stereo recording: a low tone in turns on the left, a higher one on the right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = np.arange(int(seconds * rate)) / rate
    turns = (at % 6 < 3).astype(float)
    sides = np.stack([np.sin(2 * math.pi * 180 * at) * turns, np.sin(2 * math.pi * 320 * at) * (1 - turns)], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sides * 6000).astype("<i2").tobytes())


def add_sound(store: Store, call_id: str, seconds: float = 40.0) -> None:
    """Gives a kept call a recording."""
    assert store.recordings is not None
    write_sound(store.recordings / call_id / "call.wav", seconds)
    changed = sa.update(schema.calls).where(schema.calls.c.id == call_id).values(recording=f"{call_id}/call.wav")
    store.write(lambda connection: connection.execute(changed))

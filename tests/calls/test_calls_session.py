"""One live call in simulated time: however the caller behaves, it ends in a defined way."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from engine.events import Digits, Heard, HungUp, Interrupted, Recorded, Silence
from tests.calls.virtual import FRAME, FakeLine, FakeTools, Held, hold

WORDS = ["no", "a table for four on saturday at half past seven", "Maria Rossi", "yes", "yes", "no thanks"]


def kinds(held: Held, kind: type) -> int:
    return sum(isinstance(event, kind) for event in held.events)


def test_a_booking_call_runs_to_its_goodbye(tmp_path: Path) -> None:
    line, tools = FakeLine([0.6] * 6), FakeTools()
    held = hold(line, WORDS, tools, tmp_path)
    assert held.session.state.why == "goodbye"
    assert tools.calls == ["find_table", "book_table"]
    assert line.hung_up
    assert list(held.marks.values()) == [True]


def test_a_frame_leaves_every_twenty_milliseconds(tmp_path: Path) -> None:
    line = FakeLine([0.6] * 6)
    hold(line, WORDS, FakeTools(), tmp_path)
    distances = [later - earlier for earlier, later in pairwise(line.sent_at)]
    assert max(abs(distance - FRAME) for distance in distances) < 1e-6
    assert {len(frame) for frame in line.sent} == {320}


@pytest.mark.parametrize("after", range(7))
def test_a_caller_may_hang_up_at_any_question(after: int, tmp_path: Path) -> None:
    line, tools = FakeLine([0.6] * after + [None]), FakeTools()
    held = hold(line, WORDS, tools, tmp_path)
    assert held.session.state.ended
    assert kinds(held, HungUp) <= 1
    assert tools.calls.count("book_table") == (1 if after >= 5 else 0)


def test_a_booking_whose_caller_is_gone_is_made_and_marked_unheard(tmp_path: Path) -> None:
    class GoneMeanwhile(FakeTools):
        async def run(self, call):  # type: ignore[no-untyped-def]
            if call.tool == "book_table":
                line._gone = True
            return await super().run(call)

    line, tools = FakeLine([0.6] * 6), GoneMeanwhile(takes=1.5)
    held = hold(line, WORDS, tools, tmp_path)
    assert tools.calls == ["find_table", "book_table"]
    assert held.marks == {"call/1.1/book_table": False}


def test_a_silent_caller_is_helped_and_then_left(tmp_path: Path) -> None:
    line = FakeLine([])
    held = hold(line, [], FakeTools(), tmp_path)
    assert held.session.state.ended
    assert kinds(held, Silence) >= 3
    assert line.transfers == ["200"]
    assert held.seconds < 180


def test_a_caller_who_talks_over_us_is_listened_to(tmp_path: Path) -> None:
    line = FakeLine([0.6] * 9, impatient=True)
    held = hold(line, [*WORDS, "yes", "no"], FakeTools(), tmp_path)
    assert kinds(held, Interrupted) >= 2
    assert held.session.state.ended


def test_keys_book_a_table(tmp_path: Path) -> None:
    line = FakeLine(["2", "1", "3#", "0310", "1945", 0.6, "1", "1", "2"])
    held = hold(line, ["Maria Rossi"], FakeTools(), tmp_path)
    keys = [event.keys for event in held.events if isinstance(event, Digits)]
    assert keys == ["2", "1", "3", "0310", "1945", "1", "1", "2"]
    assert held.session.state.why == "goodbye"
    assert kinds(held, Heard) == 1


def test_keys_at_random_end_with_a_person(tmp_path: Path) -> None:
    line = FakeLine(["7", "9", "##", "*8", "5", "6", "44", "9", "8", "77"] * 5)
    held = hold(line, [], FakeTools(), tmp_path)
    assert held.session.state.ended
    assert line.transfers


def test_a_message_of_a_caller_who_hangs_up_is_kept(tmp_path: Path) -> None:
    line = FakeLine(["2", "0", 1.5])
    held = hold(line, [], FakeTools(), tmp_path)
    recorded = [event for event in held.events if isinstance(event, Recorded)]
    assert [event.seconds > 1 for event in recorded] == [True]
    assert (tmp_path / recorded[0].ref).is_file()


def test_a_commit_that_is_never_answered_is_looked_up_before_anything_is_said(tmp_path: Path) -> None:
    line = FakeLine([0.6] * 6)
    tools = FakeTools(takes=0.1, looked_up="booked")

    class Slow(FakeTools):
        async def run(self, call):  # type: ignore[no-untyped-def]
            if call.tool == "book_table":
                self.takes = 30
            return await super().run(call)

    slow = Slow(looked_up=tools.looked_up)
    held = hold(line, WORDS, slow, tmp_path)
    assert held.session.state.why == "goodbye"
    assert slow.calls.count("book_table") == 1


def test_a_fault_in_any_part_ends_the_call_where_the_line_can_help(tmp_path: Path) -> None:
    class Broken(FakeTools):
        async def run(self, call):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hold(FakeLine([0.6] * 6), WORDS, Broken(), tmp_path)

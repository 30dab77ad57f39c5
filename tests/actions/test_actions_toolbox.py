"""The tools of a flow on a real database: cases as data, and what no case file can say."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import yaml
from actions_flow import EIGHT, FRIDAY, LONDON, NOW, call, restaurant, surgery, tool
from locking import locked

from engine.actions.contract import Outcome
from engine.actions.ledger import Booking, bookings_of, history
from engine.actions.registry import Toolbox, declared
from engine.actions.resources import ResourceError
from engine.actions.store import Store, Unsure
from engine.acts import PersonName, Recording

CASES = yaml.safe_load((Path(__file__).parent / "toolbox_cases.yaml").read_text())
MADE = {"day": FRIDAY, "time": EIGHT, "party_size": 2, "name": PersonName("Maria", "Rossi"), "phone": "07700900001"}


def value(name: str, text: Any, saved: dict[str, str]) -> Any:
    """A value of a case file as the tools get it."""
    match name:
        case "day" | "date_of_birth":
            return date.fromisoformat(text)
        case "time":
            return time.fromisoformat(text)
        case "name" if text != "sound":
            first, _, last = text.replace("_", "").partition(" ")
            return PersonName(first, last)
        case "name" | "note":
            return Recording(f"{name}.wav", 1.5) if text == "sound" else text
        case "reference":
            return saved.get(text[1:], text)
        case _:
            return text


def expected(text: Any, saved: dict[str, str]) -> Any:
    if isinstance(text, list):
        return tuple(expected(one, saved) for one in text)
    if text.startswith("$"):
        return saved[text[1:]]
    return time.fromisoformat(text) if ":" in text else date.fromisoformat(text) if "-" in text else text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_tools_answer(case: dict[str, Any], store: Store) -> None:
    made = surgery() if case.get("flow") == "clinic" else restaurant(**case.get("room", {}))
    saved: dict[str, str] = {}

    async def run() -> None:
        toolbox = Toolbox(made, store)
        for step in case["steps"]:
            own = {"tool", "gives", "with", "save", "call", "line", "key", "at", "look_up"}
            values = {name: value(name, text, saved) for name, text in step.items() if name not in own}
            at = datetime.fromisoformat(step["at"]).replace(tzinfo=LONDON) if "at" in step else NOW
            wish = call(step["tool"], step.get("key", ""), step.get("call", "first"), step.get("line"), at=at, **values)
            outcome = await (toolbox.look_up(wish) if step.get("look_up") else toolbox.run(wish))
            assert outcome.name == step["gives"], step
            for name, text in step.get("with", {}).items():
                assert outcome.values[name] == expected(text, saved), step
            if "save" in step:
                saved[step["save"]] = outcome.values["reference"]

    asyncio.run(run())


def test_a_booking_keeps_all_it_was_told_and_its_history(store: Store) -> None:
    sound = {"name": Recording("a/name.wav", 2.0), "note": Recording("a/note.wav", 1.0)}

    async def run() -> Outcome:
        toolbox = Toolbox(restaurant(), store)
        made = await toolbox.run(call("book", "k1", "one", **{**MADE, **sound}))
        await toolbox.run(call("move", "k2", "one", reference=made.values["reference"], time=time(21)))
        return await toolbox.run(call("cancel", "k3", "one", reference=made.values["reference"]))

    assert asyncio.run(run()).name == "cancelled"
    booking = only(store)
    assert (booking.name, booking.note) == (Recording("a/name.wav", 2.0), Recording("a/note.wav"))
    assert (booking.phone, booking.phone_key) == ("07700900001", "+447700900001")
    assert (booking.status, booking.units, booking.starts.isoformat()) == ("cancelled", (), "2026-11-06T21:00:00+00:00")
    steps = store.read(lambda connection: history(connection, booking.id))
    assert [step["what"] for step in steps] == ["booked", "moved", "cancelled"]
    assert [step["details"]["start"][11:16] for step in steps] == ["20:00", "21:00", "21:00"]


def only(store: Store) -> Booking:
    (booking,) = store.read(bookings_of)
    return booking


def test_a_booking_is_unheard_until_the_caller_has_heard_of_it(store: Store) -> None:
    toolbox = Toolbox(restaurant(), store)
    made = asyncio.run(toolbox.run(call("book", "k", **MADE)))
    assert not only(store).heard_by_caller
    asyncio.run(toolbox.mark_heard("k"))
    assert only(store).heard_by_caller
    asyncio.run(toolbox.mark_not_heard("k"))
    assert not only(store).heard_by_caller
    store.mark_heard("k")
    asyncio.run(toolbox.run(call("move", "m", reference=made.values["reference"], time=time(21))))
    assert not only(store).heard_by_caller  # of the change
    store.mark_heard("m")
    store.mark_not_heard("never")
    assert only(store).heard_by_caller


def test_a_caller_who_hangs_up_during_a_commit_has_the_booking(store: Store) -> None:
    async def run() -> None:
        task = asyncio.create_task(Toolbox(restaurant(), store).run(call("book", "k", **MADE)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    store.threads.shutdown(wait=True)
    assert only(store).status == "booked"


def test_what_was_looked_up_as_failed_never_happens_later(store: Store, database: str) -> None:
    """The database is locked while a commit waits; the look-up gives it up, and the lock is let go."""

    async def run() -> tuple[Outcome, Outcome]:
        toolbox = Toolbox(restaurant(), store)
        with locked(database):
            commit = asyncio.create_task(toolbox.run(call("book", "k", **MADE)))
            await asyncio.sleep(0)
            look_up = asyncio.create_task(toolbox.look_up(call("book", "k")))
            await asyncio.sleep(0)
        return await commit, await look_up

    assert asyncio.run(run()) == (Outcome("failed"), Outcome("failed"))
    assert store.read(bookings_of) == []


def test_a_database_that_stays_locked_fails_a_commit_in_time(store: Store, database: str) -> None:
    made = restaurant()
    hasty = replace(made, tools={name: replace(one, deadline=0.05) for name, one in made.tools.items()})
    with locked(database):
        assert asyncio.run(Toolbox(hasty, store).run(call("book", "k", **MADE))) == Outcome("failed")


def test_a_commit_that_fails_at_the_last_moment_is_unknown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise Unsure("the disk went away")

    monkeypatch.setattr(store, "write", lost)
    assert asyncio.run(Toolbox(restaurant(), store).run(call("book", "k", **MADE))) == Outcome("unknown")


OUTCOMES = {
    "the first that is declared": ({"full": {}, "none": {}}, [("full", {}), ("none", {})], "full"),
    "not one without its values": (
        {"full": {"other_times": "time list"}, "none": {}},
        [("full", {}), ("none", {})],
        "none",
    ),
    "failed when there is none": ({"free": {}}, [("full", {}), ("none", {})], "failed"),
}


@pytest.mark.parametrize("what", OUTCOMES)
def test_a_flow_sees_only_what_it_declares(what: str) -> None:
    outcomes, answers, expected_name = OUTCOMES[what]
    assert declared(tool("any", "booking.find", "", outcomes), answers).name == expected_name


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (tool("dance", "booking.dance", "day", {"free": {}}), "does `booking.dance`"),
        (tool("find", "booking.find", "day weather", {"free": {}}), "cannot take `weather`"),
        (replace(tool("find", "booking.find", "day", {"free": {}}), resource="terrace"), "needs `resource:`"),
    ],
)
def test_a_flow_whose_tools_cannot_work_never_starts_a_call(wrong: Any, why: str, store: Store) -> None:
    with pytest.raises(ResourceError, match=why):
        Toolbox(replace(restaurant(), tools={"one": wrong}), store)


def test_a_booking_is_found_by_a_name_through_the_readings_and_never_by_the_name_alone(store: Store) -> None:
    """The recogniser wrote the name wrong, and has it right in another reading."""
    said = PersonName("Marie", "Raw", ("marie raw see", "maria rossi"))

    async def run() -> list[str]:
        toolbox = Toolbox(restaurant(), store)
        await toolbox.run(call("book", "k1", "one", **MADE))
        wishes = [
            call("lookup", call_id="two", name=said, phone=MADE["phone"]),
            call("lookup", call_id="three", name=said),
            call("lookup", call_id="four", name=PersonName(said.first, said.last), phone=MADE["phone"]),
        ]
        return [(await toolbox.run(wish)).name for wish in wishes]

    assert asyncio.run(run()) == ["found", "not_found", "denied"]

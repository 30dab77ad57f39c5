"""A flow with sensitive slots, and one whole call through it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.acts import Affirm, Ask, Deny, Exclude, Fill, Global, PersonName, Recording, Span, Want
from engine.effects import Act, Effect, Expecting, HangUp, Listen, LookUp, Note, Prompt, Say, Transfer, Typed
from engine.errors import Position
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
from engine.flow.model import Flow, PromptText, Slot, Tool

LONDON = ZoneInfo("Europe/London")
BEGAN = datetime(2026, 7, 3, 19, 30, 0, 123456, tzinfo=LONDON)


def slot(name: str, kind: str, sensitive: bool = False) -> Slot:
    return Slot(name, kind, PromptText(f"{name}.ask", ()), Position(), f"the {name}", sensitive=sensitive)


BOOK = Tool(
    "book",
    "booking.book",
    {"day": "day", "phone": "phone", "name": "name"},
    {"booked": {"reference": "digits", "booked_phone": "phone"}},
    Position(),
    commits=True,
)
FLOW = Flow(
    name="clinic",
    path="flow.yaml",
    hash="f" * 64,
    language="en-GB",
    timezone="Europe/London",
    persona="host",
    start="hello",
    operator="hangup",
    calendars={},
    resources={},
    slots={
        "day": slot("day", "date"),
        "phone": slot("phone", "phone", sensitive=True),
        "name": slot("name", "person_name", sensitive=True),
        "born": slot("born", "date_of_birth", sensitive=True),
    },
    anywhere={},
    answers={},
    tools={"book": BOOK},
    steps={},
)

SECRETS = ("07700900123", "900123", "Rossi", "Maria", "1980")
"""What must never be found in the log of `CALL`."""

FRIDAY = date(2026, 7, 10)
NAME = PersonName("Maria", "Rossi")
BORN = date(1980, 3, 4)


def asks(turn: int, slot: str) -> tuple[Effect, ...]:
    return (
        Say(turn, (Prompt(f"{slot}.ask", f"What is the {slot}?", {}, "question"),)),
        Listen(turn, Expecting("booking", "slot", slot, (slot,))),
    )


CALL: tuple[tuple[Event, tuple[Effect, ...]], ...] = (
    (CallStarted("07700900123", "100"), asks(1, "day")),
    (Spoken(1), ()),
    (
        Heard(
            1,
            "friday please, this is Maria Rossi",
            (Fill("day", (FRIDAY,), Span("friday", 0, 6)), Fill("name", (NAME,), Span("Maria Rossi", 23, 34))),
        ),
        asks(2, "phone"),
    ),
    (Heard(2, "oh seven seven 900123 and so on"), asks(3, "phone")),
    (Silence(3), asks(4, "phone")),
    (Digits(4, "07700900123"), asks(5, "born")),
    (Heard(5, "the fourth of march 1980", (Fill("born", (BORN,), Span("the fourth of march 1980", 0, 24)),)), ()),
    (
        TimeUp("filler"),
        (
            Say(
                6,
                (
                    Prompt(
                        "echo",
                        "{name}, {phone}, on {day}. Is that right?",
                        {
                            "name": Typed("person_name", NAME, sensitive=True),
                            "phone": Typed("phone", "07700900123", sensitive=True),
                            "day": Typed("date", FRIDAY),
                        },
                        "echo",
                    ),
                ),
            ),
            Listen(6, Expecting("echo", "yes_no", yes_no=True)),
        ),
    ),
    (Interrupted(6, 1), ()),
    (
        Heard(6, "yes", (Affirm(Span("yes", 0, 3)),)),
        (Act(1, "book", {"day": FRIDAY, "phone": "07700900123", "name": NAME}, "call/1.1/book", True),),
    ),
    (ToolReturned(1, "booked", {"reference": "481203", "booked_phone": "07700900123"}), (Note("heard", "book"),)),
    (Heard(7, "a person", (Want("person"),)), (HangUp("done"),)),
    (Transferred(2, "busy"), (Transfer(4, "desk", {"name": Typed("person_name", NAME, sensitive=True)}, "", "asked"),)),
    (
        Heard(
            9,
            "not Maria Rossi, put Max, the car park",
            (
                Want("change", Span("not Maria Rossi, put Max", 0, 24)),
                Exclude("name", NAME, Span("Maria Rossi", 4, 15)),
                Ask("parking", Span("the car park", 26, 38)),
            ),
        ),
        (LookUp(5, "book", "call/1.1/book"),),
    ),
    (Heard(10, "help", (Global("help", Span("help", 0, 4)), Deny(), Exclude("day", FRIDAY))), ()),
    (Heard(11, "him", (Fill("name", (Recording("call/name.wav", 1.0),)), Fill("phone", (("1", "2"), None)))), ()),
    (Recorded(3, "call/name.wav", 2.5), ()),
    (Digits(8, "#"), ()),
    (HungUp(), ()),
)
PLAIN_CALL: tuple[tuple[Event, tuple[Effect, ...]], ...] = (
    (CallStarted("6001", "100", open_speech=False), asks(1, "day")),
    (Heard(1, "friday", (Fill("day", (FRIDAY,), Span("friday", 0, 6), 0.9),)), ()),
    (Heard(2, "half past seven", (Fill("time", (time(7, 30), time(19, 30)), Span("half past seven", 0, 15)),)), ()),
    (Heard(3, "(sound)", (Fill("note", (Recording("call/note.wav", 2.0),)),)), ()),
    (HungUp(), ()),
)
SECOND = timedelta(seconds=1)

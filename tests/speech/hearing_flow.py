"""A small flow to write grammars from, and questions that it asks."""

from __future__ import annotations

from engine.effects import Expecting
from engine.errors import Position
from engine.flow.model import Answer, Choice, Flow, Intent, Limit, ListenStep, PromptText, Slot, Variant

AT = Position()


def prompt(name: str) -> PromptText:
    return PromptText(name, (Variant("?"),))


def slot(name: str, type_: str, **more: object) -> Slot:
    return Slot(name, type_, prompt(name), AT, **{"label": name, **more})  # type: ignore[arg-type]


SLOTS = {
    each.name: each
    for each in (
        slot("party_size", "party_size", label="the number of guests", min=Limit(1), max=Limit(12)),
        slot("day", "date", label="the day"),
        slot("time", "time", label="the time"),
        slot("name", "person_name"),
        slot("phone", "phone"),
        slot("reference", "digits", options={"length": 6}, only_when_asked=True),
        slot("born", "date_of_birth"),
        slot("moment", "datetime", only_when_asked=True),
        slot("stay", "duration", options={"unit": "nights"}, only_when_asked=True),
        slot("price", "money", only_when_asked=True),
        slot("code", "postcode", only_when_asked=True),
        slot(
            "service",
            "choice",
            options={"choices": (Choice("check", "a health check", ("a check-up",)), Choice("jab", "a vaccination"))},
        ),
    )
}
INTENTS = {
    "book": Intent("book", ("book a table", "a table for {party_size}", "a table on {day}"), "booking"),
    "cancel": Intent("cancel", ("cancel my booking", "I can't come"), "cancelling"),
    "greet": Intent("greet", ("my name is {name}",), "booking"),
}
FLOW = Flow(
    name="hearing",
    path="",
    hash="",
    language="en-GB",
    timezone="Europe/London",
    persona="host",
    start="menu",
    operator="menu",
    calendars={},
    resources={},
    slots=SLOTS,
    anywhere={"lost": Intent("lost", ("I left my umbrella",), "menu")},
    answers={"parking": Answer("parking", ("where can I park",), prompt("parking"))},
    tools={},
    steps={"menu": ListenStep("menu", AT, prompt("menu"), INTENTS)},
)
FORM = ("party_size", "day", "time", "name", "phone")
QUESTIONS = {
    "menu": Expecting("menu", "intent", open=FORM, intents=("book", "cancel", "greet", "lost")),
    "party_size": Expecting("booking", "slot", "party_size", FORM),
    "day": Expecting("booking", "slot", "day", ("day", "time", "party_size")),
    "time": Expecting("booking", "slot", "time", ("time", "party_size")),
    "phone": Expecting("booking", "slot", "phone", ("phone",)),
    "offered phone": Expecting("booking", "slot", "phone", ("phone",), yes_no=True),
    "reference": Expecting("lookup", "slot", "reference", ("reference",)),
    "born": Expecting("lookup", "slot", "born", ("born",)),
    "moment": Expecting("lookup", "slot", "moment", ("moment",)),
    "stay": Expecting("lookup", "slot", "stay", ("stay",)),
    "price": Expecting("lookup", "slot", "price", ("price",)),
    "code": Expecting("lookup", "slot", "code", ("code",)),
    "service": Expecting("lookup", "slot", "service", ("service", "day")),
    "name": Expecting("booking", "slot", "name", ("name",)),
    "offer": Expecting("offer", "choice", "time", ("time", "day")),
    "confirm": Expecting("echo", "yes_no", open=FORM, yes_no=True),
    "consent": Expecting("record", "yes_no", yes_no=True),
    "which": Expecting("echo", "which", open=FORM, intents=("party_size", "day", "time")),
}

"""Whole flows: what becomes of the page that describes the language, and of flows that use other files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from engine.errors import AuthorError, SettingsError
from engine.flow.loader import DiskFolder, load_flow, read_path
from engine.flow.model import (
    AskStep,
    CallStep,
    ChooseSlotStep,
    ConfirmStep,
    Flow,
    FormStep,
    ListenStep,
    MessageStep,
    SayStep,
    Step,
    TransferStep,
)
from engine.shipped import find_flow, shipped, shipped_flows

S = TypeVar("S")
EXAMPLE = Path(__file__).parent / "cases" / "language_example"


@pytest.fixture(scope="module")
def example() -> Flow:
    return load_flow(EXAMPLE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "flow"))


def test_the_flow_itself(example: Flow) -> None:
    assert (example.name, example.language, example.timezone, example.persona) == (
        "trattoria",
        "en-GB",
        "Europe/London",
        "host",
    )
    assert (example.start, example.operator) == ("hello", "to_human")
    assert example.path.endswith("language_example/flow.yaml")
    assert len(example.hash) == 64


def test_calendars(example: Flow) -> None:
    tables = example.calendars["tables"]
    assert tables.last == timedelta(minutes=90)
    assert not tables.is_open_day(date(2026, 12, 25))
    assert tables.is_open_day(date(2026, 12, 31))
    assert not tables.is_open_day(date(2026, 10, 5))


def test_slots(example: Flow) -> None:
    size, day, time, phone = (example.slots[name] for name in ("party_size", "day", "time", "phone"))
    assert (size.min and size.min.value, size.max and (size.max.value, size.max.then)) == (1, (12, "to_human"))
    assert (day.earliest, day.latest, day.open) == (0, 60, "tables")
    assert day.reject["closed"].id == "day.reject.closed"
    assert (time.options["step"], time.depends_on) == (15, ("day",))
    assert (phone.options["country"], phone.offer, phone.label) == ("GB", "caller_number", "the phone")
    assert example.slots["name"].keypad == "record"
    assert example.slots["note"].optional
    assert not size.optional


def test_tools(example: Flow) -> None:
    find, book = example.tools["find_table"], example.tools["book_table"]
    assert (find.does, find.resource, find.deadline, find.commits) == ("booking.find", "tables", 2.0, False)
    assert find.takes == {"day": "day", "time": "time", "party_size": "party_size"}
    assert find.outcomes["full"] == {"other_times": "time list"}
    assert book.all_outcomes == ("booked", "taken", "already", "failed", "unknown")


def test_each_kind_of_step(example: Flow) -> None:
    steps = example.steps
    assert steps["hello"] == step(steps, "hello", SayStep, then="menu")
    assert [variant.when is not None for variant in step(steps, "hello", SayStep).say.variants] == [True, False]
    menu = step(steps, "menu", ListenStep)
    assert [(i.name, i.key, i.go) for i in menu.intents.values()] == [
        ("book", "1", "booking"),
        ("change", "2", "change_booking.what"),
        ("person", "0", "to_human"),
    ]
    booking = step(steps, "booking", FormStep)
    assert booking.slots == ("party_size", "day", "time", "name", "phone")
    assert booking.checks[0].on["free"] == "go_on"
    assert booking.checks[0].after == ("party_size", "day", "time")
    assert step(steps, "offer", ChooseSlotStep, slot="time", values="other_times")
    assert step(steps, "echo", ConfirmStep, yes="commit", gave_up="to_human")
    assert step(steps, "commit", CallStep, call="book_table").on["unknown"] == "to_human"
    assert step(steps, "anything_else", AskStep, yes="menu", no="goodbye").ask.id == "anything_else"
    assert step(steps, "to_human", TransferStep, to="reception", calendar="desk").on["connected"] == "end"
    assert step(steps, "voicemail", MessageStep, longest=90.0, then="goodbye")
    assert step(steps, "refuse", SayStep).clear == ("day", "time")
    assert (menu.at.line, menu.end_line) == (80, 85)


def step(steps: Mapping[str, Step], name: str, kind: type[S], **values: object) -> S:
    """The step of a name, held against its kind and the given values."""
    found = steps[name]
    assert isinstance(found, kind)
    for key, value in values.items():
        assert getattr(found, key) == value, (name, key)
    return found


def test_a_used_flow_is_unfolded(example: Flow) -> None:
    inner = [name for name in example.steps if name.startswith("change_booking.")]
    assert inner == [f"change_booking.{name}" for name in ("what", "sure", "move", "full", "moved")]
    move = example.steps["change_booking.move"]
    assert isinstance(move, CallStep)
    assert move.on == {
        "moved": "change_booking.moved",
        "taken": "change_booking.full",
        "gone": "to_human",
        "unknown": "to_human",
        "failed": "to_human",
    }
    moved = example.steps["change_booking.moved"]
    assert isinstance(moved, SayStep)
    assert (moved.say.id, moved.then) == ("change_booking.moved", "anything_else")
    assert {"new_day"} <= set(example.slots)
    assert {"change_day"} <= set(example.tools)
    assert moved.at.file.endswith("change_booking.yaml")


def test_the_same_file_used_twice_makes_two_sets_of_steps(copy: Path) -> None:
    edit(
        copy, "  to_human:\n", "  again: {use: change_booking.yaml, exits: {done: goodbye, person: end}}\n  to_human:\n"
    )
    edit(copy, "yes: menu, no: goodbye", "yes: again, no: goodbye")
    flow = load_flow(copy)
    first, second = flow.steps["change_booking.moved"], flow.steps["again.moved"]
    assert isinstance(first, SayStep)
    assert isinstance(second, SayStep)
    assert (first.then, second.then) == ("anything_else", "goodbye")


def test_prompts_of_the_language_replace_those_of_the_flow(copy: Path) -> None:
    (copy / "prompts.en-GB.yaml").write_text(
        "prompts:\n  day.ask: What day?\n  day.reject.closed: Shut.\n  day.nomatch.1: Sorry?\n  engine.filler: Hm.\n"
        "  answer.parking: Outside.\n  hello: [{if: party_size > 4, text: Hi all.}, {text: Hi.}]\n"
        "hear:\n  menu.book: [a table please]\n  parking: [parking]\n",
        encoding="utf-8",
    )
    flow = load_flow(copy)
    day = flow.slots["day"]
    assert day.ask.variants[0].text == "What day?"
    assert day.reject["closed"].variants[0].text == "Shut."
    assert day.ladder.nomatch[0].variants[0].text == "Sorry?"
    assert flow.prompts["engine.filler"].variants[0].text == "Hm."
    assert flow.answers["parking"].say.variants[0].text == "Outside."
    assert flow.answers["parking"].hear == ("parking",)
    menu = flow.steps["menu"]
    assert isinstance(menu, ListenStep)
    assert menu.intents["book"].hear == ("a table please",)
    assert flow.hash != load_flow(EXAMPLE).hash


def test_prompts_of_the_language_that_belong_to_nothing_are_found(copy: Path) -> None:
    (copy / "prompts.en-GB.yaml").write_text(
        "prompts: {dya.ask: What day?}\nhear: {menu.bok: [a table]}\n", encoding="utf-8"
    )
    found = errors(copy)
    assert found == [("unknown-prompt", "prompts.en-GB.yaml", 1, 11), ("unknown-prompt", "prompts.en-GB.yaml", 2, 8)]


def test_resources_may_have_a_file_of_their_own(copy: Path) -> None:
    edit(
        copy,
        "  tables: {calendar: tables, units: [{seats: 2, count: 4}, {seats: 4, count: 6}], join: 2, "
        "stay: {up_to_4: 2 h, more: 2 h 30 min}}",
        "",
    )
    edit(copy, "resources:", "resources: rooms.yaml #")
    (copy / "rooms.yaml").write_text("tables: {calendar: tables, units: [{seats: 2}]}\n", encoding="utf-8")
    assert load_flow(copy).resources == {"tables": {"calendar": "tables", "units": [{"seats": 2}]}}
    (copy / "rooms.yaml").write_text("tables: {calendar: tables, units: [{seats: two}]}\n", encoding="utf-8")
    assert errors(copy) == [("type", "rooms.yaml", 1, 44)]


CLINIC = """
frontdesk: 1
flow: small_clinic
language: en-GB
timezone: Europe/London
calendars: {surgery: {mon-fri: [09:00-17:00], sat-sun: closed}}
resources:
  rooms:
    calendar: surgery
    services: {checkup: {say: a check-up, hear: [a look over], minutes: 20}, jab: {say: a flu jab, length: 10 min}}
    practitioners:
      mills: {say: Doctor Mills, services: [checkup]}
      brown: {say: Nurse Brown, services: {jab: 5 min}}
slots:
  service: {type: choice, choices: rooms.services, ask: What for?}
  who: {type: choice, choices: rooms.practitioners, ask: With whom?}
  size: {type: choice, choices: [small, large], ask: Which size?}
  pin: {type: digits, length: {from: 4, to: 6}, sensitive: {log: mask, speech: last3}, ask: Your number?}
start: ask
steps:
  ask: {form: [service, who, size, pin], then: hello}
  hello: {choose: [{if: service is jab and who is set, go: bye}], else: to_human}
  to_human: {message: {ask: Please speak.}, then: bye}
  bye: {hangup: yes, say: Goodbye.}
"""


def test_names_of_people_and_services_are_written_once(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(CLINIC, encoding="utf-8")
    flow = load_flow(tmp_path)
    choices = flow.slots["service"].options["choices"]
    assert [(c.value, c.label, c.hear) for c in choices] == [
        ("checkup", "a check-up", ("a look over",)),
        ("jab", "a flu jab", ()),
    ]
    assert [c.label for c in flow.slots["who"].options["choices"]] == ["Doctor Mills", "Nurse Brown"]
    assert [c.value for c in flow.slots["size"].options["choices"]] == ["small", "large"]
    assert (flow.slots["pin"].sensitive, flow.slots["pin"].speech) == (True, "last3")
    assert flow.slots["pin"].options == {"shortest": 4, "longest": 6}
    assert (flow.operator, flow.persona) == ("to_human", "default")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("rooms.services", "rooms.people", "value"),
        ("rooms.services", "room.services", "unknown-resource"),
        ("services: [checkup]", "services: [chekup]", "unknown-service"),
        ("{jab: 5 min}", "{jab: 5 min, jig: 5 min}", "unknown-service"),
        ("minutes: 20", "minutes: 0", "value"),
        ("minutes: 20", "minutes: 20, length: 20 min", "no-effect"),
        ("minutes: 20", "hear: [more]", "missing-key"),
        ("length: 10 min", "hear: [jab]", "missing-key"),
        ("calendar: surgery", "calendar: surgury", "unknown-calendar"),
        ("to_human: {message", "box: {message", "no-operator"),
        ("service is jab", "service is wash", "condition"),
        ("type: choice, choices: [small, large]", "type: choice", "missing-key"),
    ],
)
def test_a_clinic_that_is_wrong(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in CLINIC
    (tmp_path / "flow.yaml").write_text(CLINIC.replace(old, new, 1), encoding="utf-8")
    assert errors(tmp_path)[0][0] == code


def test_a_caller_must_be_able_to_reach_a_person(tmp_path: Path) -> None:
    text = CLINIC.replace("else: to_human", "else: box").replace("to_human: {message", "box: {message")
    (tmp_path / "flow.yaml").write_text(text, encoding="utf-8")
    assert errors(tmp_path) == [("no-operator", "flow.yaml", 3, 1)]


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("a: b\n", encoding="utf-8")
    (tmp_path / "flow").mkdir()
    (tmp_path / "flow" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    folder = DiskFolder(tmp_path / "flow")
    assert folder.read("link.yaml", 10) is None
    assert folder.read("../secret.yaml", 10) is None
    assert folder.read("\0", 10) is None


def test_a_shipped_flow_is_found_by_name(tmp_path: Path) -> None:
    assert (shipped("schemas") / "flow.schema.json").is_file()
    for name in shipped_flows():
        assert find_flow(name).is_file()
    assert find_flow(EXAMPLE) == EXAMPLE / "flow.yaml"
    with pytest.raises(SettingsError, match="there is no flow"):
        find_flow(str(tmp_path / "none"))


@pytest.mark.parametrize("name", shipped_flows())
def test_shipped_flows_load(name: str) -> None:
    assert load_flow(find_flow(name)).name == name


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "flow.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def errors(folder: Path) -> list[tuple[str, str, int, int]]:
    """Code, file, line and column of every error that refuses a flow."""
    with pytest.raises(AuthorError):
        load_flow(folder)
    return list(_places(folder))


def _places(folder: Path) -> Iterator[tuple[str, str, int, int]]:
    for found in read_path(folder).findings:
        if found.severity == "error":
            yield found.code, Path(found.at.file).name, found.at.line, found.at.column


def test_inputs_may_say_their_types(copy: Path) -> None:
    file = copy / "change_booking.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("inputs: [phone]", "inputs: {phone: phone}"), encoding="utf-8")
    flow = load_flow(copy)
    assert "change_booking.what" in flow.steps

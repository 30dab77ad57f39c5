"""Flows made up by chance, sound or not: most kinds of step, slots that wait for each other, checks and loops."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from engine.flow.loader import read_path
from engine.flow.reading import Reading

SLOTS: dict[str, dict[str, Any]] = {
    "size": {"type": "party_size", "ask": "How many?", "min": 1, "max": {"value": 8, "then": "to_human"}},
    "day": {"type": "date", "from": "today", "to": "today + 30 days", "open": "hours", "ask": "Which day?"},
    "clock": {"type": "time", "open": "hours", "step": "30 minutes", "depends_on": ["day"], "ask": "What time?"},
    "name": {"type": "person_name", "ask": "Your name?"},
    "phone": {"type": "phone", "offer": "caller_number", "ask": "Your number?",
              "sensitive": {"log": "mask", "speech": "last3"}},
    "seat": {"type": "choice", "choices": ["inside", "outside"], "optional": "yes", "ask": "Inside or outside?"},
    "sure": {"type": "yes_no", "confirm": "never", "ask": "Do you have a voucher?"},
    "code": {"type": "digits", "length": 4, "confirm": "explicit", "ask": "Which code?"},
}  # fmt: skip


def made(seed: int, folder: Path) -> Reading:
    """The flow of a seed, written into `folder` and read."""
    chance = Random(seed)
    names = ["size", *chance.sample([name for name in SLOTS if name not in ("size", "clock")], chance.randint(1, 4))]
    if "day" in names and chance.random() < 0.8:
        names.append("clock")
    chance.shuffle(names)
    path = folder / f"made_{seed}.yaml"
    path.write_text(json.dumps(_flow(chance, names)), encoding="utf-8")
    return read_path(path)


def _flow(chance: Random, names: list[str]) -> dict[str, Any]:
    findable = [name for name in names if name in ("size", "day", "clock")]
    looked = chance.sample(findable, chance.randint(1, len(findable)))
    book = {"does": "booking.book", "with": _takes(names), "outcomes": {"booked": {}, "taken": {}}, "commits": "yes"}
    tools = {
        "look": {"does": "booking.find", "with": _takes(looked), "outcomes": {"free": {}, "none": {}}},
        "book": book,
    }
    return {
        "frontdesk": 1, "flow": "made", "language": "en-GB", "timezone": "Europe/London",
        "calendars": {"hours": {"daily": ["10:00-22:00"]}, "desk": {"mon-fri": ["09:00-17:00"], "sat-sun": "closed"}},
        "resources": {"room": {"calendar": "hours", "units": [{"seats": 4, "count": 2}]}},
        "slots": {name: SLOTS[name] for name in names},
        "anywhere": {"help_me": {"hear": ["it is urgent"], "urgent": "yes", "go": "line"}},
        "answers": {"dogs": {"hear": ["are dogs allowed"], "say": "They are."}},
        "tools": tools, "operator": "to_human", "start": chance.choice(["hello", "leave", "menu"]),
        "steps": _steps(chance, names, looked),
    }  # fmt: skip


def _takes(names: list[str]) -> dict[str, str]:
    known = {"size": "party_size", "clock": "time", "name": "name", "phone": "phone", "day": "day"}
    return {known.get(name, name): name for name in names}


def _steps(chance: Random, names: list[str], looked: list[str]) -> dict[str, Any]:
    form: dict[str, Any] = {"form": names, "then": chance.choice(["echo", "echo", "which_way"])}
    if chance.random() < 0.7:
        after = looked if chance.random() < 0.8 else looked[: max(1, len(looked) - 1)]
        on = {"free": "go_on", "none": chance.choice(["nothing", "nothing", "to_human"]), "failed": "to_human"}
        form["check"] = {"call": "look", "after": [name for name in names if name in after], "on": on}
    echoed = [name for name in names if SLOTS[name].get("confirm") != "never"]
    if chance.random() < 0.3:
        echoed = echoed[1:] or echoed
    tested = chance.choice(names)
    return {
        "hello": {"say": [{"if": "desk is closed now", "text": "We are closed."}, {"text": "Hello."}], "then": "leave"},
        "leave": {"consent": "May we record?", "yes": "menu", "no": chance.choice(["menu", "menu", "leave_it"])},
        "leave_it": {"notice": "We do not record.", "then": "menu"},
        "menu": {"say": "What is it?", "listen": {"book": {"hear": ["a table"], "key": 1, "go": "wants"}}},
        "wants": {"ask": "A table?", "yes": "book", "no": chance.choice(["bye", "menu", "bye"])},
        "book": form,
        "nothing": {"say": "We have nothing.", "clear": [chance.choice(looked)], "then": "book"},
        "which_way": {"choose": [{"if": f"{tested} is known", "go": "echo"}], "else": chance.choice(["book", "menu"])},
        "echo": {"confirm": echoed, "yes": "store", "gave_up": chance.choice(["to_human", "menu"])},
        "store": {"call": "book", "on": {"booked": "more", "taken": "nothing", "unknown": "to_human", "failed": "bye"}},
        "more": {"ask": "Anything else?", "yes": "menu", "no": chance.choice(["bye", "bye", "store"])},
        "line": {"notice": "Dial nine nine nine.", "then": chance.choice(["to_human", "message"])},
        "to_human": {
            "transfer": {"to": "desk", "calendar": "desk"},
            "on": {
                **dict.fromkeys(["busy", "no_answer", "declined", "failed"], "message"),
                "connected": "end",
                "closed": chance.choice(["message", "message", "menu"]),
            },
        },
        "message": {"message": {"ask": "Please speak."}, "then": "bye"},
        "bye": {"hangup": "yes", "say": "Goodbye."},
    }

"""Sets of values: table bookings, dates and times, dates of birth, names, numbers, and people in a directory."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime
from datetime import time as clock_time
from types import ModuleType
from typing import Any

from engine.acts import Fill, PersonName
from engine.slots.directory import find_person
from engine.slots.registry import TYPES, Context
from engine.understanding.cascade import Understanding
from sets.bench import NOW, ZONE, Bench, Tally, asking, fills, is_sure, make_flow

_TABLE = {"people": "party_size", "date": "date", "time": "time", "name": "person_name"}
_ASKED = {"people": "people", "date": "date", "time": "time", "first_name": "name", "last_name": "name"}
_SLOTS = ["date", "first_name", "last_name", "people", "time"]


def restaurants(bench: Bench) -> dict[str, Any]:
    """Slots of table bookings: as spans, and people and times by value."""
    understanding = Understanding(make_flow(_TABLE, {}, bench.language))
    items = bench.items("restaurants8k_train")
    spans, values, typed = {}, {}, {}
    sure = {slot: Tally() for slot in ("people", "time")}
    for item in items:
        wanted = _ASKED.get(item["requested_slot"] or "")
        found = fills(bench.understood(understanding, item["utterance"], asking(wanted, tuple(_TABLE)), NOW))
        spans[item["id"]] = {"slots": _spans(found)}
        values[item["id"]] = {"slots": _values(found, bench.score)}
        typed[item["id"]] = {"slots": {slot: _json(slot, found[slot]) for slot in sure if slot in found}}
        for slot, tally in sure.items():
            _weigh(tally, slot, item, found.get(slot), bench.score)
    by_span = bench.score.score_slots(items, spans, _SLOTS)
    by_value = bench.score.score_slots(items, values, _SLOTS)
    exact = bench.score.score_slots(items, typed, _SLOTS)
    return {
        "mean_f1_strict": by_value["slots"]["MACRO"]["f"],
        "mean_f1_strict_spans_only": by_span["slots"]["MACRO"]["f"],
        "mean_f1_relaxed": by_value["relaxed"]["MACRO"]["f"],
        **{f"{slot}_{key}": by_value["slots"][slot][key] for slot in _SLOTS for key in "prf"},
        **{f"{slot}_by_value_{key}": exact["value"][slot][key] for slot in sure for key in "prf"},
        **{key: rate for slot, tally in sure.items() for key, rate in tally.rates(f"{slot}_").items() if "sure" in key},
        "predictions": values,
    }


def _weigh(tally: Tally, slot: str, item: Mapping[str, Any], act: Fill | None, score: ModuleType) -> None:
    """Counts a value where the set names one that is plain; what annotators left out says nothing about the value."""
    gold = item["gold"].get(slot)
    wanted = score.value_of(slot, gold["text"]) if gold else None
    if wanted and act is not None:
        tally.add(True, True, bool(wanted & (score.value_of(slot, _json(slot, act)) or set())), is_sure(act))


def _json(slot: str, act: Fill) -> Any:
    return TYPES[_TABLE[slot]].to_json(act.candidates[0])


def _spans(found: Mapping[str, Fill]) -> dict[str, Any]:
    slots: dict[str, Any] = {name: act.span.text for name, act in found.items() if name != "name"}
    if "name" in found and isinstance(name := found["name"].candidates[0], PersonName):
        slots |= {key: value for key, value in (("first_name", name.first), ("last_name", name.last)) if value}
    return slots


def _values(found: Mapping[str, Fill], score: ModuleType) -> dict[str, Any]:
    slots = _spans(found)
    if "people" in found and score.people_value(found["people"].span.text) is not None:
        slots["people"] = found["people"].candidates[0]
    if "time" in found and score.time_values(found["time"].span.text):
        slots["time"] = _json("time", found["time"])
    return slots


def datetimes(bench: Bench, name: str) -> dict[str, Any]:
    """Dates and times against their own reference; `wanted` is what a question would have asked for."""
    understanding = Understanding(make_flow({"date": "date", "time": "time"}, {}, "en-US"))
    items = bench.items(name)
    predictions = {}
    core = Tally()
    for item in items:
        kinds = ("date", "time", "datetime")
        wanted = kinds[sum(map(ord, item["id"])) % 3] if item["type"] == "none" else item["type"].replace("range", "")
        now = datetime.fromisoformat(item["reference_datetime"]).replace(tzinfo=ZONE)
        asked = wanted if wanted != "datetime" else None
        found = fills(bench.understood(understanding, item["utterance"], asking(asked, ("date", "time")), now))
        value = _moment(found, wanted, now)
        predictions[item["id"]] = {"value": value}
        if item["core"]:
            hit = value is not None and bench.score.hit_dt(value, item["expected"], item["type"], False)
            if value and "T" not in value and item["type"] == "datetime":
                hit = any(str(one)[:10] == value for one in item["expected"])  # the day alone is no wrong value
            used = [act for slot, act in found.items() if wanted in (slot, "datetime")]
            core.add(True, value is not None, hit, bool(used) and all(map(is_sure, used)))
    table = bench.score.score_datetime(items, predictions)
    keys = [key for key in table if key.startswith(("CORE", "ALL"))]
    return {
        **{f"{key} {kind}": table[key][kind] for key in keys for kind in ("strict", "lenient")},
        **core.rates("core_"),
        "predictions": predictions,
    }


def _moment(found: Mapping[str, Fill], wanted: str, now: datetime) -> str | None:
    day = found["date"].candidates[0] if "date" in found else None
    at = found["time"].candidates[0] if "time" in found else None
    if wanted == "date":
        return day.isoformat() if isinstance(day, date) else None
    if wanted == "time":
        return at.strftime("%H:%M") if isinstance(at, clock_time) else None
    if isinstance(at, clock_time):
        return f"{(day if isinstance(day, date) else now.date()).isoformat()}T{at.strftime('%H:%M')}"
    return day.isoformat() if isinstance(day, date) else None


def births(bench: Bench) -> dict[str, Any]:
    """Dates of birth as a recogniser heard them."""
    understanding = Understanding(make_flow({"born": "date_of_birth"}, {}, "en-GB"))
    tally = Tally()
    predictions = {}
    for item in bench.items("evi_dob_open"):
        now = datetime.fromisoformat(item["reference_datetime"]).replace(tzinfo=ZONE)
        act = fills(
            bench.understood(understanding, item["utterance"], asking("born", ("born",)), now, item["nbest"][1:])
        ).get("born")
        value = act.candidates[0] if act else None
        hit = isinstance(value, date) and value.isoformat() in item["expected"]
        predictions[item["id"]] = {"value": value.isoformat() if isinstance(value, date) else None}
        tally.add(True, value is not None, hit, is_sure(act))
    return {"accuracy": tally.right / max(1, tally.items), **tally.rates(), "predictions": predictions}


def names(bench: Bench) -> dict[str, Any]:
    """Names as a recogniser heard them, from the words alone."""
    understanding = Understanding(make_flow({"name": "person_name"}, {}, "en-GB"))
    items = bench.items("evi_names_open")
    predictions, tally = {}, Tally()
    for item in items:
        act = fills(
            bench.understood(understanding, item["utterance"], asking("name", ("name",)), NOW, item["nbest"][1:])
        ).get("name")
        value = TYPES["person_name"].to_json(act.candidates[0]) if act else None
        predictions[item["id"]] = {"value": value}
        if item["attempt"] < 2:
            gold = item["expected"]
            hit = value is not None and all(bench.score.norm(value[key]) == bench.score.norm(gold[key]) for key in gold)
            tally.add(True, value is not None, hit, is_sure(act))
    table = bench.score.score_plain(items, predictions, "name")
    return {**{key: row["accuracy"] for key, row in table.items()}, **tally.rates(), "predictions": predictions}


def directory(bench: Bench) -> dict[str, Any]:
    """Who it is, of all people in the set, by every reading of one name; without the attempts that spell."""
    items = [item for item in bench.items("evi_names_open") if item["attempt"] < 2]
    known = [PersonName(item["expected"]["first_name"], item["expected"]["last_name"]) for item in items]
    tally = Tally()
    for item, person in zip(items, known, strict=True):
        started = time.thread_time()
        match = find_person(item["nbest"], known)
        bench.milliseconds.append((time.thread_time() - started) * 1000)
        tally.add(True, match is not None, match is not None and match.person == person, bool(match and match.clear))
    return {
        "accuracy": tally.right / max(1, tally.items),
        "people": len(set(known)),
        "clear": tally.sure / max(1, tally.items),
        "wrong_when_clear": tally.sure_wrong / max(1, tally.sure),
        "predictions": {},
    }


def numbers(bench: Bench, name: str) -> dict[str, Any]:
    """Plain numbers where one was asked for."""
    items = bench.items(name)
    predictions = {}
    for item in items:
        context = Context(NOW, bench.language, asked=True)
        values = [mention.candidates[0] for mention in TYPES["number"].find(item["utterance"], context)]
        predictions[item["id"]] = {"value": values or None}
    table = bench.score.score_plain(items, predictions, "number")
    return {"all": table["ALL"]["accuracy"], "core": table["CORE"]["accuracy"], "predictions": predictions}

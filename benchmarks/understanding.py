"""Scores the understanding on open sets of utterances that lie outside the project: `understanding.py --data DIR`.

The sets and `score.py` are those of the folder's own README; nothing is trained on them, except that `intents` takes
ten examples of each intent as the phrases of a flow, and is scored on the others.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from dateparser.search import search_dates
from odd_answers import odd_answers

from engine.acts import Affirm, Deny, Fill, PersonName, Understood, Want
from engine.effects import Expecting
from engine.errors import Position
from engine.flow.loader import load_flow
from engine.flow.model import Flow, Intent, ListenStep, PromptText, Slot
from engine.flow.shipped import find_flow
from engine.slots.directory import find_person
from engine.slots.registry import TYPES, Context
from engine.understanding.cascade import Understanding

Item = Mapping[str, Any]
ZONE = ZoneInfo("Europe/London")
TABLE = {"people": "party_size", "date": "date", "time": "time", "name": "person_name"}
NOW = datetime(2018, 8, 1, 10, tzinfo=ZONE)
EXAMPLES = 10


def make_flow(slots: Mapping[str, str], intents: Mapping[str, Sequence[str]], language: str) -> Flow:
    """A flow with these slots (name to type) and one open question with these intents."""
    made = {name: Slot(name, kind, PromptText(f"{name}.ask", ()), Position(), name) for name, kind in slots.items()}
    menu = ListenStep(
        "menu", Position(), PromptText("menu", ()), {n: Intent(n, tuple(h), "end") for n, h in intents.items()}
    )
    return Flow(
        "bench", "bench", "", language, "Europe/London", "", "menu", "end", {}, {}, made, {}, {}, {}, {"menu": menu}
    )  # fmt: skip


class Bench:
    """Predictions for every set, and how long each utterance took."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder = folder
        self.language = language
        self.score = _score_module(folder)
        self.milliseconds: list[float] = []

    def items(self, name: str) -> list[Item]:
        path = self.folder / f"{name}.jsonl"
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.strip()]

    def understood(
        self,
        understanding: Understanding,
        text: str,
        expecting: Expecting | None,
        now: datetime,
        others: Sequence[str] = (),
    ) -> Understood:
        started = time.perf_counter()
        result = understanding.understand(text, expecting, now, others)
        self.milliseconds.append((time.perf_counter() - started) * 1000)
        return result


def _score_module(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"there is no score.py in {folder}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def asking(name: str | None, slots: Sequence[str], yes_no: bool = False) -> Expecting:
    kind = "slot" if name else "intent"
    return Expecting("bench", kind, name, tuple(slots), yes_no)  # type: ignore[arg-type]


def fills(understood: Understood) -> dict[str, Fill]:
    return {act.slot: act for act in understood.acts if isinstance(act, Fill)}


def restaurants(bench: Bench) -> dict[str, Any]:
    """Slots of table bookings: spans, and numbers and plain times by value."""
    flow = make_flow(TABLE, {}, bench.language)
    understanding = Understanding(flow)
    asked = {"people": "people", "date": "date", "time": "time", "first_name": "name", "last_name": "name"}
    items = bench.items("restaurants8k_train")
    spans, values = {}, {}
    for item in items:
        wanted = asked.get(item["requested_slot"] or "")
        found = fills(bench.understood(understanding, item["utterance"], asking(wanted, tuple(TABLE)), NOW))
        spans[item["id"]] = {"slots": _spans(found)}
        values[item["id"]] = {"slots": _values(found, bench.score)}
    slots = ["date", "first_name", "last_name", "people", "time"]
    by_span = bench.score.score_slots(items, spans, slots)
    by_value = bench.score.score_slots(items, values, slots)
    return {
        "mean_f1_strict": by_value["slots"]["MACRO"]["f"],
        "mean_f1_strict_spans_only": by_span["slots"]["MACRO"]["f"],
        "mean_f1_relaxed": by_value["relaxed"]["MACRO"]["f"],
        **{f"{slot}_{key}": by_value["slots"][slot][key] for slot in slots for key in "prf"},
        **{f"{slot}_by_value_f": by_value["value"][slot]["f"] for slot in ("people", "time")},
        "predictions": values,
    }


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
        slots["time"] = TYPES["time"].to_json(found["time"].candidates[0])
    return slots


def datetimes(bench: Bench, name: str) -> dict[str, Any]:
    """Dates and times against their own reference; `wanted` is what a question would have asked for."""
    flow = make_flow({"date": "date", "time": "time"}, {}, "en-US")
    understanding = Understanding(flow)
    items = bench.items(name)
    predictions = {}
    for item in items:
        kinds = ("date", "time", "datetime")
        wanted = kinds[sum(map(ord, item["id"])) % 3] if item["type"] == "none" else item["type"].replace("range", "")
        now = datetime.fromisoformat(item["reference_datetime"]).replace(tzinfo=ZONE)
        asked = wanted if wanted != "datetime" else None
        understood = bench.understood(understanding, item["utterance"], asking(asked, ("date", "time")), now)
        predictions[item["id"]] = {"value": _moment(fills(understood), wanted, now)}
    table = bench.score.score_datetime(items, predictions)
    keys = [key for key in table if key.startswith(("CORE", "ALL"))]
    return {
        **{f"{key} {kind}": table[key][kind] for key in keys for kind in ("strict", "lenient")},
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
    flow = make_flow({"born": "date_of_birth"}, {}, "en-GB")
    understanding = Understanding(flow)
    items = bench.items("evi_dob_open")
    right = wrong_sure = sure = 0
    predictions = {}
    for item in items:
        now = datetime.fromisoformat(item["reference_datetime"]).replace(tzinfo=ZONE)
        act = fills(
            bench.understood(understanding, item["utterance"], asking("born", ("born",)), now, item["nbest"][1:])
        ).get("born")
        value = act.candidates[0] if act else None
        hit = isinstance(value, date) and value.isoformat() in item["expected"]
        predictions[item["id"]] = {"value": value.isoformat() if isinstance(value, date) else None}
        right += hit
        is_sure = act is not None and act.confidence >= 0.85 and len(act.candidates) == 1
        sure += is_sure
        wrong_sure += is_sure and not hit
    return {
        "accuracy": right / len(items),
        "sure": sure / len(items),
        "wrong_when_sure": wrong_sure / max(1, sure),
        "predictions": predictions,
    }


def names(bench: Bench) -> dict[str, Any]:
    flow = make_flow({"name": "person_name"}, {}, "en-GB")
    understanding = Understanding(flow)
    items = bench.items("evi_names_open")
    predictions = {}
    for item in items:
        found = fills(
            bench.understood(understanding, item["utterance"], asking("name", ("name",)), NOW, item["nbest"][1:])
        )
        value = found["name"].candidates[0] if "name" in found else None
        predictions[item["id"]] = {"value": TYPES["person_name"].to_json(value) if value else None}
    table = bench.score.score_plain(items, predictions, "name")
    return {**{key: row["accuracy"] for key, row in table.items()}, "predictions": predictions}


def yes_no(bench: Bench) -> dict[str, Any]:
    understanding = Understanding(make_flow({}, {}, bench.language))
    items = bench.items("yesno_clinc_open")
    predictions = {}
    for item in items:
        understood = bench.understood(understanding, item["utterance"], asking(None, (), yes_no=True), NOW)
        said = {type(act) for act in understood.acts if isinstance(act, Affirm | Deny)}
        predictions[item["id"]] = {"value": None if len(said) != 1 else said == {Affirm}}
    table = bench.score.score_plain(items, predictions, "boolean")
    flips = sum(
        item["expected"] is not None and predictions[item["id"]]["value"] is (not item["expected"]) for item in items
    )
    return {"accuracy": table["ALL"]["accuracy"], "flips": flips / len(items), "predictions": predictions}


def odd(bench: Bench) -> dict[str, Any]:
    """Ten thousand odd answers at a confirmation, and how many become a yes or a no."""
    understanding = Understanding(make_flow({}, {}, bench.language))
    said = {Affirm: 0, Deny: 0}
    for words in odd_answers(10_000, seed=11):
        understood = bench.understood(understanding, words, asking(None, (), yes_no=True), NOW)
        for kind in said:
            said[kind] += any(isinstance(act, kind) for act in understood.acts)
    return {"yes": said[Affirm] / 10_000, "no": said[Deny] / 10_000, "predictions": {}}


def directory(bench: Bench) -> dict[str, Any]:
    """Who it is, of all people in the set, by every reading of one name; without the attempts that spell."""
    items = [item for item in bench.items("evi_names_open") if item["attempt"] < 2]
    known = [PersonName(item["expected"]["first_name"], item["expected"]["last_name"]) for item in items]
    right = clear = wrong = 0
    for item, person in zip(items, known, strict=True):
        started = time.perf_counter()
        match = find_person(item["nbest"], known)
        bench.milliseconds.append((time.perf_counter() - started) * 1000)
        hit = match is not None and match.person == person
        right += hit
        if match is not None and match.score >= 0.9 and match.lead >= 0.1:
            clear += 1
            wrong += not hit
    return {
        "accuracy": right / len(items),
        "people": len(set(known)),
        "clear": clear / len(items),
        "wrong_when_clear": wrong / max(1, clear),
        "predictions": {},
    }


def loading(bench: Bench) -> dict[str, Any]:
    """How long the largest shipped flow takes to load with its understanding, and the memory of this process."""
    started = time.perf_counter()
    flow = load_flow(find_flow("clinic"))
    read = time.perf_counter()
    Understanding(flow)
    made = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "flow_ms": (read - started) * 1000,
        "understanding_ms": (made - read) * 1000,
        "peak_mb": memory,
        "predictions": {},
    }


def beside_dateparser(bench: Bench, name: str) -> dict[str, Any]:
    """The same dates by `dateparser.search`, told the reference and to prefer the future: strict accuracy."""
    items = [item for item in bench.items(name) if item["type"] in ("date", "time", "datetime")]
    hits: dict[str, list[bool]] = defaultdict(list)
    for item in items:
        base = datetime.fromisoformat(item["reference_datetime"])
        started = time.perf_counter()
        found = search_dates(
            item["utterance"], languages=["en"], settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future"}
        )
        bench.milliseconds.append((time.perf_counter() - started) * 1000)
        form = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%dT%H:%M"}[item["type"]]
        hit = bool(found) and found[0][1].strftime(form) in item["expected"]
        for group in ("all", *(("core",) if item["core"] else ())):
            hits[group].append(hit)
    return {**{group: sum(values) / len(values) for group, values in hits.items()}, "predictions": {}}


def numbers(bench: Bench, name: str) -> dict[str, Any]:
    items = bench.items(name)
    predictions = {}
    for item in items:
        context = Context(NOW, bench.language, asked=True)
        values = [mention.candidates[0] for mention in TYPES["number"].find(item["utterance"], context)]
        predictions[item["id"]] = {"value": values or None}
    table = bench.score.score_plain(items, predictions, "number")
    return {"all": table["ALL"]["accuracy"], "core": table["CORE"]["accuracy"], "predictions": predictions}


def intents(bench: Bench) -> dict[str, Any]:
    """Ten examples each make the flow; the rest, and what belongs to no intent, are scored."""
    examples: dict[str, list[str]] = defaultdict(list)
    rest: list[Item] = []
    for item in bench.items("intents_clinc_open"):
        label = item["intent"]
        if label != "oos" and len(examples[label]) < EXAMPLES:
            examples[label].append(item["utterance"])
        else:
            rest.append(item)
    examples.pop("oos", None)
    started = time.perf_counter()
    understanding = Understanding(make_flow({}, examples, bench.language))
    load = (time.perf_counter() - started) * 1000
    right: list[bool] = []
    refused: list[bool] = []
    predictions = {}
    for item in rest:
        understood = bench.understood(understanding, item["utterance"], None, NOW)
        got = next((act.intent for act in understood.acts if isinstance(act, Want)), None)
        predictions[item["id"]] = {"value": got}
        (refused if item["intent"] == "oos" else right).append(
            got is None if item["intent"] == "oos" else got == item["intent"]
        )
    return {
        "accuracy": sum(right) / len(right),
        "out_of_scope_recall": sum(refused) / max(1, len(refused)),
        "train_ms": load,
        "predictions": predictions,
    }


SETS: Mapping[str, Callable[[Bench], dict[str, Any]]] = {
    "restaurants8k": restaurants,
    "datetime_recognizers": lambda bench: datetimes(bench, "datetime_recognizers_open"),
    "datetime_duckling": lambda bench: datetimes(bench, "datetime_duckling_open"),
    "yes_no": yes_no,
    "intents": intents,
    "numbers_recognizers": lambda bench: numbers(bench, "numbers_recognizers_number_open"),
    "numbers_duckling": lambda bench: numbers(bench, "numbers_duckling_numeral_open"),
    "names": names,
    "births": births,
    "loading": loading,
    "odd_answers": odd,
    "directory": directory,
    "dateparser_recognizers": lambda bench: beside_dateparser(bench, "datetime_recognizers_open"),
    "dateparser_duckling": lambda bench: beside_dateparser(bench, "datetime_duckling_open"),
}


def measured(bench: Bench, chosen: Sequence[str], keep: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in chosen:
        bench.milliseconds.clear()
        result = SETS[name](bench)
        predictions = result.pop("predictions")
        if keep:
            lines = (json.dumps({"id": key, **value}) for key, value in predictions.items())
            (keep / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        took = sorted(bench.milliseconds)
        if took:
            result |= {"median_ms": statistics.median(took), "p99_ms": took[int(len(took) * 0.99) - 1]}
        yield name, {key: round(value, 4) for key, value in result.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path, help="folder with the sets and score.py")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--language", default="en-GB")
    parser.add_argument("--keep", type=Path, help="write the predictions of each set here")
    chosen = parser.parse_args()
    results = dict(measured(Bench(chosen.data, chosen.language), chosen.only, chosen.keep))
    if chosen.json:
        print(json.dumps(results, indent=1))
        return
    for name, result in results.items():
        print(name)
        for key, value in result.items():
            print(f"  {key:40}{value:10.3f}")


if __name__ == "__main__":
    main()

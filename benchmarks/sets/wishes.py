"""Sets without values: yes and no, odd answers at a confirmation, intents from ten examples; and what loading takes."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from engine.acts import SURE, Affirm, Deny, Want
from engine.flow.loader import load_flow
from engine.shipped import find_flow
from engine.understanding.cascade import Understanding
from sets.bench import NOW, Bench, Item, Tally, asking, make_flow, peak_mb
from sets.odd_answers import odd_answers

EXAMPLES = 10
DRAWS = 5


def yes_no(bench: Bench) -> dict[str, Any]:
    """Answers that are yes, no or neither."""
    understanding = Understanding(make_flow({}, {}, bench.language))
    items = bench.items("yesno_clinc_open")
    predictions, tally = {}, Tally()
    for item in items:
        understood = bench.understood(understanding, item["utterance"], asking(None, (), yes_no=True), NOW)
        said = {type(act): act.confidence for act in understood.acts if isinstance(act, Affirm | Deny)}
        value = None if len(said) != 1 else Affirm in said
        predictions[item["id"]] = {"value": value}
        expected = item["expected"]
        tally.add(expected is not None, value is not None, value is expected, min(said.values(), default=0) >= SURE)
    table = bench.score.score_plain(items, predictions, "boolean")
    flips = sum(
        item["expected"] is not None and predictions[item["id"]]["value"] is (not item["expected"]) for item in items
    )
    return {
        "accuracy": table["ALL"]["accuracy"],
        "flips": flips / max(1, len(items)),
        **tally.rates(),
        "predictions": predictions,
    }


def odd(bench: Bench) -> dict[str, Any]:
    """Ten thousand odd answers at a confirmation, and how many become a yes or a no."""
    understanding = Understanding(make_flow({}, {}, bench.language))
    said = {Affirm: 0, Deny: 0}
    for words in odd_answers(10_000, seed=11):
        understood = bench.understood(understanding, words, asking(None, (), yes_no=True), NOW)
        for kind in said:
            said[kind] += any(isinstance(act, kind) for act in understood.acts)
    return {"yes": said[Affirm] / 10_000, "no": said[Deny] / 10_000, "predictions": {}}


def intents(bench: Bench) -> dict[str, Any]:
    """Ten examples of each intent make the flow; the rest, and what belongs to no intent, are scored. The mean of
    several draws of the examples; the first takes the ten that come first."""
    items = bench.items("intents_clinc_open")
    results = [_drawn(bench, items, seed) for seed in range(DRAWS)]
    kept = ("accuracy", "out_of_scope_recall", "precision", "recall", "sure", "wrong_when_sure", "train_ms")
    return {
        **{key: statistics.mean(result[key] for result in results) for key in kept},
        **{f"first_draw_{key}": results[0][key] for key in kept[:2]},
        "lowest_accuracy": min(result["accuracy"] for result in results),
        "predictions": results[0]["predictions"],
    }


def _drawn(bench: Bench, items: Sequence[Item], seed: int) -> dict[str, Any]:
    examples: dict[str, list[str]] = defaultdict(list)
    rest: list[Item] = []
    for item in random.Random(seed).sample(items, len(items)) if seed else items:
        label = item["intent"]
        if label != "oos" and len(examples[label]) < EXAMPLES:
            examples[label].append(item["utterance"])
        else:
            rest.append(item)
    started = time.thread_time()
    understanding = Understanding(make_flow({}, examples, bench.language))
    load = (time.thread_time() - started) * 1000
    predictions, inside, tally = {}, Tally(), Tally()
    refused: list[bool] = []
    for item in rest:
        understood = bench.understood(understanding, item["utterance"], None, NOW)
        want = next((act for act in understood.acts if isinstance(act, Want)), None)
        got, known = want.intent if want else None, item["intent"] != "oos"
        predictions[item["id"]] = {"value": got}
        tally.add(known, want is not None, got == item["intent"], want is not None and want.confidence >= SURE)
        if known:
            inside.add(True, want is not None, got == item["intent"], False)
        else:
            refused.append(got is None)
    return {
        "accuracy": inside.right / max(1, inside.items),
        "out_of_scope_recall": sum(refused) / max(1, len(refused)),
        "train_ms": load,
        **tally.rates(),
        "predictions": predictions,
    }


def loading(bench: Bench) -> dict[str, Any]:
    """What the largest shipped flow takes to load with its understanding, in processor time, and the memory of this
    process."""
    started = time.thread_time()
    flow = load_flow(find_flow("clinic"))
    read = time.thread_time()
    Understanding(flow)
    made = time.thread_time()
    return {
        "flow_ms": (read - started) * 1000,
        "understanding_ms": (made - read) * 1000,
        "peak_mb": peak_mb(),
        "predictions": {},
    }

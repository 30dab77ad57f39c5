"""Scores the understanding on open sets of utterances that lie outside the project: `understanding.py --data DIR`.

The sets and `score.py` are those of the folder's own README; nothing is trained on them, except that `intents` takes
ten examples of each intent as the phrases of a flow, and is scored on the others. `wrong_when_sure` is the share of
wrong values among those that would not be read back.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sets import slots, wishes
from sets.bench import Bench
from sets.peers import PEERS, PYTHON, beside

SETS: Mapping[str, Callable[[Bench], dict[str, Any]]] = {
    "restaurants8k": slots.restaurants,
    "datetime_recognizers": partial(slots.datetimes, name="datetime_recognizers_open"),
    "datetime_duckling": partial(slots.datetimes, name="datetime_duckling_open"),
    "yes_no": wishes.yes_no,
    "intents": wishes.intents,
    "numbers_recognizers": partial(slots.numbers, name="numbers_recognizers_number_open"),
    "numbers_duckling": partial(slots.numbers, name="numbers_duckling_numeral_open"),
    "names": slots.names,
    "births": slots.births,
    "directory": slots.directory,
    "odd_answers": wishes.odd,
    "loading": wishes.loading,
    **{f"peer_{peer}": partial(beside, peer=peer) for peer in PEERS},
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
    ours = [name for name in SETS if PYTHON.exists() or not name.startswith("peer_")]
    parser.add_argument("--only", nargs="*", choices=list(SETS), default=ours, help="these sets, and peers, alone")
    parser.add_argument("--half", choices="AB", help="half of each set: develop on A, look only at the scores of B")
    parser.add_argument("--language", default="en-GB")
    parser.add_argument("--keep", type=Path, help="write the predictions of each set here")
    chosen = parser.parse_args()
    results = dict(measured(Bench(chosen.data, chosen.language, chosen.half), chosen.only, chosen.keep))
    if chosen.json:
        print(json.dumps(results, indent=1))
        return
    for name, result in results.items():
        print(name)
        for key, value in result.items():
            print(f"  {key:46}{value:10.3f}")


if __name__ == "__main__":
    main()

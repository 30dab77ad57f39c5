"""How fast `check` proves, and how that grows: `check.py [--json]`.

Every figure stands beside a floor measured in the same run: bare reachability over the compiled table, which is what a
linter of graphs would do and which knows nothing of values, counters or order.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import deque
from dataclasses import replace
from typing import Any

from engine.check.moves import Course
from engine.check.prover import Proofs, prove
from engine.dialogue.machine import Compiled, compile_flow
from engine.errors import Position
from engine.flow.loader import load_flow
from engine.flow.model import (
    AskStep,
    CallStep,
    Check,
    ConfirmStep,
    Flow,
    FormStep,
    PromptText,
    SayStep,
    Slot,
    Tool,
    Variant,
)
from engine.shipped import find_flow, shipped_flows

SIZES = ((25, 3), (50, 6), (100, 12), (200, 24))
GROWTH = {"steps": ((50, 6), (100, 6), (200, 6)), "slots": ((100, 3), (100, 6), (100, 12), (100, 24))}
"""Sizes in which one measure grows and the other stays."""
NOWHERE = Position("generated")


def said(name: str, text: str) -> PromptText:
    return PromptText(name, (Variant(text),))


def generated(steps: int, slots: int) -> Flow:
    """A flow of so many steps that books with so many slots, in forms of four, each with a check; the rest are
    questions.

    It keeps menu, person and end of the smallest shipped flow.
    """
    base = load_flow(find_flow("trattoria"))
    names = [f"slot_{number}" for number in range(slots)]
    made = {name: Slot(name, "number", said(f"{name}.ask", "How many?"), NOWHERE, name) for name in names}
    kept = {
        name: base.steps[name] for name in ("may_record", "menu", "to_human", "voicemail", "goodbye", "anything_else")
    }
    flow_steps: dict[str, Any] = dict(kept)
    groups = [names[number : number + 4] for number in range(0, slots, 4)]
    outcomes = {"free": {}, "full": {}}
    tools = {
        f"look_{number}": Tool(f"look_{number}", "booking.find", {n: n for n in group}, outcomes, NOWHERE)
        for number, group in enumerate(groups)
    }
    tools["store"] = Tool(
        "store", "booking.book", {n: n for n in names}, {"done": {}, "taken": {}}, NOWHERE, commits=True
    )
    for number, group in enumerate(groups):
        after = f"form_{number + 1}" if number + 1 < len(groups) else "echo_0"
        on = {"free": "go_on", "full": f"full_{number}", "failed": "to_human"}
        check = Check(f"look_{number}", tuple(group), on, NOWHERE)
        flow_steps[f"form_{number}"] = FormStep(f"form_{number}", NOWHERE, tuple(group), (check,), after)
        full = said(f"full_{number}", "Nothing then.")
        flow_steps[f"full_{number}"] = SayStep(f"full_{number}", NOWHERE, full, f"form_{number}", tuple(group))
        echo_after = f"echo_{number + 1}" if number + 1 < len(groups) else "store"
        flow_steps[f"echo_{number}"] = ConfirmStep(f"echo_{number}", NOWHERE, tuple(group), echo_after, "to_human")
    flow_steps["store"] = CallStep(
        "store", NOWHERE, "store",
        {"done": "talk_0", "taken": "form_0", "failed": "to_human", "unknown": "to_human"},
    )  # fmt: skip
    talk = max(1, steps - len(flow_steps))
    for number in range(talk):
        then = f"talk_{number + 1}" if number + 1 < talk else "anything_else"
        words = said(f"talk_{number}", "Would you like to hear more?")
        flow_steps[f"talk_{number}"] = AskStep(f"talk_{number}", NOWHERE, words, then, "anything_else")
    menu = flow_steps["menu"]
    book = replace(next(iter(menu.intents.values())), go="form_0")
    flow_steps["menu"] = replace(menu, intents={book.name: book})
    flow_steps["to_human"] = replace(flow_steps["to_human"], context=())
    anywhere = {name: intent for name, intent in base.anywhere.items() if intent.go in flow_steps}
    return replace(
        base, name="generated", start="may_record", slots=made, tools=tools, steps=flow_steps, anywhere=anywhere
    )


def floor(compiled: Compiled) -> tuple[int, float]:
    """States that the bare table reaches, and the seconds that it took."""
    begun = time.perf_counter()
    after: dict[str, set[str]] = {}
    for (_, source), rows in Course(compiled).rows.items():
        after.setdefault(source, set()).update(row.dest for row in rows)
    seen = {compiled.flow.start}
    queue = deque(seen)
    while queue:
        for dest in after.get(queue.popleft(), ()):
            if dest not in seen:
                seen.add(dest)
                queue.append(dest)
    return len(seen), time.perf_counter() - begun


def measured(name: str, flow: Flow) -> dict[str, Any]:
    begun = time.perf_counter()
    compiled = compile_flow(flow)
    compiling = time.perf_counter() - begun
    begun = time.perf_counter()
    proofs: Proofs = prove(compiled, time.perf_counter)
    seconds = time.perf_counter() - begun
    states = sum(proof.states for proof in proofs.proofs)
    bare, bare_seconds = floor(compiled)
    return {
        "flow": name,
        "steps": len(flow.steps),
        "slots": len(flow.slots),
        "machine": len(compiled.nodes),
        "states": states,
        "compile_seconds": round(compiling, 4),
        "prove_seconds": round(seconds, 4),
        "states_per_second": round(states / seconds),
        "failed": sorted(proofs.failed),
        "doubted": sorted({suspect.fault.promise for suspect in proofs.suspects if not suspect.certain}),
        "floor_states": bare,
        "floor_seconds": round(bare_seconds, 5),
        "ratio": round(seconds / bare_seconds),
        "properties": {p.promise: {"states": p.states, "seconds": round(p.seconds, 4)} for p in proofs.proofs},
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="machine output, one object")
    wanted = parser.parse_args()
    rows = [measured(name, load_flow(find_flow(name))) for name in shipped_flows()]
    rows += [measured(f"generated {steps}x{slots}", generated(steps, slots)) for steps, slots in SIZES]
    growth = {
        by: [measured(f"generated {steps}x{slots}", generated(steps, slots)) for steps, slots in sizes]
        for by, sizes in GROWTH.items()
    }
    if wanted.json:
        print(json.dumps({"benchmark": "check", "rows": rows, "growth": growth}, indent=2))
        return
    show(rows)
    for by, found in growth.items():
        print(f"\ngrowth with {by}")
        show(found)


def show(rows: list[dict[str, Any]]) -> None:
    """A line a flow; the last column is the time as a multiple of the floor's."""
    print(
        f"{'flow':20} {'steps':>5} {'slots':>5} {'states':>7} {'seconds':>8} {'states/s':>9} {'floor s':>8} "
        f"{'x floor':>8} {'MiB':>5}"
    )
    for row in rows:
        print(
            f"{row['flow']:20} {row['steps']:5} {row['slots']:5} {row['states']:7} {row['prove_seconds']:8.3f} "
            f"{row['states_per_second']:9} {row['floor_seconds']:8.5f} {row['ratio']:8} {row['peak_mib']:5}"
            + (f"  failed {row['failed']}" if row["failed"] else "")
            + (f"  open {row['doubted']}" if row["doubted"] else "")
        )


if __name__ == "__main__":
    main()

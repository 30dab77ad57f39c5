"""Flows that went wrong in any way: reading and checking them gives findings, never anything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check.rules import examine
from engine.flow.reading import read_flow
from engine.yaml.nodes import data
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml

EXAMPLE = Path(__file__).parents[1] / "flow" / "cases" / "language_example"
MAIN, USED = ((EXAMPLE / name).read_text(encoding="utf-8") for name in ("flow.yaml", "change_booking.yaml"))


class Memory:
    """A folder that is only in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def read(self, name: str, most: int) -> bytes | None:
        content = self.files.get(name)
        return None if content is None else content.encode("utf-8", "replace")[:most]

    def shown(self, name: str) -> str:
        return name


def judge(main: str, used: str = USED) -> None:
    """Reads and examines a flow; there is a flow, or a reason why there is none."""
    reading = read_flow(Memory({"flow.yaml": main, "change_booking.yaml": used}), "flow.yaml")
    findings = examine(reading)
    assert reading.flow is not None or any(found.severity == "error" for found in findings)
    for found in findings:
        lines = reading.report.sources[found.at.file]
        assert 1 <= found.at.line <= len(lines) + 1
        assert found.message


PIECES = st.sampled_from([" ", "\n", ":", "- ", "{", "}", "[", "]", "'", '"', "#", "?", "yes", "9", "then", "\t", "x:"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(MAIN)), st.integers(0, 30), PIECES, st.booleans())
def test_a_flow_with_a_stretch_of_text_replaced(start: int, length: int, piece: str, whole: bool) -> None:
    judge(MAIN[:start] + piece + MAIN[start + (length if whole else 0) :])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(USED)), st.integers(0, 30), PIECES)
def test_a_used_flow_with_a_stretch_of_text_replaced(start: int, length: int, piece: str) -> None:
    judge(MAIN, USED[:start] + piece + USED[start + length :])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 115), st.integers(0, 115))
def test_a_flow_with_two_lines_swapped(one: int, other: int) -> None:
    lines = MAIN.splitlines()
    one, other = one % len(lines), other % len(lines)
    lines[one], lines[other] = lines[other], lines[one]
    judge("\n".join(lines) + "\n")


def tree(text: str) -> Any:
    root = read_yaml(text, "flow.yaml", Report())
    assert root is not None
    return data(root)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in plain data."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, item in below for deeper in paths(item, (*path, key)))]


PLACES = [path for path in paths(tree(MAIN)) if path]
WRONG = (None, 0, -1, 7, True, "", "x", "yes", "hello", [], ["x"], [1], {}, {"x": 1}, {"if": "x"}, [{}])
OTHER = st.sampled_from(WRONG)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), OTHER, st.booleans())
def test_a_flow_with_something_else_in_one_place(path: tuple[Any, ...], other: Any, remove: bool) -> None:
    flow = tree(MAIN)
    holder = flow
    for key in path[:-1]:
        holder = holder[key]
    if remove:
        del holder[path[-1]]
    else:
        holder[path[-1]] = other
    judge(json.dumps(flow, indent=1, ensure_ascii=False))

"""The YAML reader: what text it takes for what, and what it says of text that it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.yaml.nodes import Items, Leaf, Node, Table, data
from engine.yaml.position import Report
from engine.yaml.reader import DEEPEST, LARGEST, decode, read_yaml

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "yaml.yaml").read_text(encoding="utf-8")
)


def read(content: bytes) -> tuple[Table | None, Report]:
    report = Report()
    text = decode(content, "flow.yaml", report)
    return (read_yaml(text, "flow.yaml", report) if text is not None else None), report


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40].encode("unicode_escape").decode())
def test_text_is_read_or_refused(case: dict[str, Any]) -> None:
    root, report = read(case["text"].encode())
    if "code" in case:
        first = report.found[0]
        assert (first.code, f"{first.at.line}:{first.at.column}") == (case["code"], case["at"])
        assert len(report.found) == 1
        assert first.hint
    else:
        assert report.found == []
        assert root is not None
        assert data(root) == case["data"]


def test_a_caret_stands_under_what_is_meant() -> None:
    _, report = read(b"start: hello\nsteps:\n  hello: {say: Hi, say: Ho}\n")
    assert str(report.found[0]).splitlines()[1:3] == ["    hello: {say: Hi, say: Ho}", "                     ^^^"]


def test_a_line_without_control_characters_is_shown() -> None:
    _, report = read(b"a: \x1b[31mred\n")
    assert report.found[0].source == "a:  [31mred"


@pytest.mark.parametrize(
    ("content", "at"), [("a: caf\u00e9\n".encode("latin-1"), "1:7"), ("a: b\n".encode("utf-16"), "1:1")]
)
def test_other_encodings_are_refused(content: bytes, at: str) -> None:
    _, report = read(content)
    assert [(found.code, f"{found.at.line}:{found.at.column}") for found in report.found] == [("encoding", at)]


def test_a_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    _, report = read(b"a: b\n" * (LARGEST // 5 + 1))
    assert [found.code for found in report.found] == ["too-large"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(opening: str) -> None:
    _, report = read(("a:\n " + opening * (DEEPEST + 5)).encode())
    assert report.found


def test_every_place_shows_its_text() -> None:
    text = "steps:\n  hello: {say: 'Hi', then: menu}\n  list: [one, two words]\n"
    root, _ = read(text.encode())
    assert root is not None
    lines = text.split("\n")
    for leaf in leaves(root):
        written = lines[leaf.place.line - 1][leaf.place.column - 1 :][: leaf.place.width]
        assert written.strip("'") == leaf.text


def leaves(node: Node) -> list[Leaf]:
    match node:
        case Leaf():
            return [node]
        case Items():
            return [leaf for item in node.nodes for leaf in leaves(item)]
        case Table():
            below = [leaf for value in node.values.values() for leaf in leaves(value)]
            return [*node.keys.values(), *below]


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    root, report = read(content)
    assert root is not None or report.has_errors


SIGNS = st.text(alphabet="ab:-?#&*!|>'\"%@`{}[],. \n\t\\0123\u00e9\u2028", max_size=60)


@settings(max_examples=600)
@given(SIGNS)
def test_any_signs_are_read_or_refused_within_the_text(text: str) -> None:
    root, report = read(text.encode())
    assert root is not None or report.has_errors
    lines = report.sources["flow.yaml"]
    for found in report.found:
        assert 1 <= found.at.line <= len(lines) + 1
        assert 1 <= found.at.column <= len(found.source) + 1


PLAIN = st.recursive(
    st.integers(-999, 999) | st.booleans() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), PLAIN, min_size=1, max_size=4))
def test_what_is_written_in_quotes_is_read_as_it_was(value: dict[str, Any]) -> None:
    text = "\n".join(f"{key}: {quoted(item)}" for key, item in value.items()) + "\n"
    root, report = read(text.encode())
    assert report.found == []
    assert root is not None
    assert data(root) == value


def quoted(value: Any) -> str:
    """The value in flow style with every text in double quotes."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return '"' + "".join(f"\\U{ord(sign):08x}" if not sign.isalnum() else sign for sign in value) + '"'
        case list():
            return "[" + ", ".join(quoted(item) for item in value) + "]"
        case _:
            return "{" + ", ".join(f"{quoted(key)}: {quoted(item)}" for key, item in value.items()) + "}"

"""A small sound flow, and parts laid over it."""

from __future__ import annotations

from typing import Any

from engine.yaml.nodes import data
from engine.yaml.position import Report
from engine.yaml.reader import read_yaml

SOUND = """
frontdesk: 1
flow: small
language: en-GB
timezone: Europe/London
calendars: {tables: {daily: ["12:00-22:00"]}}
slots:
  party_size: {type: party_size, ask: How many?}
tools:
  find_table: {with: [party_size], outcomes: {free: {}}}
  book_table: {with: [party_size], outcomes: {booked: {}}, commits: "yes"}
start: hello
steps:
  hello: {say: Hello., then: menu}
  menu: {say: How can I help?, listen: {book: {hear: [a table], key: 1, go: book}}}
  book: {form: [party_size], check: {call: find_table, on: {free: go_on, failed: to_human}}, then: sure}
  sure: {confirm: [party_size], yes: store, gave_up: to_human}
  store: {call: book_table, on: {booked: bye, failed: to_human, unknown: to_human}}
  to_human: {message: {ask: Please speak.}, then: bye}
  bye: {hangup: "yes", say: Goodbye.}
"""


def laid_over(base: Any, part: Any) -> Any:
    """The base with a part laid over it: sections are joined, what stands in them is replaced."""
    return {
        **base,
        **{key: {**base.get(key, {}), **value} if isinstance(value, dict) else value for key, value in part.items()},
    }


def load(text: str, kind: type = dict) -> Any:
    """The text as plain data, by our own reader, which takes tables only."""
    lines = text if kind is dict else "items:\n" + text
    root = read_yaml(lines, "part.yaml", Report())
    assert root is not None
    return data(root) if kind is dict else data(root)["items"]

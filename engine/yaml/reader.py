"""Text of a YAML file to a tree: YAML 1.2 scalars, keys are text, nothing that hides what is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from engine.yaml.nodes import Items, Leaf, Node, Table
from engine.yaml.position import Place, Report
from engine.yaml.scanner import events, stretch

DEEPEST: Final = 64
"""Levels of nesting that a file may have."""
LARGEST: Final = 512 * 1024
"""Bytes that a file may have."""

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_NOTHING = ("", "~", "null", "Null", "NULL")


class _Refused(Exception):
    """Reading stops: what is wrong has been reported."""


@dataclass(slots=True)
class _Frame:
    """A list or a table that is still open; in a table `key` waits for its value."""

    place: Place
    table: bool
    braces: bool
    nodes: list[Node] = field(default_factory=list)
    keys: dict[str, Leaf] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)
    key: Leaf | None = None
    end_line: int = 0


def decode(content: bytes, file: str, report: Report) -> str | None:
    """The text of a file, or None with a finding when it is too large or not UTF-8."""
    if len(content) > LARGEST:
        report.error("too-large", Place(file), f"the file has more than {LARGEST // 1024} kB", "Split it with `use:`.")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8", "ignore")
        place = Place(file, good.count("\n") + 1, len(good) - (good.rfind("\n") + 1) + 1)
        report.error("encoding", place, "the file is not UTF-8 text", "Save it as UTF-8 in your editor.")
        return None
    return text


def read_yaml(text: str, file: str, report: Report, first: str = "frontdesk: 1") -> Table | None:
    """The tree of a whole file, which begins with `first`; None when there is none. What is wrong goes to `report`."""
    report.add_source(file, text)
    try:
        root = _compose(text, file, report)
    except _Refused:
        return None
    if root is None:
        if not report.has_errors:
            report.error("empty", Place(file), "the file is empty", f"Start with `{first}`.")
        return None
    if not isinstance(root, Table):
        report.error(
            "document", root.place, "a file holds one table of `key: value` lines", f"Start with `{first}`."
        )
        return None
    return root


def _compose(text: str, file: str, report: Report) -> Node | None:
    """Builds the tree with a stack of its own, so that no depth can break it."""
    frames: list[_Frame] = []
    root: Node | None = None
    documents = 0
    complete = False
    for event in events(text, file, report):
        complete = not frames
        match event:
            case DocumentStartEvent():
                documents += 1
                if documents > 1:
                    report.error(
                        "document", _place(event, file), "a second document begins here", "One file is one flow."
                    )
                    raise _Refused
            case SequenceStartEvent() | MappingStartEvent():
                _open(event, file, frames, report)
            case SequenceEndEvent() | MappingEndEvent():
                root = _attach(_close(frames.pop(), event), frames, root, report)
            case ScalarEvent() | AliasEvent():
                root = _attach(_leaf(event, file, frames, report), frames, root, report)
    if frames or not complete:
        raise _Refused
    return root


def _open(event: SequenceStartEvent | MappingStartEvent, file: str, frames: list[_Frame], report: Report) -> None:
    place = _place(event, file)
    _refuse_marks(event, place, report)
    if frames and frames[-1].table and frames[-1].key is None:
        report.error("key", place, "a key must be a word", "Put the text in quotes.")
        raise _Refused
    if len(frames) >= DEEPEST:
        report.error("too-deep", place, f"there are more than {DEEPEST} levels of nesting here", "Nothing needs that.")
        raise _Refused
    frames.append(_Frame(place, isinstance(event, MappingStartEvent), bool(event.flow_style)))


def _close(frame: _Frame, event: Event) -> Node:
    end = _place(event, frame.place.file).end_line
    place = frame.place
    last = max([place.line, *(node.place.end_line for node in (*frame.nodes, *frame.values.values()))])
    ended = max(last, end) if frame.braces else last
    place = Place(place.file, place.line, place.column, place.width, ended)
    return Table(place, frame.keys, frame.values, frame.braces) if frame.table else Items(place, tuple(frame.nodes))


def _attach(node: Node, frames: list[_Frame], root: Node | None, report: Report) -> Node | None:
    """Puts a finished node where it belongs and returns the root of the tree, once there is one."""
    if not frames:
        return node
    frame = frames[-1]
    if not frame.table:
        frame.nodes.append(node)
    elif frame.key is None:
        if isinstance(node, Leaf):
            frame.key = node
    else:
        key, frame.key = frame.key, None
        if key.text in frame.values:
            first = frame.keys[key.text].place
            report.error(
                "duplicate-key", key.place, f"`{key.text}` is given twice", f"The first is on line {first.line}."
            )
        elif not (key.plain and key.text in ("", "<<")):
            frame.keys[key.text] = key
            frame.values[key.text] = node
    return root


def _leaf(event: ScalarEvent | AliasEvent, file: str, frames: list[_Frame], report: Report) -> Leaf:
    place = _place(event, file)
    if isinstance(event, AliasEvent):
        report.error(
            "alias",
            place,
            "text that begins with `*` must be in quotes",
            "Put the text in quotes; a flow has no aliases.",
        )
        return Leaf(place, "", None)
    _refuse_marks(event, place, report)
    text, plain = event.value, event.style is None
    if any("\ud800" <= character <= "\udfff" for character in text):
        report.error("character", place, "half of a surrogate pair is no character", "Write the character itself.")
        return Leaf(place, "", None, plain)
    if frames and frames[-1].table and frames[-1].key is None:
        return _key(text, plain, place, report)
    if not plain:
        return Leaf(place, text, text, plain)
    if text in _NOTHING:
        _nothing(text, place, frames, report)
        return Leaf(place, text, None)
    if _NUMBER.fullmatch(text):
        return Leaf(place, text, int(text))
    return Leaf(place, text, text == "true" if text in ("true", "false") else text)


def _key(text: str, plain: bool, place: Place, report: Report) -> Leaf:
    if plain and text == "<<":
        report.error("merge-key", place, "merge keys are not part of the language", "Write the keys out.")
    elif plain and text == "":
        report.error("key", place, "there is no key before this colon", "Write `key: value`.")
    return Leaf(place, text, text, plain)


def _nothing(text: str, place: Place, frames: list[_Frame], report: Report) -> None:
    """Reports a value that is missing, at the key that it is missing from."""
    frame = frames[-1] if frames else None
    key = frame.key if frame is not None else None
    if frame is not None and key is not None and frame.braces and not frame.values and text == "" and key.plain:
        report.error(
            "no-value", key.place, f"`{key.text}` has no value", "If this is text to say, put the text in quotes."
        )
    elif key is not None:
        report.error("no-value", key.place, f"`{key.text}` has no value", "Write a value, or remove the key.")
    elif frame is not None:
        report.error("no-value", place, "an item of this list is empty", "Write it, or remove the dash.")


def _refuse_marks(event: NodeEvent, place: Place, report: Report) -> None:
    if event.anchor is not None:
        report.error(
            "anchor",
            place,
            "text that begins with `&` must be in quotes",
            "Put the text in quotes; a flow has no anchors.",
        )
    if getattr(event, "tag", None) is not None:
        report.error(
            "tag", place, "text that begins with `!` must be in quotes", "Put the text in quotes; a flow has no tags."
        )


def _place(event: Event, file: str) -> Place:
    place = stretch(event.start_mark, event.end_mark, file)
    if isinstance(event, SequenceStartEvent | MappingStartEvent):
        return Place(file, place.line, place.column, 1, place.end_line)
    return place

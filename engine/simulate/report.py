"""Results of talks told to people, and as JUnit XML and JSON data to machines."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from engine.errors import Position
from engine.simulate.result import Called, Caller, Difference, Noted, Result, Spoke

_COLUMN: Final = 46
_CONFIDENCE: Final = re.compile(r", confidence=[0-9.]+(?=\)$)")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def failure_lines(result: Result) -> Iterator[str]:
    """What went wrong with a talk, line by line."""
    for fault in result.faults:
        yield from str(fault).splitlines()
    difference = result.difference
    if difference is None:
        return
    yield f"{difference.at}: {difference.message}"
    yield from _side_by_side(difference)
    if difference.heard is not None:
        heard = difference.heard
        yield f"  the caller    {_caller(heard)}"
        yield from _understood(heard)
    if difference.position:
        yield f"  we wait in    {difference.position}{_written(difference.step)}"
    if difference.hint:
        yield f"  {difference.hint}"


def _understood(heard: Caller) -> Iterator[str]:
    """Act by act, how sure each is, and which stage of the understanding decided."""
    if heard.kind not in ("words", "acts") or heard.unheard:
        return
    by = f"  (by {heard.tier})" if heard.tier not in ("", "none") else ""
    sure = [
        (_CONFIDENCE.sub("", shown), act.confidence) for act, shown in zip(heard.acts, heard.understood, strict=True)
    ]
    lines = [f"{shown}  {confidence:.2f}" for shown, confidence in sure] or ["nothing"]
    yield f"  understood    {lines[0]}{by}"
    for line in lines[1:]:
        yield f"                {line}"


def _written(step: Position | None) -> str:
    """The place of a step in its flow file, and the line itself."""
    if step is None:
        return ""
    path = Path(step.file)
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    try:
        line = path.read_text("utf-8").splitlines()[step.line - 1].strip()
    except (OSError, UnicodeDecodeError, IndexError):
        line = ""
    return f"  {shown}:{step.line}  {line}".rstrip()


def _side_by_side(difference: Difference) -> Iterator[str]:
    left = ["expected", *textwrap.wrap(difference.source, _COLUMN)]
    right = ["said"]
    for spoke in difference.said:
        right += textwrap.wrap(f"{spoke.id}: {spoke.text}", _COLUMN, subsequent_indent="  ")
    if len(right) == 1:
        right.append("(nothing)")
    for one, other in zip_longest(left, right, fillvalue=""):
        yield f"  {one:<{_COLUMN}}  {other}".rstrip()


def _caller(heard: Caller) -> str:
    match heard.kind:
        case "words":
            return f'"{heard.words}"' + (" (nobody listened)" if heard.unheard else "")
        case "acts":
            return "means " + (", ".join(heard.understood) or "nothing")
        case "hung_up":
            return "hangs up"
        case kind:
            return f"{kind} {heard.words}".rstrip()


def transcript_lines(result: Result) -> Iterator[str]:
    """The whole conversation, for people."""
    for entry in result.entries:
        match entry:
            case Spoke():
                yield f"{entry.at:7.1f}  agent   {entry.text}  ({entry.id})"
            case Caller():
                shown = f"  [{', '.join(entry.understood)}]" if entry.kind == "words" and entry.understood else ""
                yield f"{entry.at:7.1f}  caller  {_caller(entry)}{shown}"
            case Called():
                values = " ".join(f"{name}={value}" for name, value in entry.values.items())
                yield f"{entry.at:7.1f}  tool    {entry.tool} {values} → {entry.outcome}"
            case Noted():
                yield f"{entry.at:7.1f}  note    {entry.kind}: {entry.text}"


def summary(results: Sequence[Result], seconds: float) -> str:
    """One line about all talks."""
    failed = sum(1 for result in results if not result.passed)
    talks = f"{len(results)} conversation{'s' if failed or len(results) != 1 else ''}"
    minutes = sum(result.call_seconds for result in results) / 60
    state = f"{failed} of {talks} failed" if failed else f"{talks} passed"
    shown = f"{minutes:.0f}" if minutes >= 10 else f"{minutes:.1f}"
    return f"{state}; {shown} minutes of calls in {seconds:.1f} seconds"


def as_json(results: Sequence[Result], seconds: float) -> dict[str, Any]:
    """All results as JSON data."""
    passed = sum(1 for result in results if result.passed)
    return {
        "passed": passed,
        "failed": len(results) - passed,
        "seconds": round(seconds, 3),
        "talks": [result.to_json() for result in results],
    }


def as_junit(results: Iterable[Result], seconds: float) -> bytes:
    """A JUnit XML file: a talk is a test case, its file's folder the class."""
    listed = list(results)
    suite = ElementTree.Element(
        "testsuite",
        name="frontdesk simulate",
        tests=str(len(listed)),
        failures=str(sum(1 for result in listed if result.difference is not None)),
        errors=str(sum(1 for result in listed if result.faults)),
        time=f"{seconds:.3f}",
    )
    for result in listed:
        folder, _, name = result.file.rpartition("/")
        case = ElementTree.SubElement(
            suite, "testcase", classname=_clean(folder), name=_clean(name), time=f"{result.seconds:.3f}"
        )
        if result.passed:
            continue
        kind = "error" if result.faults else "failure"
        message = result.faults[0].message if result.faults else result.difference.message if result.difference else ""
        told = ElementTree.SubElement(case, kind, message=_clean(message))
        told.text = _clean("\n".join(failure_lines(result)))
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    found: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return found + b"\n"


def _clean(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)

"""What was found in flows, in the formats of code hosts: SARIF 2.1.0, and GitHub's annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from engine.check.advice import why
from engine.check.report import FlowReport
from engine.errors import Finding

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_GITHUB: Final[Mapping[str, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def as_sarif(reports: Sequence[FlowReport], version: str) -> dict[str, Any]:
    """SARIF 2.1.0, for code hosts that show findings beside the lines."""
    found = [finding for report in reports for finding in report.findings]
    codes = sorted({finding.code for finding in found})
    rules = [{"id": code, "shortDescription": {"text": why(code)}} for code in codes]
    driver = {"name": "frontdesk", "version": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(found: Finding, index: int) -> dict[str, Any]:
    at = found.at
    region = {"startLine": at.line, "startColumn": at.column, "endColumn": at.column + found.width}
    place = {"artifactLocation": {"uri": quote(at.file.replace("\\", "/"), safe="/:")}, "region": region}
    text = f"{found.message}. {found.hint}".rstrip() if found.hint else found.message
    return {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": found.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }


def as_github(reports: Iterable[FlowReport]) -> Iterator[str]:
    """A workflow command a finding: GitHub shows it at its line in a change."""
    for finding in (finding for report in reports for finding in report.findings):
        at = finding.at
        where = f"file={_property(at.file)},line={at.line},col={at.column},endColumn={at.column + finding.width - 1}"
        text = _data(finding.message + (f"\n{finding.hint}" if finding.hint else ""))
        yield f"::{_GITHUB[finding.severity]} {where},title={_property(finding.code)}::{text}"


def _data(text: str) -> str:
    """Signs that would end a workflow command, written so that they do not."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

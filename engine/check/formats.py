"""What was found in flows, in the formats of code hosts: SARIF 2.1.0, and GitHub's annotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

from engine.check.advice import why
from engine.check.report import FlowReport
from engine.errors import Finding

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "SRCROOT"
_GITHUB: Final[Mapping[str, str]] = {"error": "error", "warning": "warning", "note": "notice"}


def as_sarif(reports: Sequence[FlowReport], version: str, root: str = "") -> dict[str, Any]:
    """SARIF 2.1.0, for code hosts that show findings beside the lines. `root` is the folder that paths are given
    relative to, as far as they lie in it: code hosts look for them from the top of the repository."""
    found = [finding for report in reports for finding in report.findings]
    codes = sorted({finding.code for finding in found})
    levels = {finding.code: finding.severity for finding in found}
    driver = {"name": "frontdesk", "version": version, "rules": [_rule(code, levels[code]) for code in codes]}
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code), root, seen) for finding in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, level: str) -> dict[str, Any]:
    """Why findings of a code matter; the page docs/findings.md, which is shipped, tells the rest."""
    reason = why(code)
    return {
        "id": code,
        "shortDescription": {"text": reason},
        "fullDescription": {"text": reason},
        "help": {"text": f"{reason} See {code} in docs/findings.md."},
        "defaultConfiguration": {"level": level},
    }


def _result(found: Finding, index: int, root: str, seen: Counter[str]) -> dict[str, Any]:
    at = found.at
    region: dict[str, Any] = {"startLine": at.line, "startColumn": at.column, "endColumn": at.column + found.width}
    if found.source:
        region["snippet"] = {"text": found.source}
    place = {"artifactLocation": _location(at.file.replace("\\", "/"), root.replace("\\", "/")), "region": region}
    text = f"{found.message}. {found.hint}".rstrip() if found.hint else found.message
    return {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": found.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(found, seen)},
    }


def _location(file: str, root: str) -> dict[str, str]:
    """The file as a relative URI where it lies below `root`, else as it is; an absolute path is a `file:` URI."""
    if root and file.startswith(f"{root.rstrip('/')}/"):
        return {"uri": quote(file[len(root.rstrip("/")) + 1 :], safe="/"), "uriBaseId": _ROOT}
    absolute = file.startswith("/")
    return {"uri": ("file://" if absolute else "") + quote(file, safe="/:" if absolute else "/")}


def _fingerprint(found: Finding, seen: Counter[str]) -> str:
    """The same for the same finding when lines before it come and go: of its code, its words and its line's text."""
    words = "\n".join((found.code, found.message, " ".join(found.source.split())))
    hashed = sha256(words.encode("utf-8")).hexdigest()[:16]
    seen[hashed] += 1
    return f"{hashed}:{seen[hashed]}"


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

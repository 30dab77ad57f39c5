"""Recordings of people whom a voice may speak like: used only where their consent is written down beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from engine.errors import AuthorError, Finding, SettingsError
from engine.shipped import shipped
from engine.speech.audio import read_wav
from engine.yaml.nodes import Table, data, place_of
from engine.yaml.position import Place, Report, did_you_mean
from engine.yaml.reader import decode, read_yaml

SHORTEST: Final = 3.0
"""Seconds of a recording that a voice can be made of; six to ten are better."""


@dataclass(frozen=True, slots=True)
class Consent:
    """`person` agreed on the day `given` that a voice like theirs speaks for this `purpose`, up to and with `until`."""

    person: str
    given: date
    purpose: str
    until: date | None = None
    evidence: str | None = None

    def holds(self, today: date) -> bool:
        return self.given <= today and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A recording and the consent of who is heard in it. `digest` is the SHA-256 of the recording, in hex."""

    name: str
    sample: Path
    digest: str
    consent: Consent


def speakers_in(folder: Path, today: date) -> dict[str, Speaker]:
    """Every NAME.wav of a folder with the consent NAME.yaml beside it, by name.

    Raises AuthorError with everything that is wrong with the consents (one that is missing, or does not hold today, is
    wrong), SettingsError for a recording that cannot be used.
    """
    found: dict[str, Speaker] = {}
    faults: list[Finding] = []
    for sample in sorted(folder.glob("*.wav")):
        try:
            consent = read_consent(sample, today)
        except AuthorError as error:
            faults += error.findings
            continue
        sound = read_wav(sample)
        if len(sound.samples) < 2 * sound.rate * SHORTEST:
            raise SettingsError(f"{sample} is shorter than {SHORTEST:g} s: record six to ten seconds of clear speech")
        digest = hashlib.sha256(sample.read_bytes()).hexdigest()
        found[sample.stem] = Speaker(sample.stem, sample, digest, consent)
    if faults:
        raise AuthorError(tuple(faults))
    return found


def read_consent(sample: Path, today: date) -> Consent:
    """The consent beside a recording. Raises AuthorError where there is none, it is faulty, or it does not hold."""
    file = sample.with_suffix(".yaml")
    report = Report()
    try:
        content = file.read_bytes()
    except OSError as error:
        hint = "Write it if this person agreed (see docs/voice.md); otherwise take the recording away."
        why = f"there is no {file.name}" if isinstance(error, FileNotFoundError) else error.strerror or error
        message = f"nothing says that the person in {sample.name} agreed: {why}"
        report.error("consent-missing", Place(str(file)), message, hint)
        raise AuthorError(tuple(report.found)) from error
    text = decode(content, str(file), report)
    root = read_yaml(text, str(file), report, first="consent: 1") if text is not None else None
    if root is not None and not report.has_errors:
        _check(root, report)
    consent = _consent(root, today, report) if root is not None and not report.has_errors else None
    if consent is None or report.has_errors:
        raise AuthorError(tuple(report.found))
    return consent


@cache
def _validator() -> Draft202012Validator:
    text = (shipped("schemas") / "consent.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _check(root: Table, report: Report) -> None:
    for error in _validator().iter_errors(data(root)):
        path = list(error.absolute_path)
        hint = str(error.schema.get("description", "")) if isinstance(error.schema, Mapping) else ""
        if error.validator == "additionalProperties":
            known = error.schema["properties"]
            for key in sorted(set(error.instance) - set(known)):
                place = place_of(root, [key], key=True)
                report.error("unknown-key", place, f"a consent has no `{key}`", did_you_mean(key, known))
        elif error.validator == "required":
            for key in sorted(set(error.validator_value) - set(error.instance)):
                meaning = str(error.schema["properties"][key]["description"])
                report.error("consent-value", root.place, f"`{key}` is missing", meaning)
        else:
            report.error("consent-value", place_of(root, path), error.message, hint)


def _consent(root: Table, today: date, report: Report) -> Consent | None:
    tree: dict[str, Any] = data(root)
    given, until = _day(root, tree, "given", report), _day(root, tree, "until", report)
    if given is None:
        return None
    consent = Consent(tree["speaker"], given, tree["purpose"], until, tree.get("evidence"))
    if given > today:
        report.error("consent-value", place_of(root, ["given"]), f"{given} is not yet", "It is the day of the consent.")
    elif not consent.holds(today):
        hint = "Ask the person again, or take the recording away, with all files of its name."
        report.error("consent-over", place_of(root, ["until"]), f"the consent ended on {until}", hint)
    return consent


def _day(root: Table, tree: Mapping[str, Any], key: str, report: Report) -> date | None:
    if key not in tree:
        return None
    try:
        return date.fromisoformat(tree[key])
    except ValueError as fault:
        report.error("consent-value", place_of(root, [key]), f"{tree[key]} is no day: {fault}", "Write 2026-11-02.")
        return None

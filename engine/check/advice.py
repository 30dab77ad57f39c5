"""Why each finding matters: for codes of the reading here, for codes of rules with the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.check.prover import PROMISES
from engine.check.rules import RULES

READING: Final[Mapping[str, str]] = {
    "alias": "Aliases and anchors hide what is said; a flow says everything where it stands.",
    "anchor": "Aliases and anchors hide what is said; a flow says everything where it stands.",
    "bracket": "What is inside a bracket that never closes cannot be told from what follows.",
    "calendar-days": "A day that is not named is closed, which may not be meant.",
    "character": "Invisible characters come from copying, and no voice can speak them.",
    "colon": "A colon followed by a space begins a value, so the text would be cut there.",
    "comment": "YAML takes what follows ` #` for a comment, so callers would not hear it.",
    "condition": "A condition that cannot be read would silently decide wrongly.",
    "date": "A day that does not exist can be neither open nor closed.",
    "document": "A file is one table; anything else would be ignored.",
    "duplicate-item": "Naming something twice is mostly a slip.",
    "duplicate-key": "Of two equal keys one would silently win.",
    "duration": "Lengths of time are a number with a unit, so that nobody has to guess.",
    "empty": "An empty file is no flow.",
    "encoding": "Text in another encoding would be spoken as wrong letters.",
    "include": "Included files stay in the folder of the flow.",
    "indent": "Indentation says what belongs to what.",
    "key": "Every line of a table is `key: value`.",
    "language": "A call is held in one language, and every word of it must be known.",
    "limit": "A limit is written in what the slot holds, so that nobody has to guess its unit.",
    "merge-key": "Merge keys hide what is said; a flow says everything where it stands.",
    "missing-key": "Without it the flow does not say what to do here.",
    "module-version": "What a used flow asks or where it leads may have changed since this step was written.",
    "name": "Names appear in prompts, conditions and logs, so they are kept plain.",
    "name-clash": "Prompts and conditions would not know which of the two is meant.",
    "no-action": "A tool without an action cannot be run.",
    "no-ask": "The caller would have to guess what is wanted.",
    "no-effect": "A key that can have no effect says something that will not happen.",
    "no-file": "The flow cannot be read without it.",
    "no-operator": "A caller who wants a person must always get one, or leave a message.",
    "no-persona": "Without a persona a standard voice speaks.",
    "no-resource": "A tool must know what it books.",
    "no-value": "A key without a value is mostly forgotten text.",
    "not-shared": "A used flow names what it takes from the outer one, so that both can be read alone.",
    "opening-order": "Openings that overlap leave it unclear when it closes.",
    "quote": "A quote that is not closed swallows the rest of the file.",
    "schema": "The flow would not do what is written here.",
    "special-start": "Some signs mean something to YAML at the beginning of a text.",
    "step-kind": "A step that does nothing leads nowhere.",
    "syntax": "What cannot be read cannot be said.",
    "tab": "Tabs look like spaces but are as wide as every editor likes.",
    "tag": "Tags change what a value is; a flow has its own types.",
    "timezone": "Opening hours need a time zone that exists.",
    "too-deep": "Nothing that a person can read is nested so deep.",
    "too-large": "A file of that size is no flow that a person wrote.",
    "two-kinds": "A step does one thing, so that its name can say which.",
    "type": "The value is of a kind that cannot be meant here.",
    "unknown-calendar": "What is open by no calendar is never open.",
    "unknown-key": "A key that is not part of the language would be ignored.",
    "unknown-outcome": "An outcome that cannot come leads nowhere.",
    "unknown-prompt": "Its words would never be said.",
    "unknown-resource": "It names something that the flow does not have.",
    "unknown-result": "No tool brings this value.",
    "unknown-service": "Nobody can book a service that does not exist.",
    "unknown-slot": "Nothing would ever be learned there.",
    "unknown-step": "The call would have nowhere to go.",
    "unknown-tool": "There is nothing to call.",
    "untranslated": "A caller would suddenly hear another language.",
    "unwired-outcome": "When it happens the call would have nowhere to go.",
    "use": "Used flows stay in the folder of the flow, and no flow contains itself.",
    "value": "The value is none of those that can be meant here.",
    "version": "Another version of the language may mean something else by the same words.",
    "wrong-type": "A value of another type cannot stand here.",
}


READING_WARNS: Final = ("calendar-days", "no-persona", "untranslated")
"""Codes of the reading that are warnings; all others are errors."""


def why(code: str) -> str:
    """Why a finding with this code matters; empty for a code that nobody knows."""
    rule = RULES.get(code)
    if rule is not None:
        return rule.advice
    promise = PROMISES.get(code.removeprefix("prove.")) if code.startswith("prove.") else None
    return f"frontdesk promises callers: {promise}." if promise else READING.get(code, "")

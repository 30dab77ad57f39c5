"""Every rule by its code, and what they find in one flow."""

from __future__ import annotations

from engine.check import course, effect, heard, languages, tools, words
from engine.check.rule import RULES, Rule, Subject
from engine.errors import Finding
from engine.flow.reading import Reading
from engine.yaml.position import Place, Report, best_first

__all__ = ["RULES", "Rule", "examine"]

ROOMS = (words, heard, languages, course, tools, effect)
"""The files whose rules are registered by importing them."""


def examine(reading: Reading) -> tuple[Finding, ...]:
    """All that was found while reading, and all that the rules find, best first.

    A flow that is used twice is written once, so each rule speaks once of a place. Rules that judge the whole are
    left out while the reading has errors, and all of them where there is no flow.
    """
    report = Report(reading.report.sources, list(reading.report.found), set(reading.report.said))
    if reading.flow is not None:
        subject = Subject(reading.flow, reading)
        for rule in RULES.values():
            if rule.needs_sound and reading.report.has_errors:
                continue
            told: set[Place] = set()
            for place, message, hint in rule.find(subject):
                if place not in told:
                    report.add(rule.code, rule.severity, place, message, hint)
                told.add(place)
    return best_first(report.found)

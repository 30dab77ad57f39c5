"""What a rule is: a generator of findings with a code, a good case, a bad case and advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from engine.flow.model import Flow
from engine.flow.reading import Reading
from engine.yaml.position import Place, Severity


@dataclass(frozen=True, slots=True)
class Subject:
    """A flow with the reading that it came from, which knows where everything was written."""

    flow: Flow
    reading: Reading

    def place(self, section: str, name: str, *path: str | int, key: bool = False) -> Place:
        return self.reading.place(section, name, *path, key=key)


Fault: TypeAlias = tuple[Place, str, str]
"""Where, what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`good` and `bad` are parts of a flow that are laid over a small sound one; `advice` says why it matters."""

    code: str
    severity: Severity
    find: Callable[[Subject], Iterator[Fault]]
    advice: str
    good: str
    bad: str
    needs_sound: bool = False
    """Whether it can only judge a flow whose reading found no error."""


RULES: dict[str, Rule] = {}


def rule(
    code: str, severity: Severity, advice: str, good: str, bad: str, needs_sound: bool = False
) -> Callable[[Callable[[Subject], Iterator[Fault]]], Callable[[Subject], Iterator[Fault]]]:
    """Registers a generator as the rule of a code."""

    def add(find: Callable[[Subject], Iterator[Fault]]) -> Callable[[Subject], Iterator[Fault]]:
        RULES[code] = Rule(code, severity, find, advice, good, bad, needs_sound)
        return find

    return add

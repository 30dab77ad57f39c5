"""Conditions judged by half of what they look at: true, false, or either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from engine.flow.guards import (
    Always,
    And,
    Compare,
    Condition,
    Has,
    IsSet,
    Named,
    Not,
    OpenDay,
    OpenNow,
    Or,
    Test,
    Within,
)


def may_hold(condition: Condition, known: Mapping[str, bool]) -> bool | None:
    """Whether a condition holds; `known` says of some names whether they have a value. None: it depends."""
    return _judge(condition.test, known)


def _judge(test: Test, known: Mapping[str, bool]) -> bool | None:
    match test:
        case IsSet():
            return known.get(test.name)
        case Compare():
            sides = [side.name for side in (test.left, test.right) if isinstance(side, Named)]
            return False if any(known.get(name) is False for name in sides) else None
        case Within() | Has() | OpenDay():
            return False if known.get(test.name) is False else None
        case OpenNow():
            return None
        case Not():
            inner = _judge(test.test, known)
            return None if inner is None else not inner
        case And() | Or():
            return _joined(test, known)
        case Always():
            return True
        case _:
            assert_never(test)


def _joined(test: And | Or, known: Mapping[str, bool]) -> bool | None:
    parts = [_judge(part, known) for part in test.tests]
    decisive = isinstance(test, Or)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive

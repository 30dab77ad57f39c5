"""What an open recogniser is told about the answer that is waited for: words of the flow, as text before the speech."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.effects import Expecting
from engine.flow.model import Flow, ListenStep, Slot

LONGEST: Final = 400
"""Characters: about a hundred tokens, half of what Whisper takes before the speech."""
_PLACE: Final = re.compile(r"\{[^}]*\}")


def context_of(flow: Flow, expecting: Expecting) -> str:
    """Things a caller may well say now, the likeliest first: values on offer, the asked slot's words, then the example
    phrases of the intents that are open. Nothing of it is a value by itself: it only biases the recogniser."""
    told: dict[str, None] = {}
    length = 0
    for phrase in _phrases(flow, expecting):
        plain = " ".join(_PLACE.sub(" ", phrase).split())
        if not plain or plain in told:
            continue
        length += len(plain) + 2
        if length > LONGEST:
            break
        told[plain] = None
    return ", ".join(told)


def _phrases(flow: Flow, expecting: Expecting) -> Iterator[str]:
    yield from (str(choice) for choice in expecting.choices)
    for name in dict.fromkeys((*((expecting.asked,) if expecting.asked else ()), *expecting.open)):
        slot = flow.slots.get(name)
        if slot is not None:
            yield from _values(slot)
    wanted = set(expecting.intents)
    steps = (step.intents for step in flow.steps.values() if isinstance(step, ListenStep))
    for intents in (*steps, flow.anywhere):
        for name, intent in intents.items():
            if name in wanted:
                yield from intent.hear


def _values(slot: Slot) -> Iterator[str]:
    """The words of a choice; other types have no list of values."""
    for choice in slot.options.get("choices") or ():
        yield choice.label
        yield from choice.hear

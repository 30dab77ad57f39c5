"""How one caller pauses, and what that makes of our patience: a pure table, fed by the ear."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from engine.speech.endpoint import Completeness, Patience

REMEMBERED: Final = 6
"""Pauses that count: the last ones of this call."""
MARGIN: Final = 0.35
"""How much longer than the caller's longest pause a silence is that ends an answer, as a part of the usual one."""
LEAST, MOST = 0.75, 1.6
"""Bounds of the factor on the usual silences."""
SHORTEST: Final = 0.12
"""Seconds of silence from which a pause tells something about the caller; shorter ones are those between words."""
KNOWN_TO_WAIT: Final = 2
"""Pauses that have to be known before we wait longer; one is enough where it made us cut the caller off."""
KNOWN_TO_HURRY: Final = 4
"""Pauses that have to be known before we wait less."""


@dataclass(frozen=True, slots=True)
class Habits:
    """The caller's last pauses inside answers, oldest first, each as a part of the silence that usually ends such an
    answer there: 1 and more is a pause at which we took the word too soon, or nearly did."""

    pauses: tuple[float, ...] = ()

    def after(self, pause: float, usual: Patience, completeness: Completeness) -> Habits:
        """With one more pause, in seconds, after words that were so complete."""
        silence = usual.unfinished if completeness is Completeness.UNFINISHED else usual.extendable
        return Habits((*self.pauses, pause / silence)[-REMEMBERED:])

    @property
    def factor(self) -> float:
        """On the usual silences; 1 while too little is known."""
        if not self.pauses:
            return 1.0
        longest, known = max(self.pauses), len(self.pauses)
        wanted = min(MOST, max(LEAST, longest + MARGIN))
        enough = 1 if longest >= 1 else KNOWN_TO_WAIT if wanted > 1 else KNOWN_TO_HURRY
        return wanted if known >= enough else 1.0


def adapted(patience: Patience, habits: Habits) -> Patience:
    """The patience for this caller. Answers known to be complete end as ever, and nothing lasts longer at most."""
    factor = habits.factor
    return replace(patience, extendable=patience.extendable * factor, unfinished=patience.unfinished * factor)

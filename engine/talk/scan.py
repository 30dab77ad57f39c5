"""One line of a talk file under a moving finger: words, values in quotes or bare, lists, durations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from engine.talk.model import Value

WORD: Final = re.compile(r'[^\s,()\[\]"=#]+')
PHRASE: Final = re.compile(r'[^\s,()\[\]"=#]+(?: +[^\s,()\[\]"=#]+)*')
NAME: Final = re.compile(r"[^\W\d]\w*(?:[.-]\w+)*")
PROMPT_ID: Final = re.compile(r"\w+(?:[./-]\w+)*")
_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) *(ms|s|sec|seconds|second|min|minutes|minute)(?!\w)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "min": 60.0, "minute": 60.0}
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def suggest(word: str, known: tuple[str, ...], otherwise: str = "") -> str:
    """A hint for a misspelt word."""
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"Did you mean `{near[0]}`?" if near else otherwise


class Fault(Exception):
    """A line cannot be read; `start` and `width` are code points of the line. Never leaves the reader."""

    def __init__(self, code: str, message: str, start: int, width: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.width, self.hint = code, message, start, width, hint


@dataclass(slots=True)
class Scanner:
    """Reads `text` from `at` on; every method skips spaces first and raises Fault on what it cannot read."""

    text: str
    at: int = 0

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    @property
    def done(self) -> bool:
        self.skip()
        return self.at >= len(self.text)

    def sees(self, sign: str) -> bool:
        self.skip()
        return self.text.startswith(sign, self.at)

    def take(self, sign: str) -> bool:
        """Whether `sign` comes next; it is then passed."""
        if not self.sees(sign):
            return False
        self.at += len(sign)
        return True

    def take_word(self, word: str) -> bool:
        """Like `take`, for a whole word."""
        self.skip()
        found = re.compile(re.escape(word) + r"(?![\w.-])").match(self.text, self.at)
        if not found:
            return False
        self.at = found.end()
        return True

    def match(self, pattern: re.Pattern[str]) -> str | None:
        self.skip()
        found = pattern.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        return found.group()

    def fault(self, message: str, hint: str = "", code: str = "talk.syntax") -> Fault:
        """About what comes next; a comment behind a line is told as such."""
        self.skip()
        rest = self.text[self.at :]
        if rest.startswith("#"):
            return Fault("talk.comment", "a comment needs a line of its own", self.at, len(rest), "Move it above.")
        found = re.compile(r"\S+").match(self.text, self.at)
        return Fault(code, message, self.at, len(found.group()) if found else 1, hint)

    def need(self, sign: str, what: str) -> None:
        if not self.take(sign):
            raise self.fault(f"`{sign}` is missing {what}")

    def end(self, hint: str = "") -> None:
        """Nothing may follow."""
        if not self.done:
            rest = re.compile(r"\S+").match(self.text, self.at)
            raise self.fault(f"`{rest.group() if rest else ''}` is too much here", hint)

    def name(self, what: str, pattern: re.Pattern[str] = NAME) -> str:
        found = self.match(pattern)
        if found is None:
            raise self.fault(f"{what} is missing here")
        return found

    def rest(self) -> str:
        """All that is left, without the spaces around it."""
        self.skip()
        left, self.at = self.text[self.at :].rstrip(), len(self.text)
        return left

    def quoted(self) -> str:
        """Text in double quotes; `\\"`, `\\\\`, `\\n`, `\\r` and `\\t` stand for themselves."""
        start = self.at
        self.need('"', "before the text")
        parts: list[str] = []
        while self.at < len(self.text):
            sign = self.text[self.at]
            self.at += 1
            if sign == '"':
                return "".join(parts)
            if sign == "\\":
                parts.append(self._escape())
            else:
                parts.append(sign)
        raise Fault("talk.quote", "this quotation does not end", start, len(self.text) - start, 'Close it with `"`.')

    def _escape(self) -> str:
        sign = self.text[self.at : self.at + 1]
        if sign not in _ESCAPES or not sign:
            raise Fault("talk.quote", f"`\\{sign}` means nothing", self.at - 1, 2, "A backslash is written `\\\\`.")
        self.at += 1
        return _ESCAPES[sign]

    def scalar(self, what: str, spaced: bool = True) -> str:
        """A text in quotes, or bare up to a comma or bracket (`spaced`), or up to the next space."""
        if self.sees('"'):
            return self.quoted()
        found = self.match(PHRASE if spaced else WORD)
        if found is None:
            raise self.fault(f"{what} is missing here")
        return found

    def value(self, what: str, spaced: bool = True) -> Value:
        """A scalar, or a list of scalars in square brackets."""
        if not self.take("["):
            return self.scalar(what, spaced)
        items: list[str] = []
        while not self.take("]"):
            if items:
                self.need(",", "between the values of a list")
            items.append(self.scalar("a value of the list"))
        return tuple(items)

    def duration(self) -> float:
        """Seconds, from `8s`, `1.2 s`, `300ms` or `2 min`."""
        self.skip()
        found = _DURATION.match(self.text, self.at)
        if not found:
            raise self.fault("a duration is missing here", "Write it like `8s` or `1.2s`.")
        self.at = found.end()
        unit = found.group(2)
        return round(float(found.group(1)) * _UNITS.get(unit, 60.0), 3)

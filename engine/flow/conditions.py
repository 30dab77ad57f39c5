"""Reads the text of a condition into a typed test, or says at which column it cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Final, cast

from engine.flow.guards import (
    And,
    Compare,
    Comparison,
    Condition,
    Constant,
    FromToday,
    Has,
    IsSet,
    Named,
    Not,
    OpenDay,
    OpenNow,
    Operand,
    Or,
    Scope,
    Test,
    Within,
)
from engine.kinds import is_list, is_range, item_of
from engine.yaml.position import did_you_mean

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<time>\d{1,2}:\d{2})|(?P<number>-?\d+)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")|(?P<sign>>=|<=|==|!=|[<>=]|[()\[\],+-]))"
)
_KINDS: Final = {
    "number": "number", "party_size": "number", "duration": "number", "money": "number", "date": "date",
    "datetime": "date", "date_of_birth": "date", "time": "time", "yes_no": "yes_no", "choice": "choice",
}  # fmt: skip
"""The kinds of value that conditions tell apart; all other types are text, and a slot without a type is any."""
_DEEPEST: Final = 20
_LONGEST: Final = 2000


class ConditionError(ValueError):
    """A condition cannot be read; `start` and `width` are columns within its text, from 0."""

    def __init__(self, message: str, start: int, width: int = 1, hint: str = "") -> None:
        self.start, self.width, self.hint = start, width, hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


def parse_condition(text: str, scope: Scope) -> Condition:
    """The condition that `text` means; raises ConditionError."""
    if len(text) > _LONGEST:
        raise ConditionError(f"a condition has at most {_LONGEST} characters", 0)
    return Condition(text, _Parser(_tokens(text), scope).whole())


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = len(text) - len(text[at:].lstrip())
            raise ConditionError(f"`{text[start]}` means nothing in a condition", start)
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    found.append(_Token("end", "", len(text)))
    return found


@dataclass(slots=True)
class _Parser:
    """Reads by descent: or, and, not, and single tests."""

    tokens: list[_Token]
    scope: Scope
    at: int = 0
    depth: int = 0

    def whole(self) -> Test:
        test = self.any_of()
        if self.next.kind != "end":
            raise self.wrong(f"`{self.next.text}` does not fit here", "Join conditions with `and` or `or`.")
        return test

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def took(self, *texts: str) -> bool:
        """Takes the next token if it is a word or sign among `texts`."""
        found = self.next.kind in ("word", "sign") and self.next.text in texts
        self.at += found
        return found

    def wrong(self, message: str, hint: str = "", token: _Token | None = None) -> ConditionError:
        token = token or self.next
        if token.kind == "end":
            message = "something is missing at the end of this condition"
        return ConditionError(message, token.start, max(1, len(token.text)), hint)

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.took("or"):
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else Or(tuple(tests))

    def all_of(self) -> Test:
        tests = [self.one()]
        while self.took("and"):
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else And(tuple(tests))

    def one(self) -> Test:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong("this condition is nested too deeply", "Split it into several steps.")
        try:
            if self.took("not"):
                return Not(self.one())
            if self.took("("):
                test = self.any_of()
                if not self.took(")"):
                    raise self.wrong("a `)` is missing here")
                return test
            return self.test()
        finally:
            self.depth -= 1

    def test(self) -> Test:
        subject = self.next
        if subject.kind == "word" and subject.text in self.scope.calendars and self._asks_calendar():
            return self.calendar()
        left, kind = self.operand()
        if self.took("has"):
            return self.has(left, kind, subject)
        if self.took("is"):
            return self.is_(left, kind, subject)
        negated = self.took("not")
        if self.took("in"):
            test = self.within(left, kind, subject)
            return Not(test) if negated else test
        sign = self.take()
        if sign.kind != "sign" or sign.text not in (">", "<", ">=", "<=", "==", "!=", "=") or negated:
            raise self.wrong("a comparison is due here", "Such as `is`, `>`, `<=` or `in [...]`.", sign)
        return self.compare(left, kind, "==" if sign.text == "=" else sign.text, sign)

    def _asks_calendar(self) -> bool:
        """Whether the coming words are `... is [not] open|closed now`, or can be nothing else."""
        words = [token.text for token in self.tokens[self.at + 1 : self.at + 5]]
        return "now" in words or self.next.text not in self.scope.types

    def calendar(self) -> Test:
        name = self.take()
        if not self.took("is"):
            raise self.wrong("a calendar is `open now` or `closed now`")
        negated = self.took("not")
        state = self.take()
        if state.text not in ("open", "closed"):
            raise self.wrong(
                "a calendar is `open now` or `closed now`", did_you_mean(state.text, ("open", "closed")), state
            )
        if not self.took("now"):
            raise self.wrong("`now` is missing", f"Write `{name.text} is {state.text} now`.", name)
        test = OpenNow(name.text)
        return test if (state.text == "open") != negated else Not(test)

    def is_(self, left: Operand, kind: str, subject: _Token) -> Test:
        negated = self.took("not")
        own = self.scope.choices.get(left.name, ()) if isinstance(left, Named) else ()
        if self.next.text in ("known", "set", "unknown", "open", "closed") and self.next.text not in own:
            state = self.take()
            test: Test = self.state(left, state, subject)
            negated ^= state.text == "unknown"
        else:
            return self.compare(left, kind, "!=" if negated else "==", subject)
        return Not(test) if negated else test

    def state(self, left: Operand, state: _Token, subject: _Token) -> Test:
        if not isinstance(left, Named):
            raise self.wrong(f"only a name can be `{state.text}`", token=subject)
        if state.text in ("known", "set", "unknown"):
            return IsSet(left.name)
        if self.took("now"):
            hint = did_you_mean(left.name, self.scope.calendars)
            raise self.wrong(f"`{left.name}` is no calendar", hint, subject)
        calendar = self.scope.open.get(left.name)
        if calendar is None:
            raise self.wrong(f"`{left.name}` has no calendar", "Give the slot `open: <calendar>`.", subject)
        return OpenDay(left.name, calendar, state.text == "open")

    def compare(self, left: Operand, kind: str, sign: str, token: _Token) -> Test:
        at = self.next
        self.single(kind, token)
        right, other = self.operand(kind, left)
        self.single(other, at)
        if "any" not in (kind, other) and kind != other:
            raise self.wrong(f"{_a(kind)} cannot be compared with {_a(other)}", token=at)
        if sign not in ("==", "!=") and kind in ("text", "choice", "yes_no"):
            raise self.wrong(f"{_a(kind)} is neither more nor less than another", "Use `is` or `is not`.", token)
        return Compare(left, cast(Comparison, sign), right)

    def has(self, left: Operand, kind: str, subject: _Token) -> Test:
        if not isinstance(left, Named) or not (is_list(kind) or is_range(kind)):
            raise self.wrong("only a list or a range has values", "Use `is` or `in [...]`.", subject)
        due, at = _kind(item_of(kind)), self.next
        value, other = self.operand(due, left)
        if isinstance(value, Named) or ("any" not in (due, other) and due != other):
            raise self.wrong(f"it has {_many(due)}, never {_a(other)}", token=at)
        return Has(left.name, value)

    def within(self, left: Operand, kind: str, subject: _Token) -> Test:
        if not isinstance(left, Named):
            raise self.wrong("only a name can be `in` a list", token=subject)
        self.single(kind, subject)
        if not self.took("["):
            raise self.wrong("a list is due here", "Such as `[one, two]`.")
        values: list[Constant] = []
        while not values or self.took(","):
            at = self.next
            value, other = self.operand(kind, left)
            if isinstance(value, Named | FromToday) or ("any" not in (kind, other) and kind != other):
                raise self.wrong(f"the list should hold {_a(kind)} here", token=at)
            values.append(value)
        if not self.took("]"):
            raise self.wrong("a comma or `]` is missing here")
        return Within(left.name, tuple(values))

    def single(self, kind: str, token: _Token) -> None:
        """Refuses what is many values at once."""
        if is_list(kind) or is_range(kind):
            what = "a list" if is_list(kind) else "a range"
            raise self.wrong(f"{what} cannot be compared", f"Ask what it holds: `{token.text} has ...`.", token)

    def operand(self, due: str | None = None, beside: Operand | None = None) -> tuple[Operand, str]:
        """A value and its kind; a bare word is a choice, yes or no where one is due."""
        token = self.take()
        match token.kind:
            case "number":
                return int(token.text), "number"
            case "date" | "time":
                return self.moment(token), token.kind
            case "text":
                return token.text[1:-1], "choice" if due == "choice" else "text"
            case "word":
                return self.word(token, due, beside)
            case _:
                raise self.wrong("a name or a value is due here", token=token)

    def moment(self, token: _Token) -> date | time:
        try:
            if token.kind == "date":
                return date.fromisoformat(token.text)
            hour, minute = token.text.split(":")
            return time(int(hour), int(minute))
        except ValueError:
            raise self.wrong(f"there is no {token.kind} {token.text}", token=token) from None

    def word(self, token: _Token, due: str | None, beside: Operand | None) -> tuple[Operand, str]:
        if token.text == "today" and due in (None, "date"):
            return self.today(), "date"
        if due == "yes_no" and token.text in ("yes", "no", "true", "false"):
            return token.text in ("yes", "true"), "yes_no"
        choices = self.scope.choices.get(beside.name, ()) if isinstance(beside, Named) and due == "choice" else ()
        if token.text in choices:
            return token.text, "choice"
        declared = self.scope.types.get(token.text)
        if declared is not None:
            many = is_list(declared) or is_range(declared)
            return Named(token.text), declared if many else _kind(declared)
        known = choices or (*self.scope.types, *self.scope.calendars, "today")
        message = (
            f"`{token.text}` is no choice of this slot" if choices else f"there is no slot or result `{token.text}`"
        )
        raise self.wrong(message, did_you_mean(token.text, known), token)

    def today(self) -> FromToday:
        sign = self.next.text
        if (self.next.kind == "number" and sign.startswith("-")) or self.took("+", "-"):
            count = self.take()
        else:
            return FromToday(0)
        if count.kind != "number" or not self.took("day", "days") or len(count.text) > 5:
            raise self.wrong("write it like `today + 3 days`", token=count)
        return FromToday(int(count.text) * (-1 if sign == "-" else 1))


def _kind(declared: str) -> str:
    return _KINDS.get(declared, "text" if declared else "any")


def _many(kind: str) -> str:
    return {"yes_no": "yes and no", "text": "texts"}.get(kind, f"{kind}s")


def _a(kind: str) -> str:
    return {"yes_no": "a yes or no", "text": "text"}.get(kind, f"a {kind}")

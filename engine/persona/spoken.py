"""Values read aloud by their type, in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final, Literal, TypeAlias, cast

from engine.acts import PersonName, Range, Recording
from engine.effects import Typed
from engine.kinds import LIST, RANGE, is_list, is_range, item_of
from engine.persona.readings import Piece, Reading, Saying, expect
from engine.persona.spoken_dates import read_birth, read_date, read_datetime, read_duration, read_nights, read_time
from engine.persona.spoken_languages import reading
from engine.persona.spoken_numbers import (
    read_address,
    read_digits,
    read_email,
    read_money,
    read_number,
    read_party_size,
    read_phone,
    read_reference,
    spelled,
)

_Reader: TypeAlias = Callable[[Any, Saying], str]


def spoken(typed: Typed, style: str | None, language: str, now: datetime) -> str:
    """The value as a person would say it. `style` is one of `STYLES[type]` or None; `now` is the moment of the call in
    the flow's zone. Raises LookupError for a language without readings, ValueError for a style that the type does not
    have, TypeError for a value of another type."""
    saying = Saying(reading(language), now, style)
    if style is not None and style not in styles(typed.type):
        raise ValueError(
            f"the type {typed.type} has no style {style!r}; it has {', '.join(styles(typed.type)) or 'none'}"
        )
    if isinstance(typed.value, Recording):
        recorded = saying.words.recorded
        return recorded.get(typed.type, recorded[""])
    if is_list(typed.type):
        return _many(typed, language, saying)
    if is_range(typed.type):
        return _stretch(typed, language, saying)
    if typed.speech == "last3" and typed.type in ("phone", "digits"):
        saying = Saying(saying.words, now, "last3")
    return _READERS.get(typed.type, _text)(typed.value, saying)


def styles(type_name: str) -> tuple[str, ...]:
    """The styles that `{name:style}` may ask for where `name` has this type."""
    if is_range(type_name):
        return STYLES["range"]
    return STYLES["list"] if is_list(type_name) else STYLES.get(type_name, STYLES["text"])


def echo_template(slots: Sequence[tuple[str, str, str]], language: str = "en-GB") -> str:
    """A prompt text that reads back slots, given as (name, type, label), in their order: what belongs together runs on,
    the rest stands between commas. The placeholders are filled by `render`."""
    words = reading(language)
    parts: list[str] = []
    details = 0
    for name, type_name, label in slots:
        piece = _echoed(type_name, words)
        text = _piece(piece, name, label)
        if piece.runs_on and details == 0 and parts:
            parts[-1] += f" {text}"
        else:
            parts.append(text)
            details += not piece.runs_on
    return _joined(parts, words)


def echo(values: Sequence[tuple[str, Typed]], language: str, now: datetime) -> str:
    """A read-back of values with their labels, as one phrase without a full stop."""
    slots = [(f"v{index}", typed.type, label) for index, (label, typed) in enumerate(values)]
    filled = {name: typed for (name, _, _), (_, typed) in zip(slots, values, strict=True)}
    return fill(echo_template(slots, language), filled, language, now)


_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_][\w.]*)(?::(\w+))?\}")


_OPENS: Final = re.compile(r"(?:^|[.!?…]\s+)$")


def fill(text: str, values: Mapping[str, Typed], language: str, now: datetime, capitals: bool = False) -> str:
    """`text` with each `{name}` and `{name:style}` replaced by its value read aloud, with a capital where the value
    opens a sentence if `capitals`. Raises KeyError for an unknown name: the loader has checked every placeholder, so
    this is our fault."""

    def value(match: re.Match[str]) -> str:
        said = spoken(values[match[1]], match[2], language, now)
        opens = capitals and _OPENS.search(text, 0, match.start()) is not None
        return said[:1].upper() + said[1:] if opens else said

    return _PLACEHOLDER.sub(value, text)


def placeholders(text: str) -> tuple[tuple[str, str | None], ...]:
    """Every (name, style) that a prompt text asks for, in order."""
    return tuple((match[1], match[2]) for match in _PLACEHOLDER.finditer(text))


def _echoed(type_name: str, words: Reading) -> Piece:
    """How a value of the type stands in a read-back: a list as its items do, a range by itself."""
    if is_range(type_name):
        return Piece("{value}")
    piece = words.echo.get(item_of(type_name), words.echo_other)
    if not is_list(type_name):
        return piece
    return replace(words.echo_other if piece.style else piece, style="full")


def _piece(piece: Piece, name: str, label: str) -> str:
    value = f"{{{name}:{piece.style}}}" if piece.style else f"{{{name}}}"
    return piece.pattern.format(value=value, label=label)


def _joined(parts: Sequence[str], words: Reading) -> str:
    """`a`, `a, b`, or `a, b, and c`: a read-back is heard better with a breath before its last part."""
    if len(parts) < 3:
        return words.join["comma"].join(parts)
    return words.join["comma"].join((*parts[:-1], words.join["and"].lstrip() + parts[-1]))


def _many(typed: Typed, language: str, saying: Saying, full: bool = False) -> str:
    """Short readings joined with `or`, or with `and` where all are meant; full ones in a read-back, and where two would
    sound the same."""
    kind = typed.type.removesuffix(LIST)
    items = tuple(typed.value) if isinstance(typed.value, list | tuple) else (typed.value,)
    join: Literal["or", "and"] = "and" if is_list(kind) else "or"
    each = [Typed(kind, item, typed.sensitive, typed.speech, join) for item in items]
    short = "short" if "short" in styles(kind) else None

    def read(full: bool) -> list[str]:
        if is_list(kind):
            return [_many(item, language, Saying(saying.words, saying.now, None), full) for item in each]
        return [spoken(item, None if full else short, language, saying.now) for item in each]

    full = full or saying.style == "full"
    texts = read(full)
    if not full and len(set(texts)) < len(set(map(repr, items))):
        texts = read(full=True)
    if len(texts) < 2:
        return "".join(texts)
    last = saying.words.join[saying.style if saying.style in ("or", "and") else typed.join]
    return saying.words.join["comma"].join(texts[:-1]) + last + texts[-1]


def _stretch(typed: Typed, language: str, saying: Saying) -> str:
    """A range; its start in short where the end says the rest ("from Friday the 3rd to Sunday the 5th of March")."""
    expect(typed.value, Range, "range")
    kind, value = typed.type.removesuffix(RANGE), cast(Range, typed.value)
    patterns = saying.words.ranges.get(kind, saying.words.ranges[""])

    def said(end: Any, style: str | None = None) -> str:
        return "" if end is None else spoken(Typed(kind, end, typed.sensitive), style, language, saying.now)

    if value.start == value.end:
        return said(value.end)
    both = None not in (value.start, value.end)
    style = _SHORT_START.get(kind) if both and _alike(value.start, value.end) else None
    pattern = patterns["both" if both else "start" if value.end is None else "end"]
    return pattern.format(start=said(value.start, style), end=said(value.end))


_SHORT_START: Final[Mapping[str, str]] = {
    "date": "short", "datetime": "short", "time": "short", "party_size": "number",
}  # fmt: skip
"""The style of a start whose end says what it leaves out."""


def _alike(start: Any, end: Any) -> bool:
    """Whether both are in the same month, or the same half of the day."""
    if isinstance(start, date):
        return (start.year, start.month) == (end.year, end.month)
    return not isinstance(start, time) or (start.hour < 12) == (end.hour < 12)


def _text(value: Any, saying: Saying) -> str:
    text = str(getattr(value, "label", value)).strip()
    code = re.fullmatch(r"[A-Z0-9][A-Z0-9-]*", text) and re.search(r"\d", text)
    return spelled(text, saying.words) if saying.style == "spelled" or code else text


def _yes_no(value: Any, saying: Saying) -> str:
    expect(value, bool, "yes or no")
    return saying.words.yes_no[not value]


def _part_of_day(value: Any, saying: Saying) -> str:
    return saying.words.parts_of_day.get(str(value), str(value))


def _person_name(value: Any, saying: Saying) -> str:
    name = value if isinstance(value, PersonName) else PersonName(first=str(value))
    match saying.style:
        case "first":
            return name.first or name.last
        case "last":
            return name.last or name.first
        case "spelled":
            return spelled(str(name), saying.words)
        case "named":
            return saying.words.named.format(name=name)
        case _:
            return str(name)


_READERS: Final[Mapping[str, _Reader]] = {
    "address": read_address,
    "choice": _text,
    "date": read_date,
    "date_of_birth": read_birth,
    "datetime": read_datetime,
    "digits": read_digits,
    "duration": read_duration,
    "email": read_email,
    "money": read_money,
    "nights": read_nights,
    "number": read_number,
    "part_of_day": _part_of_day,
    "party_size": read_party_size,
    "person_name": _person_name,
    "phone": read_phone,
    "postcode": read_reference,
    "reference": read_reference,
    "text": _text,
    "time": read_time,
    "yes_no": _yes_no,
}

STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "address": (),
    "choice": (),
    "date": ("short", "weekday", "year"),
    "date_of_birth": (),
    "datetime": ("short",),
    "digits": ("last3",),
    "duration": (),
    "email": ("spelled", "checked"),
    "list": ("or", "and", "full"),
    "range": (),
    "money": (),
    "nights": (),
    "number": ("ordinal",),
    "part_of_day": (),
    "party_size": ("number",),
    "person_name": ("first", "last", "named", "spelled"),
    "phone": ("last3", "named"),
    "postcode": (),
    "reference": (),
    "text": ("spelled",),
    "time": ("short",),
    "yes_no": (),
}

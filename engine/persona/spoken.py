"""Values read aloud by their type, in the words of a language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

import phonenumbers

from engine.acts import PersonName, Recording
from engine.effects import Typed
from engine.persona.readings import Piece, Reading, reading

LIST: Final = " list"
"""A type name with this ending holds several values of the type before it."""

FAR: Final = timedelta(days=300)
"""From here on a date is read with its year."""


@dataclass(frozen=True, slots=True)
class _Saying:
    """What a reader of one value may know."""

    words: Reading
    now: datetime
    style: str | None


_Reader: TypeAlias = Callable[[Any, _Saying], str]


def spoken(typed: Typed, style: str | None, language: str, now: datetime) -> str:
    """The value as a person would say it. `style` is one of `STYLES[type]` or None; `now` is the moment of the call in
    the flow's zone. Raises LookupError for a language without readings, ValueError for a style that the type does not
    have, TypeError for a value of another type."""
    saying = _Saying(reading(language), now, style)
    if style is not None and style not in styles(typed.type):
        raise ValueError(
            f"the type {typed.type} has no style {style!r}; it has {', '.join(styles(typed.type)) or 'none'}"
        )
    if isinstance(typed.value, Recording):
        recorded = saying.words.recorded
        return recorded.get(typed.type, recorded[""])
    if typed.type.endswith(LIST):
        return _many(typed, language, saying)
    if typed.speech == "last3" and typed.type in ("phone", "digits"):
        saying = _Saying(saying.words, now, "last3")
    return _READERS.get(typed.type, _text)(typed.value, saying)


def styles(type_name: str) -> tuple[str, ...]:
    """The styles that `{name:style}` may ask for where `name` has this type."""
    return STYLES["list"] if type_name.endswith(LIST) else STYLES.get(type_name, STYLES["text"])


def echo_template(slots: Sequence[tuple[str, str, str]], language: str = "en-GB") -> str:
    """A prompt text that reads back slots, given as (name, type, label), in their order: what belongs together runs on,
    the rest stands between commas. The placeholders are filled by `render`."""
    words = reading(language)
    parts: list[str] = []
    details = 0
    for name, type_name, label in slots:
        piece = words.echo.get(type_name, words.echo_other)
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


def _piece(piece: Piece, name: str, label: str) -> str:
    value = f"{{{name}:{piece.style}}}" if piece.style else f"{{{name}}}"
    return piece.pattern.format(value=value, label=label)


def _joined(parts: Sequence[str], words: Reading) -> str:
    """`a`, `a, b`, or `a, b, and c`: a read-back is heard better with a breath before its last part."""
    if len(parts) < 3:
        return words.join["comma"].join(parts)
    return words.join["comma"].join((*parts[:-1], words.join["and"].lstrip() + parts[-1]))


def _many(typed: Typed, language: str, saying: _Saying) -> str:
    """Short readings joined with `or`; full ones where two of them would sound the same."""
    kind = typed.type.removesuffix(LIST)
    short = "short" if "short" in styles(kind) else None
    items = tuple(typed.value) if isinstance(typed.value, list | tuple) else (typed.value,)
    if not items:
        return ""
    texts = [spoken(Typed(kind, item, typed.sensitive, typed.speech), short, language, saying.now) for item in items]
    if len(set(texts)) < len(set(items)):
        texts = [spoken(Typed(kind, item, typed.sensitive, typed.speech), None, language, saying.now) for item in items]
    if len(texts) == 1:
        return texts[0]
    last = saying.words.join[saying.style or "or"]
    return saying.words.join["comma"].join(texts[:-1]) + last + texts[-1]


def _expect(value: Any, kind: type | tuple[type, ...], name: str) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"a {name} was to be read aloud, but the value is {value!r}")


def _text(value: Any, saying: _Saying) -> str:
    text = str(getattr(value, "label", value)).strip()
    code = re.fullmatch(r"[A-Z0-9][A-Z0-9-]*", text) and re.search(r"\d", text)
    return _spelled(text, saying.words) if saying.style == "spelled" or code else text


def _reference(value: Any, saying: _Saying) -> str:
    return _spelled(str(value), saying.words)


def _spelled(text: str, words: Reading) -> str:
    """Sign by sign: digits as words in groups, letters as capitals."""
    runs = re.findall(r"\d+|[^\W\d_]+", text)
    said = [_digit_groups(run, words) if run.isdigit() else " ".join(run.upper()) for run in runs]
    return words.join["comma"].join(said)


def _digit_groups(digits: str, words: Reading) -> str:
    """Digits as words: up to four together, longer strings in threes with a last group of two to four."""
    groups: list[str] = []
    rest = digits
    while len(rest) > 4:
        groups.append(rest[:3])
        rest = rest[3:]
    return _digit_words((*groups, rest), words)


def _digit_words(groups: Sequence[str], words: Reading) -> str:
    said = (" ".join(words.digits[int(digit)] for digit in group) for group in groups)
    return words.join["comma"].join(said)


def _digits(value: Any, saying: _Saying) -> str:
    digits = str(value)
    if saying.style == "last3":
        return saying.words.ending.format(digits=_digit_words((digits[-3:],), saying.words))
    return _spelled(digits, saying.words)


def _phone(value: Any, saying: _Saying) -> str:
    words, number = saying.words, re.sub(r"[^\d+]", "", str(value))
    if saying.style == "last3":
        return words.ending.format(digits=_digit_words((number[-3:],), words))
    groups = _phone_groups(number, words.region)
    plus = f"{words.plus} " if number.startswith("+") and groups[0] == "+" else ""
    text = plus + _digit_words([group for group in groups if group != "+"], words)
    return words.numbered.format(digits=text) if saying.style == "named" else text


def _phone_groups(number: str, region: str) -> tuple[str, ...]:
    """A number in the groups of its country, none over five digits; `+` first for a number of another country."""
    shown = number
    with suppress(phonenumbers.NumberParseException):
        parsed = phonenumbers.parse(number, region)
        home = phonenumbers.region_code_for_country_code(parsed.country_code or 0) == region
        shape = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
        formatted = phonenumbers.format_number(parsed, shape)
        rest = phonenumbers.national_significant_number(parsed)
        at_home = home and number == f"+{parsed.country_code}{rest}" and re.sub(r"\D", "", formatted).endswith(rest)
        if at_home or re.sub(r"[^\d+]", "", formatted) == number:
            shown = formatted
    groups = [part for group in re.findall(r"\d+", shown) for part in _halves(group)]
    return ("+", *groups) if shown.startswith("+") else tuple(groups)


def _halves(group: str) -> tuple[str, ...]:
    """Groups of up to five digits stay whole; longer ones are cut into threes and fours."""
    if len(group) <= 5:
        return (group,)
    head = 4 if len(group) % 3 == 2 else 3
    return (group[:head], *_halves(group[head:]))


def _date(value: Any, saying: _Saying) -> str:
    _expect(value, date, "date")
    words, today = saying.words, saying.now.date()
    day = value.date() if isinstance(value, datetime) else value
    if saying.style == "weekday":
        return words.weekdays[day.weekday()]
    ahead = day - today
    if saying.style == "short" and ahead in (timedelta(0), timedelta(days=1)):
        return words.date["tomorrow" if ahead else "today"]
    near = timedelta(0) < ahead < timedelta(days=28)
    shape = "short" if saying.style == "short" and near else "full"
    if shape == "full" and (saying.style == "year" or abs(ahead) >= FAR):
        shape = "full_year"
    return _dated(day, shape, words)


def _dated(day: date, shape: str, words: Reading) -> str:
    return words.date[shape].format(
        weekday=words.weekdays[day.weekday()],
        ordinal=words.ordinals[day.day - 1],
        month=words.months[day.month - 1],
        year=day.year,
    )


def _date_of_birth(value: Any, saying: _Saying) -> str:
    _expect(value, date, "date of birth")
    return _dated(value, "birth", saying.words)


def _time(value: Any, saying: _Saying) -> str:
    _expect(value, time, "time")
    words = saying.words
    moment = words.moments.get(time(value.hour, value.minute))
    if moment is not None:
        return moment
    if saying.style == "short" and not words.part_always:
        return _clock(value, words)
    pattern = [pattern for hour, pattern in words.parts if hour <= value.hour][-1]
    return pattern.format(clock=_clock(value, words))


def _clock(value: time, words: Reading) -> str:
    hour = value.hour if not words.twelve_hours else (value.hour - 1) % 12 + 1
    following = hour % 12 + 1 if words.twelve_hours else (hour + 1) % 24
    pattern = words.clock.get(value.minute, words.past if value.minute < 30 else words.to)
    minutes = value.minute if value.minute < 30 else 60 - value.minute
    return pattern.format(
        hour=hour,
        next=following,
        hour_word=words.small[hour],
        next_word=words.small[following],
        minutes=words.small[minutes],
    )


def _datetime(value: Any, saying: _Saying) -> str:
    _expect(value, datetime, "date and time")
    at = _time(value.time(), saying)
    return saying.words.datetime.format(date=_date(value.date(), saying), time=at)


def _duration(value: Any, saying: _Saying) -> str:
    _expect(value, timedelta, "duration")
    words, total = saying.words, round(value.total_seconds() / 60)
    hours, minutes = divmod(total, 60)
    if hours and minutes == 30:
        return words.half_hours[hours != 1].format(count=hours)
    said_hours = words.hours[hours != 1].format(count=hours)
    said_minutes = words.minutes[minutes != 1].format(count=minutes)
    if not hours:
        return said_minutes
    return words.hours_minutes.format(hours=said_hours, minutes=said_minutes) if minutes else said_hours


def _number(value: Any, saying: _Saying) -> str:
    _expect(value, (int, float, Decimal), "number")
    if saying.style == "ordinal" and 1 <= value <= len(saying.words.ordinals):
        return saying.words.ordinals[int(value) - 1]
    return str(int(value)) if value == int(value) else format(value, "g" if isinstance(value, float) else "")


def _party_size(value: Any, saying: _Saying) -> str:
    _expect(value, int, "number of people")
    if saying.style == "number":
        return str(value)
    return saying.words.people[value != 1].format(count=value)


def _money(value: Any, saying: _Saying) -> str:
    _expect(value, (int, float, Decimal), "amount of money")
    one, many, with_rest = saying.words.money
    whole, rest = divmod(round(value * 100), 100)
    amount = one if whole == 1 else many.format(whole=whole)
    return with_rest.format(amount=amount, rest=f"{rest:02d}") if rest else amount


def _yes_no(value: Any, saying: _Saying) -> str:
    _expect(value, bool, "yes or no")
    return saying.words.yes_no[not value]


def _person_name(value: Any, saying: _Saying) -> str:
    name = value if isinstance(value, PersonName) else PersonName(first=str(value))
    match saying.style:
        case "first":
            return name.first or name.last
        case "last":
            return name.last or name.first
        case "spelled":
            return _spelled(str(name), saying.words)
        case "named":
            return saying.words.named.format(name=name)
        case _:
            return str(name)


def _email(value: Any, saying: _Saying) -> str:
    said = "".join(saying.words.email.get(sign, sign) for sign in str(value))
    return " ".join(said.split())


_READERS: Final[Mapping[str, _Reader]] = {
    "choice": _text,
    "date": _date,
    "date_of_birth": _date_of_birth,
    "datetime": _datetime,
    "digits": _digits,
    "duration": _duration,
    "email": _email,
    "money": _money,
    "number": _number,
    "party_size": _party_size,
    "person_name": _person_name,
    "phone": _phone,
    "postcode": _reference,
    "reference": _reference,
    "text": _text,
    "time": _time,
    "yes_no": _yes_no,
}

STYLES: Final[Mapping[str, tuple[str, ...]]] = {
    "choice": (),
    "date": ("short", "weekday", "year"),
    "date_of_birth": (),
    "datetime": ("short",),
    "digits": ("last3",),
    "duration": (),
    "email": (),
    "list": ("or", "and"),
    "money": (),
    "number": ("ordinal",),
    "party_size": ("number",),
    "person_name": ("first", "last", "named", "spelled"),
    "phone": ("last3", "named"),
    "postcode": (),
    "reference": (),
    "text": ("spelled",),
    "time": ("short",),
    "yes_no": (),
}

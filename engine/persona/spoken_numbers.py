"""Numbers, digits, telephone numbers and spelled words read aloud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import phonenumbers

from engine.persona.readings import Reading, Saying, expect


def read_reference(value: Any, saying: Saying) -> str:
    return spelled(str(value), saying.words)


def spelled(text: str, words: Reading) -> str:
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


def read_digits(value: Any, saying: Saying) -> str:
    digits = str(value)
    if saying.style == "last3":
        return saying.words.ending.format(digits=_digit_words((digits[-3:],), saying.words))
    return spelled(digits, saying.words)


def read_phone(value: Any, saying: Saying) -> str:
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


def read_number(value: Any, saying: Saying) -> str:
    expect(value, (int, float, Decimal), "number")
    if saying.style == "ordinal" and 1 <= value <= len(saying.words.ordinals):
        return saying.words.ordinals[int(value) - 1]
    return str(int(value)) if value == int(value) else format(value, "g" if isinstance(value, float) else "")


def read_party_size(value: Any, saying: Saying) -> str:
    expect(value, int, "number of people")
    if saying.style == "number":
        return str(value)
    return saying.words.people[value != 1].format(count=value)


def read_money(value: Any, saying: Saying) -> str:
    expect(value, (int, float, Decimal), "amount of money")
    one, many, with_rest = saying.words.money
    whole, rest = divmod(round(value * 100), 100)
    amount = one if whole == 1 else many.format(whole=whole)
    return with_rest.format(amount=amount, rest=f"{rest:02d}") if rest else amount

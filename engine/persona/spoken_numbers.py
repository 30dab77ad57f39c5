"""Numbers, digits, telephone numbers and spelled words read aloud."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import phonenumbers

from engine.acts import Money
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
    """An amount in its currency; a plain number in that of the language."""
    expect(value, (Money, int, float, Decimal), "amount of money")
    one, many, with_rest = saying.words.money
    low_one, low_many = "", ""
    if isinstance(value, Money):
        unknown = (f"{{whole}} {value.currency}",) * 2
        one, many, low_one, low_many = saying.words.currencies.get(value.currency, (*unknown, "", ""))
    whole, rest = divmod(round((value.amount if isinstance(value, Money) else value) * 100), 100)
    if rest and not whole and low_many:
        return low_one if rest == 1 else low_many.format(rest=rest)
    amount = (one if whole == 1 else many).format(whole=whole)
    return with_rest.format(amount=amount, rest=f"{rest:02d}") if rest else amount


_NO_WORD = re.compile(r"[^aeiouy]+|.{1,2}")
"""Names that cannot be said as words."""
_SAID = ("co", "me", "io")
"""Short parts of domains that are said as words."""


def read_email(value: Any, saying: Saying) -> str:
    """An address with its signs as words, digits one by one, and spelled what is no word. The style `spelled` spells
    all before the sign; `checked` says the address and then spells it, unless that was done already."""
    local, sign, domain = str(value).partition("@")
    words, style = saying.words, saying.style
    plain = _signs(local, words, style == "spelled") + (words.email["@"] if sign else "") + _signs(domain, words, False)
    letters = _signs(local, words, True)
    if style == "checked" and letters != _signs(local, words, False):
        plain = words.spelled_out.format(value=plain, letters=letters)
    return re.sub(r" +(?=,)", "", " ".join(plain.split()))


def _signs(text: str, words: Reading, spell: bool) -> str:
    """A part of an address: names as words or by their letters, digits one by one, signs by their names."""
    return "".join(f" {_sign(part, words, spell)} " for part in re.findall(r"[^\W\d_]+|\d|[\W_]", text))


def _sign(part: str, words: Reading, spell: bool) -> str:
    if part.isdigit():
        return words.digits[int(part)]
    if not part.isalpha():
        return words.email.get(part, part)
    return " ".join(part.upper()) if spell or (_NO_WORD.fullmatch(part) and part not in _SAID) else part


_CODE = re.compile(r"\b(?=[A-Z\d]*\d)(?=[A-Z\d]*[A-Z])[A-Z\d]{2,4} \d[A-Z\d]{2,3}\b|\b\d{4,5}\b(?=$|,)")
_HOUSE = re.compile(r"\b(\d+)([A-Z])\b")


def read_address(value: Any, saying: Saying) -> str:
    """An address as it stands, its postcode spelled and the letter of a house number apart."""
    text = str(value)
    code = next((found for found in reversed(list(_CODE.finditer(text))) if found.start()), None)
    if code is not None:
        text = f"{text[: code.start()]}{spelled(code[0], saying.words)}{text[code.end() :]}"
    return _HOUSE.sub(r"\1 \2", text)

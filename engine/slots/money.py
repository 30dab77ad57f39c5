"""Amounts of money: "twelve pounds fifty", "a fiver", "£20", "twenty quid", "ten euros"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from engine.acts import Money
from engine.effects import Keypad
from engine.slots.numerals import SMALL, TEENS, TENS, Number, lone, numbers, small
from engine.slots.registry import Context, Mention, register
from engine.slots.words import any_of, finish, fold, longest, span_of

_BY_COUNTRY: Final[Mapping[str, str]] = {
    "GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "CH": "CHF", "LI": "CHF", "DK": "DKK",
    "SE": "SEK", "NO": "NOK", "PL": "PLN", "CZ": "CZK", "JP": "JPY", "IN": "INR", "MX": "MXN", "ZA": "ZAR",
}  # fmt: skip
"""The money of a country; of all others it is the euro."""
_BY_LANGUAGE: Final[Mapping[str, str]] = {"en": "GBP", "da": "DKK", "sv": "SEK", "pl": "PLN", "cs": "CZK"}
_DOLLARS: Final = ("USD", "CAD", "AUD", "NZD")
_PENCE: Final = ("GBP",)
_MAJOR: Final[Mapping[str, str]] = {
    "pound": "GBP", "pounds": "GBP", "quid": "GBP", "pounds sterling": "GBP", "sterling": "GBP", "gbp": "GBP",
    "£": "GBP", "dollar": "$", "dollars": "$", "buck": "$", "bucks": "$", "$": "$", "usd": "USD",
    "us dollars": "USD", "euro": "EUR", "euros": "EUR", "eur": "EUR", "€": "EUR", "franc": "CHF", "francs": "CHF",
    "swiss francs": "CHF", "chf": "CHF",
}  # fmt: skip
_MINOR: Final[Mapping[str, str]] = {
    "pence": "GBP", "penny": "GBP", "pennies": "GBP", "p": "GBP", "cent": "c", "cents": "c", "¢": "$",
    "centimes": "CHF", "rappen": "CHF",
}  # fmt: skip
_NOTES: Final[Mapping[str, tuple[int, str]]] = {
    "fiver": (5, "GBP"), "tenner": (10, "GBP"), "grand": (1000, ""),
}  # fmt: skip
_SIGN: Final = re.compile(
    r"(?P<sign>[£$€]) ?(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d+(?:[.,]\d\d?)?)(?P<k> ?k\b)?(?![\w:/])"
    r"|(?<![\w.,:/])(?P<before>\d+(?:[.,]\d\d)?) ?(?P<after>[£€])(?!\w)"
    r"|(?<![\w.,:/])(?P<pence>\d{1,3})(?P<coin>[p¢])(?!\w|\.? ?m\b)"
)
_WORDS: Final = any_of([word for word in _MAJOR if word.isascii() and word != "$"])
_UNIT: Final = re.compile(rf"(?: of)?[ -]?(?P<unit>{_WORDS})(?!\w)")
_SMALL_UNIT: Final = re.compile(r"[ -]?(?P<unit>pence|penny|pennies|p(?!\.? ?m\b)|cents?|¢|centimes|rappen)(?!\w)")
_REST: Final = re.compile(
    rf"(?:,? and)? (?P<rest>{SMALL}|[1-9]?\d)(?P<unit> ?(?:pence|p|cents?|centimes|rappen)\b)?"
    r"(?! (?:people|persons?|of us|guests|minutes?|hours?|days?|nights?|times|each|o'clock|[ap]\.?m\b|pounds?|quid"
    r"|dollars?|euros?|francs?|hundred|thousand|per cent))(?![\w:/.]\d|\w)"
)
_ONE: Final = re.compile(
    rf"(?<![\w'])an? (?:(?P<note>fiver|tenner|grand)|(?P<unit>{_WORDS}))(?P<half> and a half)?(?!\w)"
    rf"|(?<![\w'])(?P<count>{SMALL}|\d{{1,3}}|a couple of) ?(?P<notes>fivers|tenners|grand|k)(?!\w)"
    rf"|(?<![\w'])(?:(?P<whole>{SMALL}|\d{{1,3}}) and a half|half a) (?P<of>{_WORDS}|grand)(?!\w)"
)
_POINTED: Final = re.compile(
    rf"(?<![\w.,:/])(?P<whole>{any_of([*TEENS, *TENS])}|{SMALL}|\d{{1,3}})[ ]"
    rf"(?P<rest>{any_of(TENS)}(?:[ -](?:{SMALL}))?|{any_of(TEENS)}|oh (?:{SMALL})|[1-9]\d)"
    r"(?![\w:/])(?! (?:people|of us|minutes?|hours?|o'clock|[ap]\.?m\b))"
)
_EITHER: Final = re.compile(r" (?:or|to|maybe) (?:maybe )?|-")
_CLOCK: Final = re.compile(r"\d[:.]$")
_WEIGHT: Final = re.compile(r"\b(?:los[et]|lost|weighs?|gained?|put on|overweight by) (?:about |around )?$")
_CENT: Final = Decimal("0.01")
_MOST: Final = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class _Found:
    amount: Decimal
    currency: str
    start: int
    end: int
    sure: float = 0.95
    other: Decimal | None = None
    """Another amount that is as likely."""


class MoneyType:
    """An amount with its currency; values are `Money`. `options`: `currency`, three letters; without it that of the
    country of the flow's language."""

    name = "money"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        low = fold(text)
        found = [*_signed(low, context), *_named(low, context), *_notes(low, context)]
        mentions = longest(_mention(text, one) for one in found if 0 < one.amount < _MOST)
        if context.asked and not mentions:
            mentions = longest(_mention(text, one, True) for one in _bare(low, context) if 0 < one.amount < _MOST)
        return finish(text, low, mentions)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=9, pause=3.0, point=True)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """Whole units, or with `*` as the point ("12*50")."""
        found = re.fullmatch(r"(\d{1,6})(?:\*(\d{1,2}))?", keys, re.ASCII)
        if found is None:
            return ()
        amount = Decimal(f"{found[1]}.{(found[2] or '0').ljust(2, '0')}")
        return (Money(amount, currency_of(context.options, context.language)),) if amount else ()

    def to_json(self, value: Any) -> Any:
        """`{"amount": 12.5, "currency": "GBP"}`."""
        amount = value.amount
        return {"amount": int(amount) if amount == int(amount) else float(amount), "currency": value.currency}

    def from_json(self, data: Any) -> Any:
        if isinstance(data, str) and (found := re.fullmatch(r"(\d{1,9}(?:\.\d{1,2})?) ([A-Z]{3})", data, re.ASCII)):
            return Money(_cents(Decimal(found[1])), found[2])
        amount, currency = (data.get("amount"), data.get("currency")) if isinstance(data, Mapping) else (None, None)
        sound = isinstance(amount, int | float | Decimal) and not isinstance(amount, bool) and 0 <= amount < _MOST
        if not sound or not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
            raise ValueError(f"{data!r} is no amount of money such as 12.50 GBP")
        return Money(_cents(Decimal(str(amount))), currency)


def currency_of(options: Mapping[str, Any], language: str) -> str:
    """The currency that an amount without one is in: the option's, else that of the language's country."""
    if "currency" in options:
        return str(options["currency"])
    tongue, _, region = language.partition("-")
    return _BY_COUNTRY.get(region.upper(), "EUR") if region else _BY_LANGUAGE.get(tongue.lower(), "EUR")


def _mention(text: str, found: _Found, bare: bool = False) -> Mention:
    amounts = (found.other, found.amount) if found.other else (found.amount,)
    values = tuple(Money(_cents(amount), found.currency) for amount in amounts)
    return Mention(values, span_of(text, found.start, found.end), found.sure, bare=bare)


def _cents(amount: Decimal) -> Decimal:
    """To the cent, so that equal amounts are equal and written alike."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _currency(word: str, context: Context) -> str:
    """The currency that a word or sign names; a dollar or a cent is the slot's own where that has such a coin."""
    own = currency_of(context.options, context.language)
    named = _MAJOR.get(word) or _MINOR.get(word) or own
    if named == "$":
        return own if own in _DOLLARS else "USD"
    if named == "c":
        return own if own not in _PENCE else "EUR"
    return named


def _signed(low: str, context: Context) -> Iterator[_Found]:
    for found in _SIGN.finditer(low):
        if found["pence"]:
            yield _Found(Decimal(found["pence"]) / 100, _currency(found["coin"], context), *found.span())
            continue
        digits = found["amount"] or found["before"]
        grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d\d)?", digits)
        amount = Decimal(digits.replace(",", "") if grouped else digits.replace(",", "."))
        amount *= 1000 if found["k"] else 1
        yield _Found(amount, _currency(found["sign"] or found["after"], context), *found.span())


def _named(low: str, context: Context) -> Iterator[_Found]:
    """Numbers with the name of a coin after them, and what follows it ("twelve pounds fifty")."""
    before: Number | None = None
    for number in numbers(low):
        last, before = before, number
        if _CLOCK.search(low[: number.start]) or _WEIGHT.search(low[: number.start]) or not 0 < number.value < _MOST:
            continue
        if unit := _UNIT.match(low, number.end):
            made = _with_rest(low, number, unit, context)
            either = last is not None and _EITHER.fullmatch(low[last.end : number.start])
            if last is not None and either:
                made = replace(made, other=Decimal(str(last.value)), start=last.start, sure=0.7)
            yield made
        elif cents := _SMALL_UNIT.match(low, number.end):
            amount = Decimal(str(number.value)) / 100
            yield _Found(amount, _currency(cents["unit"], context), number.start, cents.end())


def _with_rest(low: str, number: Number, unit: re.Match[str], context: Context) -> _Found:
    amount, currency, end, sure = Decimal(str(number.value)), _currency(unit["unit"], context), unit.end(), 0.95
    rest = _REST.match(low, end)
    if rest is not None:
        cents = small(rest["rest"]) or 0
        if (rest["unit"] or cents >= 10) and amount == int(amount):
            amount, end = amount + Decimal(cents) / 100, rest.end()
            sure = 0.95 if rest["unit"] or "and" not in rest[0] else 0.8
    return _Found(amount, currency, number.start, end, sure)


def _notes(low: str, context: Context) -> Iterator[_Found]:
    """ "A fiver", "two grand", "a pound", "half a dollar"."""
    for found in _ONE.finditer(low):
        if found["unit"]:
            yield _Found(Decimal("1.5" if found["half"] else 1), _currency(found["unit"], context), *found.span())
        elif found["of"]:
            worth, named = _NOTES.get(found["of"], (1, ""))
            amount = (small(found["whole"]) or 0 if found["whole"] else 0) + Decimal("0.5")
            yield _Found(amount * worth, named or _currency(found["of"], context), *found.span())
        else:
            note = (found["note"] or found["notes"]).rstrip("s")
            worth, named = _NOTES["grand" if note == "k" else note]
            count = 2 if "couple" in (found["count"] or "") else small(found["count"] or "one") or 0
            yield _Found(Decimal(count * worth), named or _currency("", context), *found.span())


def _bare(low: str, context: Context) -> Iterator[_Found]:
    """Numbers alone, where an amount was asked for; "twelve fifty" is mostly not 1250, but never sure."""
    own = currency_of(context.options, context.language)
    for found in _POINTED.finditer(low):
        whole, rest = small(found["whole"]), small(found["rest"].removeprefix("oh "))
        if whole is not None and rest is not None and rest < 100:
            yield _Found(whole + Decimal(rest) / 100, own, *found.span(), sure=0.8)
    for number in lone(low):
        if 0 < number.value < _MOST:
            yield _Found(Decimal(str(number.value)), own, number.start, number.end, 0.9)


register(MoneyType())

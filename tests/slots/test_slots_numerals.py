"""Numbers and digit strings survive being said and heard again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.slots.numerals import ONES, TEENS, TENS, key_strings, numbers, ordinal
from engine.slots.spelling import spelled

UNITS = {value: word for word, value in {**ONES, **TEENS}.items()}
DECADES = {value: word for word, value in TENS.items() if word != "fourty"}
DIGITS = {"0": ("oh", "zero", "nought"), **{str(value): (word,) for word, value in ONES.items()}}


def said(value: int) -> str:
    """A number as the English say it."""
    if value < 20:
        return UNITS.get(value, "zero")
    if value < 100:
        tens, ones = divmod(value, 10)
        return DECADES[tens * 10] + (f" {UNITS[ones]}" if ones else "")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return f"{UNITS[hundreds]} hundred" + (f" and {said(rest)}" if rest else "")
    thousands, rest = divmod(value, 1000)
    glue = " and " if 0 < rest < 100 else " "
    return f"{said(thousands)} thousand" + (f"{glue}{said(rest)}" if rest else "")


@given(st.integers(0, 999_999))
def test_a_number_said_is_the_number_heard(value: int) -> None:
    assert [number.value for number in numbers(said(value))] == [value]


@given(st.integers(-9999, 9999))
def test_a_number_written_is_the_number_read(value: int) -> None:
    assert [number.value for number in numbers(f"it is {value} then")] == [value]


@given(st.text(alphabet="0123456789", min_size=1, max_size=15))
def test_digits_said_one_by_one(digits: str) -> None:
    words = [DIGITS[digit][len(digits) % len(DIGITS[digit])] for digit in digits]
    assert [keys.digits for keys in key_strings(" ".join(words))] == [digits]


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("oh seven double nine", "0799"),
        ("triple four two", "4442"),
        ("nine hundred one two three", "900123"),
        ("plus four four seven", "+447"),
        ("twenty three forty five", "2345"),
        ("07700 900 123", "07700900123"),
    ],
)
def test_digit_strings(words: str, digits: str) -> None:
    assert [keys.digits for keys in key_strings(words)] == [digits]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("seven thirty", [7, 30]),
        ("two and three", [2, 3]),
        ("a hundred and six", [106]),
        ("one million two thousand", [1_002_000]),
        ("1,200", [1200]),
        ("a dozen", [12]),
        ("everyone", []),
        ("often", []),
    ],
)
def test_numbers(words: str, values: list[int]) -> None:
    assert [number.value for number in numbers(words)] == values


@pytest.mark.parametrize(("words", "value"), [("twenty first", 21), ("3rd", 3), ("thirtieth", 30), ("seven", None)])
def test_ordinals(words: str, value: int | None) -> None:
    assert ordinal(words) == value


@pytest.mark.parametrize(
    ("words", "word"),
    [("s m i t h", "smith"), ("s for sugar, m, i, double t", "smitt"), ("j-o-n", "jon"), ("sierra mike india", "smi")],
)
def test_spelling(words: str, word: str) -> None:
    assert [run.word for run in spelled(words)] == [word]

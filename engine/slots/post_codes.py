"""The pattern of each country's postcodes, how one is written, and which beginnings there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_GB_AREAS: Final = frozenset(
    """
    AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK
    FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG
    NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR
    TS TW UB W WA WC WD WF WN WR WS WV YO ZE
    """.split()  # noqa: SIM905
)
_IE_KEYS: Final = "ACDEFHKNPRTVWXY"


@dataclass(frozen=True, slots=True)
class Country:
    """Each of `shapes` has a sign for each sign of a code: `A` a letter, `9` a digit, `X` either, and a blank or a dash
    where the code is parted. `sound` is what such a code must match as it is written."""

    shapes: tuple[str, ...]
    sound: str
    samples: tuple[str, str]
    """Two codes that there are, to try things out with."""

    @property
    def digits(self) -> bool:
        """Whether codes are made of figures alone, so that they can be keyed in."""
        return not any(sign in "AX" for shape in self.shapes for sign in shape)

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many signs a code has."""
        return tuple(len(shape.replace(" ", "").replace("-", "")) for shape in self.shapes)


_FIVE: Final = ("99999",)
_FOUR: Final = ("9999",)
COUNTRIES: Final[Mapping[str, Country]] = {
    "GB": Country(("A9 9AA", "A99 9AA", "A9A 9AA", "AA9 9AA", "AA99 9AA", "AA9A 9AA"),
                  r"([A-Z]{1,2})\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}", ("SW1A 1AA", "BS1 4DJ")),
    "IE": Country(("A9X XXXX",), rf"[{_IE_KEYS}](?:\d\d|6W) [{_IE_KEYS}\d]{{4}}", ("D02 AF30", "A65 F4E2")),
    "NL": Country(("9999 AA",), r"[1-9]\d{3} (?!SA|SD|SS)[A-Z]{2}", ("1012 AB", "3511 LX")),
    "CA": Country(("A9A 9A9",), r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d",
                  ("K1A 0B1", "M5V 2T6")),
    "US": Country(("99999", "99999-9999"), r"(?!00)\d{5}(?:-\d{4})?", ("90210", "10001")),
    "DE": Country(_FIVE, r"(?!00)\d{5}", ("10115", "80331")),
    "ES": Country(_FIVE, r"(?:0[1-9]|[1-4]\d|5[0-2])\d{3}", ("28013", "08001")),
    "FR": Country(_FIVE, r"(?:0[1-9]|[1-8]\d|9[0-578])\d{3}", ("75008", "69001")),
    "IT": Country(_FIVE, r"\d{5}", ("00184", "20121")),
    "CH": Country(_FOUR, r"[1-9]\d{3}", ("8001", "3011")),
    "AT": Country(_FOUR, r"[1-9]\d{3}", ("1010", "5020")),
    "BE": Country(_FOUR, r"[1-9]\d{3}", ("1000", "2000")),
    "DK": Country(_FOUR, r"\d{4}", ("1050", "8000")),
    "NO": Country(_FOUR, r"\d{4}", ("0150", "5003")),
    "AU": Country(_FOUR, r"(?:0[289]|[1-9]\d)\d{2}", ("2000", "3000")),
    "SE": Country(("999 99",), r"[1-9]\d{2} \d{2}", ("111 20", "411 03")),
    "PL": Country(("99-999",), r"\d{2}-\d{3}", ("00-001", "30-001")),
    "PT": Country(("9999-999",), r"[1-9]\d{3}-\d{3}", ("1000-205", "4000-001")),
}  # fmt: skip


def written(signs: str, country: str) -> str | None:
    """The code that a string of letters and figures is, as the country writes it; None when it is none. The letter O
    and nought stand for each other where the pattern wants the other one."""
    known = COUNTRIES[country]
    for shape in known.shapes:
        made = _fitted(signs.upper(), shape)
        if made is not None and (found := re.fullmatch(known.sound, made)):
            if country == "GB" and found[1] not in _GB_AREAS:
                continue
            return made
    return None


def _fitted(signs: str, shape: str) -> str | None:
    if len(signs) != len(shape.replace(" ", "").replace("-", "")):
        return None
    made, rest = "", iter(signs)
    for place in shape:
        if place in " -":
            made += place
            continue
        sign = next(rest)
        if place in "9X":  # no code of the pattern X has the letter
            sign = "0" if sign == "O" else sign
        elif place == "A":
            sign = "O" if sign == "0" else sign
        if (place == "9" and not sign.isdigit()) or (place == "A" and not sign.isalpha()):
            return None
        made += sign
    return made

"""Who may hear, move or cancel a booking: names and numbers compared, and what counts as proof.

A booking is opened by two things that belong together, never by one:

- its reference, with the booking's phone number (said, or the number of the line), its name or its date of birth;
- its phone number (said, or the number of the line) with its name;
- its name with its date of birth.

Names are compared as they were understood, and through every reading of the recogniser: of all people who have a
booking to come, it must point clearly to the one whose booking it is.

A name that is kept as a recording, on either side, proves nothing. Numbers of the line can be forged by a caller who
knows how, which is why the number alone opens nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

import phonenumbers
from rapidfuzz import fuzz

from engine.acts import PersonName, Recording
from engine.slots.directory import find_person

WHOLE_NAME: Final = 85.0
"""From here (0 to 100) two whole names are one name, written or heard differently ("Rossi", "Rosi")."""

PART_OF_NAME: Final = 90.0
"""From here one part of a name is a part of another, where only one was given."""

SHORTEST: Final = 7
"""What has fewer digits is an extension of the house, not a number of the country."""

Name: TypeAlias = PersonName | Recording


@dataclass(frozen=True, slots=True)
class Claim:
    """What a caller says of themselves; `line` is the number that the telephone line presented."""

    reference: str | None = None
    phone: str | None = None
    line: str | None = None
    name: Name | None = None
    date_of_birth: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose booking it is; `phone` is in the form of `phone_key`."""

    reference: str
    phone: str | None
    name: Name | None
    date_of_birth: date | None


def nobody() -> Iterable[PersonName]:
    """No known people."""
    return ()


def proves(
    claim: Claim, holder: Holder, country: str | None, known: Callable[[], Iterable[PersonName]] = nobody
) -> bool:
    """Whether what the caller claims is enough to hear and change this booking. `known` gives everybody who has a
    booking to come; it is asked only where the name as it was understood is not the holder's."""
    numbers = {phone_key(number, country) for number in (claim.phone, claim.line) if number}
    phone = holder.phone is not None and holder.phone in numbers
    born = claim.date_of_birth is not None and claim.date_of_birth == holder.date_of_birth
    referred = reference_key(claim.reference) == holder.reference
    if referred and (phone or born):
        return True
    if not (referred or phone or born):
        return False
    return same_name(claim.name, holder.name) or is_heard(claim.name, holder.name, known())


def same_name(one: Name | None, other: Name | None) -> bool:
    """Whether two names are one person's, forgiving spelling, accents and a missing part; a recording never is."""
    if not isinstance(one, PersonName) or not isinstance(other, PersonName):
        return False
    first, second = _plain(one), _plain(other)
    if not all((first, second)):
        return False
    if all((one.first, one.last, other.first, other.last)):
        lasts = fuzz.ratio(_plain(PersonName(last=one.last)), _plain(PersonName(last=other.last)))
        return lasts >= WHOLE_NAME and fuzz.token_sort_ratio(first, second) >= WHOLE_NAME
    shorter, longer = sorted((first.split(), second.split()), key=len)
    return all(max(fuzz.ratio(part, word) for word in longer) >= PART_OF_NAME for part in shorter)


def is_heard(claimed: Name | None, held: Name | None, known: Iterable[PersonName]) -> bool:
    """Whether the readings of a claimed name point clearly to this one among all known people. Of two people who sound
    alike it is neither."""
    if not isinstance(claimed, PersonName) or not isinstance(held, PersonName) or not claimed.heard:
        return False
    match = find_person(claimed.heard, {_plain(name): name for name in (*known, held)}.values())
    return match is not None and match.clear and _plain(match.person) == _plain(held)


def phone_key(number: str, country: str | None) -> str:
    """The number in one form, so that `07700 900123` and `+447700900123` are the same; extensions stay as they are.

    `country` is the region (`GB`) in which a number without a country code lies.
    """
    digits = re.sub(r"[^\d+]", "", number)
    if len(digits) < SHORTEST:
        return digits
    try:
        parsed = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return digits
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def reference_key(reference: str | None) -> str | None:
    """The digits of a reference as it was said or keyed."""
    return re.sub(r"\D", "", reference) or None if reference else None


def _plain(name: PersonName) -> str:
    """The words of a name without case, accents and signs."""
    letters = unicodedata.normalize("NFKD", str(name).casefold())
    return " ".join(re.findall(r"\w+", re.sub(r"[\u0300-\u036f'’]", "", letters)))

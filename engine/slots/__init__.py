"""Spoken words to typed values and back: one file per slot type; importing this package fills the registry."""

from engine.slots import (
    choice,
    date,
    date_of_birth,
    digits,
    lists,
    number,
    party_size,
    person_name,
    phone,
    ranges,
    text,
    time,
    yes_no,
)

__all__ = [
    "choice",
    "date",
    "date_of_birth",
    "digits",
    "lists",
    "number",
    "party_size",
    "person_name",
    "phone",
    "ranges",
    "text",
    "time",
    "yes_no",
]

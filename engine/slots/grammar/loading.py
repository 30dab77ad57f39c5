"""A whole language loaded at once, so that no caller waits for it and a faulty file is known at the start."""

from __future__ import annotations

from engine.languages.sheet import Sheet
from engine.slots.grammar.answers import forms
from engine.slots.grammar.choices import choice_words
from engine.slots.grammar.counts import counts_of
from engine.slots.grammar.dates import days_of
from engine.slots.grammar.names import names_of
from engine.slots.grammar.times import times_of


def load(sheet: Sheet) -> None:
    """Makes the patterns of every section. Raises SettingsError for what is wrong in the file."""
    for section in (choice_words, forms, counts_of, days_of, names_of, times_of):
        section(sheet)

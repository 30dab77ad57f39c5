"""Prompts as text and as utterances."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.effects import Prompt, Say, Typed
from engine.persona.persona import Persona, parse_persona
from engine.persona.prompts import render, utterances
from engine.persona.prosody import Prosody, clauses, sentences

NOW = datetime(2026, 11, 21, 12, 50)
HOST = parse_persona(
    """
persona: host
voices: {espeak: en-gb}
pace: 160
situations:
  echo: {pace: 140}
  apology: {volume: 0.8, pauses: {sentence: 500 ms}}
  numbers: {pace: 125}
"""
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("How can I help?", "How can I help?"),
        ("We're closed on {day}.", "We're closed on Saturday the 5th of December."),
        ("Closed {day:weekday} – sorry!", "Closed Saturday – sorry!"),
        ("{time}. Is that right?", "Half past seven in the evening. Is that right?"),
        ("on {day:weekday} at {time:short}.", "On Saturday at half past seven."),
        ("Sorry. {time} is too late.", "Sorry. Half past seven in the evening is too late."),
        ("  Two\n   lines  ", "Two lines"),
        ("I heard {note}.", "I heard no nuts!"),
        ("Half price ({time:short}) today…", "Half price (half past seven) today…"),
        ("", ""),
    ],
)
def test_what_is_shown(text: str, said: str) -> None:
    values = {
        "day": Typed("date", date(2026, 12, 5)),
        "time": Typed("time", time(19, 30)),
        "note": Typed("text", "no nuts!"),
    }
    assert render(Prompt("x", text, values), "en-GB", NOW) == said


def test_an_utterance_for_each_prompt_in_its_situation() -> None:
    prompts = (
        Prompt("a", "Sorry, I didn't catch that.", situation="apology"),
        Prompt("b", "{day}.", {"day": Typed("date", date(2026, 12, 5))}, "echo"),
        Prompt("c", "I have {phone}.", {"phone": Typed("phone", "01632960123")}),
        Prompt("d", "I have {phone}.", {"phone": Typed("phone", "01632960123")}, "echo"),
        Prompt("e", ""),
    )
    spoken = utterances(Say(1, prompts), HOST, "en-GB", NOW)
    assert [one.prosody.pace for one in spoken] == [160, 140, 125, 125, 160]
    assert [one.prosody.volume for one in spoken] == [0.8, 1, 1, 1, 1]
    assert spoken[0].prosody.sentence_pause == 0.5
    assert spoken[1].text == "Saturday the 5th of December."
    assert {one.voices for one in spoken} == {(("espeak", "en-gb"),)}


def test_a_slower_situation_is_not_sped_up_by_numbers() -> None:
    slow = Persona("slow", situations={"echo": Prosody(pace=100)}, numbers={"pace": 130})
    assert slow.prosody("echo", numbers=True).pace == 100


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Dr. Patel is in. Is that right?", ["Dr. Patel is in.", "Is that right?"]),
        ("We open at 7.30 pm. Come!", ["We open at 7.30 pm.", "Come!"]),
        ("Mr. J. Smith. Yes.", ["Mr. J. Smith.", "Yes."]),
        ("Really?! 4 people?", ["Really?!", "4 people?"]),
        ("“Good.” “Fine.”", ["“Good.”", "“Fine.”"]),
        ("No full stop", ["No full stop"]),
        ("   ", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert list(sentences(text)) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("4 people, on Friday.", ["4 people,", "on Friday."]),
        ("1,000 people; really: yes", ["1,000 people;", "really:", "yes"]),
        ("A walk – not far", ["A walk –", "not far"]),
        ("half-past", ["half-past"]),
        ("19:30", ["19:30"]),
        ("…", []),
    ],
)
def test_clauses(text: str, parts: list[str]) -> None:
    assert list(clauses(text)) == parts


@given(st.text(alphabet="ab1 .,;:?!–“”\n", max_size=60))
def test_cutting_loses_no_word(text: str) -> None:
    def letters(whole: str) -> str:
        return "".join(sign for sign in whole if sign.isalnum())

    assert letters("".join(sentences(text))) == letters(text)
    assert letters("".join(part for one in sentences(text) for part in clauses(one))) == letters(text)

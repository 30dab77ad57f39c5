"""Grammars: what they hold, what not, that they are small, and that they stay the same."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml
from hearing_flow import FLOW, QUESTIONS

from engine.speech.bias import GARBAGE, GLOBALS, NO, YES, spelled, spoken_words
from engine.speech.forms import FORMS
from engine.speech.grammar import GARBAGE_MARK, Grammar, Grammars
from engine.speech.pronounce import pronunciation

CASES: dict[str, dict[str, list[str]]] = yaml.safe_load((Path(__file__).parent / "grammar_cases.yaml").read_text())
HOLDS = [(question, text) for question, case in CASES.items() for text in case["holds"]]
LACKS = [(question, text) for question, case in CASES.items() for text in case["lacks"]]


@cache
def grammar(question: str) -> Grammar:
    return Grammars(FLOW).grammar(QUESTIONS[question])


@cache
def pattern(question: str) -> re.Pattern[str]:
    """The grammar as a regular expression over words; the loop of `several` is unrolled three times."""
    lines = re.findall(r"<([a-z_]+)> = (.*);", grammar(question).jsgf)
    rules = {name: re.sub(r"/[0-9.]+/", "", text) for name, text in lines}
    if "several" in rules:
        rules["several"] = "<more> [<more> [<more>]]"
    text = rules["top"]
    while "<" in text:
        text = re.sub(r"<([a-z_]+)>", lambda found: f"({rules[found[1]]})", text)
    text = text.replace("[", "(").replace("]", ")?").replace("(", "(?:")
    return re.compile(re.sub(r"([~a-z][a-z']*)", r"(?:\1 )", text).replace(" |", "|").replace(" ", r"\s*") + r"\s*")


def accepts(question: str, text: str) -> bool:
    said = "".join(f"{word} " for word in spoken_words(text))
    return pattern(question).fullmatch(said) is not None


def test_every_question_has_cases() -> None:
    assert CASES.keys() == QUESTIONS.keys()


@pytest.mark.parametrize(("question", "text"), HOLDS)
def test_holds(question: str, text: str) -> None:
    assert accepts(question, text)


@pytest.mark.parametrize(("question", "text"), LACKS)
def test_lacks(question: str, text: str) -> None:
    assert not accepts(question, text)


@pytest.mark.parametrize("question", QUESTIONS)
def test_small(question: str) -> None:
    assert len(grammar(question).jsgf) < 12_000
    assert len(grammar(question).words) < 700


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_question_has_the_same_grammar(question: str) -> None:
    again = Grammars(FLOW).grammar(QUESTIONS[question])
    assert again == grammar(question)
    assert again.key == grammar(question).key


@pytest.mark.parametrize("question", QUESTIONS)
def test_garbage_is_always_there_and_is_marked(question: str) -> None:
    marked = {word for word in grammar(question).words if word.startswith(GARBAGE_MARK)}
    assert marked == {GARBAGE_MARK + word for word in GARBAGE}


def test_garbage_is_no_answer() -> None:
    answers = {word for texts in (YES, NO, *GLOBALS.values()) for text in texts for word in spoken_words(text)}
    assert answers.isdisjoint(GARBAGE)


def test_only_phrases_whose_slots_can_be_known_are_written() -> None:
    assert "my name is" not in grammar("menu").jsgf


@pytest.mark.parametrize("kind", FORMS)
def test_every_form_is_asked_in_a_case(kind: str) -> None:
    assert kind in {slot.type for slot in FLOW.slots.values()} | {"yes_no", "number"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'd like 2 tables, please!", "i'd like two tables please"),
        ("a check-up", "a check up"),
        ("Room 42", "room forty two"),
        ("don’t", "don't"),
        ("for {party_size}", "for {party_size}"),
        ("305", "three zero five"),
    ],
)
def test_phrases_as_they_are_said(text: str, words: str) -> None:
    assert " ".join(spoken_words(text)) == words


def test_numbers() -> None:
    assert [spelled(number) for number in (0, 13, 20, 99)] == ["zero", "thirteen", "twenty", "ninety nine"]


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("brandt", "B R AE N D T"),
        ("rossi", "R AA S IY"),
        ("okafor", "AA K AE F AO R"),
        ("trattoria", "T R AE T AO R IY AH"),
        ("blake", "B L EY K"),
        ("'", None),
    ],
)
def test_words_that_no_dictionary_knows(word: str, sounds: str | None) -> None:
    assert pronunciation(word) == sounds

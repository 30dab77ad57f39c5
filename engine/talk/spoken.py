"""The lines of the two speakers: prompts and texts of ours, words and silence, keys and recordings of the caller."""

from __future__ import annotations

import re
from typing import Final

from engine.errors import Position
from engine.talk import model
from engine.talk.meant import acts_of
from engine.talk.scan import PROMPT_ID, Fault, Scanner

_KEYS: Final = re.compile(r"[0-9*#](?: *[0-9*#])*")
STAGE: Final = re.compile(r"\((silence|hangs up|interrupting)\b([^()]*)\)\s*$")


def agent(scanner: Scanner, at: Position) -> model.Line:
    """`id`, `"text"`, or `~ "text" or "text"`."""
    scanner.need(":", "after `agent`")
    loose = scanner.take("~")
    if not loose and not scanner.sees('"'):
        prompt = scanner.name("a prompt's id, or a text in quotes", PROMPT_ID)
        scanner.end(f'A text stands in quotes: `agent: "{scanner.text.partition(":")[2].strip()}"`.')
        return model.AgentSays(prompt, (), at=at)
    texts = [_text(scanner)]
    while scanner.take_word("or"):
        texts.append(_text(scanner))
    scanner.end("Texts are joined by `or`.")
    return model.AgentSays(None, tuple(texts), at=at)


def _text(scanner: Scanner) -> str:
    if not scanner.sees('"'):
        raise scanner.fault("a text in quotes is missing here")
    start = scanner.at
    text = scanner.quoted()
    if not any(sign.isalnum() for sign in text):
        raise Fault("talk.text", "this text holds no word", start, scanner.at - start)
    return text


def caller(scanner: Scanner, at: Position) -> model.Line:
    """Words, `means` and acts, or a stage direction in round brackets."""
    after = _after(scanner)
    scanner.need(":", "after `caller`")
    if scanner.take_word("means"):
        return model.CallerMeans(acts_of(scanner, at), after, at)
    if scanner.sees('"'):
        start = scanner.at
        words = scanner.quoted()
        if scanner.done:
            return model.CallerSays(_spoken(words, start, scanner.at - start), after, at=at)
        scanner.at = start
    direction = staged(scanner, at, after)
    if direction:
        return direction
    scanner.skip()
    start = scanner.at
    words = scanner.rest()
    return model.CallerSays(_spoken(words, start, len(words)), after, at=at)


def _spoken(words: str, start: int, width: int) -> str:
    if not words.strip():
        raise Fault("talk.words", "the caller says nothing", start, max(width, 1), "Silence is written `silence: 8s`.")
    return words


def staged(scanner: Scanner, at: Position, after: float | None) -> model.Line | None:
    """A line that is a direction in round brackets: `(silence 8s)`, `(hangs up)`; None where it is words."""
    scanner.skip()
    found = STAGE.search(scanner.text, scanner.at)
    if not found:
        return None
    kind, inner = found.group(1), Scanner(scanner.text[: found.end(2)], found.start(2))
    if kind == "interrupting" or found.start() > scanner.at:
        hint = "An interruption is written `caller after 1.2s: words`; silence has a line of its own: `silence: 8s`."
        raise Fault("talk.stage", "a direction cannot follow the words", found.start(), len(found.group()), hint)
    scanner.at = len(scanner.text)
    if kind == "silence":
        return _silence(inner, at)
    return _hang_up(inner, at, after)


def _after(scanner: Scanner) -> float | None:
    return scanner.duration() if scanner.take_word("after") else None


def silence(scanner: Scanner, at: Position) -> model.Line:
    """`silence: 8s`, or `silence` alone: until we speak again."""
    scanner.take(":")
    return _silence(scanner, at)


def _silence(scanner: Scanner, at: Position) -> model.Line:
    seconds = None if scanner.done else scanner.duration()
    scanner.end()
    return model.CallerSilent(seconds, at)


def hangs(scanner: Scanner, at: Position) -> model.Line:
    """`hangs up`, `hangs up after 1s`."""
    if not scanner.take_word("up"):
        raise scanner.fault("`up` is missing after `hangs`")
    return _hang_up(scanner, at, None)


def _hang_up(scanner: Scanner, at: Position, after: float | None) -> model.Line:
    found = _after(scanner)
    scanner.end()
    return model.CallerHangsUp(found if found is not None else after, at)


def keys(scanner: Scanner, at: Position) -> model.Line:
    after = _after(scanner)
    scanner.need(":", "after `keys`")
    found = scanner.match(_KEYS)
    if found is None:
        raise scanner.fault("keys are missing here", "Keys are 0 to 9, `*` and `#`.")
    scanner.end("Keys are 0 to 9, `*` and `#`.")
    return model.CallerKeys(found.replace(" ", ""), after, at)


def records(scanner: Scanner, at: Position) -> model.Line:
    """`records: 3s`, `records: nothing`."""
    scanner.need(":", "after `records`")
    seconds = 0.0 if scanner.take_word("nothing") else scanner.duration()
    scanner.end()
    return model.CallerRecords(seconds, at)


def acts(scanner: Scanner, at: Position) -> model.Line:
    after = _after(scanner)
    scanner.need(":", "after `acts`")
    return model.CallerMeans(acts_of(scanner, at), after, at)

"""A Talk written as text that reads back as the same Talk."""

from __future__ import annotations

from typing import Final, assert_never

from engine.talk import model
from engine.talk.given import WEEKDAYS
from engine.talk.reader import read_talk
from engine.talk.scan import WORD
from engine.talk.spoken import STAGE

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_COUNTS: Final = {0: "never", 1: "once", 2: "twice"}


def write_talk(talk: model.Talk) -> str:
    """The talk as a file's text, in the one canonical form."""
    return "".join(f"{write_line(line)}\n" for line in talk.lines)


def format_talk(text: str, file: str = "?") -> str:
    """The same talk in canonical form, comments and blank lines kept. Raises AuthorError as `read_talk` does."""
    return write_talk(read_talk(text, file))


def write_line(line: model.Line) -> str:
    """One line, without its end."""
    match line:
        case model.Comment(text):
            return f"# {text}" if text else "#"
        case model.Blank():
            return ""
        case (
            model.GivenFlow()
            | model.GivenLanguage()
            | model.GivenVariant()
            | model.GivenNow()
            | model.GivenCaller()
            | model.GivenCalled()
            | model.GivenSpeech()
            | model.GivenTool()
        ):
            return f"given {_given(line)}"
        case model.AgentSays():
            return _agent(line)
        case model.Pins(pins):
            return "  = " + ", ".join(_pin(pin) for pin in pins)
        case model.ExpectEnd() | model.ExpectCalls() | model.ExpectSlot():
            return f"expect {_expect(line)}"
        case _:
            return _caller(line)


def _given(line: model.Given) -> str:
    match line:
        case model.GivenFlow(path):
            return f"flow {_scalar(path)}"
        case model.GivenLanguage(language):
            return f"language {language}"
        case model.GivenVariant(variant):
            return f"variant {variant}"
        case model.GivenNow(moment, weekday):
            day = f"{WEEKDAYS[moment.weekday()]} " if weekday else ""
            return f"now {day}{moment.isoformat(' ', 'seconds' if moment.second else 'minutes')}"
        case model.GivenCaller(number):
            return f"caller {number if number is not None else 'withheld'}"
        case model.GivenCalled(number):
            return f"called {number}"
        case model.GivenSpeech(opened):
            return f"open_speech {'yes' if opened else 'no'}"
        case model.GivenTool(tool, answers):
            return f"{tool}: " + ", then ".join(_answer(answer) for answer in answers)
        case _:
            assert_never(line)


def _answer(answer: model.Answer) -> str:
    values = ", ".join(f"{name}={_value(value)}" for name, value in answer.values)
    after = "" if answer.after is None else f" after {_seconds(answer.after)}"
    return answer.outcome + (f"({values})" if values else "") + after


def _agent(line: model.AgentSays) -> str:
    if line.bare:
        return f"Agent: {line.texts[0]}"
    if line.prompt is not None:
        return f"agent: {line.prompt}"
    texts = " or ".join(_quote(text) for text in line.texts)
    return f"agent: ~ {texts}" if len(line.texts) > 1 else f"agent: {texts}"


def _caller(line: model.Caller) -> str:
    match line:
        case model.CallerSays(words, after, bare):
            return f"Caller: {words}" if bare else f"caller{_after(after)}: {_words(words)}"
        case model.CallerMeans(acts, after):
            return f"acts{_after(after)}: " + (", ".join(write_act(act) for act in acts) or "nothing")
        case model.CallerKeys(keys, after):
            return f"keys{_after(after)}: {keys}"
        case model.CallerSilent(seconds):
            return "silence" if seconds is None else f"silence: {_seconds(seconds)}"
        case model.CallerRecords(seconds):
            return f"records: {_seconds(seconds) if seconds else 'nothing'}"
        case model.CallerHangsUp(after):
            return f"hangs up{_after(after)}"
        case _:
            assert_never(line)


def write_act(act: model.ActText) -> str:
    """One act: `fill(day, 2026-10-03)`."""
    arguments = [_value(value) for value in act.values]
    if act.confidence != 1.0:
        arguments.append(f"confidence={act.confidence:g}")
    return f"{act.name}({', '.join(arguments)})" if arguments else act.name


def _pin(pin: model.Pin) -> str:
    value = "" if pin.value is None else f" {_value(pin.value)}"
    return f"{'not ' if pin.excluded else ''}{pin.name}{value}"


def _expect(line: model.Expect) -> str:
    match line:
        case model.ExpectEnd(where):
            return "end" if where is None else f"end {where}"
        case model.ExpectCalls(tool, times, values):
            wanted = "".join(f" {name}={_value(value)}" for name, value in values)
            return f"{tool} {_COUNTS.get(times, f'{times} times')}" + (f" with{wanted}" if wanted else "")
        case model.ExpectSlot(slot, value, status):
            shown = "" if value is None else f" {_value(value)}"
            if value in model.STATUSES:
                shown = f" {_quote(str(value))}"
            return f"slot {slot}{shown}" + (f" {status}" if status else "")
        case _:
            assert_never(line)


def _words(words: str) -> str:
    plain = words == words.strip() and not any(sign in words for sign in "\n\r")
    if plain and not words.startswith(('"', "means ")) and words != "means" and not STAGE.search(words):
        return words
    return _quote(words)


def _after(after: float | None) -> str:
    return "" if after is None else f" after {_seconds(after)}"


def _seconds(seconds: float) -> str:
    shown = f"{seconds:.3f}".rstrip("0").rstrip(".")
    return f"{shown}s"


def _value(value: model.Value) -> str:
    if isinstance(value, str):
        return _scalar(value)
    return f"[{', '.join(_scalar(item) for item in value)}]"


def _scalar(text: str) -> str:
    return text if WORD.fullmatch(text) else _quote(text)


def _quote(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(sign, sign) for sign in text) + '"'

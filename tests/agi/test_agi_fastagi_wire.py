"""FastAGI on the wire: recorded dialogues, every way to cut them, and whatever else may come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agi.wire.fastagi import LONGEST_LINE, CallerGone, Message, Parser, Reply, Request, command
from engine.errors import PeerError

HERE = Path(__file__).parent
DIALOGUES: list[dict[str, Any]] = yaml.safe_load((HERE / "dialogues/fastagi.yaml").read_text())
COMMANDS: list[dict[str, Any]] = yaml.safe_load((HERE / "dialogues/commands.yaml").read_text())


def told(message: Message) -> object:
    """A message in the words of the dialogue files."""
    match message:
        case CallerGone():
            return "gone"
        case Reply(code, result, value, text):
            return {
                "code": code,
                **({"result": result} if result else {}),
                **({"value": value} if value is not None else {}),
                **({"text": text} if text else {}),
            }
        case Request():
            known = {name: message.get(name) for name in ("callerid", "dnid", "uniqueid", "channel")}
            return {"path": message.path, "query": message.query, "args": list(message.args), **known}


def sent(dialogue: dict[str, Any]) -> bytes:
    """What Asterisk sent, each line with its end."""
    return "".join(line + dialogue.get("ends", "\n") for line in dialogue["asterisk"]).encode()


def read(data: bytes, cuts: list[int]) -> list[Message]:
    parser, messages, start = Parser(), [], 0
    for cut in [*sorted(cuts), len(data)]:
        messages += parser.feed(data[start:cut])
        start = cut
    return messages


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue["name"])
def test_fastagi_dialogue(dialogue: dict[str, Any]) -> None:
    assert [told(message) for message in read(sent(dialogue), [])] == dialogue["messages"]


@given(st.sampled_from(DIALOGUES), st.data())
def test_fastagi_cut_anywhere(dialogue: dict[str, Any], data: st.DataObject) -> None:
    whole = sent(dialogue)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=20))
    assert read(whole, cuts) == read(whole, [])


@pytest.mark.parametrize("case", COMMANDS, ids=lambda case: case["name"])
def test_fastagi_command(case: dict[str, Any]) -> None:
    if "refused" in case:
        with pytest.raises(ValueError, match=case["refused"]):
            command(case["verb"], *case["args"])
    else:
        assert command(case["verb"], *case["args"]).decode() == case["line"] + "\n"


@given(st.lists(st.text(), max_size=5))
def test_fastagi_command_is_one_line_and_keeps_its_arguments(args: list[str]) -> None:
    if any(sign in arg for arg in args for sign in "\r\n\0"):
        with pytest.raises(ValueError, match="second command"):
            command("NOOP", *args)
        return
    line = command("NOOP", *args)
    assert line.count(b"\n") == 1
    assert as_asterisk_reads(line) == ["NOOP", *(arg.encode("utf-8", "replace").decode() for arg in args)]


def as_asterisk_reads(line: bytes) -> list[str]:
    """The words of a command by the rules of res_agi: blanks divide, quotes group, a backslash takes the next sign."""
    words: list[str] = []
    word, quoted, taken = "", False, False
    signs = iter(line.decode().removesuffix("\n"))
    for sign in signs:
        if sign == "\\":
            word += next(signs)
        elif sign == '"':
            quoted, taken = not quoted, True
        elif sign == " " and not quoted:
            words.append(word)
            word, taken = "", False
        else:
            word += sign
    return [*words, word] if word or taken else words


REQUEST = b"agi_network_script: trattoria\nagi_uniqueid: 1.1\n\n"


@given(st.lists(st.binary(max_size=300), max_size=8), st.booleans())
def test_fastagi_survives_anything(chunks: list[bytes], begun: bool) -> None:
    parser = Parser()
    if begun:
        parser.feed(REQUEST)
    try:
        for chunk in chunks:
            assert all(isinstance(message, Request | Reply | CallerGone) for message in parser.feed(chunk))
    except PeerError:
        pass


@given(st.text(alphabet=st.characters(exclude_characters="\n\r", codec="utf-8"), max_size=200))
def test_fastagi_value_of_one_line_comes_back(value: str) -> None:
    parser = Parser()
    parser.feed(REQUEST)
    assert parser.feed(f"200 result=1 ({value})\n".encode())[0].value == value  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "flood",
    [b"x" * (LONGEST_LINE + 2), REQUEST + b"2" * (LONGEST_LINE + 2), b"agi_a: 1\n" * 300,
     REQUEST + b"520-Usage\n" + b"words\n" * 20000],
    ids=["request line", "reply line", "request block", "reply"],
)  # fmt: skip
def test_fastagi_refuses_a_flood(flood: bytes) -> None:
    with pytest.raises(PeerError):
        read(flood, list(range(0, len(flood), 1000)))

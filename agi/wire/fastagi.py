"""FastAGI as messages: the request block, commands, replies, and the hang-up that comes out of turn.

Asterisk opens a TCP connection for each call and sends a block of `agi_name: value` lines, ended by an empty one. From
then on we send one command a line and it answers `200 result=...`, or an error:

    200 result=1 (value)      done; the parentheses hold a value, with some commands more words follow them
    510 Invalid command       unknown command
    511 Command Not Permitted the channel is gone
    520-Invalid syntax ...    several lines, the last one begins with `520 `
    100 Trying...             not final, the reply is still to come
    HANGUP                    the caller is gone; at any moment, also between a command and its reply

A value that holds line breaks makes a `200` reply of several lines. A line break in what we send would start a second
command, so `command` refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from urllib.parse import unquote

from engine.errors import PeerError

LONGEST_LINE: Final = 8192
LONGEST_REQUEST: Final = 200
"""Lines of a request block; Asterisk sends about 22 and one for each argument."""
LONGEST_REPLY: Final = 65536
LONGEST_COMMAND: Final = 8000

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORBIDDEN = re.compile(r"[\r\n\0]")
_REPLY = re.compile(r"(\d{3})([ -])(.*)", re.DOTALL)
_RESULT = re.compile(r"result=(\S*)(?: \((.*)\)((?: \w+=.*)?))?(.*)", re.DOTALL)
_VALUE_ENDS = re.compile(r"\)( \w+=.*)?$")
_VERB = re.compile(r"[A-Z]+( [A-Z]+)*")


@dataclass(frozen=True, slots=True)
class Request:
    """What Asterisk says about a call: the variables without their `agi_` prefix, and the arguments in order. Part of
    it comes from the caller's telephone; control characters in it are spaces, so that it may stand in a log."""

    variables: Mapping[str, str]
    args: tuple[str, ...] = ()
    path: str = ""
    """The part of the script's address before `?`, without slashes at its ends."""
    query: str = ""

    def get(self, name: str) -> str | None:
        """A variable by name (`callerid`, `dnid`, `uniqueid`, `channel`); None where Asterisk does not know it."""
        value = self.variables.get(name, "")
        return None if value in ("", "unknown") else value


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one command: `result` and the `value` in parentheses of a 200, else the words in `text`."""

    code: int
    result: str = ""
    value: str | None = None
    text: str = ""

    @property
    def ok(self) -> bool:
        """Whether the command ran; for most of them a result of -1 means that the channel is gone."""
        return self.code == 200 and self.result != "-1"


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The line `HANGUP`."""


Message: TypeAlias = Request | Reply | CallerGone


def command(verb: str, *args: str | int | float) -> bytes:
    """One command line. Arguments are quoted; ValueError for CR, LF or NUL in them and for more than 8000 bytes."""
    if not _VERB.fullmatch(verb):
        raise ValueError(f"{verb!r} is not an AGI command")
    words = [verb]
    for arg in map(str, args):
        if _FORBIDDEN.search(arg):
            raise ValueError(f"a line break or NUL in an argument of {verb} would start a second command")
        words.append('"' + arg.replace("\\", "\\\\").replace('"', '\\"') + '"')
    line = " ".join(words).encode("utf-8", "replace")
    if len(line) > LONGEST_COMMAND:
        raise ValueError(f"{verb} with {len(line)} bytes is longer than {LONGEST_COMMAND}")
    return line + b"\n"


def written_command(line: str) -> bytes:
    """A command line that a script has written as it is to be sent; ValueError as `command`."""
    if not line.strip() or _FORBIDDEN.search(line):
        raise ValueError("a line break or NUL in a command would start a second one, and an empty line is none")
    sent = line.encode("utf-8", "replace")
    if len(sent) > LONGEST_COMMAND:
        raise ValueError(f"a command with {len(sent)} bytes is longer than {LONGEST_COMMAND}")
    return sent + b"\n"


@dataclass(slots=True)
class Parser:
    """Bytes in, messages out: first one Request, then replies. PeerError for what no Asterisk sends."""

    _rest: bytes = b""
    _block: list[str] | None = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def feed(self, data: bytes) -> list[Message]:
        """The messages that became complete with `data`."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        messages: list[Message] = []
        for line in lines:
            _refuse_over(len(line), LONGEST_LINE, "line")
            message = self._line(line.decode("utf-8", "replace").rstrip("\r"))
            if message is not None:
                messages.append(message)
        _refuse_over(len(self._rest), LONGEST_LINE, "line")
        return messages

    def _line(self, line: str) -> Message | None:
        if self._block is not None:
            return self._request_line(line, self._block)
        if line == "HANGUP":
            return CallerGone()
        return self._reply_line(line)

    def _request_line(self, line: str, block: list[str]) -> Request | None:
        if line:
            block.append(line)
            _refuse_over(len(block), LONGEST_REQUEST, "request block")
            return None
        if not block:
            raise PeerError("this is no AGI request: it begins with an empty line")
        self._block = None
        return _request(block)

    def _reply_line(self, line: str) -> Reply | None:
        if not self._open:
            found = _REPLY.fullmatch(line)
            if found is None or found[1] == "100":
                return None  # progress, or the rest of a value whose first line looked complete
            self._open = [line]
        else:
            self._open.append(line)
            _refuse_over(sum(map(len, self._open)), LONGEST_REPLY, "reply")
        if not _complete(self._open):
            return None
        text, self._open = "\n".join(self._open), []
        return _reply(text)


def _complete(lines: list[str]) -> bool:
    first, last = lines[0], lines[-1]
    if first[3] == "-":
        return last.startswith(first[:3] + " ") or last == first[:3]
    if first.startswith("200 result=") and " (" in first:
        return _VALUE_ENDS.search(last) is not None
    return True


def _reply(text: str) -> Reply:
    found = _REPLY.fullmatch(text)
    assert found is not None  # _reply_line looked
    code, words = int(found[1]), found[3]
    result = _RESULT.fullmatch(words) if code == 200 else None
    if result is None:
        return Reply(code, text=words)
    return Reply(code, result[1], result[2], ((result[3] or "") + result[4]).strip())


def _request(block: list[str]) -> Request:
    variables: dict[str, str] = {}
    args: dict[int, str] = {}
    for line in block:
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_"):
            raise PeerError(f"this is no AGI request: {line[:80]!r}")
        name, value = name.removeprefix("agi_"), _CONTROL.sub(" ", value).strip()
        if found := re.fullmatch(r"arg_(\d{1,4})", name):
            args[int(found[1])] = value
        else:
            variables[name] = value
    path, _, query = variables.get("network_script", "").partition("?")
    return Request(variables, tuple(args[n] for n in sorted(args)), _CONTROL.sub(" ", unquote(path)).strip("/"), query)


def _refuse_over(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise PeerError(f"the AGI peer sent a {what} of more than {limit}")

"""A line of the log is one line, whatever a caller's telephone or a broken peer puts into it."""

from __future__ import annotations

import io
import logging

from hypothesis import given
from hypothesis import strategies as st

from agi.logs import FORMAT, OneLine
from agi.wire.fastagi import Parser, Request


def logged(message: str, *args: object, fails: bool = False) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine(FORMAT))
    log = logging.Logger("agi.test")
    log.addHandler(handler)
    if fails:
        try:
            raise ValueError(*args)
        except ValueError:
            log.exception(message)
    else:
        log.warning(message, *args)
    return stream.getvalue()


@given(st.text())
def test_a_message_is_one_line_of_visible_text(text: str) -> None:
    line = logged("call %s ended", text)
    assert line.endswith(" ended\n")
    assert len(line.splitlines()) == 1
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in line[:-1])


def test_a_forged_line_and_colours_stay_in_their_line() -> None:
    line = logged("caller %s", "1\n2026-01-01 00:00:00,000 WARNING agi.server: all is well\x1b[2J")
    assert "1\\n2026" in line
    assert "\\x1b[2J" in line


def test_a_traceback_stands_below_its_line_and_is_indented() -> None:
    first, *below = logged("a fault", "evil\n2026-01-01 line", fails=True).splitlines()
    assert first.endswith("a fault")
    assert below
    assert all(line.startswith("    ") for line in below)


@given(st.text(alphabet=st.characters(blacklist_characters="\n"), max_size=40))
def test_what_a_caller_calls_themselves_holds_no_control_characters(name: str) -> None:
    head = f"agi_network_script: trattoria\nagi_calleridname: {name}\n\n".encode("utf-8", "replace")
    (request,) = Parser().feed(head)
    assert isinstance(request, Request)
    assert not set(request.variables["calleridname"]) & {chr(code) for code in (*range(32), *range(0x7F, 0xA0))}

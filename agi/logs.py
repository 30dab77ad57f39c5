"""One line of the log for one event, whatever a caller's telephone or a broken peer put into it."""

from __future__ import annotations

import logging
import re
from typing import Final

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
OURS: Final = ("agi", "engine")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """Writes control characters of a message as escapes: no second line, no colours, no text that runs backwards.
    Only a traceback, which is ours, has lines of its own; they are indented."""

    def format(self, record: logging.LogRecord) -> str:
        """The message's line, and the traceback below it if there is one."""
        text, exception = record.getMessage(), record.exc_info
        plain = logging.makeLogRecord({**record.__dict__, "msg": _escaped(text), "args": None, "exc_info": None})
        plain.exc_text, plain.stack_info = None, None
        line = super().format(plain)
        if exception:
            below = (_escaped(each) for each in self.formatException(exception).splitlines())
            line += "".join(f"\n    {each}" for each in below)
        return line


def log_to_stderr(level: int) -> None:
    """Sends our log from `level` on to standard error, and warnings of the libraries."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for ours in OURS:
        logging.getLogger(ours).setLevel(level)


def level_of_log() -> int:
    """What `log_to_stderr` was told, for a process that we start."""
    return logging.getLogger(OURS[0]).level


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)

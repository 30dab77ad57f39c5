"""What a person is told about a call as variables of their channel: control signs taken out, lengths bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

LONGEST_VALUE: Final = 250
LONGEST_HANDOVER: Final = 900

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def handed_over(context: Mapping[str, str]) -> dict[str, str]:
    """`FD_<NAME>` for each name, and FD_CONTEXT with all of them URL-encoded, as it stands in a SIP header."""
    pairs = {name: clean(value) for name, value in context.items() if _NAME.fullmatch(name)}
    variables, whole = {f"FD_{name.upper()}": value for name, value in pairs.items()}, ""
    for name, value in pairs.items():
        pair = f"{name}={quote(value, safe='', errors='replace')}"
        if len(whole) + len(pair) < LONGEST_HANDOVER:
            whole += f"&{pair}" if whole else pair
    return {**variables, "FD_CONTEXT": whole}


def headers(context: Mapping[str, str]) -> dict[str, str]:
    """The same as variables that put SIP headers on a PJSIP channel that is dialled."""
    variables = handed_over(context)
    return {
        "PJSIP_HEADER(add,X-Frontdesk-Context)": variables["FD_CONTEXT"],
        "PJSIP_HEADER(add,X-Frontdesk-Summary)": quote(variables.get("FD_SUMMARY", ""), safe="", errors="replace"),
    }


def clean(value: str) -> str:
    """On one line, and no longer than a channel variable should be."""
    return _CONTROL.sub(" ", value).strip()[:LONGEST_VALUE]

"""Pictures of flows for pages: drawn once for each version, with the name of each step on its box."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import Final

from markupsafe import Markup

from engine.check.graph import picture
from engine.dialogue.machine import Compiled
from engine.drawing import svg
from engine.errors import SettingsError

KEPT: Final = 16

_BOX: Final = re.compile(r'<g id="[^"]*" class="node">\s*<title>([^<]*)</title>')
_TITLE: Final = re.compile(r"<title>[^<]*</title>\s*")
_SIZE: Final = re.compile(r'<svg width="[^"]*" height="[^"]*"')


class Pictures:
    """SVG elements of flows; the least used are forgotten. Drawing takes a second the first time; call it from a
    thread."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[str, Markup | None] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, compiled: Compiled) -> Markup | None:
        """The picture of a flow, each box with `data-step`; None where it cannot be drawn, for Graphviz is missing."""
        version = compiled.flow.hash
        with self._lock:
            if version not in self._drawn:
                self._drawn[version] = _draw(compiled)
            self._drawn.move_to_end(version)
            while len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)
            return self._drawn[version]


def _draw(compiled: Compiled) -> Markup | None:
    try:
        drawn = svg(picture(compiled))
    except SettingsError:
        return None
    return for_page(drawn) if drawn is not None else None


def for_page(drawn: str) -> Markup:
    """An SVG element of Graphviz as a page shows it: without its titles and size, each box with `data-step`."""
    drawn = _BOX.sub(r'<g class="node" data-step="\1">', drawn)
    begin = '<svg class="flow-picture" role="img" aria-label="The steps of the flow"'
    drawn = _SIZE.sub(begin, _TITLE.sub("", drawn), 1)
    return Markup(drawn)  # made by Graphviz from text that check.drawing has escaped

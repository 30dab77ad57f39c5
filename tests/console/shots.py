"""Pictures of the console for the docs: `FRONTDESK_PICTURES=docs/pictures` has the browser's tests take them."""

from __future__ import annotations

import io
import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("FRONTDESK_PICTURES")
"""Where pictures go; None takes none."""


def snap(page: Page, name: str, height: int | None = None) -> None:
    """Takes a picture of what the page shows, or of so many pixels from its top, in few colours and therefore small."""
    if FOLDER is None:
        return
    from PIL import Image

    page.evaluate("document.activeElement?.blur()")
    page.evaluate("document.fonts.ready")
    size = page.viewport_size or {"width": 1440, "height": 900}
    page.set_viewport_size({"width": size["width"], "height": height or size["height"]})
    taken = Image.open(io.BytesIO(page.screenshot(animations="allow", caret="initial"))).convert("RGB")
    few = taken.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(Path(FOLDER) / f"console-{name}.png", optimize=True)
    page.set_viewport_size(size)

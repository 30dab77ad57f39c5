"""Pictures of the console for the docs: `FRONTDESK_PICTURES=docs/pictures` has the browser's tests take them."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("FRONTDESK_PICTURES")
"""Where pictures go; None takes none."""
STILL = "*, *::before, *::after { animation: none !important; transition: none !important; caret-color: transparent; }"


def snap(page: Page, name: str, height: int | None = None) -> None:
    """Takes a picture of what the page shows, or of so many pixels from its top."""
    if FOLDER is None:
        return
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("document.fonts.ready")
    size = page.viewport_size or {"width": 1440, "height": 900}
    if height is not None:
        page.set_viewport_size({"width": size["width"], "height": height})
    page.screenshot(path=Path(FOLDER) / f"console-{name}.png", style=STILL)
    page.set_viewport_size(size)

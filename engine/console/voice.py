"""Voice."""

from __future__ import annotations

from starlette.responses import Response

from engine.console.navigation import STAFF
from engine.console.pages import Pages
from engine.console.visit import Visit

pages = Pages()


@pages.get("/voice", roles=STAFF)
async def index(visit: Visit) -> Response:
    return visit.page("voice/index.html")

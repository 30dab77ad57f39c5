"""Today."""

from __future__ import annotations

from starlette.responses import Response

from engine.console.navigation import EVERYONE
from engine.console.pages import Pages
from engine.console.visit import Visit

pages = Pages()


@pages.get("/today", roles=EVERYONE)
async def index(visit: Visit) -> Response:
    return visit.page("today/index.html")

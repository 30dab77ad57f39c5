"""Flows: all of them, and one in the editor; what is saved there is a version that callers do not meet yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from engine.console.navigation import EVERYONE, STAFF
from engine.console.pages import Pages
from engine.console.shelf import Conflict, Head, Version
from engine.console.shelves import Work
from engine.console.texts import token_of
from engine.console.visit import Visit
from engine.errors import FrontdeskError

pages = Pages()


@pages.get("/flows", roles=EVERYONE)
async def index(visit: Visit) -> Response:
    works = await visit.run(lambda: [(work, state_of(work)) for work in visit.parts.shelves.all().values()])
    return visit.page("flows/index.html", works=works, zone=await visit.run(lambda: visit.parts.zone))


@pages.get("/flows/{name}", roles=EVERYONE)
async def one(visit: Visit) -> Response:
    work = await work_of(visit)
    head = await visit.run(work.shelf.head)
    live = await visit.run(lambda: token_of(work.shelf.live()))
    may = visit.role in STAFF and not work.shipped
    files = sorted(head.texts, key=lambda name: (name != work.main, "/" in name, name))
    about: dict[str, Any] = {
        "head": head,
        "live": live,
        "may": may,
        "files": files,
        "flow": await visit.run(lambda: _spoken(visit, work)),
    }
    return visit.page("flows/one.html", work=work, zone=await visit.run(lambda: visit.parts.zone), **about)


@pages.get("/flows/{name}/files", roles=EVERYONE)
async def files(visit: Visit) -> Response:
    """The files that a change goes on from, as JSON, with the token that a save must name."""
    work = await work_of(visit)
    head = await visit.run(work.shelf.head)
    return JSONResponse({"token": head.token, "files": head.texts})


@pages.post("/flows/{name}/save", roles=STAFF)
async def save(visit: Visit) -> Response:
    """Keeps a version of changed files. Answers 409 where somebody else changed them meanwhile."""
    work, told = await work_of(visit), await sent(visit)
    base, message = str(told.get("base", "")), str(told.get("message", "")).strip()
    changed = texts_of(told.get("files"))
    if work.shipped:
        raise HTTPException(404)
    shelf, user, now = work.shelf, visit.user, visit.now
    try:
        kept = await visit.run(lambda: shelf.save(base, changed, user, message or "Changed", now))
    except Conflict as fault:
        head = await visit.run(shelf.head)
        return JSONResponse({"problem": str(fault), "token": head.token, "files": head.texts}, 409)
    except FrontdeskError as fault:
        return JSONResponse({"problem": str(fault)}, 422)
    await visit.audit("flow.save", work.name, version=kept.number, files=", ".join(sorted(changed)))
    return JSONResponse({"token": kept.token, "version": kept.number})


@pages.post("/flows/{name}/adopt", roles=STAFF)
async def adopt(visit: Visit) -> Response:
    """Makes one's own copy of a flow that comes with frontdesk."""
    work = await work_of(visit)
    if not work.shipped:
        raise HTTPException(404)
    await visit.run(lambda: visit.parts.shelves.adopt(work))
    await visit.audit("flow.adopt", work.name)
    return visit.back_to(f"/flows/{work.name}", "This flow is yours now. Callers meet it once frontdesk is restarted.")


def state_of(work: Work) -> Mapping[str, Any]:
    """What a list of flows shows of one; where its files cannot be read, why."""
    try:
        head = work.shelf.head()
        return {"head": head, "versions": len(work.shelf.versions()), "problem": ""}
    except FrontdeskError as fault:
        return {"head": None, "versions": 0, "problem": str(fault)}


async def work_of(visit: Visit) -> Work:
    """The flow that the path names; answers 404 where there is none."""
    work = (await visit.run(visit.parts.shelves.all)).get(visit.named("name"))
    if work is None:
        raise HTTPException(404)
    return work


async def sent(visit: Visit) -> Mapping[str, Any]:
    """The JSON object that a script of ours sent; empty where it is none."""
    if "json" not in visit.request.headers.get("content-type", ""):
        return {}
    try:
        told = json.loads(await visit.request.body())
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def texts_of(told: object) -> dict[str, str | None]:
    """Files of a request by name; None for one that is taken away. What is neither is left out."""
    if not isinstance(told, dict):
        return {}
    return {str(name): text for name, text in told.items() if text is None or isinstance(text, str)}


def draft_of(head: Head, changed: Mapping[str, str | None]) -> dict[str, str]:
    """The files with changes that are not saved yet."""
    texts = {**head.texts, **{name: text for name, text in changed.items() if text is not None}}
    return {name: text for name, text in texts.items() if changed.get(name, "") is not None}


def named_version(work: Work, text: str) -> Version:
    """A version by its number; answers 404 where there is none. Blocks."""
    found = next((version for version in work.shelf.versions() if str(version.number) == text), None)
    if found is None:
        raise HTTPException(404)
    return found


def _spoken(visit: Visit, work: Work) -> Mapping[str, tuple[str, ...]]:
    """Languages and variants that a trial can choose, from the version that runs."""
    try:
        reading = visit.parts.lines.reading(work.lines[0].name)
    except (FrontdeskError, OSError):
        return {"languages": (), "variants": ()}
    return {"languages": reading.languages, "variants": reading.variants}

"""Versions of a flow: what each changed, going back to one, and giving one to callers when all promises hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from starlette.responses import Response

from engine.console import examining
from engine.console.examining import Examined
from engine.console.flow_checks import summary
from engine.console.flows import named_version, work_of
from engine.console.navigation import EVERYONE, STAFF
from engine.console.pages import Pages
from engine.console.shelf import Conflict
from engine.console.shelves import Work
from engine.console.texts import Texts, token_of
from engine.console.visit import Visit
from engine.errors import FrontdeskError

pages = Pages()

AROUND: Final = 3
"""Lines of a file shown around a change."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison; `old` and `new` are its numbers in the two files, None where it is not there."""

    sign: Literal["same", "gone", "new", "skip"]
    text: str
    old: int | None = None
    new: int | None = None


@pages.get("/flows/{name}/versions", roles=EVERYONE)
async def versions(visit: Visit) -> Response:
    work = await work_of(visit)
    shelf = work.shelf
    listed, live = await visit.run(shelf.versions), await visit.run(lambda: token_of(shelf.live()))
    published = {one.number: one for one in reversed(await visit.run(shelf.published))}
    zone = await visit.run(lambda: visit.parts.zone)
    serving = next((version.number for version in listed if version.token == live), None)
    about: dict[str, Any] = {"serving": serving, "published": published, "zone": zone}
    return visit.page("flows/versions.html", work=work, versions=listed, **about)


@pages.get("/flows/{name}/versions/{number}", roles=EVERYONE)
async def version(visit: Visit) -> Response:
    return await _version(visit)


async def _version(visit: Visit, problem: str = "", status: int = 200, broken: Examined | None = None) -> Response:
    """One version beside the one before it, or beside what callers have (`against=live`)."""
    work = await work_of(visit)
    shelf = work.shelf
    chosen = await visit.run(lambda: named_version(work, visit.named("number")))
    live = await visit.run(shelf.live)
    texts = await visit.run(lambda: shelf.texts(chosen.number))
    against = visit.asked("against", "live" if token_of(live) != chosen.token else "before")
    old = live if against == "live" else await visit.run(lambda: _before(work, chosen.number))
    noticed = await visit.parts.bench.run(
        ("compare", work.main, token_of(old), chosen.token), examining.compare, work.main, old, texts
    )
    newest = await visit.run(lambda: shelf.versions()[0].number)
    return visit.page(
        "flows/version.html",
        status,
        work=work,
        newest=chosen.number == newest,
        chosen=chosen,
        live=token_of(live),
        against=against,
        files=dict(differences(old, texts)),
        noticed=noticed,
        problem=problem,
        broken=broken,
        told=summary(broken) if broken else "",
        zone=await visit.run(lambda: visit.parts.zone),
    )


@pages.post("/flows/{name}/versions/{number}/restore", roles=STAFF)
async def restore(visit: Visit) -> Response:
    """Goes back: a new version with the content of an older one."""
    work = await work_of(visit)
    chosen = await visit.run(lambda: named_version(work, visit.named("number")))
    user, now = visit.user, visit.now
    made = await visit.run(lambda: work.shelf.restore(chosen.number, user, now))
    await visit.audit("flow.restore", work.name, version=chosen.number, as_version=made.number)
    told = f"Version {made.number} has the content of version {chosen.number}. Publish it to give it to callers."
    return visit.back_to(f"/flows/{work.name}/versions/{made.number}", told)


@pages.post("/flows/{name}/versions/{number}/publish", roles=STAFF)
async def publish(visit: Visit) -> Response:
    """Gives a version to callers. Refused while an error is in it, or a promise to callers is broken."""
    work, form = await work_of(visit), await visit.form()
    shelf, user, now = work.shelf, visit.user, visit.now
    chosen = await visit.run(lambda: named_version(work, visit.named("number")))
    texts = await visit.run(lambda: shelf.texts(chosen.number))
    try:
        key = ("prove", work.main, token_of(texts))
        examined = await visit.parts.bench.run(key, examining.prove, work.main, texts)
        if not examined.sound:
            await visit.audit("flow.publish_refused", work.name, version=chosen.number, errors=examined.errors)
            told = "This version is not published: callers could be harmed by it. They still have the one before."
            return await _version(visit, told, 422, examined)
        await visit.run(lambda: shelf.publish(chosen.number, str(form.get("live", "")), user, now))
    except (Conflict, FrontdeskError) as fault:
        return await _version(visit, str(fault), 409 if isinstance(fault, Conflict) else 422)
    await visit.audit("flow.publish", work.name, version=chosen.number)
    after = " Calls get it once frontdesk is restarted." if work.waits else " New calls get it within seconds."
    return visit.back_to(f"/flows/{work.name}", f"Version {chosen.number} is published.{after}")


def _before(work: Work, number: int) -> Texts:
    older = [version.number for version in work.shelf.versions() if version.number < number]
    return work.shelf.texts(older[0]) if older else {}


def differences(old: Texts, new: Texts) -> Iterator[tuple[str, list[Row]]]:
    """What is different in each file that is, line by line."""
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, ""), new.get(name, "")
        if before != after or (name in old) != (name in new):
            yield name, list(_rows(before.splitlines(), after.splitlines()))


def _rows(old: list[str], new: list[str]) -> Iterator[Row]:
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)
    for number, group in enumerate(groups):
        if number:
            yield Row("skip", "")
        for tag, first, last, begin, end in group:
            if tag == "equal":
                pairs = zip(range(first, last), range(begin, end), strict=True)
                yield from (Row("same", new[after], before + 1, after + 1) for before, after in pairs)
                continue
            yield from (Row("gone", old[at], at + 1, None) for at in range(first, last))
            yield from (Row("new", new[at], None, at + 1) for at in range(begin, end))

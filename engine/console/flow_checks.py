"""What the editor asks while somebody writes: findings, proofs, the picture, what talks try, what fits here."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from starlette.responses import JSONResponse, Response

from engine.console import completion, examining
from engine.console.examining import Examined
from engine.console.flows import draft_of, sent, texts_of, work_of
from engine.console.navigation import EVERYONE
from engine.console.pages import Pages
from engine.console.pictures import for_page
from engine.console.texts import check_names, token_of
from engine.console.visit import Visit
from engine.errors import AuthorError, FrontdeskError
from engine.yaml.reader import LARGEST

pages = Pages()


async def _draft(visit: Visit) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The main file's name, the files as the editor has them, and all that was sent."""
    work, told = await work_of(visit), dict(await sent(visit))
    head = await visit.run(work.shelf.head)
    texts = draft_of(head, texts_of(told.get("files")))
    check_names(texts)
    return work.main, texts, told


@pages.post("/flows/{name}/check", roles=EVERYONE)
async def check(visit: Visit) -> Response:
    """Findings of the files as they are in the editor; with `prove`, all that `frontdesk check` says."""
    try:
        main, texts, told = await _draft(visit)
        work = examining.prove if told.get("prove") is True else examining.look
        examined = await visit.parts.bench.run((work.__name__, main, token_of(texts)), work, main, texts)
    except FrontdeskError as fault:
        return JSONResponse({"problem": str(fault)}, 422)
    return JSONResponse(as_json(examined))


@pages.post("/flows/{name}/picture", roles=EVERYONE)
async def picture(visit: Visit) -> Response:
    """The picture of the files as they are in the editor."""
    try:
        main, texts, _ = await _draft(visit)
        drawn = await visit.parts.bench.run(("draw", main, token_of(texts)), examining.draw, main, texts)
    except FrontdeskError as fault:
        return JSONResponse({"problem": str(fault)}, 422)
    return JSONResponse({"svg": for_page(drawn) if drawn is not None else None})


@pages.post("/flows/{name}/rehearse", roles=EVERYONE)
async def rehearse(visit: Visit) -> Response:
    """Runs the flow's talks on the files as they are in the editor, and draws what they cover."""
    work = await work_of(visit)
    home, run = work.shelf.home, visit.parts.workbench.rehearse
    try:
        main, texts, _ = await _draft(visit)
        found = await visit.parts.bench.run(("rehearse", main, token_of(texts)), run, main, texts, home)
    except AuthorError:
        return JSONResponse({"problem": "The talks cannot run while the flow has errors."}, 422)
    except FrontdeskError as fault:
        return JSONResponse({"problem": str(fault)}, 422)
    shown = for_page(found.picture) if found.picture is not None else None
    table = visit.part("flows/rehearsed.html", found=found)
    return JSONResponse({"html": table, "svg": shown, "failed": len(found.failed)})


@pages.post("/flows/{name}/complete", roles=EVERYONE)
async def complete(visit: Visit) -> Response:
    """What fits at a place of a file, and what its key is about."""
    told = await sent(visit)
    file, text = str(told.get("file", "")), str(told.get("text", ""))[:LARGEST]
    line, column = (told.get(name) if isinstance(told.get(name), int) else 1 for name in ("line", "column"))
    if told.get("about") is True:
        return JSONResponse({"about": await visit.run(lambda: completion.about(file, text, line or 1, column or 1))})
    found = await visit.run(lambda: completion.suggestions(file, text, line or 1, column or 1))
    return JSONResponse({"suggestions": [asdict(one) for one in found]})


def as_json(examined: Examined) -> dict[str, Any]:
    """For the editor: places count from 1."""
    return {
        "sound": examined.sound,
        "findings": [
            {
                "code": found.code,
                "severity": found.severity,
                "message": found.message,
                "file": found.at.file,
                "line": found.at.line,
                "column": found.at.column,
                "width": found.width,
                "hint": found.hint,
                "why": examined.reasons.get(found.code, ""),
            }
            for found in examined.findings
        ],
        "proofs": [asdict(proof) for proof in examined.proofs],
        "summary": summary(examined),
    }


def summary(examined: Examined) -> str:
    """One plain sentence about a flow."""
    if not examined.sound:
        return f"{_count(examined.errors, 'error')}: callers cannot get this version."
    if not examined.proofs:
        return "No errors."
    held = sum(proof.result == "holds" for proof in examined.proofs)
    worst = examined.worst_case_prompts
    help_ = f" A caller who is not understood gets help after at most {_count(worst, 'prompt')}." if worst else ""
    said = f"All {held} promises hold." if held == len(examined.proofs) else f"{held} promises are proven."
    return f"{said}{help_}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {re.sub('y$', 'ie', word)}s"

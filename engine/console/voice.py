"""Voice: how we sound, heard at once and compared; variants, and how calls ended with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from engine.actions.tally import Tally, tally
from engine.console.flows import sent
from engine.console.navigation import STAFF
from engine.console.pages import Pages
from engine.console.shelf import Conflict
from engine.console.shelves import Work
from engine.console.speaker import LONGEST
from engine.console.visit import Visit
from engine.console.voicing import SLIDERS, persona_of, values_of, with_values
from engine.errors import AuthorError, FrontdeskError
from engine.flow.model import Flow
from engine.persona.persona import UNHEARD, Persona, parse_persona
from engine.persona.prosody import Utterance
from engine.persona.shortened import unshortened

pages = Pages()

SINCE: Final = timedelta(days=90)
SAMPLES: Final[Mapping[str, str]] = {
    "en": "We have a table for four on Saturday evening, at half past seven. Shall I book it for you?",
    "de": "Am Samstagabend um halb acht ist ein Tisch für vier frei. Soll ich ihn für Sie reservieren?",
    "es": "Tenemos una mesa para cuatro el sábado por la noche, a las siete y media. ¿Se la reservo?",
}
RATES: Final = (8000, 16000)


@dataclass(frozen=True, slots=True)
class Share:
    """How calls ended with one variant of a flow; `weight` is its share of new calls in percent, None for a variant
    that the flow has no more."""

    variant: str
    weight: int | None
    tally: Tally

    @property
    def booked(self) -> tuple[int, int, int]:
        """In how many of a hundred calls something was booked: what was seen, and between what it lies (95 %)."""
        return (round(100 * self.tally.booked / max(1, self.tally.calls)), *likely(self.tally.booked, self.tally.calls))

    @property
    def minutes(self) -> float:
        """How long a call took."""
        return self.tally.seconds / max(1, self.tally.calls)


@pages.get("/voice", roles=STAFF)
async def index(visit: Visit) -> Response:
    since, store = visit.now - SINCE, visit.parts.store
    asked = await visit.run(lambda: [one.name for one in visit.parts.lines.flows().values() if one.variants])
    counted = await visit.run(lambda: store.read(lambda connection: tally(connection, since, asked))) if asked else []
    flows = await visit.run(lambda: [_shown(visit, work, counted) for work in visit.parts.shelves.all().values()])
    return visit.page("voice/index.html", flows=flows, engine=visit.parts.speaker.engine)


@pages.get("/voice/{name}/{persona}", roles=STAFF)
async def one(visit: Visit) -> Response:
    work, texts, token, file = await _file(visit)
    others = sorted(name[9:-5] for name in texts if name.startswith("personas/") and name != file)
    try:
        persona = await visit.run(lambda: parse_persona(texts[file], file))
    except AuthorError as fault:
        return visit.page("voice/broken.html", work=work, file=file, findings=fault.findings)
    flow = await visit.run(lambda: visit.parts.lines.flow(work.lines[0].name))
    languages = _languages(visit, work, flow)
    engine = visit.parts.speaker.engine
    about: dict[str, Any] = {"sliders": SLIDERS, "languages": languages, "samples": SAMPLES, "others": others}
    return visit.page(
        "voice/one.html",
        work=work,
        persona=persona,
        token=token,
        engine=engine,
        unheard=UNHEARD.get(engine, {}),
        sample=sample_of(languages[0]),
        **about,
    )


@pages.post("/voice/{name}/{persona}/hear", roles=STAFF)
async def hear(visit: Visit) -> Response:
    """A sentence as a WAV file: by the persona as it is kept, or with other values of sliders."""
    _, texts, _, file = await _file(visit)
    told = await sent(visit)
    words = " ".join(str(told.get("text", "")).split())[:LONGEST]
    language, situation = str(told.get("language", "en-GB"))[:12], str(told.get("situation", "plain"))
    rate = told.get("rate") if told.get("rate") in RATES else RATES[0]
    if not words:
        return JSONResponse({"problem": "Write a sentence to hear."}, 422)
    try:
        persona = await visit.run(lambda: persona_of(texts[file], file, values_of(told.get("values"))))
        wav = await visit.parts.speaker.wav(spoken_by(persona, words, language, situation), int(rate or RATES[0]))
    except AuthorError as fault:
        return JSONResponse({"problem": f"{file} has errors: {fault.findings[0].message}."}, 422)
    except TimeoutError:
        return JSONResponse({"problem": "The voice took too long. Try again in a moment."}, 422)
    except FrontdeskError as fault:
        return JSONResponse({"problem": str(fault)}, 422)
    return Response(wav, media_type="audio/wav")


@pages.post("/voice/{name}/{persona}/save", roles=STAFF)
async def save(visit: Visit) -> Response:
    """Keeps the values of the sliders as a version of the flow."""
    work, texts, _, file = await _file(visit)
    if work.shipped:
        raise HTTPException(404)
    told = await sent(visit)
    values, base = values_of(told.get("values")), str(told.get("base", ""))
    shelf, user, now, who = work.shelf, visit.user, visit.now, visit.named("persona")
    try:
        text = await visit.run(lambda: with_values(texts[file], file, values))
        kept = await visit.run(lambda: shelf.save(base, {file: text}, user, f"How {who} speaks", now))
    except (Conflict, FrontdeskError) as fault:
        return JSONResponse({"problem": str(fault)}, 409 if isinstance(fault, Conflict) else 422)
    await visit.audit("voice.save", f"{work.name}/{who}", version=kept.number)
    return JSONResponse({"token": kept.token, "version": kept.number})


def spoken_by(persona: Persona, words: str, language: str, situation: str) -> Utterance:
    """A sentence as a call would say it in a situation; `numbers` reads it as a telephone number is read."""
    numbers = situation == "numbers"
    prosody = persona.prosody("plain" if numbers else situation, numbers)
    return Utterance(unshortened(words, language), language, prosody, persona.voices_in(language))


def sample_of(language: str) -> str:
    """A sentence to begin with."""
    return SAMPLES.get(language.partition("-")[0], SAMPLES["en"])


def likely(hits: int, calls: int) -> tuple[int, int]:
    """Between how many of a hundred the truth lies with 95 %, after so many hits in so many calls (Wilson)."""
    if calls == 0:
        return 0, 100
    z, seen = 1.96, hits / calls
    middle = (seen + z * z / (2 * calls)) / (1 + z * z / calls)
    wide = z * sqrt(seen * (1 - seen) / calls + z * z / (4 * calls * calls)) / (1 + z * z / calls)
    return round(100 * max(0.0, middle - wide)), round(100 * min(1.0, middle + wide))


async def _file(visit: Visit) -> tuple[Work, Mapping[str, str], str, str]:
    """The flow, its files with their token, and the persona's file; answers 404 where there is none."""
    work = (await visit.run(visit.parts.shelves.all)).get(visit.named("name"))
    if work is None:
        raise HTTPException(404)
    head = await visit.run(work.shelf.head)
    file = f"personas/{visit.named('persona')}.yaml"
    if file not in head.texts:
        raise HTTPException(404)
    return work, head.texts, head.token, file


def _languages(visit: Visit, work: Work, flow: Flow | None) -> tuple[str, ...]:
    try:
        return visit.parts.lines.reading(work.lines[0].name).languages or ("en-GB",)
    except (FrontdeskError, OSError):
        return (flow.language,) if flow is not None else ("en-GB",)


def _shown(visit: Visit, work: Work, counted: list[Tally]) -> Mapping[str, Any]:
    """What the list shows of a flow: who can speak in it, and its variants with what came of calls."""
    try:
        texts = work.shelf.head().texts
    except FrontdeskError:
        texts = {}
    personas = sorted(name[9:-5] for name in texts if name.startswith("personas/"))
    flow = visit.parts.lines.flow(work.lines[0].name)
    return {
        "work": work,
        "personas": personas,
        "speaks": flow.persona if flow else "",
        "shares": _shares(flow, counted),
    }


def _shares(flow: Flow | None, counted: list[Tally]) -> list[Share]:
    if flow is None or not flow.variants:
        return []
    whole = sum(flow.variants.values()) or 1
    found = {one.variant: one for one in counted if one.flow == flow.name}
    names = [*flow.variants, *(name for name in found if name not in flow.variants)]
    weights = {name: round(100 * weight / whole) for name, weight in flow.variants.items()}
    return [Share(name, weights.get(name), found.get(name, Tally(flow.name, name))) for name in names]

"""Globals and questions: what a caller may want at any point, and how the call comes back to its question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.acts import Act, Affirm, Ask, Deny, Fill, Global, GlobalName, Want
from engine.dialogue.asking import HOLD, ask, listen
from engine.dialogue.draft import Draft
from engine.dialogue.filling import clear
from engine.dialogue.repair import HOLDS, hint_for

ORDER: Final[tuple[GlobalName, ...]] = (
    "operator", "goodbye", "start_over", "never_mind", "hold_on", "slower", "repeat", "help", "back",
)  # fmt: skip
SLOWER: Final = 0.8
SLOWEST: Final = 0.6


def digress(draft: Draft, acts: Sequence[Act]) -> bool:
    """Handles the first global or urgent wish; True when the turn is done with it."""
    for act in acts:
        if isinstance(act, Want) and act.intent in draft.flow.anywhere:
            draft.set(why=act.intent)
            return draft.fire(f"anywhere.{act.intent}")
    name = first_global(acts)
    return False if name is None else _global(draft, name)


def first_global(acts: Sequence[Act]) -> GlobalName | None:
    """The global that is acted on; some give way to an answer in the same breath."""
    said = {act.name for act in acts if isinstance(act, Global)}
    answers = any(isinstance(act, (Affirm, Deny)) for act in acts)
    fills = any(isinstance(act, Fill) for act in acts)
    for name in ORDER:
        if name in said and not (name == "goodbye" and answers) and not (name in ("repeat", "help", "back") and fills):
            return name
    return None


def answer_questions(draft: Draft, acts: Sequence[Act]) -> bool:
    """Says the answers that were asked for; whoever calls asks the pending question again."""
    asked = [act.answer for act in acts if isinstance(act, Ask) and act.answer in draft.flow.answers]
    for name in dict.fromkeys(asked[:2]):
        draft.say(draft.prompt(draft.flow.answers[name].say))
    return bool(asked)


def outside_questions(acts: Sequence[Act]) -> Sequence[Act]:
    """Without the values that were only part of a question ("are you open on Saturday?")."""
    asked = [act.span for act in acts if isinstance(act, Ask) and act.span.text]
    return [
        act
        for act in acts
        if not (isinstance(act, Fill) and any(span.start <= act.span.start < span.end for span in asked))
    ]


def _global(draft: Draft, name: GlobalName) -> bool:
    match name:
        case "operator" | "goodbye":
            draft.set(why=name)
            return draft.fire(name)
        case "start_over" | "never_mind":
            return _leave(draft, everything=name == "start_over")
        case "hold_on":
            return _hold(draft)
        case "slower":
            draft.set(pace=max(SLOWEST, draft.state.pace * SLOWER))
            _again(draft)
        case "repeat":
            _again(draft)
        case "help":
            _help(draft)
        case "back":
            return _back(draft)
    return True


def _again(draft: Draft) -> None:
    """The last question in the same words; an echo is read again, so that it counts as heard."""
    if draft.node.kind == "confirm":
        ask(draft)
        return
    for prompt in draft.state.last:
        draft.say(prompt)
    if draft.state.last:
        listen(draft)
    else:
        ask(draft)


def _help(draft: Draft) -> None:
    if draft.state.echo_cut:
        ask(draft)
        return
    text, values = hint_for(draft, draft.node)
    draft.say(draft.own("help", "plain", values, {"hint": text}, called=f"{draft.node.owner}.help"))
    listen(draft)


def _hold(draft: Draft) -> bool:
    if draft.count(f"hold:{draft.node.owner}") > HOLDS:
        return False
    draft.say(draft.own("hold", "wait"))
    listen(draft, HOLD)
    return True


def _leave(draft: Draft, everything: bool) -> bool:
    """Gives up what is being filled and goes back to the open question."""
    form = draft.flow.steps.get(draft.state.form or "")
    names = list(draft.flow.slots) if everything else list(getattr(form, "slots", ()))
    clear(draft, names)
    draft.set(checks={}, echoed={}, why="start_over" if everything else "never_mind")
    return draft.fire("home")


def _back(draft: Draft) -> bool:
    """The slot that was filled last is asked again; where there is none the question is repeated."""
    form = draft.flow.steps.get(draft.state.form or "")
    mine = [name for name in draft.state.order if name in getattr(form, "slots", ())]
    if not mine or draft.node.kind in ("listen", "ask", "consent"):
        _again(draft)
        return True
    clear(draft, mine[-1:])
    return draft.fire("corrected") or draft.fire("answered")

"""The one function that advances a conversation; phone, simulator, chat, replay and proofs all call it.

    (flow, state, event, now) -> (state, effects)

An event is first matched with what the state waits for (a stale one is noted and dropped), then it moves the call along
the table, then the call settles: states that only speak, branch or decide are passed through until one waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, assert_never

from engine.acts import SURE, Affirm, Deny, Global, Recording
from engine.acts import Act as CallerAct
from engine.dialogue.answering import ANSWERS
from engine.dialogue.asking import ask
from engine.dialogue.digression import answer_questions, digress, outside_questions
from engine.dialogue.doing import (
    call_tool,
    message_recorded,
    take_message,
    tool_late,
    tool_returned,
    transfer,
    transferred,
)
from engine.dialogue.draft import Draft
from engine.dialogue.filling import clear, fill
from engine.dialogue.keys import acts_of
from engine.dialogue.machine import Compiled
from engine.dialogue.repair import trouble
from engine.dialogue.state import State, Timer
from engine.effects import Act, Effect, Hush, Listen, LookUp, Record, Transfer
from engine.events import (
    CallStarted,
    Digits,
    Event,
    Heard,
    HungUp,
    Interrupted,
    Ordered,
    Recorded,
    Silence,
    Spoken,
    TimeUp,
    ToolReturned,
    Transferred,
)
from engine.flow.model import FormStep, HangupStep, ListenStep, NoticeStep, SayStep
from engine.persona.spoken import echo_template

MOST_MOVES: Final = 200
"""Moves between two waits; more would be a flow that spins, which `check` refuses."""
EXTRA_TIME: Final = 180.0
"""Seconds that a call gets for its way to a person once it has lasted too long."""


def step(compiled: Compiled, state: State, event: Event, now: datetime) -> tuple[State, tuple[Effect, ...]]:
    """Advances the conversation by one event. `now` is aware, in any zone."""
    draft = Draft(compiled, state, now.astimezone(compiled.zone))
    if state.ended:
        _after_the_end(draft, event)
        return draft.finish()
    before = state.position, state.waiting
    _handle(draft, event)
    if not draft.state.ended and (draft.state.position, draft.state.waiting) != before and not draft.after:
        _settle(draft)
    return draft.finish()


def _handle(draft: Draft, event: Event) -> None:
    match event:
        case CallStarted():
            _start(draft, event)
        case Heard() | Digits() | Silence():
            _answer(draft, event)
        case Interrupted():
            _interrupted(draft, event)
        case Spoken():
            _spoken(draft, event)
        case ToolReturned() | Transferred():
            _came_back(draft, event)
        case Recorded():
            _recorded(draft, event)
        case TimeUp():
            _time_up(draft, event.timer)
        case Ordered():
            _ordered(draft, event.what)
        case HungUp():
            _hung_up(draft)
        case _:
            assert_never(event)


def _start(draft: Draft, event: CallStarted) -> None:
    draft.set(
        caller=event.caller,
        called=event.called,
        open_speech=event.open_speech,
        started=draft.now,
        timers=(Timer("call", draft.later(draft.flow.repair.minutes * 60)),),
    )
    _settle(draft)


def _answer(draft: Draft, event: Heard | Digits | Silence) -> None:
    waiting = draft.state.waiting
    if isinstance(event, Digits) and isinstance(waiting, Record) and event.keys == "*0":
        draft.set(waiting=None, why="operator")
        draft.fire("operator")
        return
    if not isinstance(waiting, Listen) or waiting.turn != event.turn:
        draft.note("stale", f"{type(event).__name__} for turn {event.turn}")
        return
    draft.set(waiting=None, turns=draft.state.turns + 1)
    if draft.state.turns > draft.flow.repair.turns:
        _too_long(draft)
    elif isinstance(event, Silence):
        trouble(draft, "noinput")
    else:
        _understand(draft, acts_of(draft, event.keys) if isinstance(event, Digits) else event.acts)


def _understand(draft: Draft, acts: Sequence[CallerAct]) -> None:
    """Globals first, then questions of the caller's own, then what answers the question of this state."""
    node = draft.node
    if not acts:
        trouble(draft, "nomatch")
        return
    if digress(draft, acts):
        return
    answered = answer_questions(draft, acts)
    acts = outside_questions(acts)
    if ANSWERS[node.kind](draft, acts):
        for ladder in ("nomatch", "noinput"):
            draft.forget_counts(f"{ladder}:{node.owner}")
    elif answered:
        ask(draft, "short")
    elif any(isinstance(act, Global) and act.name == "goodbye" for act in acts):
        draft.fire("goodbye")
    elif node.kind == "consent" and any(isinstance(act, (Affirm, Deny)) for act in acts):
        draft.fire("no")
    else:
        trouble(draft, "nomatch")


def _came_back(draft: Draft, event: ToolReturned | Transferred) -> None:
    """What we asked outside was answered; an answer that nothing waits for any more changes nothing."""
    waiting = draft.state.waiting
    match event:
        case ToolReturned() if isinstance(waiting, (Act, LookUp)) and waiting.act == event.act:
            tool_returned(draft, event)
        case Transferred() if isinstance(waiting, Transfer) and waiting.act == event.act:
            transferred(draft, event)
        case ToolReturned():
            draft.note("stale", f"tool answered {event.outcome} too late")
        case Transferred():
            draft.note("stale", f"transfer answered {event.outcome} too late")


def _interrupted(draft: Draft, event: Interrupted) -> None:
    if event.say != draft.state.say:
        draft.note("stale", f"interruption of {event.say}")
        return
    draft.before.append(Hush())
    if event.heard_until < draft.state.echo_ends:
        draft.set(echo_cut=True)
    _heard_result(draft, event.say)


def _spoken(draft: Draft, event: Spoken) -> None:
    _heard_result(draft, event.say)


def _heard_result(draft: Draft, say: int) -> None:
    """The result of a commit counts as heard once the words after it were spoken or talked over."""
    for commit in draft.state.commits:
        if commit.say is not None and commit.say <= say:
            draft.note("heard", commit.key)
    left = tuple(commit for commit in draft.state.commits if commit.say is None or commit.say > say)
    draft.set(commits=left)


def _recorded(draft: Draft, event: Recorded) -> None:
    waiting = draft.state.waiting
    if not isinstance(waiting, Record) or waiting.act != event.act:
        draft.note("stale", f"recording {event.ref}")
        return
    draft.set(waiting=None)
    if waiting.kind == "message":
        message_recorded(draft, event)
    elif event.seconds <= 0:
        trouble(draft, "noinput")
    else:
        fill(draft, waiting.slot or "", (Recording(event.ref, event.seconds),))
        draft.forget_counts(f"noinput:{waiting.slot}")
        draft.fire("answered")


def _time_up(draft: Draft, timer: str) -> None:
    if not any(known.name == timer for known in draft.state.timers):
        draft.note("stale", f"timer {timer}")
        return
    draft.set(timers=tuple(known for known in draft.state.timers if known.name != timer))
    waiting = draft.state.waiting
    match timer:
        case "filler":
            draft.say(draft.own("filler", "wait"))
        case "deadline":
            tool_late(draft)
        case "record" if isinstance(waiting, Record):
            _recorded(draft, Recorded(waiting.act, "", 0.0))
        case "transfer" if isinstance(waiting, Transfer):
            transferred(draft, Transferred(waiting.act, "failed"))
        case "call" if isinstance(waiting, Transfer):  # a talk with a person has no limit of ours
            draft.set(timers=(*draft.state.timers, Timer("call", draft.later(EXTRA_TIME))))
        case "call":
            draft.set(waiting=None if isinstance(waiting, Listen) else waiting)
            _too_long(draft)


def _ordered(draft: Draft, what: str) -> None:
    """The wish of somebody at the console, whatever the caller was asked. What goes on outside is not cut off."""
    if isinstance(draft.state.waiting, (Act, LookUp, Transfer, Record)):
        draft.note("stale", f"order of {what} while something was under way")
        return
    why = draft.state.why
    draft.set(waiting=None, why=f"ordered_{what}")
    if what == "end":
        draft.say(draft.own("bye", "goodbye"))
        draft.end(draft.state.why)
    elif not draft.fire("operator"):
        draft.set(why=why)
        draft.note("stale", f"order of {what}, which is on its way")


def _too_long(draft: Draft) -> None:
    """Past the longest call: to a person, and if that does not end it, goodbye. A commit under way is not cut off."""
    if draft.state.late:
        draft.set(position="engine.bye", waiting=None)
        return
    draft.note("limit", "the call has lasted too long")
    draft.set(late=True, why="limit", timers=(*draft.state.timers, Timer("call", draft.later(EXTRA_TIME))))
    if draft.state.waiting is not None:
        return
    draft.say(draft.own("too_long"))
    if not draft.fire("operator"):
        draft.set(position="engine.bye")


def _after_the_end(draft: Draft, event: Event) -> None:
    """Our last words may still tell of a booking: whether they were heard counts."""
    match event:
        case Spoken() | Interrupted() if draft.state.commits:
            _heard_result(draft, event.say)
        case HungUp() if draft.state.commits:
            _unheard(draft)
        case _:
            draft.note("stale", f"{type(event).__name__} after the end")


def _unheard(draft: Draft) -> None:
    for commit in draft.state.commits:
        draft.note("not_heard", commit.key)
    draft.set(commits=())


def _hung_up(draft: Draft) -> None:
    waiting = draft.state.waiting
    _unheard(draft)
    if isinstance(waiting, (Act, LookUp)) and draft.flow.tools[waiting.tool].commits:
        draft.note("not_heard", waiting.key)
    draft.note("hung_up", draft.position)
    draft.set(ended=True, waiting=None, timers=())


# settling: from one wait to the next


def _settle(draft: Draft) -> None:
    for _ in range(MOST_MOVES):
        if draft.after or draft.state.ended:
            return
        _enter(draft)
    draft.note("spin", f"no wait within {MOST_MOVES} moves at {draft.position}")
    draft.prompts.clear()
    draft.end("spin")


def _enter(draft: Draft) -> None:
    """Does what the present state is for; leaves it at once where it does not wait."""
    node = draft.node
    match node.kind:
        case "final":
            draft.end(draft.state.why, stay=node.name == "end")
        case "say" | "notice" | "bye":
            _speak(draft)
            draft.fire("next")
        case "choose":
            draft.fire("next")
        case "form":
            draft.set(form=node.step.name if isinstance(node.step, FormStep) else draft.state.form)
            draft.fire("next")
        case "check" | "call":
            call_tool(draft, node)
        case "transfer":
            transfer(draft, node)
        case "message":
            take_message(draft, node)
        case _:
            if isinstance(node.step, ListenStep):
                draft.set(home=node.name)
                if draft.handed and _handed_on(draft):
                    return
            elif node.kind != "confirm":
                _echo_quietly(draft)
            ask(draft)


def _handed_on(draft: Draft) -> bool:
    """Whether what the caller said at the consent before answers this open question, which then is not asked."""
    acts, draft.handed = draft.handed, ()
    return ANSWERS["listen"](draft, acts)


def _speak(draft: Draft) -> None:
    step = draft.node.step
    if isinstance(step, SayStep):
        news = any(commit.say is None for commit in draft.state.commits)
        draft.say(draft.prompt(step.say, "success" if news else "plain"))
        clear(draft, step.clear)
    elif isinstance(step, NoticeStep):
        draft.say(draft.prompt(step.notice))
        draft.protected = len(draft.prompts)
    elif isinstance(step, HangupStep) and step.name == "engine.bye":
        unbooked = draft.state.order and draft.state.instance == 1
        draft.say(draft.own("bye_unbooked" if unbooked else "bye", "goodbye"))
    elif isinstance(step, HangupStep) and step.say is not None:
        draft.say(draft.prompt(step.say, "goodbye"))
    draft.set(why=step.name)


def _echo_quietly(draft: Draft) -> None:
    """Folds what was just understood, but not surely, into the next question."""
    names = [name for name in draft.understood if _wants_echo(draft, name)]
    if not names:
        return
    slots = [(name, draft.flow.slots[name].type, draft.flow.slots[name].label) for name in names]
    prompt = draft.own("implicit", "plain", parts={"value": echo_template(slots, draft.flow.language)})
    draft.say(prompt)
    draft.understood.clear()


def _wants_echo(draft: Draft, name: str) -> bool:
    slot, policy = draft.state.slot(name), draft.flow.slots[name].confirm
    if slot.status != "valid" or slot.verified or name == draft.node.slot:
        return False
    return policy == "implicit" or (policy == "when_unsure" and slot.confidence < SURE)


"""What frontdesk says by itself, by language; a flow overrides any of it under `prompts:`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.languages.sheet import base_of, sheet_of

ENGLISH: Final[Mapping[str, str]] = {
    "engine.nomatch": "Sorry, I didn't catch that. {question}",
    "engine.noinput": "Sorry, I can't hear you. {question}",
    "engine.hint": "Sorry, I still didn't get that. {hint}",
    "engine.hint_noinput": "Are you still there? {hint}",
    "engine.confirm": "Is that right?",
    "engine.echo": "Let me read that back: {echo}.",
    "engine.verify": "I heard {value}. Is that right?",
    "engine.implicit": "{value}.",
    "engine.pick": "Do you mean {choices}?",
    "engine.which": "What should I change: {choices}?",
    "engine.offer": "Shall I use the number you are calling from, {value}?",
    "engine.reuse": "Shall I use {value} again?",
    "engine.verify.email": "I heard {value:checked}. Is that right?",
    "engine.limit": "I heard {value}. Is that right?",
    "engine.record": "{ask} Please speak after the tone. I'll keep a recording of your answer with the booking.",
    "engine.filler": "One moment, please.",
    "engine.transfer": "One moment, I'll put you through.",
    "engine.whisper": "A call from your telephone assistant. {said} To take it, press one. To send it back, press two.",
    "engine.voiceless": "I am sorry, I cannot speak with you just now. I'll put you through to a person.",
    "engine.help": "{hint}",
    "engine.hold": "Of course, take your time.",
    "engine.still_there": "I'm still here. {question}",
    "engine.bye": "Thank you for calling. Goodbye.",
    "engine.bye_unbooked": "All right, nothing has been booked. Goodbye.",
    "engine.too_long": "We have been talking for a while.",
    "engine.reject": "Sorry, I can't take {value}. {question}",
    "engine.reject.past": "{value} has already gone. {question}",
    "engine.reject.closed": "Sorry, we are closed then. {question}",
    "engine.reject.too_soon": "Sorry, {value} is too soon. {question}",
    "engine.reject.too_far": "Sorry, {value} is too far ahead. {question}",
    "engine.reject.too_small": "Sorry, {value} is too few. {question}",
    "engine.reject.too_big": "Sorry, {value} is too many. {question}",
    "engine.reject.step": "We can't start at {value}. Please choose a time on the {step} minutes.",
    "engine.reject.too_small.duration": "Sorry, {value} is too short. {question}",
    "engine.reject.too_big.duration": "Sorry, {value} is too long. {question}",
    "engine.reject.step.duration": "Sorry, it has to be in steps of {step} minutes. {question}",
    "engine.reject.too_small.money": "Sorry, {value} is too little. {question}",
    "engine.reject.too_big.money": "Sorry, {value} is too much. {question}",
    "engine.reject.currency": "Sorry, I can't take that currency. {question}",
    "engine.reject.incomplete": "Sorry, I need the day and the time. {question}",
    "engine.reject.future": "That date is still to come. {question}",
    "engine.reject.too_long_ago": "That date is too long ago. {question}",
    "engine.reject.excluded": "{question}",
    "engine.reject.skipped": "The clocks go forward that night, so there is no {value}. {question}",
    "engine.reject.too_few": "I need at least {at_least}. {question}",
    "engine.reject.too_many": "That is too many, there can be {at_most}. {question}",
    "engine.reject.one_end": "I have {value} so far. From when, and until when?",
    "engine.reject.backwards": "Sorry, that would end before it begins. {question}",
    "engine.rest.time": "At what time on {value:full}?",
    "engine.rest.day": "On which day?",
    "engine.short.date": "Which day, please?",
    "engine.short.time": "What time, please?",
    "engine.short.datetime": "Which day and what time, please?",
    "engine.short.duration": "For how long, please?",
    "engine.short.email": "Which e-mail address, please?",
    "engine.short.money": "How much, please?",
    "engine.short.postcode": "Which postcode, please?",
    "engine.short.address": "Which address, please?",
    "engine.short.party_size": "How many people, please?",
    "engine.short.phone": "Which telephone number, please?",
    "engine.short.person_name": "What name, please?",
    "engine.short.date_of_birth": "What is your date of birth, please?",
    "engine.hint.yes_no": "Please say yes, or press 1. Or say no, or press 2.",
    "engine.hint.intent": "You can say {choices}. For a person, press 0.",
    "engine.hint.choice": "You can say {choices}.",
    "engine.hint.date": "Please say a day, such as next Friday, or key in the day and the month as four digits.",
    "engine.hint.time": "Please say a time, such as half past seven, or key in four digits, such as 1 9 3 0.",
    "engine.hint.datetime": "Please say a day and a time, such as Friday at half past seven, or key in the day and the"
    " month as four digits, and then the time as four.",
    "engine.hint.duration": "Please say how long, such as an hour and a half, or key in a number and the hash key.",
    "engine.hint.money": "Please say an amount, or key it in with the star key as the point, and press the hash key.",
    "engine.hint.email": "Please say the e-mail address slowly, such as maria dot rossi at example dot com.",
    "engine.hint.postcode": "Please say the postcode, one letter or digit at a time.",
    "engine.hint.postcode.keys": "Please say the postcode digit by digit, or key it in.",
    "engine.hint.address": "Please say the number and the street, such as 22 High Street.",
    "engine.hint.party_size": "Please say a number, such as four, or key it in and press the hash key.",
    "engine.hint.number": "Please say a number, or key it in and press the hash key.",
    "engine.hint.phone": "Please key in the telephone number and press the hash key.",
    "engine.hint.digits": "Please key in the digits and press the hash key.",
    "engine.hint.date_of_birth": "Please key in your date of birth as eight digits: the day, the month and the year.",
    "engine.hint.person_name": "Please say your first and last name.",
    "engine.hint.text": "Please tell me in a few words, or press the hash key to leave it out.",
    "engine.hint.many": "{hint} You can name several. With the keys, press the hash key at the end.",
    "engine.hint.range": "{hint} You can also say from one to another.",
    "engine.key": "{label}, or press {key}",
}


def wording(language: str) -> Mapping[str, str]:
    """Everything that frontdesk says by itself in a language, in English where it has no words of that language."""
    other = sheet_of(language)
    return {**ENGLISH, **other.section("prompts")} if other else ENGLISH


def engine_prompt(name: str, language: str) -> str | None:
    """The text of `engine.*` in the language, in English where we have no other; None if there is none."""
    other = sheet_of(language)
    own = other.section("prompts").get(name) if other else None
    return ENGLISH.get(name) if own is None else str(own)


def unworded(language: str) -> tuple[str, ...]:
    """What frontdesk would say in English to callers of a language."""
    if base_of(language) == "en":
        return ()
    other = sheet_of(language)
    own = other.section("prompts") if other else {}
    return tuple(name for name in ENGLISH if name not in own)

"""English: how callers call for a person, for help, to hear it again, and the rest of the globals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.acts import GlobalName

_PERSON: Final = (
    r"(?:(?:an?|the|your|some|any|my) )?(?:(?:real|actual|live|human|proper|other"
    r"|different) )*(?:person|human(?: being)?|operator|agent"
    r"|representative|rep|receptionist|reception|staff(?: member)?|member of staff|manager|somebody"
    r"|someone|advisor|adviser|assistant"
    r"|colleague|employee|customer service|people|front desk)"
)
WHOLE: Final[Mapping[GlobalName, tuple[str, ...]]] = {
    "operator": (rf"{_PERSON}", r"human being", r"real people", r"transfer me", r"put me through"),
    "help": (
        r"help(?: me)?",
        r"i need (?:some )?help",
        r"i need (?:some )?assistance",
        r"what are my (?:options|choices)",
        r"options",
        r"what can (?:i|you) (?:say|do)(?: here| for me)?",
        r"what (?:should|do) i (?:say|do)(?: now)?",
        r"i(?:'m| am) (?:confused|lost|stuck)",
        r"can you help(?: me)?",
        r"i (?:don't|do not) (?:understand|get it|know what to (?:say|do))",
        r"how does (?:this|it) work",
    ),
    "repeat": (
        r"(?:i beg your )?pardon(?: me)?",
        r"(?:say )?(?:that |it )?again",
        r"come again",
        r"(?:sorry )?what(?: was that| did you say| is it)?(?: again)?",
        r"repeat(?: that| it| please)?",
        r"excuse me",
        r"once more",
        r"one more time",
        r"sorry",
        r"(?:i )?(?:didn't|did not|couldn't|can't|cannot) (?:catch|hear|get) (?:that|you|it"
        r"|what you said)?",
        r"eh",
        r"huh",
        r"i missed (?:that|it)",
    ),
    "slower": (r"slower", r"slowly", r"slow down", r"(?:you're |that was |that's )?too (?:fast|quick)"),
    "back": (
        r"back",
        r"go back(?: one| a step| please)?",
        r"previous(?: question| one)?",
        r"undo",
        r"back up",
        r"the previous (?:question|one|step)",
    ),
    "start_over": (
        r"start (?:over|again|afresh)",
        r"restart",
        r"begin again",
        r"from the (?:beginning|start|top)",
        r"main menu",
        r"reset",
    ),
    "never_mind": (
        r"never ?mind",
        r"forget (?:it|about it|that)",
        r"cancel(?: that| this)?",
        r"(?:don't|do not) bother",
        r"leave it",
        r"drop it",
        r"stop(?: it| that)?",
        r"doesn't matter",
        r"it doesn't matter",
    ),
    "hold_on": (
        r"(?:can you |could you )?(?:hold|hang) on(?: a (?:second|sec|minute|moment|tick|mo|bit))?",
        r"(?:just )?(?:a|one|two|half a) (?:second|sec|secs|seconds|minute|min|moment|tick|ticks|mo)",
        r"(?:just )?wait(?: a| one| up)?(?: second| sec| minute| moment| bit| tick)?",
        r"bear with me(?: a (?:second|moment|minute))?",
        r"give me (?:a|one|two) (?:second|sec|minute|min|moment|minutes)",
        r"let me (?:just )?(?:check|think|see|look|find (?:it|that|my \w+))(?: (?:my|the) \w+)?",
    ),
    "goodbye": (
        r"(?:good ?)?bye(?:[ -]bye)?(?: (?:now|then|for now))?",
        r"see (?:you|ya)(?: later| soon| then)?",
        r"hang up",
        r"end (?:the )?call",
        r"that(?:'s| is|'ll be| will be) (?:all|everything|it)(?: for (?:now|today))?",
        r"have a (?:good|nice|great|lovely) (?:day|one|evening|afternoon|night|weekend)",
        r"(?:ta[ -]ra|cheerio|so long|farewell)",
        r"i(?:'m| am) done",
        r"nothing else",
        r"talk (?:to you )?(?:later|soon)",
        r"take care",
    ),
}
INSIDE: Final[Mapping[GlobalName, tuple[str, ...]]] = {
    "operator": (
        r"(?:speak|talk|speaking|talking)(?: directly)? (?:to|with) (?:an?|the|your|some|any|my|someone"
        rf"|somebody)?(?: ?{_PERSON})",
        r"(?:put|transfer|connect|pass|forward|get|give|patch)(?: me| us)?(?: through| over| on)?(?: to"
        rf"| with)? {_PERSON}(?! (?:is|for|at|on|table|to (?:\w+ ){{0,2}}(?:book|come)))",
        r"(?:want|need|like|prefer|get|have) (?:to (?:speak|talk|be put through) to )?(?:a|an|the"
        r"|your) (?:(?:real|actual|live|human) )*(?:person|human|operator|agent|representative"
        r"|receptionist)",
        r"(?:is there|can i have|could i have|let me have) (?:a |an |any)?(?:(?:real|actual|live"
        r"|human) )*(?:person|one|human|operator|body|someone|somebody)(?: there)? (?:i can|to|who)",
        r"(?:real|actual|live) (?:person|human)",
        r"put me through",
        r"customer service",
        r"not (?:talk|speak)(?:ing)? to (?:a|this) (?:machine|robot|computer|bot)",
    ),
    "help": (
        r"what can i say",
        r"what are (?:my|the) options",
        r"how does (?:this|it) work",
        r"(?:don't|do not) (?:understand|know) what (?:to|you)",
    ),
    "repeat": (
        r"(?:say|repeat|run|give)(?: me)? (?:that|it|those|this|them|the (?:question|options|last (?:bit"
        r"|part)))(?: \w+)? (?:again|once more|one more time|by me|back)",
        r"repeat (?:that|it|this|those|the (?:question|options))",
        r"(?:repeat|say again) (?:that|yourself|please|what)",
        r"(?:didn't|did not|couldn't|could not|can't|cannot|don't) (?:quite )?(?:catch|hear|get) (?:that"
        r"|you|what)",
        r"what did you (?:just )?say",
        r"what was (?:that|the question)(?: again)?",
        r"beg your pardon",
        r"pardon me",
        r"say (?:that|it|what|again)(?: one more time| again)",
        r"missed (?:that|what you said)",
        r"could you repeat",
        r"can you repeat",
    ),
    "slower": (
        r"(?:speak|talk|go|say (?:it|that))(?: a (?:bit|little)| more| much)? (?:slower|slowly"
        r"|more slowly)",
        r"slow (?:it )?down",
        r"(?:speaking|talking|going) (?:too|so) (?:fast|quickly)",
        r"a (?:bit|little) (?:slower|more slowly)",
        r"more slowly",
        r"too fast",
    ),
    "back": (
        r"(?:can (?:we|i|you) |let's |please |i want to )?go back(?: to the (?:previous|last) (?:question"
        r"|one|step))?",
        r"(?:the )?previous (?:question|step)",
        r"go back (?:one|a) step",
    ),
    "start_over": (
        r"start (?:all )?(?:over|afresh)(?: again)?",
        r"start (?:again )?from (?:the )?(?:beginning|scratch|start|top)",
        r"begin again",
        r"go (?:right )?back to the (?:start|beginning)",
        r"(?:can we|let's|please) start again",
        r"back to the (?:main menu|start|beginning)",
    ),
    "never_mind": (r"never ?mind", r"forget (?:about )?(?:it|the whole thing)", r"changed my mind"),
    "hold_on": (
        r"(?:hold|hang) on",
        r"bear with me",
        r"(?:just )?(?:give me )?(?:a|one) (?:second|sec|moment|minute)(?: please)?(?=$|[,.!])",
        r"wait a (?:second|sec|minute|moment)",
    ),
    "goodbye": (
        r"good ?bye",
        r"bye[ -]bye",
        r"bye(?: now| then)?(?=[.!]*$)",
        r"(?:i(?:'ll| will| 'm going to| am going to) )?hang up(?: now)?",
        r"end (?:the|this) call",
        r"that(?:'s| is|'ll be| will be) all(?: for (?:now|today)| thanks| thank you)?(?=[.!, ]*$)",
    ),
}
YIELDING: Final = frozenset[GlobalName]({"hold_on", "never_mind", "help", "repeat", "goodbye", "back"})

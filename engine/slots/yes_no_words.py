"""The words for yes, no and maybe, by language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Forms:
    """Patterns on folded text. `yes` and `no` begin an utterance (after `filler`); `*_inside` may stand anywhere;
    `*_later` turn an opening round ("yes ... no, wait"); `unsure` makes any answer worthless; a correction may follow
    a yes after `but`."""

    filler: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    yes_inside: re.Pattern[str]
    no_inside: re.Pattern[str]
    yes_later: re.Pattern[str]
    no_later: re.Pattern[str]
    unsure: re.Pattern[str]
    but: re.Pattern[str] = re.compile(r"(?!)")


_TRUE: Final = (
    r"(?:true|right|correct|accurate|fine|good|great|perfect|lovely|ok|okay|it|affirmative|so|valid"
    r"|a fact|the case|great thanks|alright|all right|brilliant|wonderful|awesome|confirmed|positive"
    r"|the truth|ideal|me|spot on)"
)
_VERY: Final = (
    r"(?:very|quite|absolutely|totally|completely|definitely|exactly|really|indeed|certainly|actually"
    r"|all|just|entirely|so|too|perfectly|pretty|very much|for sure)"
)
_IS: Final = r"(?:is|was|will be|would be|seems|sounds|looks|appears|works|is is)"
_IT: Final = (
    r"(?:that|it|this|all that|everything|the (?:statement|information|answer)|that (?:statement"
    r"|information|one)|what you(?:'ve)?(?: just)? (?:said|have))"
)
_AGAINST: Final = (
    r"\b(?:(?<!why )not(?! (?:a|any) (?:problem|bother|trouble)\b)|nope"
    r"|no(?! (?:problem|worries|one|trouble|need|doubt|issue)s?\b)"
    r"|never|wrong|incorrect|mistakes?|but|except|hold on|hang on|wait|instead|different"
    r"|(?:an)?other (?:day|time|date|number|name|one|week|month|person)s?"
    r"|if (?:it|that|this) (?:were|was|wasn't|weren't)|actually(?=\W*$)|so what|eh|huh|pardon"
    r"|why(?! not\b)|how|who|(?:what|which)(?! (?:i|we|you|is|was|she|he|they)\b))\b"
)
"""Beside a yes these make it worthless: what speaks against it, or asks back."""
_NEG: Final = r"(?:not|n't|never|no longer|far from|hardly)"
_WRONG: Final = (
    r"(?:wrong|false|incorrect|untrue|inaccurate|erroneous|a mistake|mistaken|a lie|invalid|negative|a no|bad)"
)
_SAY: Final = (
    r"(?:i (?:would|'d|will|have to|gotta|must|would have to|will have to|'d have to|am going to"
    r"|want to|vote|have to)? ?(?:say|answer|vote|go with)?|my (?:answer|response|reply)(?: to (?:that"
    r"|it))? (?:is|would be)|the answer(?: to (?:that|it|this))? (?:is|would be)(?: definitely"
    r"| clearly| certainly)?)"
)

EN: Final = Forms(
    filler=re.compile(
        r"(?:[\s,.!?\"-]*(?:um+|uh(?![- ]?huh|[- ]?uh)|er+m*|ah+|oh|well|so|right(?=,? (?:yes|yeah|no))"
        r"|hmm+|hm|i mean|sorry|oh god|look|and|like|please(?=,? no)|hell(?= (?:yes|no|yeah))|a|it's a"
        r"|that's a|it is a|that is a|that'd be a?|that would be a?|(?:well|ok|okay)(?=,? no)"
        r"|actually)(?!\w)[\s,.!?\"-]*)*\s*"
    ),
    yes=re.compile(
        r"(?:(?:big |definite |resounding |firm )?yes(?:sir)?|ye[as]h?|yeah+|yea|yeap|yep+|yup+|aye|yah"
        r"|(?<!\w )(?:uh[- ]?huh|mm[- ]?hmm+|mhm+)(?=[\s,.!]*$)|sure(?: thing)?(?! if)|of course(?! not)"
        r"|certainly(?! not)"
        r"|definitely(?! not)"
        r"|absolutely(?! not)|indeed|ok(?:ay)?(?! (?:but )?(?:no|not))|o\.k\.|alright|all right|exactly"
        r"|precisely|correct|affirmative|positive|agreed|true|right(?:o|y ho)?(?! now)|that's (?:right|it"
        r"|correct|fine|the one|me|great|perfect|good|true|lovely|ok|okay|all)"
        r"|go ahead|go on(?: then)?|go for it|please do|yes please|by all means|i (?:do|did|agree|confirm"
        r"|guess so|think so|suppose so|believe so)(?=[\s,.!]*$|,| (?:indeed|thanks|please|yes))"
        r"|i (?:am|would|have|will|can)(?=[.!]|,| (?:indeed|thanks|please|yes))|why not|do it|do that|do so"
        r"|let's do (?:it|that)|sounds? (?:good|great|fine"
        r"|perfect|lovely|right|ok|okay)|perfect|lovely|great|fine|brilliant|wonderful|super|cool|spot on"
        r"|you bet|(?:very|so) true|you(?:'ve)? got it|you(?:'re| are) (?:right|correct)"
        r"|confirm(?:ed)?(?=[\s,.!]*$| (?:it|that|this|please|the \w+)[\s,.!]*$)"
        r"|that works|works for me|that'll do|that will do|fair enough|please(?=[.!]*$)|it is(?=[\s,.!]*$)"
        r"|that is(?=[\s,.!]*$)|suits me)(?!\w)(?!'t)"
    ),
    no=re.compile(
        r"(?:(?:big |hard |definite |firm )?no(?!\w)(?! (?:problem|worries|idea|clue|one|doubt|bother))"
        r"|nope|nah+|naw|nay|nae|negative|neither(?: of (?:them|those|these))?|none of (?:them|those"
        r"|these)|nothing(?: else| like that)?|not (?:really|quite|at all|that|that one|today|true|correct"
        r"|right|now|yet|for me|exactly|necessarily|likely|a chance|really,|today thanks|on your life)"
        r"|(?:absolutely|definitely|certainly|of course|probably|i think|i'd rather|rather|sure|i'm afraid"
        r"|i hope|i should think|better|maybe) not|no way|never|wrong|false|incorrect|untrue|inaccurate"
        r"|nada|i (?:don't|do not) think so|don't(?=[\s,.!]*$| do| book)|i (?:don't|do not|didn't|did not"
        r"|won't|wouldn't|can't|haven't|am not|'m not)(?=[\s,.!]*$)|(?:it|that)(?: isn't|'s not"
        r"| is not)(?! (?:false|wrong|incorrect|untrue|bad|a problem))|(?:that's|that is) not(?! (?:false"
        r"|wrong|incorrect|untrue|bad|a problem))|i'd rather not|i'll pass|i pass|uh[- ]uh|nuh[- ]uh"
        r"|mm[- ]mm|it (?:wasn't|doesn't)|that (?:wasn't|doesn't))(?!\w)"
    ),
    yes_inside=re.compile(
        rf"(?<!\w)(?:yes(?:sir)?|yeah|yep|yup|{_IT}(?:'s|'d be| {_IS}) (?:{_VERY} )*(?:a )?(?:definite "
        rf"|resounding )?(?:{_TRUE}|yes)(?! or)|it'?s (?:a |indeed )?(?:for sure )?true|(?:not"
        r"|\w+n't) (?:false|wrong|incorrect|a problem)"
        rf"|{_SAY} (?:a )?(?:definite |resounding )?(?:yes|affirmative|true)|affirmative|i (?:agree|confirm"
        rf"|approve|accept)|(?:can|do) confirm|you (?:are|got it|have it)(?: {_VERY})? ?(?:right|correct)?"
        r"|correct|true|that'd be (?:great|lovely|fine|good)|happy with (?:that|it)|go ahead|sounds good"
        r"|absolutely|yes please)(?!\w)"
    ),
    no_inside=re.compile(
        rf"(?<!\w)(?:{_IT}(?:'s|'d be| {_IS})? (?:{_VERY} |overwhelmingly |a |an )*(?:{_WRONG})"
        rf"|{_IT}(?: (?:is|was|does|do|did|would|will|can|could))?(?:n't| not"
        rf"|'s not)[\w\s']{{0,24}}?(?:true|right|correct|accurate|the case|it|good|work|possible|so"
        r"|what i)(?!\w)"
        rf"|(?:do not|don't|did not|didn't|would not|wouldn't|cannot|can't) (?:\w+ ){{0,2}}?(?:think"
        rf"|believe|want|agree|like)(?: [\w' ]{{0,24}}?{_TRUE})?(?!\w)|{_SAY} (?:a )?(?:hard "
        r"|definite )?(?:no|negative|false)(?! idea| clue)|(?:seems?|appears?|think|believe|afraid|hope"
        r"|guess|rather|prefer) not|disagree|(?:it's|that's|a|the answer is|is|be|say) (?:a |an "
        r"|\")?(?:hard |definite |definitely )?(?:no|negative|false)(?! idea| clue| problem)|(?:am"
        r"|'m) not(?! (?:sure|certain|too sure))|not (?:true|correct|right|it)|negative|nope"
        rf"|,? no(?=[.!?\"]*$)|(?<!not )(?<!n't ){_WRONG}(?=[\s.!]*$)|turns out to be false"
        r"|you are (?:wrong|mistaken)|to be (?:false|wrong))(?!\w)"
    ),
    yes_later=re.compile(
        r"(?:^|[,.] ?)(?:oh )?(?:wait |actually |sorry )*(?:yes|yeah|yep)(?!\w)|\bor yes\b"
        r"|^,? (?:wait,? )?(?:yes|yeah)\b"
    ),
    no_later=re.compile(
        r"\bor no\b|(?:^|[,.] )(?:wait|actually|sorry)?,? ?no(?!\w)(?! (?:problem|worries|one))|, (?:not"
        r"|that's not|that is not) "
        rf"|{_AGAINST}"
    ),
    unsure=re.compile(
        r"\b(?:maybe|perhaps|possibly|not (?:too |to |so |really |quite |100% |entirely |totally )*(?:sure"
        r"|certain|confident)|unsure|uncertain|no (?:\w+ )?(?:idea|clue|knowledge)|(?:do not|don't|dont"
        r"|didn't|wouldn't) (?:\w+ )?(?:know|have)|dunno|it depends|depends|can't (?:say|tell|decide"
        r"|answer|remember)|cant (?:say|tell|decide)"
        r"|either|might|hard to say|yes (?:or|and) no|who knows|not a clue|i'll have to (?:think|check"
        r"|ask)|let me (?:think|check)|could (?:be|maybe be) (?:both|possible)|(?:a|it's) possib\w+"
        r"|not confident|unaware|haven't (?:a clue|the foggiest|decided)|make up my mind|torn"
        r"|drawing a blank|if i know|both(?: would| maybe)?)\b"
        r"(?! rather)"
    ),
    but=re.compile(r"\bbut\b"),
)
FORMS: Final = {"en": EN}

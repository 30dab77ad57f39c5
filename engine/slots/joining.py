"""The words of each language that join values to lists and ranges, or take them out again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.languages.sheet import base_of
from engine.slots.words import fold


@dataclass(frozen=True, slots=True)
class Joining:
    """Patterns over folded text. `joint` parts two items of a list, `between` is all that may stand between two of
    one run, `alternative` is an "or", `conjunction` an "and". `more_before` and `more_after` stand around what is
    added, `without` before what is taken out; `everything` stands for all choices.

    Of ranges, `opening` stands before the first of two ends and `middle` between them; `least` and `most` stand before
    an only end, `least_after` and `most_after` behind it; those of `beyond` leave the value itself out. `parts` is
    whatever may stand around an end, `inside` is a `middle` word within a value, `frame` an opening with its middle.
    """

    joint: re.Pattern[str]
    between: re.Pattern[str]
    alternative: re.Pattern[str]
    conjunction: re.Pattern[str]
    more_before: re.Pattern[str]
    more_after: re.Pattern[str]
    without: re.Pattern[str]
    everything: re.Pattern[str]
    opening: re.Pattern[str]
    middle: re.Pattern[str]
    least: re.Pattern[str]
    most: re.Pattern[str]
    least_after: re.Pattern[str]
    most_after: re.Pattern[str]
    beyond: re.Pattern[str]
    parts: re.Pattern[str]
    inside: re.Pattern[str]
    frame: re.Pattern[str]


_LIGHT: Final = r"(?:(?:the|a|an|my|some|on|at|for|of|with|your|about|around)\s+)*"


def _joining(
    joint: str,
    light: str,
    alternative: str,
    conjunction: str,
    more_before: str,
    more_after: str,
    without: str,
    everything: str,
    opening: str,
    middle: str,
    least: str,
    most: str,
    least_after: str,
    most_after: str,
    beyond: str,
) -> Joining:
    """Alternatives of each kind, as `|` joins them; what stands before a value may be parted from it by light words."""
    compiled = re.compile
    return Joining(
        joint=compiled(rf"\s*(?:[,;&+]|(?<!\w)(?:{joint})(?!\w))[\s,]*(?:(?:{joint})(?!\w)\s*)*{light}"),
        between=compiled(rf"\s*(?:[,;&+/]|(?<!\w)(?:{joint}|{more_before})(?!\w)|\s)*\s*{light}"),
        alternative=compiled(rf"(?<!\w)(?:{alternative})(?!\w)"),
        conjunction=compiled(rf"\s*(?:{conjunction})\s+{light}"),
        more_before=compiled(rf"(?<!\w)(?:{more_before})[\s,]+{light}$"),
        more_after=compiled(rf"[\s,]*(?:{more_after})(?!\w)"),
        without=compiled(rf"(?<!\w)(?:{without})\s+{light}$"),
        everything=compiled(rf"(?<!\w)(?:{everything})(?!\w)"),
        opening=compiled(rf"(?<!\w)(?:{opening})\s+{light}$"),
        middle=compiled(rf"\.?\s*(?:-|(?<!\w)(?:{middle})(?!\w))\s*{light}"),
        least=compiled(rf"(?<!\w)(?:{least})\s+{light}$"),
        most=compiled(rf"(?<!\w)(?:{most})\s+{light}$"),
        least_after=compiled(rf"[\s,]*(?:{least_after})(?!\w)"),
        most_after=compiled(rf"[\s,]*(?:{most_after})(?!\w)"),
        beyond=compiled(rf"(?<!\w)(?:{beyond})\s+{light}$"),
        parts=compiled(rf"\s*(?:[,;-]|(?<!\w)(?:{middle}|{opening}|{least}|{most})(?!\w))[\s,]*{light}"),
        inside=compiled(rf"\s(?:{middle})\s+{light}"),
        frame=compiled(rf"(?<!\w)(?:{opening})\s[^.;?!]{{1,30}}?\s(?:{middle})\s"),
    )


_ENGLISH: Final = _joining(
    joint="and|or|plus|as well as|and then|or else|or maybe",
    light=_LIGHT,
    alternative="or maybe|or else|or",
    conjunction="and",
    more_before="also|as well as|in addition|additionally|add|adding|plus|another|can i also have|and then also",
    more_after="as well|too|on top|in addition|also",
    without="without|not|no|except|except for|leave out|leave off|drop|remove|skip|take out|take off|cancel|forget"
    "|don't want|do not want|don't need|do not need|instead of|everything but|all but|all of them but",
    everything="both(?: of them)?|all(?: of them| of it| two| three| four| five)?(?! right)|everything|the lot",
    opening="from|between|anytime from|any time from|anywhere from|anywhere between",
    middle="to|and|till|til|until|through|up to|or",
    least="from|after|starting|starting from|beginning|at least|no earlier than|not earlier than|not before"
    "|no sooner than|more than|over|later than|minimum|a minimum of|no less than|no fewer than|not less than",
    most="until|till|til|before|by|up to|at most|no later than|not later than|not after|less than|fewer than|under"
    "|earlier than|maximum|a maximum of|no more than|not more than",
    least_after="or (?:later|after|more|over|above)|onwards?|at the earliest|and (?:later|after|above)|at least",
    most_after="or (?:earlier|before|less|fewer|under|below|sooner)|at the latest|at most|tops|max",
    beyond="more than|over|less than|fewer than|under",
)
_GERMAN: Final = _joining(
    joint="und|oder|sowie|plus|und dann",
    light=r"(?:(?:der|die|das|den|dem|eine[nr]?|ein|am|um|für|mit|zum|zur|meine[nr]?|vom|dann|ca|etwa|gegen)\s+)*",
    alternative="oder vielleicht|oder auch|oder",
    conjunction="und",
    more_before="auch|auch noch|noch|zusätzlich|außerdem|dazu|plus",
    more_after="auch noch|dazu|zusätzlich|auch",
    without="ohne|nicht|kein|keine|keinen|außer|statt|weglassen|lieber nicht",
    everything="alles|alle|beides|beide|alle beide",
    opening="von|vom|zwischen|ab",
    middle="bis|und|bis zum|bis zu|oder",
    least="ab|von|vom|nach|seit|mindestens|nicht vor|frühestens|mehr als|über|nicht früher als|nicht weniger als",
    most="bis|bis zum|vor|höchstens|spätestens|nicht nach|weniger als|unter|maximal|nicht später als|nicht mehr als",
    least_after="oder (?:später|mehr|danach)|aufwärts|mindestens|frühestens",
    most_after="oder (?:früher|weniger|davor)|höchstens|spätestens|maximal",
    beyond="mehr als|über|weniger als|unter",
)
_SPANISH: Final = _joining(
    joint="y|e|o|u|más|además de",
    light=r"(?:(?:el|la|los|las|un|una|al|a|para|con|del|de|sobre|como|mi)\s+)*",
    alternative="o quizás|o tal vez|o|u",
    conjunction="y|e",
    more_before="también|además|más|añada|añade|y otra|otro|otra",
    more_after="también|además",
    without="sin|no|ni|excepto|menos|salvo|quite|quita|en vez de",
    everything="todo|todos|todas|ambos|ambas|los dos|las dos",
    opening="de|del|desde|entre",
    middle="a|al|hasta|y|o",
    least="desde|a partir de|después de|al menos|como mínimo|no antes de|más de|mínimo",
    most="hasta|antes de|como máximo|no después de|no más tarde de|menos de|máximo",
    least_after="o (?:más|más tarde|después)|en adelante|como mínimo|al menos",
    most_after="o (?:menos|antes)|como máximo|como mucho|a más tardar",
    beyond="más de|menos de",
)
_LANGUAGES: Final[Mapping[str, Joining]] = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH}


def words_of(language: str) -> Joining:
    """The words of a language (`de-DE`); those of English where there are no others."""
    return _LANGUAGES.get(base_of(language), _ENGLISH)


def blank(text: str, words: re.Pattern[str]) -> str:
    """The text with every match of `words` turned into a comma and blanks, as long as before."""
    parts, at = [], 0
    for found in words.finditer(fold(text)):
        parts += [text[at : found.start()], ",".ljust(found.end() - found.start())]
        at = found.end()
    return "".join((*parts, text[at:]))

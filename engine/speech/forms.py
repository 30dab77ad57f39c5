"""How values of each slot type are said in English, as rules of a speech grammar (JSGF)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.flow.model import Choice, Slot
from engine.kinds import is_list, is_range
from engine.slots.post_codes import COUNTRIES
from engine.slots.postcode import country_of
from engine.speech.bias import listed, spelled, spoken_words


@dataclass(frozen=True, slots=True)
class Form:
    """Expansions for one slot: `alone` as the answer to its own question, `linked` where words around it show what
    it is ("for four people"), `value` where a template holds the place (`a table for {party_size}`). Empty: never."""

    alone: str
    linked: str = ""
    value: str = ""


def _either(words: Iterable[str]) -> str:
    return "|".join(words)


_ORDINALS: Final = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
)
_DAYS_OF_MONTH: Final = [
    *_ORDINALS, *(f"twenty {word}" for word in _ORDINALS[:9]), "thirtieth", "thirty first",
]  # fmt: skip
_MONTHS: Final = listed("january february march april may june july august september october november december")

RULES: Final[Mapping[str, str]] = {
    "weekday": "monday|tuesday|wednesday|thursday|friday|saturday|sunday",
    "month": _either(_MONTHS),
    "nth": _either(_DAYS_OF_MONTH),
    "part_of_day": "/1/ morning | /1/ afternoon | /2/ evening | /1/ night",
    "named_day": "[/0.35/ next | /0.15/ this | /0.05/ a week on] <weekday>"
    " [/0.4/ the <nth> [/0.7/ of <month>] | /0.15/ <month> [the] <nth>]",
    "dated_day": "/4/ the <nth> of <month> | /1/ <nth> of <month> | /0.7/ <month> [the] <nth>",
    "near_day": "/4/ tomorrow | /2/ today | /0.7/ the day after tomorrow",
    "day": "/8/ (/2/ <named_day> | /1/ <near_day>) [/0.1/ <part_of_day>] | /2/ <dated_day> | /0.7/ tonight",
    "hour": _either(spelled(hour) for hour in range(1, 13)),
    "before_hour": "/4/ half past | /3/ quarter past | /3/ quarter to | /0.4/ a quarter (past|to) | /0.03/ half"
    " | /0.6/ (five|ten|twenty|twenty five) (past|to)",
    "after_hour": "/5/ o'clock | /6/ thirty | /4/ fifteen | /4/ forty five | /0.7/ ten | /0.7/ twenty | /0.5/ forty"
    " | /0.5/ fifty | /0.3/ twenty five | /0.3/ thirty five | /0.3/ fifty five | /0.3/ oh five",
    "half_day": "/3/ pm | /2/ am | /2/ in the evening | /1/ in the morning | /1/ in the afternoon | /0.5/ tonight",
    "sure_clock": "/4/ <before_hour> <hour> | /4/ <hour> <after_hour> | /0.1/ noon | /0.2/ midday | /0.1/ midnight",
    "clock": "(/4/ <before_hour> <hour> | /7/ <hour> [/1.2/ <after_hour>]) [/0.15/ <half_day>]"
    " | /0.05/ noon | /0.1/ midday | /0.05/ midnight",
    "digit": "/4/ (zero|one|two|three|four|five|six|seven|eight|nine) | /0.3/ oh",
    "digits_said": "/8/ <digit> | /0.3/ double <digit> | /0.05/ triple <digit>",
    "tens_year": "(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    " [one|two|three|four|five|six|seven|eight|nine]",
    "year": "/6/ nineteen <tens_year> | /0.5/ nineteen (ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen) | /2/ two thousand [[and] (one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)]"
    " | /1/ twenty (ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|<tens_year>)",
    "stretch": "/3/ an hour | /2/ an hour and a half | /2/ half an hour | /1/ <number> minutes | /2/ <number> hours"
    " | /0.5/ <number> and a half hours | /0.4/ three quarters of an hour | /1/ <number> (days|nights) | /0.5/ (one|a)"
    " (night|day|week)",
    "coin": "/4/ pounds | /1/ quid | /1/ euros | /1/ dollars | /0.3/ pounds sterling",
    "sum": "/6/ <number> <coin> [/0.2/ <number> [/0.1/ pence]] | /0.3/ a (fiver|tenner) | /0.3/ <number> pence"
    " | /0.3/ (one|two|three|four|five|six|seven|eight|nine) (hundred|thousand) <coin>",
    "letter": "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r|s|t|u|v|w|x|y|z",
    "number": _either([*(spelled(number) for number in range(100)), "a hundred", "one hundred"]),
}
"""Rules that several forms share."""


_PARTIES: Final[Mapping[int, float]] = {1: 0.5, 2: 5, 3: 2.5, 4: 4, 5: 1.5, 6: 2, 7: 0.8, 8: 1.2, 10: 0.7, 12: 0.5}
"""How usual parties of these sizes are, beside each other."""


def _party_size(slot: Slot) -> Form:
    least = slot.min.value if slot.min else 1
    most = slot.max.value if slot.max else 12
    sizes = range(max(1, int(least)), min(int(most) + 8, 40) + 1)
    count = "(" + " | ".join(f"/{_PARTIES.get(size, 0.3):g}/ {spelled(size)}" for size in sizes) + ")"
    who = "(/6/ people | /2/ of us | /0.7/ guests | /0.5/ adults | /0.3/ persons)"
    begins = (
        "/4/ for | /1/ a table for | /1.5/ there will be | /0.7/ there'll be | /0.5/ there are | /0.5/ we are"
        " | /0.3/ we'll be | /0.3/ a party of | /0.3/ the | /0.6/ just"
    )
    linked = f"/7/ (/6/ for | /0.5/ there will be) {count} [/0.4/ {who}] | /4/ {count} {who}"
    return Form(f"/30/ [/0.6/ ({begins})] {count} [/0.5/ {who}] | /1/ just me", linked, count)


def _number(slot: Slot) -> Form:
    return Form("<number>", value="<number>")


def _date(slot: Slot) -> Form:
    alone = "[/0.6/ on | /0.2/ for] (/6/ <day> | /1/ the <nth>)"
    return Form(alone, "[/1.2/ on | /0.3/ for] <day>", "(<day>)")


def _time(slot: Slot) -> Form:
    about = "/6/ at | /0.5/ at about | /0.5/ around | /0.3/ about"
    return Form(f"[/1.2/ ({about})] (<clock>)", "/6/ at (<clock>) | /2/ <sure_clock>", "(<clock>)")


def _datetime(slot: Slot) -> Form:
    moment = "/4/ <day> [at] (<clock>) | /1.5/ [at] (<clock>) [on] <day>"
    alone = f"[/0.3/ on] (/6/ ({moment}) | /2/ <day> | /1/ [at] (<clock>))"
    return Form(alone, f"[/1.2/ on] ({moment})", f"({moment})")


def _duration(slot: Slot) -> Form:
    bare = " | /1/ <number>" if "unit" in slot.options else ""
    return Form(f"[/0.5/ for | /0.2/ about] (/6/ (<stretch>){bare})", "/4/ for (<stretch>)", "(<stretch>)")


def _money(slot: Slot) -> Form:
    return Form("[/0.2/ about] (/6/ (<sum>) | /2/ <number>)", "/4/ <sum>", "(<sum>)")


def _postcode(slot: Slot) -> Form:
    """Sign by sign, in the shapes of the country's codes."""
    signs = {"9": "<digit>", "A": "<letter>", "X": "(<digit>|<letter>)"}
    shapes = COUNTRIES[country_of(slot.options)].shapes
    return Form(" | ".join(" ".join(signs[sign] for sign in shape if sign in signs) for shape in shapes))


def _date_of_birth(slot: Slot) -> Form:
    day = "/4/ [the] <nth> of <month> | /1/ <month> the <nth> | /1/ <month> <nth> | /1/ <nth> <month>"
    return Form(f"[/0.2/ it's] ({day}) <year>")


_LONGEST_WITH_DOUBLES: Final = 8
"""Digits of a number up to which "double three" is known at any place; beyond it the grammar would grow too large."""


def _digits(slot: Slot) -> Form:
    length = slot.options.get("length")
    if not isinstance(length, int):
        return Form("<digits_said>+")
    singles = ["<digit>"] * length
    doubled = [" ".join([*singles[:at], "double <digit>", *singles[at + 2 :]]) for at in range(length - 1)]
    said = [f"/1/ {text}" for text in doubled if length <= _LONGEST_WITH_DOUBLES]
    return Form(" | ".join([f"/{20 * length}/ {' '.join(singles)}", *said]))


def _phone(slot: Slot) -> Form:
    return Form(f"{' '.join(['<digits_said>'] * 7)} <digits_said>+")


def _yes_no(slot: Slot) -> Form:
    return Form("/1/ <yes> | /1/ <no>")


def _choice(slot: Slot) -> Form:
    choices: tuple[Choice, ...] = tuple(slot.options.get("choices") or ())
    said = [" ".join(words) for choice in choices for text in (choice.label, *choice.hear) if (words := _plain(text))]
    if not said:
        return Form("")
    either = f"({'|'.join(dict.fromkeys(said))})"
    begins = "/2/ a | /1/ an | /2/ the | /1/ for a | /1/ with | /1/ i'd like | /1/ i'd like a | /1/ i need a"
    return Form(f"[{begins}] {either}", f"[a|an|the|for a|with] {either}", either)


def _plain(text: str) -> tuple[str, ...]:
    """The words of a label without its article, which the grammar makes optional."""
    words = spoken_words(text)
    return words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words


FORMS: Final[Mapping[str, Callable[[Slot], Form]]] = {
    "party_size": _party_size,
    "number": _number,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "duration": _duration,
    "money": _money,
    "postcode": _postcode,
    "date_of_birth": _date_of_birth,
    "digits": _digits,
    "phone": _phone,
    "yes_no": _yes_no,
    "choice": _choice,
}
"""Slot types that small grammars can know; others (names, free text) are not guessed."""


def form_of(slot: Slot) -> Form:
    """How the values of a slot are said; empty for types that no grammar can know."""
    make = FORMS.get(slot.item)
    if make is None:
        return Form("")
    form = make(slot)
    if is_list(slot.type):
        return _several(form)
    return _stretch(form) if is_range(slot.type) else form


def _several(form: Form) -> Form:
    """Items one after another ("a haircut and a beard trim, and also ...")."""
    joint = "(/4/ and | /1/ or | /0.5/ plus | /0.5/ and also)"

    def many(words: str) -> str:
        return f"[/0.05/ also | /0.05/ and also] ({words}) [/0.5/ {joint} ({words}) [/0.3/ {joint} ({words})]]"

    return Form(many(form.alone), many(form.linked) if form.linked else "", form.value)


def _stretch(form: Form) -> Form:
    """From one value to another, or open on one side."""
    if not (value := form.value or form.alone):
        return form
    both = f"/3/ from ({value}) (to|until|till) ({value}) | /2/ between ({value}) and ({value})"
    one = f"/1/ (after|before|from|until|not before|not after|at least|up to) ({value})"
    said = f"{both} | {one} | /1/ ({value}) (to|or) ({value})"
    return Form(f"/2/ ({said}) | /1/ ({form.alone})", f"{both} | {one}", f"({value})")

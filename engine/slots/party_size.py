"""How many people come: "four people", "me, my wife and three kids", "table for two", "just the two of us"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from engine.effects import Keypad
from engine.languages.sheet import sheet_of
from engine.slots.grammar.counts import parties
from engine.slots.numerals import SMALL, small
from engine.slots.registry import Context, Mention, register
from engine.slots.words import any_of, finish, fold, longest, span_of

_SINGLE: Final = (
    "person", "guest", "adult", "child", "kid", "baby", "toddler", "infant", "teenager", "teen", "senior", "friend",
    "colleague", "coworker", "co-worker", "wife", "husband", "partner", "girlfriend", "boyfriend", "fiance", "fiancee",
    "mother", "father", "mum", "mom", "dad", "sister", "brother", "son", "daughter", "boss", "client", "grandmother",
    "grandfather", "gran", "grandma", "grandpa", "granddad", "aunt", "uncle", "cousin", "nephew", "niece", "sibling",
    "grandson", "granddaughter", "mate", "flatmate", "lady", "gentleman", "woman", "man", "boy", "girl", "other",
    "parent", "customer", "diner", "member", "neighbour", "neighbor", "highchair", "high chair", "family member",
    "spouse", "grandparent", "relative", "individual", "twin", "mother-in-law", "father-in-law", "lady friend",
    "missus", "guy", "associate", "attendee", "visitor", "nan", "nanny", "granny", "in-law", "roommate", "buddy", "pal",
    "teammate",
)  # fmt: skip
_MANY: Final = {
    "people": 1, "persons": 1, "children": 1, "women": 1, "men": 1, "ladies": 1, "gentlemen": 1, "babies": 1,
    "wives": 1, "folks": 1, "pax": 1, "buddies": 1, "grannies": 1, "nannies": 1, "couples": 2,
}  # fmt: skip
_PAIRS: Final = {
    "parents": 2,
    "grandparents": 2,
    "twins": 2,
    "in-laws": 2,
    "couple": 2,
    "mum and dad": 2,
    "mom and dad": 2,
}
_COUNT: Final = rf"(?:{SMALL}|\d{{1,3}}|an?|one)"
_NUMBER: Final = rf"(?:{SMALL}|\d{{1,2}})"
_NOUN: Final = any_of([*_SINGLE, *(f"{word}s" for word in _SINGLE), *_MANY, *_PAIRS])
_OWN: Final = r"(?:my|our|his|her|their|the|your)"
_ADJECTIVE: Final = (
    r"(?:old|older|younger|little|small|young|elderly|best|good|new|other|more|grown|of my|of our|work|lovely|big)"
)
_ME: Final = r"(?:me|myself|i)(?![\w'])"
_ITEM: Final = rf"(?:{_ME}|(?:{_OWN} )?(?:{_COUNT} )?(?:{_ADJECTIVE} )*{_NOUN}(?!\w))"
_GLUE: Final = rf"(?: ?, ?(?:and |plus )?| and | plus | with | & | (?=(?:{_NUMBER}|an?) ))"
_LIST: Final = re.compile(rf"(?<![\w'.:/-]){_ITEM}(?:{_GLUE}{_ITEM})*")
_ITEM_PARTS: Final = re.compile(
    rf"(?P<me>{_ME})|(?:(?P<own>{_OWN}) )?(?:(?P<count>{_COUNT}) )?(?:{_ADJECTIVE} )*(?P<noun>{_NOUN})(?!\w)"
)
_CLOCKLIKE: Final = (
    r"(?![\w:/])(?![.,]\d)(?! ?[ap]\.? ?m\b| ?o'? ?clock| ?-?ish\b| hundred| past| to \w+ o"
    r"|[ -](?:thirty|fifteen|forty|fifty|twenty|oh)"
    r"|(?:th|st|nd|rd)\b| (?:of )?(?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december)\b"
    r"| (?:days?|weeks?|nights?|hours?|minutes?|mins?|months?|pounds|quid|course|courses|star"
    r"|in the (?:morning|evening|afternoon))\b)"
)
_CLOCK_TIME: Final = (
    r"(?:(?:a )?quarter |half |\d{1,2}(?:[:.]\d\d| ?[ap]\.? ?m\b|\d\d\b)|noon|midday|midnight|lunch|dinner"
    r"|\w+ (?:thirty|fifteen|forty[ -]five|o'? ?clock|[ap]\.?m\b))"
)
"""A clock reading that cannot be a number of people ("two at half past seven")."""
_DAY_WORD: Final = r"(?:this |next )?(?:today|tonight|tomorrow|\w+day|lunch|dinner|brunch|breakfast)\b"
_PLACE: Final = (
    r"(?:table|tables|party|group|booking|reservation|family|room|seats?|places?|space|dinner|lunch"
    r"|brunch|meal|something"
    r"|anything|spot|seating|covers|it|table booked|us|total|numbers?|one|bench|booth)"
)
_PATTERNS: Final = (
    (0.95, rf"{_PLACE} (?:(?:for|of|up for) )+(?:about |around |just |only |the |up to "
        rf"|us )*(?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.95, rf"(?:the |all |just |only )*(?P<n>{_NUMBER}) of (?:us|you)\b"),
    (0.95, rf"all (?P<n>{_NUMBER}) of them\b"),
    (0.95, rf"(?P<n>{_NUMBER})[ -]+(?:seater|top|covers?|heads?|seats?|spots?|places?|bums)\b"),
    (0.95, r"(?:for|of|with|seats?|seating|we(?:'re| are)|there(?:'s| is| are| will be"
        rf"|'ll be)) us (?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.9, r"(?:there(?:'s| is|'re| are| will be|'ll be|'s going to be| are going to be| would be)|we(?:'re"
        r"| are| will be|'ll be)"
          r"|we(?:'re| are) (?:now |actually |down to |up to ))(?: only| just| about"
              rf"| all)* (?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.9, r"(?:party|group|number|guests?|people|headcount|diners)(?: size)?(?: of \w+)? (?:is|will be"
        rf"|would be|are|to|:)(?: now)? (?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.9, rf"(?P<n>{_NUMBER}) (?:all ?together|in total|total|(?:to be )?seated together|is coming|are coming|are with"
        r"|to be precise|is the (?:number|total)|(?:will|can) be (?:coming|there|dining|at the table|joining))\b"),
    (0.9, rf"(?P<n>{_NUMBER})[ -]person (?:booking|reservation|table|party|group)\b"),
    (0.96, rf"(?:gang|bunch|crew|team|crowd|lot|total|all) of (?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.9, rf"number of (?:people|guests|diners)(?: [\w':]+){{0,12}} (?:to|is) (?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.9, rf"(?:seat|accommodate|fit|expect|expecting)(?: us| all)? (?P<n>{_NUMBER}){_CLOCKLIKE}"),
    (0.88, rf"(?<!\bis )(?:just|only) (?:the )?(?P<n>{_NUMBER})(?: of them)?(?= (?:now|will|can|are|is|tonight"
        r"|today|tomorrow)\b|[.!?]*$)"),
    (0.88, rf"(?<!\bthe )(?<!\bthis )(?<!\bthat )(?P<n>{_NUMBER}) (?:at|for) (?:about |around )?(?={_CLOCK_TIME})"),
    (0.88, rf"(?:book|booking|reserve|we have|we've got) (?:for )?(?P<n>{_NUMBER})"
        rf"(?= (?:for|on) (?:{_DAY_WORD})|[.!?]*$)"),
    (0.88, rf"(?P<n>{_NUMBER}) (?:are |will be |people )?(?:attending|joining us|dining|turning up)\b"),
    (0.95, rf"(?P<n>{_NUMBER}|a) ?(?:\+|plus) (?:my )?(?P<extra>{_NUMBER}|an?|me|myself)(?: (?:baby|child|kid|highchair"
        r"|dog|guest))?(?!\w)"),
    (0.8, rf"for (?:just |only |about |around |up to |maybe |all )?(?:the )?(?P<n>{_NUMBER}){_CLOCKLIKE}"),
)  # fmt: skip
_RULES: Final = tuple((sure, re.compile(rf"(?<![\w'.:/-])(?:{pattern})")) for sure, pattern in _PATTERNS)
_FIXED: Final = tuple(
    (count, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"))
    for count, pattern in (
        (
            1,
            r"(?:just|only)(?: for)? (?P<n>me|myself)(?! and| plus| with|,| \w+ and)|(?P<n1>by myself"
            r"|on my own|solo|alone)|(?P<n2>nobody else|no one else)"
            r"|(?:for|with) (?P<n3>myself)(?! and| plus|,| with)",
        ),
        (
            2,
            r"(?P<n>both of us|(?:me|myself) and (?:one|1) other|a couple(?= of us| of people| please|$))"
            r"|for (?P<n1>a couple)(?! of)",
        ),
        (12, r"(?P<n>a dozen)(?: people| of us)?"),
        (6, r"(?P<n>half a dozen)(?: people| of us)?"),
    )
)
_BARE: Final = re.compile(rf"(?<![\w'.:/£$-])(?P<n>{SMALL}|\d{{1,3}}){_CLOCKLIKE}")
_INSTEAD: Final = re.compile(
    rf"[^?]{{0,40}}?(?:\b(?:make|change|turn) (?:it|that)(?: to| into)?|\bi (?:said|meant|mean|want)|\bbut|\brather"
    rf"|\binstead|\bonly|\bjust|,) (?:just |only |actually )?(?P<n>{_NUMBER})(?: instead| now)?(?=[\s.!?]*$)"
)
_RATHER: Final = re.compile(rf"(?<![\w'.:/-])(?P<n>{_NUMBER}),? not $")
_WHOLE_NEED: Final = (
    r"(?:of us |people |persons? |guests? )?(?:will )?needs? (?:to be (?:cancell?ed|moved|changed)"
    r"|a (?:table|booking|reservation|place|seat))"
)
_SOME_NEED: Final = re.compile(
    rf"^(?! {_WHOLE_NEED})(?: of (?:us|you))?(?: (?:people|persons?|guests?|adults?|kids?|children))? (?:who"
    r"|(?:is|are) (?:\w+ )?(?:intolerant|allergic|vegan|veggies?|vegetarians?|coeliacs?|celiacs?|pescatarian"
    r"|in a wheelchair|only \d)|has (?:a|an)|(?:will )?needs?|will (?:be having|require)|requires?|menu"
    r"|(?:might|may|will|could) (?:be )?(?:\w+ ){0,2}(?:late|later))\b"
)
"""What follows a number that counts some of the party and not all of it ("two people are vegan")."""
_ADDED: Final = re.compile(r"\b(?:add|adding|extra|additional) $")
_NO_SIZE: Final = re.compile(r"(?:\bat|\baround|\bby|\babout|\bnumber|\bthe|\boption|\bon|\bmore|\bextra) $")
_ANYBODY: Final = frozenset({"people", "persons", "person", "guests", "adults", "pax"})
_FOR: Final = re.compile(r"\b(?:for|with) $")
_COMING: Final = re.compile(r",? (?:are|will be|is)(?: all)? (?:coming|joining|dining|eating|attending)\b")
_CHILDREN: Final = re.compile(
    rf"(?:(?:my|our|the) )?{_NUMBER} (?:of (?:my|our) )?(?:{_ADJECTIVE} )*(?:kids?|child(?:ren)?|toddlers?|bab(?:y|ies)"
    r"|infants?|high ?chairs?)(?: with (?:me|us))?"
)
"""Children alone are part of a party."""
_MORE: Final = re.compile(r"^ (?:more|extra|additional|other tables?)")


_ONE_OF_MANY: Final = re.compile(
    r"(?:an?|one) (?:\w+ )?(?:person|other|guest|member|child|kid|baby|toddler|infant"
    r"|high ?chair)\b(?<!one person)"
)


class PartySize:
    """A number of people; values are `int`, at least 1."""

    name = "party_size"
    open = False

    def find(self, text: str, context: Context) -> Sequence[Mention]:
        if other := sheet_of(context.language):
            return parties(text, context, other)
        low = fold(text)
        mentions = [found for found in longest(_explicit(text, low)) if not _is_some(low, found, context.asked)]
        mentions = longest([*mentions, *_instead(text, low, mentions)])
        if context.asked and not mentions:
            mentions = longest(_bare(text, low))
        return finish(text, low, mentions)

    def keypad(self, options: Mapping[str, Any]) -> Keypad | None:
        return Keypad(longest=2)

    def from_keys(self, keys: str, context: Context) -> tuple[object, ...]:
        """One or two digits; nought is no party."""
        return (int(keys),) if keys.isascii() and keys.isdigit() and len(keys) <= 2 and int(keys) else ()

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, data: Any) -> Any:
        if not isinstance(data, int) or isinstance(data, bool) or data < 1:
            raise ValueError(f"{data!r} is no number of people")
        return data


def _explicit(text: str, low: str) -> Iterator[Mention]:
    for sure, pattern in _RULES:
        for found in pattern.finditer(low):
            made = _numbered(text, low, found, sure)
            if made:
                yield made
    for count, pattern in _FIXED:
        for found in pattern.finditer(low):
            group = next(name for name, words in found.groupdict().items() if words)
            yield Mention((count,), span_of(text, *found.span(group)), 0.95)
    for found in _LIST.finditer(low):
        made = _listed(text, low, found)
        if made:
            yield made


def _instead(text: str, low: str, found: Sequence[Mention]) -> Iterator[Mention]:
    """A bare number that takes the place of one that was plainly about people ("not five people, six")."""
    for mention in found:
        after = _INSTEAD.match(low, mention.span.end)
        before = _RATHER.search(low, 0, mention.span.start)
        for other in (after, before):
            if other and (value := small(other["n"])):
                yield Mention((value,), span_of(text, *other.span("n")), 0.88)


def _is_some(low: str, mention: Mention, asked: bool) -> bool:
    """Whether this counts some of the party, or guests to be added to it."""
    span = mention.span
    one = mention.candidates == (1,) and low[span.end :].startswith((" of us", " of my", " of our"))
    one = one and not _FOR.search(low, 0, span.start)
    if asked and not one:
        return False
    small = _CHILDREN.fullmatch(low, span.start, span.end) and not _FOR.search(low, 0, span.start)
    some = one or small or low.startswith("a couple of", span.start) or _SOME_NEED.match(low[span.end :])
    return bool(some) or bool(_ADDED.search(low[: span.start]))


def _numbered(text: str, low: str, found: re.Match[str], sure: float) -> Mention | None:
    value = small(found["n"]) or 1
    start, end = found.span("n")
    if _MORE.match(low[end:]):
        return None
    if extra := found.groupdict().get("extra"):
        return Mention((value + (small(extra) or 1),), span_of(text, *found.span()), sure)
    return Mention((value,), span_of(text, start, end), sure) if value else None


def _listed(text: str, low: str, found: re.Match[str]) -> Mention | None:
    """People named one by one; nothing when one of them has no number ("me and my kids")."""
    parts = list(_ITEM_PARTS.finditer(found[0]))
    if len(parts) > 1 and parts[-1][0] == "i" and parts[-2]["noun"] in _ANYBODY:
        parts.pop()  # "ten people and I want it outside"
    counts = [1 if part["me"] else _people(part) for part in parts]
    total = sum(count or 0 for count in counts)
    if None in counts or not total:
        return None
    speaker, counted = any(part["me"] for part in parts), any(part["count"] for part in parts)
    end = found.start() + parts[-1].end()
    span = span_of(text, found.start(), end)
    if len(parts) == 1 and (speaker or not counted or _MORE.match(low[end:]) or _is_part(found[0])):
        return None
    if not speaker and not counted:
        coming = len(parts) > 1 and (_FOR.search(low, 0, span.start) or _COMING.match(low, span.end))
        return Mention((total + 1, total), span, 0.6) if coming else None
    own = re.search(r"\b(?:my|our)\b", found[0]) and not speaker
    candidates = (total + 1, total) if own else (total,)
    return Mention(candidates, span, 0.7 if own else 0.95)


def _is_part(words: str) -> bool:
    """Whether one person, or a chair for one, is named that is not the whole party."""
    return bool(re.search(r"\b(?:more|other)\b", words)) or bool(_ONE_OF_MANY.match(words))


def _people(part: re.Match[str]) -> int | None:
    noun, words = part["noun"], part["count"]
    count = None if words is None else 1 if words in ("a", "an") else small(words)
    each = _PAIRS.get(noun) or _MANY.get(noun, 1)
    if noun == "couple" and part["own"] is None and words is None:
        return None
    if noun in _PAIRS:
        return each if count is None or noun != "couple" else each * count
    if count is not None:
        return count * each
    plural = noun in _MANY or (noun.endswith("s") and noun.rstrip("s") in _SINGLE and noun not in _SINGLE)
    return None if plural else 1


def _bare(text: str, low: str) -> Iterator[Mention]:
    for found in _BARE.finditer(low):
        value = small(found["n"])
        if value and not _NO_SIZE.search(low[: found.start()]) and not _MORE.match(low[found.end() :]):
            yield Mention((value,), span_of(text, *found.span("n")), 0.9, bare=True)


register(PartySize())

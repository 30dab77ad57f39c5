# ruff: noqa: SIM905  (word lists read better as text)
"""English: what carries no meaning, which words mean the same, and how callers pick from a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HESITATIONS: Final = frozenset("um uh er erm ah oh hmm".split())
FILLERS: Final = frozenset(
    "um uh er erm ah oh hmm well so please thanks thank cheers hi hello hey okay ok right yeah yes "
    "just actually basically maybe"
    " kindly sorry excuse good morning afternoon evening there mate sir madam like now then really "
    "sort kind bit".split()
)
LIGHT: Final = frozenset(
    "a an the i me my we us our you your he she it its they them their this that these those is are "
    "was were be been am do does did"
    " have has had will would could can should shall may might must to of in on at for with from by "
    "as and or but if there here"
    " what when where which who how why want need like get got let make go going some any one "
    "something somebody someone anything not no"
    " about tell give know think wonder possible able up out off into".split()
)
SAME: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays"
        " saturdays sundays today tomorrow tonight weekend weekends".split(),
        "{date}",
    ),
    "reserve": "book",
    "reservation": "book",
    "booking": "book",
    "schedule": "book",
    "booked": "book",
    "reschedule": "change",
    "move": "change",
    "amend": "change",
    "alter": "change",
    "modify": "change",
    "switch": "change",
    "edit": "change",
    "update": "change",
    "adjust": "change",
    "postpone": "change",
    "rebook": "change",
    "rearrange": "change",
    "scrap": "cancel",
    "delete": "cancel",
    "cancellation": "cancel",
    "cancelation": "cancel",
    "annul": "cancel",
    "speak": "talk",
    "chat": "talk",
    "opening": "open",
    "hour": "open",
    "closing": "close",
    "shut": "close",
    "closed": "close",
    "someone": "person",
    "somebody": "person",
    "human": "person",
    "operator": "person",
    "agent": "person",
    "receptionist": "person",
    "representative": "person",
    "physician": "doctor",
    "gp": "doctor",
    "parking": "park",
    "carpark": "park",
    "expensive": "price",
    "cost": "price",
    "charge": "price",
    "fee": "price",
    "much": "price",
    "located": "where",
    "address": "where",
    "location": "where",
    "directions": "where",
    "lose": "lost",
    "misplaced": "lost",
    "forgot": "left",
    "jacket": "coat",
    "kid": "child",
    "children": "child",
    "wheelchair": "disabled",
    "accessible": "disabled",
    "vegetarian": "vegan",
    "urgent": "emergency",
    "urgently": "emergency",
    "hurts": "pain",
    "ache": "pain",
    "aching": "pain",
}
PHRASAL: Final[Mapping[tuple[str, str], str]] = {
    ("call", "off"): "cancel",
    ("cry", "off"): "cancel",
    ("get", "rid"): "cancel",
    ("back", "out"): "cancel",
    ("pull", "out"): "cancel",
    ("drop", "out"): "cancel",
    ("put", "off"): "change",
    ("put", "back"): "change",
    ("push", "back"): "change",
    ("push", "forward"): "change",
    ("push", "out"): "change",
    ("bring", "forward"): "change",
    ("set", "up"): "book",
    ("sign", "up"): "book",
    ("put", "down"): "book",
    ("pencil", "in"): "book",
}
CONTRACTIONS: Final[Mapping[str, str]] = {
    "i'd": "i would",
    "i'll": "i will",
    "i'm": "i am",
    "i've": "i have",
    "we'd": "we would",
    "we'll": "we will",
    "we're": "we are",
    "what's": "what is",
    "where's": "where is",
    "when's": "when is",
    "how's": "how is",
    "who's": "who is",
    "there's": "there is",
    "that's": "that is",
    "it's": "it is",
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "don't": "do not",
    "doesn't": "does not",
    "didn't": "did not",
    "isn't": "is not",
    "aren't": "are not",
    "wanna": "want to",
    "gonna": "going to",
    "couldn't": "could not",
    "wouldn't": "would not",
    "let's": "let us",
    "whats": "what is",
    "wheres": "where is",
    "ive": "i have",
    "im": "i am",
    "dont": "do not",
    "cant": "can not",
    "you're": "you are",
    "haven't": "have not",
    "gotta": "have to",
}
ENDINGS: Final = (
    ("ations", ""), ("ation", ""), ("ments", ""), ("ment", ""), ("ings", ""), ("ing", ""), ("ies", "y"), ("ied", "y"),
    ("ely", "e"), ("ly", ""), ("es", "e"), ("ed", ""), ("s", ""),
)  # fmt: skip
BACKGROUND: Final = (
    "what is the weather like",
    "play some music",
    "how old are you",
    "tell me a joke",
    "who won the match last night",
    "is it going to rain",
    "i like your voice",
    "my cat is on the sofa",
    "the traffic was terrible this morning",
    "set an alarm",
    "call my mother",
    "what is the capital of france",
    "turn the lights off",
    "how tall is the tower",
    "my phone is running out of battery",
    "do you believe in ghosts",
    "what time is it in tokyo",
    "add milk to my shopping list",
    "where did i put my keys",
    "who is the prime minister",
    "translate this into spanish",
    "i am watching television",
    "how many grams are in an ounce",
    "sing me a song",
    "the dog needs a walk",
    "what does this word mean",
    "read me the news",
    "who wrote that book",
    "i had a dream about a train",
    "how do i change a tyre",
    "do i have any emails",
    "what is two plus two",
    "it was my birthday yesterday",
    "are you a robot",
    "can you count to ten",
    "my neighbour is very loud",
    "what colour is the sky",
    "find my phone",
    "what is my credit score",
    "send money to my brother",
    "what is the exchange rate",
    "pay my electricity bill",
    "how do i get a passport",
    "when is the next bus",
    "my computer does not start",
    "how far is the moon",
    "what is on television tonight",
    "tell me something interesting",
    "i went for a run",
    "what is your favourite film",
    "how long does it take to fly to new york",
    "who invented the telephone",
    "mute the microphone",
    "is my card blocked",
    "how many people live in brazil",
    "what is the tallest mountain in asia",
    "who painted the ceiling of that chapel",
    "what year did the war end",
    "which team is top of the league",
    "what does the stock market look like",
    "how do i fix a leaking tap",
    "what is a good present for a teenager",
    "how much does a new laptop cost",
    "can i return these shoes without a receipt",
    "which bank has the best interest rate",
    "how do i apply for a mortgage",
    "when do the clocks go back",
    "what is the fastest animal",
    "is there a petrol station on the motorway",
    "how do i learn to play the guitar",
    "what are the symptoms of flu",
    "how many calories are in an apple",
    "why is the sea salty",
    "who directed that film about the ship",
    "do i need a visa for japan",
    "what is the best way to get to the airport",
    "how much is a ticket to paris",
    "which university is best for law",
    "what is the population of canada",
    "how do you make pancakes",
    "where was this shirt made",
    "who sings this song",
    "what is the square root of nine",
    "how deep is the ocean",
    "when was the first computer built",
    "can you solve this equation",
    "is the museum free on sundays",
    "how can i lose weight",
    "how do i clean a silver ring",
    "what is the score in the football",
    "where can i buy stamps",
    "how do i remove a stain from a carpet",
    "the printer has run out of paper",
    "my internet is very slow",
    "what is the difference between a crocodile and an alligator",
    "which planet is closest to the sun",
    "how often should i water this plant",
    "tell me about the history of rome",
    "what is trending this week",
    "are there any good concerts this month",
    "who is the richest man in the world",
    "can dogs see colours",
    "how do i renew my driving licence",
    "where do penguins live",
    "what size battery does a torch take",
    "how long should i boil an egg",
    "is gold worth more than silver",
    "what are the rules of chess",
    "how do i get to the beach by train",
    "what is the meaning of life",
    "who discovered gravity",
    "how do i start a business",
    "which phone has the best camera",
    "what is a synonym for happy",
    "how do i file my taxes",
    "is there life on mars",
    "how do i tie a tie",
    "what is the longest river in africa",
    "when does the summer sale begin",
    "how does a fridge work",
    "who plays the main part in that series",
    "are electric cars cheaper to run",
    "what should i wear to a wedding",
    "how many miles is it to london",
    "what do you call a young horse",
    "why do cats purr",
    "is it safe to swim here",
    "how do i unlock my account",
    "how fast can a horse run",
    "what language do they speak in brazil",
    "which days are bank holidays",
    "does this jumper come in blue",
)
CORRECTION: Final = (
    r"\b(?:no|nope|sorry|i mean|i meant|make (?:that|it)|actually|rather|instead|or rather|wait"
    r"|correction|scratch that|hang on|to|change|now|but|not|into|switch|moved?|down|up|only)\b"
)
ORDERS: Final[Mapping[str, int]] = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "sixth": 5,
    "last": -1,
    "final": -1,
    "one in the middle": 1,
    "former": 0,
    "latter": -1,
    "one": 0,
    "two": 1,
    "three": 2,
    "four": 3,
    "five": 4,
    "middle": 1,
}
ORDER: Final = (
    r"(?<!\w)(?:the )?(?P<order>one in the middle|first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|sixth"
    r"|last|final|former|latter|middle)(?: (?:one|option|choice|time|slot|of (?:those|them)|you said|possibility|day"
    r"|date|appointment|please))*(?!\w)(?! of \w)"
    r"|(?<!\w)(?:option|number|choice) (?P<number>one|two|three|four|five)(?!\w)"
)
ANY_OF_THEM: Final = (
    r"\b(?:either|any(?: of (?:them|those))?|any(?:thing| one|one)|whichever|don't mind|doesn't matter"
    r"|i'm easy|both (?:are )?(?:fine|good|work)|you (?:choose|pick|decide))\b"
)
IN_QUESTION: Final = (
    r"(?: |\b(?:on|at|for|in|from|until|till|to|by|of|with|after|before|around|about|the|a|an|our|this|next|coming"
    r"|tables?|party|group|booking|lunch|dinner|breakfast|say|like|please|as well|too)\b)*"
)
CLAUSE: Final = r"[,.;!?]+|\b(?:and|but|also|oh)\b"
MAKE_IT: Final = r"(?:\bmake (?:it|that)|\bchange (?:it|that) to|\blet's (?:say|make it))(?: for| at)? (?=\w+)"
NO_MATTER: Final = (
    r"(?:i (?:really )?(?:don't|do not) (?:really )?(?:mind|care|have (?:a|any) preferences?)|(?:i've |i have )?no "
    r"(?:particular )?preferences?|i(?:'m| am) (?:easy|not (?:fussed|fussy|bothered|picky))|(?:it )?(?:really )?"
    r"(?:doesn't|does not|don't) (?:really )?matter(?: (?:to me|who|which|at all))?|(?:it )?makes no difference"
    r"|any(?:one|body|thing)?(?: (?:at all|you like|you have|is fine|will do|who(?:'s| is) (?:free|available|there)"
    r"|free|available))*|any (?:\w+ )?(?:is fine|will do|would do|is good|is okay)|whoever(?: (?:is|'s) (?:free"
    r"|available|there|in|around))?|whichever(?: (?:is|'s) (?:free|available|soonest|first|earliest))?"
    r"|whoever(?:'s|s) (?:free|available|there|in|around)|who(?:ever)? is (?:free|available)|no ?(?:one|body) in "
    r"particular|nothing in particular|not (?:particularly|specially|especially|in particular|fussed|bothered)"
    r"|(?:the )?(?:first|next|earliest|soonest)(?: one)?(?: (?:that is |that's )?available| free|possible)?"
    r"(?: (?:doctor|person|one|slot|appointment))?|you (?:choose|pick|decide)|up to you|either(?: (?:is|of (?:them"
    r"|those)|one) ?(?:is )?(?:fine|okay|good|will do)?)?|all the same to me|as you like|skip(?: (?:it|that|this))?)"
)
LATER: Final = r"\b(?:the )?(?:later|latest)(?: (?:one|time|slot|option|of the two))?\b"
EARLIER: Final = r"\b(?:the )?(?:earlier|earliest|sooner|soonest)(?: (?:one|time|slot|option|of the two))?\b"
SLOT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "party_size": ("number of people", "people", "party", "size", "how many", "guests", "group", "number"),
    "date": ("day", "date", "weekday"),
    "time": ("time", "hour", "when"),
    "person_name": ("name", "surname", "first name", "last name", "spelling"),
    "phone": ("phone", "number", "telephone", "mobile", "phone number", "digits"),
    "date_of_birth": ("birthday", "birth", "date of birth", "birth date", "born"),
    "datetime": ("day", "date", "time", "when", "hour"),
    "duration": ("length", "how long", "duration", "nights", "hours", "minutes"),
    "email": ("email", "mail", "e-mail"),
    "money": ("amount", "price", "money", "sum", "budget"),
    "postcode": ("postcode", "post code", "zip", "zip code", "postal code"),
    "address": ("address", "street", "house number"),
    "text": ("note", "comment", "message", "remark"),
    "number": ("number", "amount"),
    "digits": ("number", "code", "digits", "reference"),
}

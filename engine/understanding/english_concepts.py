"""English for the classifier: words of related meaning, ways of speaking, and how sentences begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_GROUPS: Final = """
able: able can could possible may allowed permitted permission okay
accept: accept take allow welcome honour permit
address: address where location located street road directions find situated postcode map
afraid: afraid worried anxious concerned scared
again: again repeat once another more resay reiterate rephrase back
allergy: allergy allergic allergies intolerant intolerance nuts gluten dairy lactose coeliac
arrive: arrive come show get reach turn there
ask: ask inquire enquire question wonder query questions topics
available: available free open vacant availability space room spare left slot
bad: bad terrible awful poor horrible worst dreadful
begin: begin start commence kick beginning
bill: bill check invoice receipt pay payment charge tab
bleed: bleed bleeding blood haemorrhage
breathe: breathe breathing breath breathless choking gasping suffocating
book: book reserve reservation booking table appointment schedule arrange seat spot set
bot: bot robot machine computer ai artificial automated program software human real person living alive recording
bring: bring carry take along fetch
busy: busy crowded packed full queue line wait waiting long slammed rush seated hectic swamped
call: call dial phone ring telephone contact reach connect number cell mobile
cancel: cancel scrap drop abort stop quit end halt delete undo forget nevermind scratch
card: card credit debit visa cash money pay contactless
certain: certain sure positive definite confident know doubt uncertain unsure clue idea
change: change switch alter modify amend adjust different move swap edit update set convert reschedule
child: child children kid kids baby toddler son daughter highchair pram buggy
close: close shut closing closed
cold: cold flu cough fever sneeze throat temperature
come: come attend make visit arrive turn
confirm: confirm check verify ensure sure validate still whether
cost: cost price expensive cheap charge fee much pay pricey afford
danger: die dying dead kill suicide suicidal life death
day: day date weekday tomorrow today
describe: describe explain tell inform show give list
disabled: disabled wheelchair step ramp lift accessible access stairs mobility
doctor: doctor gp physician nurse practitioner clinician surgeon dentist
dog: dog pet animal puppy cat
drink: drink wine beer cocktail bar alcohol
drive: drive car park parking vehicle garage
eat: eat dine food meal dinner lunch breakfast brunch cuisine dish menu hungry supper
eat: pizza pasta burger sushi steak chicken fish curry salad soup seafood noodles sandwich pancakes dessert
email: email mail message write
emergency: emergency urgent urgently ambulance immediately critical serious
faster: fast faster quick quickly speed rapid slow slower slowly rate pace hurry speak
faint: faint fainted collapse collapsed unconscious unresponsive passed responding wake
family: husband wife mother father mum mom dad son daughter baby child brother sister partner
feel: feel feeling doing going
fit: fit seizure convulsion convulsing fitting epileptic
find: find locate discover search look lost missing
finish: finish finished done complete over
friend: friend pal buddy mate companion
give: give provide offer hand supply
good: good great nice excellent best fine lovely decent wonderful awesome fantastic tasty delicious
goodbye: goodbye bye farewell later cya see leaving leave go ciao adios
greet: hello hi hey greetings howdy morning afternoon evening
group: group party guests people persons
heart: heart cardiac chest stroke palpitations
hear: hear catch heard understand missed listen
help: help assist support aid assistance useful capable ability abilities do
hour: hour time open opening hours when
hurt: hurt pain sore ache hurts painful hurting injured injury
job: job work purpose task duty
language: language english spanish french german italian chinese japanese portuguese russian translate tongue
late: late delayed delay behind traffic stuck
left: left forgot forgotten lost misplaced behind
like: like love enjoy prefer favourite
medicine: medicine tablets pills prescription medication drug drugs repeat pharmacy
meeting: meeting conference appointment session discussion meet calendar schedule agenda
message: message note voicemail
morning: morning breakfast early am
evening: evening night tonight dinner late pm
name: name called call named refer address names title identity nickname who whom
near: near nearby close local around vicinity
need: need want require would must
never: never no not nope negative false untrue wrong incorrect disagree
new: new another different other
online: online website internet web site app
order: order takeaway delivery deliver collect takeout
perhaps: perhaps maybe possibly might could either uncertain unsure depends decide certain sure undecided
place: place restaurant diner cafe spot bistro eatery pub grill steakhouse pizzeria
please: please kindly
poison: poison poisoned overdose overdosed swallowed
question: question questions answer topic subject subjects
quiet: quiet private calm
ready: ready prepared set
recommend: recommend suggest suggestion recommendation suggestions recommendations ideas advise tip
results: results result test tests report
review: review reviews rating ratings rated stars opinion opinions reputation feedback critics think say people
room: room rooms space hall
say: say speak talk tell said speaking talking utter state
see: see view look show
sick: sick ill unwell poorly
size: size many number amount
soon: soon early earlier earliest quickly asap
stand: staff manager colleague person human someone operator
stop: stop cease halt quit pause enough
swell: swell swelling swollen swelled
thank: thank thanks grateful appreciate appreciated gratitude cheers thankful
think: think believe suppose guess reckon
today: today tonight now
true: true correct right yes yeah accurate affirmative indeed sure absolutely agree valid
vegan: vegan vegetarian veggie plant meat
voice: voice accent tone sound volume speech
weekend: weekend saturday sunday
well: well good fine going life
write: write spell spelling
you: you your yourself yours
"""


def _concepts() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _GROUPS.strip().splitlines():
        name, words = line.split(": ")
        for word in words.split():
            found[word] = (*found.get(word, ()), f"@{name}")
    return found


CONCEPTS: Final = _concepts()
"""What a word is about, so that a paraphrase shares something with the phrase that it stands for."""

SIGNS: Final[Mapping[str, str]] = {
    "greeting": (
        r"hello|hi|hiya|hey|howdy|greetings|good (?:morning|afternoon|evening|day)|how are (?:you|things|we|ya)"
        r"|how(?:'s| is| has) (?:it|life|everything|your (?:day|week|morning|evening|life)|things)|how (?:have you been"
        r"|do you do|goes it)|how're (?:you|things)|what(?:'s|s| is) (?:up|new|happening|going on)$|(?:nice|good"
        r"|pleased|great|lovely|pleasure) to (?:see|meet)|are you (?:doing )?(?:well|ok|okay|good|alright|fine)|have"
        r" you been (?:well|good|ok)|what have you been up to|you (?:doing )?(?:ok|okay|alright|well)$"
    ),
    "farewell": (
        r"(?:good ?)?bye|farewell|see (?:you|ya)|(?:talk|speak|catch|chat)(?: to| with)? you (?:later|soon|again)"
        r"|good night|have a (?:good|nice|great|lovely|pleasant) (?:day|one|time|night|evening|weekend)|take (?:it easy"
        r"|care)|(?:have to|must|got to|gotta|need to|should) (?:go|leave|run|be going)|(?:nice|good|great|lovely"
        r"|pleasure|fun|enjoyed|glad|happy)(?: \w+){0,3} (?:talk|talking|chatting|speaking|chat)|(?:great|nice|good)"
        r" (?:talk|chat|conversation)|laters?$|until (?:next time|later|then)|so long|cheerio|ciao|adios|au revoir"
        r"|ta ta|signing off|over and out"
    ),
    "thanks": (
        r"thanks?|thank you|cheers|much obliged|owe you|appreciat\w+|grateful|gratitude|(?:good|great|nice|excellent"
        r"|amazing) (?:job|work|help)|well done|you(?:'re| are|'ve been| have been)(?: so| very| a| the| really)*"
        r" (?:helpful|kind|best|great|great help|big help|nice|lifesaver|star)|that (?:was|is) (?:very |so |really )?"
        r"helpful"
    ),
    "quit": (
        r"cancel(?: that| this| it)?$|stop (?:it|that|this|doing|talking|speaking)|shut (?:up|down|off)|be quiet"
        r"|no more|abort|never ?mind|forget (?:it|that|about)|turn off|switch off|quit|silence|hush"
        r"|don't (?:do|want)(?: \w+)? (?:that|this|it|anymore)|mute|halt|terminate|enough"
    ),
    "again": (
        r"repeat|say (?:that|it|what)(?: \w+)* again|again please|once more|one more time|pardon|didn't (?:hear|catch"
        r"|get)|what did you (?:just )?say|rephrase|restate|come again|run that by"
    ),
    "capable": (
        r"what (?:all )?(?:can|could|do|are|should|may|might)(?: \w+)? (?:you|i|we) (?:able to |capable of )?(?:do|ask"
        r"|say|help|answer|know|offer|inquire)|(?:kinds?|types?|sorts?|list) of (?:\w+ )?(?:things|questions|stuff"
        r"|topics|tasks|subjects)|capabilit\w+|abilit\w+|your (?:skills|purpose|functions|features|expertise"
        r"|specialty)|what are you (?:able|good|capable)|(?:can|could) you (?:help|assist|do)(?: me)?$|(?:tasks|skills"
        r"|questions|topics|subjects|things) (?:\w+ )*(?:you|i) (?:can|could|may|know|do|have)|answer for"
    ),
    "not coming": (
        r"(?:can't|cannot|can not|won't|will not|not able to|unable to|not going to)(?: be able to)? (?:make|come"
        r"|attend|keep|go)|no longer (?:need|want|require|coming|going)|(?:not|n't|no longer) (?:be )?(?:need|want"
        r"|necessary|needed|wanted|required)\w*|remove|get rid|take (?:me|my name|us) off"
    ),
    "my name": (
        r"my (?:\w+ )?(?:name|nickname|identity|title)|who (?:i am|am i|do you think i am)|(?:call|calling|called|know"
        r"|address|refer to|think of|identify|name)(?:ing|s)? me|am i (?:called|known|named|referred)|me (?:as|by)"
        r"|i(?:'m| am) called|name (?:\w+ ){0,3}(?:for|of) me|should you call|i (?:be )?(?:called|known|named)"
    ),
    "your name": (
        r"your (?:\w+ )?(?:name|nickname|identity|title)|who (?:are you|you are|am i (?:talking|speaking))"
        r"|(?:call|calling|called|know|address|refer to|identify|name) you\b(?! me)|are you (?:called|known|named"
        r"|referred)|you(?:'re| are)? (?:go by|called|named|known)|you (?:\w+ )?(?:go by|have a name)|you (?:like "
        r"|want |prefer )?(?:me )?to (?:call|be called)|(?:address|refer to|call) (?:yourself|you as)"
    ),
    "day": (
        r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|tonight|january|february|march|april"
        r"|june|july|august|september|october|november|december|\d+(?:st|nd|rd|th)"
    ),
    "hour": r"\d{1,2}:\d\d|\d+ ?[ap]\.?m|o'?clock|noon|am|pm|evening|morning|afternoon|night",
    "number": r"\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve",
}
"""Ways of speaking that the words alone do not show, as patterns on a folded text."""
SMALL_TALK: Final = ("greeting", "farewell", "thanks")

OPENINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("what", "where", "when", "who", "how", "why", "which"), "which"),
    **dict.fromkeys(("do", "does", "did", "is", "are", "am", "was", "will", "have", "has"), "whether"),
    **dict.fromkeys(("can", "could", "would", "please"), "request"),
    **dict.fromkeys(("it", "that", "this"), "it"),
    **dict.fromkeys(("i", "you", "my", "the"), "self"),
}
"""The kind of sentence that a first word begins."""

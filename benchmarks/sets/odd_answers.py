"""Odd answers at a confirmation: everyday words, noise, half sentences and other languages, none of which says yes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

_EVERYDAY: Final = """
about after again airport all animal answer apple around autumn bag banana because before big bird blue boat book bottle
bread bridge brother bus but butter can car carpet cat chair cheese child clock coat coffee cold come cousin cup dark
day doctor dog door dress drink early earth eat egg evening every eye face family far fast father fire fish five floor
flower food four friend from garden girl glass go grass green hand happy hat have head hear heavy her here hill horse
hour house how hundred if inside it jacket just keep key kitchen knee lamp late leaf left letter like little long look
man many market me milk minute money month moon morning mother mountain music name near new next nine nose now of old
on onion open or orange other our out over paper people person phone picture place plane rain red river road room salt
school sea see seven she shoe short sister six sky sleep small snow some soon soup spoon spring station stone street
sugar summer sun table tall tea ten than the there they thing think three time to today town train tree two under uncle
very wait walk wall want warm was water we week what when where which white who why will wind window winter with woman
word work would year yellow yesterday you young
""".split()  # noqa: SIM905
_NOISE: Final = ("uh", "um", "mm", "hmm", "er", "ah", "oh", "hm", "tsk", "[noise]", "<unk>", "++cough++", "shh")
_SENTENCES: Final = (
    "I am looking for the other telephone",
    "could you just hold the line a moment",
    "the train to the city was late again",
    "I have got a lot of shopping in the car",
    "we would like to sit near the window if possible",
    "she told me that it would be warm outside",
    "what would happen if nobody came",
    "put the kettle on will you darling",
    "we live in the second house on the left hand side",
    "I did not hear what you were saying there",
)
_GERMAN: Final = """
ich weiß nicht was haben sie gesagt der tisch ist schön heute morgen abend bitte danke wie heißt das zu viert am fenster
können wir später kommen nein das geht so nicht ja doch vielleicht genau guten tag
""".split()  # noqa: SIM905
_SPANISH: Final = """
no sé qué ha dicho la mesa está cerca de ventana mañana por la noche gracias hola buenos días cuatro personas tal vez
podemos llegar más tarde sí claro bueno vale
""".split()  # noqa: SIM905


def odd_answers(count: int, seed: int) -> Iterator[str]:
    """`count` answers, the five kinds in turn; the same for the same seed."""
    draw = random.Random(seed)
    kinds: tuple[Sequence[str], ...] = (_EVERYDAY, _NOISE, _SENTENCES, _GERMAN, _SPANISH)
    for number in range(count):
        words = kinds[number % len(kinds)]
        if words is _SENTENCES:
            sentence = draw.choice(words).split()
            first = draw.randrange(len(sentence))
            yield " ".join(sentence[first : first + draw.randint(1, 6)])
        else:
            yield " ".join(draw.choice(words) for _ in range(draw.randint(1, 5)))

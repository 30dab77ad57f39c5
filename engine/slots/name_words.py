"""Words around names: titles, particles, and the everyday words that are not taken for a name."""

from __future__ import annotations

import re
from typing import Final

TITLES: Final = frozenset(
    "mr mrs miss ms mx dr mister missus doctor sir madam professor prof".split()  # noqa: SIM905
)
PARTICLES: Final = frozenset(
    "van von de der den del della di da dos du la le el al bin ibn ter ten o st san".split()  # noqa: SIM905
)
SURNAMES: Final = re.compile(
    r"(?:ford|stead|wood|worth|wick|field|house|ham|ston|ington|ley|well|dale|land|brook|shaw|man{1,2}|stein|berg|burg"
    r"|baum|hammer|meyer|maier|auer|dler|bert?z|witz|ski|sky|wicz|enko|ov|dahl|strom|gaard|quist|sen|son|sson|opoulos"
    r"|akis|oglu|ini|elli|etti|ucci|ardi|ez|eira|escu|yan|bauer|mann|kamp|hoff|dorf|acker|acher|smith|wright|er)$"
)
"""How last names often end and first names seldom do."""
FIRST_NAMES: Final = frozenset(
    """
    abdulrahman abraham adam alexander alison allison amber anderson asher ashley bailey beverley bradley
    brandon bryan carter charley christopher clifford dexter dieter dyson eleanor emerson ester esther finley
    ginger graham grayson gunther haley harley harper harrison hayley heather herman hester hunter jackson jason
    jasper javier jefferson jennifer jonson jordan karen kimberley kirsten leland lesley madison mason maxwell
    milton nelson norman oliver olivier parker peter piper presley rainer rayan riley river roger roland roman
    ryan sander shirley skyler spencer stanley summer sutter taylor tucker tyler tyson walter werner wesley
    wilder winston xavier yasmin
    """.split()  # noqa: SIM905
)
"""First names that end as last names do."""
ENDINGS: Final = frozenset({"will", "may", "can"})
"""Words that can begin a name but end one that has begun ("Tom Baker will be late")."""
NO_NAMES: Final = frozenset(
    """
    a about above actually add after afternoon again ago ah all allergic allergy almost alone already alright
    also although always am an and another any anybody anyone anything anyway apologies appointment are aren't
    around arrange as ask asking at available away back bad be because been before being believe best better
    between bit book booked booking bookings both bring bringing but by bye call called calling came can't
    cancel cancelled cannot card change changed changing check child children clinic come coming complete
    confirm confirmed confirming correct could couldn't couple currently date day days definitely did didn't
    different dinner do doctor does doesn't doing don't done down due during each early eight eighteen eighth
    eighty either eleven else email enough evening ever every everyone everything exactly excuse extra
    fantastic few fifteen fifth fifty fine first five follow following for forgot forty found four fourteen
    fourth friday friend friends from full gentleman get getting give given go going gonna good got gotta
    great group guest guests had half happy has have haven't having he he's hello help her here here's hey hi
    him his hmm hold hope hour hours how however hundred hungry husband i i'd i'll i'm i've idea if in
    information inside instead interested into is isn't it it'd it'll it's its just keep kid kids kind kindly
    know last late later least leave left less let let's like likely listed little located long look looking
    lot lovely lunch made make making many may maybe me mean meant meal mention might mind mine minute minutes
    mistake moment monday month months more morning most move much must my myself name named names need needed
    needing needs never new next nice night nine nineteen ninety no nobody none noon nope not nothing now
    number o'clock occasion of off oh ok okay old on once one ones only open or order other others our ours
    ourselves out outdoor outdoors outside over own pardon party patient pay people per perfect perhaps person
    phone place please plus pm possible prefer probably problem pushing put quarter question quick quite
    rather ready really regarding regular remember repeat request reschedule reservation reservations reserve
    reserved restaurant right room running said same saturday say second see seat seats seem self seven
    seventeen seventh seventy several she she's should shouldn't sick sister since sit sitting six sixteen
    sixth sixty small so some somebody someone something sometime sometimes soon sorry speak speaking special
    spell spelled spelt spelling stay still stop sunday sure table tables take taking talk tell ten tenth than
    thank thanks that that'd that'll that's the their them then there there's these they they're they've thing
    think third thirteen thirty this those though three through thursday till time to today together told
    tomorrow tonight too total tried trouble true try trying tuesday twelve twelfth twenty two uh uhm um under
    understand unfortunately until up upset us use used using very visit visiting vegan vegetarian wait
    waiting want wanted wanting wants was wasn't we we'd we'll we're we've wednesday week weekend weeks well
    went were weren't what what's when where which while who who's whole whom whose why wife with within
    without won't wonder wondering wonderful would wouldn't wrong yeah year years yep yes yesterday yet you
    you'd you'll you're you've your yours yourself zero able afraid allowed anniversary birthday brother
    daughter son mother father mum mom dad partner family double triple surname forename details correction
    january february march june july september october november december apr aug sept oct nov dec jan feb mon
    tue wed thu fri availability big bye-bye cheap expensive city centre center area near food pub cafe bar
    hotel indoors terrace garden patio window corner quiet private high chair highchair wheelchair parking dog
    pet nut gluten free halal kosher menu operator agent human representative receptionist manager helpful
    hearing hear heard english french italian crazy way fuck shit damn bloody hell fucking cunt idiot stupid
    incorrect strange weird odd funny silly ridiculous nonsense rubbish awful terrible horrible annoying useless
    impossible unbelievable amazing brilliant excellent outrageous lost confused unsure inaccurate false nuts
    cover pressure control construction review consideration middle eastern western northern southern
    """.split()  # noqa: SIM905
)

"""Every act, event and effect survives the log: found by looking, filled by hypothesis."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import acts, effects, events
from engine.watch.encoding import CLASSES, MASK, Masked, decode, encode

LONDON = ZoneInfo("Europe/London")
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.just(LONDON)).map(lambda at: datetime.fromisoformat(at.isoformat())),
    st.timedeltas(timedelta(0), timedelta(days=9)).map(lambda length: timedelta(seconds=length.total_seconds())),
    st.decimals(allow_nan=False),
    st.builds(acts.PersonName, st.text(), st.text()),
    st.builds(acts.Recording, st.text(), st.floats(0, 100)),
    st.builds(acts.Range, st.dates(), st.none() | st.dates()),
)
VALUES = st.one_of(PLAIN, st.lists(PLAIN, max_size=3).map(tuple), st.lists(PLAIN, max_size=3))
MAPPINGS = st.dictionaries(st.text(max_size=8) | st.just("$"), VALUES, max_size=3)


@st.composite
def things(draw: st.DrawFn, name: str) -> Any:
    """An instance of the class `name`, with values of any kind where it takes values of any kind."""
    if name == "Range":
        return acts.Range(draw(PLAIN), draw(PLAIN))
    drawn = draw(st.from_type(CLASSES[name]))
    if isinstance(drawn, acts.Fill):
        return acts.Fill(drawn.slot, draw(st.lists(VALUES, max_size=3).map(tuple)), drawn.span, drawn.confidence)
    if isinstance(drawn, events.ToolReturned):
        return events.ToolReturned(drawn.act, drawn.outcome, draw(MAPPINGS))
    if isinstance(drawn, effects.Act):
        return effects.Act(drawn.act, drawn.tool, draw(MAPPINGS), drawn.key, drawn.commits)
    return drawn


st.register_type_strategy(object, VALUES)
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(Decimal, st.decimals(allow_nan=False))


@pytest.mark.parametrize("name", sorted(CLASSES))
@given(data=st.data())
def test_every_class_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    thing = data.draw(things(name))
    assert decode(json.loads(json.dumps(encode(thing)))) == thing


def test_every_event_and_effect_is_known() -> None:
    for union in (events.Event, effects.Effect, acts.Act):
        assert all(CLASSES[kind.__name__] is kind for kind in union.__args__)


VALUES_AS_JSON = {
    "a date": (date(2026, 11, 6), {"$": "date", "is": "2026-11-06"}),
    "a time": (time(19, 30), {"$": "time", "is": "19:30:00"}),
    "money": (Decimal("12.50"), {"$": "decimal", "is": "12.50"}),
    "a name": (acts.PersonName("Maria", "Rossi"), {"$": "PersonName", "first": "Maria", "last": "Rossi", "heard": []}),
    "several": ((time(19), time(21)), [{"$": "time", "is": "19:00:00"}, {"$": "time", "is": "21:00:00"}]),
}


@pytest.mark.parametrize("what", VALUES_AS_JSON)
def test_the_form_of_a_value_is_stable(what: str) -> None:
    value, data = VALUES_AS_JSON[what]
    assert encode(value) == data
    assert decode(data) == value


def test_a_name_of_a_log_from_before_its_readings_were_kept() -> None:
    assert decode({"$": "PersonName", "first": "Maria", "last": "Rossi"}) == acts.PersonName("Maria", "Rossi")


def test_what_is_masked_is_not_there() -> None:
    data = encode(Masked(date(1900, 1, 1)))
    assert decode(data) == date(1900, 1, 1)
    assert decode(data, show_masks=True) == MASK


def test_a_stranger_becomes_its_text() -> None:
    assert encode(complex(1, 2)) == "(1+2j)"


@pytest.mark.parametrize(
    "data", [{"$": "Robot"}, {"$": "Heard", "turn": 1}, {"$": "date"}, {"$": "date", "is": "soon"}]
)
def test_what_no_encoder_wrote_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(data)

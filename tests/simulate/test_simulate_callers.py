"""Whatever a caller does, in any order and at any moment: the simulation goes on or ends, and tells what it finds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.simulate.result import Result
from engine.simulate.runner import run_script
from engine.simulate.script import bind
from engine.simulate.stage import load_stage
from engine.talk import model

STAGE = load_stage(Path(__file__).parent / "cases" / "bistro" / "flow.yaml")
afters = st.none() | st.integers(0, 200).map(lambda tenths: tenths / 10)
words = st.sampled_from(
    [
        *(
            "yes",
            "no",
            "a table for four",
            "tomorrow",
            "Maria Rossi",
            "not Saturday",
            "help",
            "repeat",
            "five, no, six",
        ),
        *("talk to someone", "hold on a second", "goodbye", "where can I park", "mumble", "start over", "never mind"),
    ]
)
acts = st.sampled_from(
    [
        model.ActText("affirm"),
        model.ActText("deny"),
        model.ActText("want", ("book",)),
        model.ActText("fill", ("party_size", "4"), 0.2),
        model.ActText("fill", ("party_size", "12")),
        model.ActText("fill", ("day", ("2026-10-03", "2026-10-10"))),
        model.ActText("fill", ("day", "2026-09-01")),
        model.ActText("exclude", ("day", "2026-10-03")),
        model.ActText("fill", ("name", "Maria Rossi")),
        model.ActText("ask", ("parking",)),
        model.ActText("back"),
        model.ActText("operator"),
    ]
)
lines = st.one_of(
    st.builds(model.CallerSays, words, afters),
    st.builds(model.CallerMeans, st.lists(acts, max_size=3).map(tuple), afters),
    st.builds(model.CallerKeys, st.text("0123456789*#", min_size=1, max_size=6), afters),
    st.builds(model.CallerSilent, st.none() | st.integers(0, 60).map(float)),
    st.builds(model.CallerHangsUp, afters),
)
answers = st.sampled_from(
    [
        model.GivenTool("find_table", (model.Answer("full"), model.Answer("free", after=9.0))),
        model.GivenTool("find_table", (model.Answer("failed"),)),
        model.GivenTool("book_table", (model.Answer("taken"),)),
        model.GivenTool("book_table", (model.Answer("booked", after=5.0), model.Answer("already"))),
        model.GivenTool("transfer", (model.Answer("busy"), model.Answer("connected"))),
    ]
)


def run(talk: list[model.Line], *, open_speech: bool) -> Result:
    given: list[model.Line] = [model.GivenSpeech(open_speech)]
    return run_script(bind(model.Talk((*given, *talk), "a.talk"), STAGE.flow), STAGE)


@settings(max_examples=60, deadline=None)
@given(st.lists(answers, max_size=2), st.lists(lines, min_size=1, max_size=12), st.booleans())
def test_any_caller_is_borne(given: list[model.Line], talk: list[model.Line], opened: bool) -> None:
    result = run([*given, *talk], open_speech=opened)
    times = [entry.at for entry in result.entries]
    assert all(before <= after + 60 for before, after in pairwise(times))
    if result.difference is not None:
        assert result.difference.message in ("the call was over before this line", "nothing is being recorded here")
        assert result.ended is not None
    assert run([*given, *talk], open_speech=opened).entries == result.entries


@settings(max_examples=20, deadline=None)
@given(st.lists(lines.filter(lambda line: not isinstance(line, model.CallerHangsUp)), max_size=6))
def test_a_caller_who_falls_silent_is_not_kept_for_ever(talk: list[model.Line]) -> None:
    result = run([*talk, *[model.CallerSilent(None)] * 12, model.ExpectEnd()], open_speech=True)
    assert result.ended is not None

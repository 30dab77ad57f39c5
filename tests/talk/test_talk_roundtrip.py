"""Any talk that can be held as data is written and read back the same; any text at all is read or refused."""

from __future__ import annotations

from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.acts import GLOBALS
from engine.errors import AuthorError
from engine.talk import model
from engine.talk.reader import read_talk
from engine.talk.spoken import STAGE
from engine.talk.writer import format_talk, write_talk

RESERVED = {"flow", "language", "now", "caller", "called", "open_speech", "then", "not", "end", "slot", "nothing"}
names = st.from_regex(r"[a-zé][a-z0-9_]{0,8}(\.[a-z0-9]{1,3})?", fullmatch=True).filter(
    lambda name: name not in RESERVED
)
prompts = st.from_regex(r"[a-z0-9_]{1,6}([./-][a-z0-9]{1,4}){0,3}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
spoken_texts = texts.filter(lambda text: any(sign.isalnum() for sign in text))
one_line = texts.map(lambda text: " ".join(text.split())).filter(bool)
values = texts | st.lists(texts, max_size=3).map(tuple)
seconds = st.integers(0, 10_000_000).map(lambda thousandths: thousandths / 1000)
afters = st.none() | seconds
numbers = st.from_regex(r"\+?[0-9]{1,12}", fullmatch=True)
keys = st.text("0123456789*#", min_size=1, max_size=8)
named = st.lists(st.tuples(names, values), max_size=3).map(tuple)
moments = st.datetimes(datetime(1900, 1, 1), datetime(9999, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
acts = st.one_of(
    st.builds(
        model.ActText,
        st.sampled_from(["fill", "exclude"]),
        st.tuples(texts, values),
        st.integers(0, 100).map(lambda part: part / 100),
    ),
    st.builds(model.ActText, st.sampled_from(["want", "ask"]), st.tuples(texts)),
    st.builds(model.ActText, st.sampled_from(["affirm", "deny", *GLOBALS])),
)
comments = st.builds(model.Comment, texts.map(lambda text: " ".join(text.split())))
givens = st.one_of(
    st.builds(model.GivenFlow, texts),
    st.builds(model.GivenNow, moments, st.booleans()),
    st.builds(model.GivenVariant, st.sampled_from(["brisk", "warm"])),
    st.builds(model.GivenLanguage, st.sampled_from(["de", "es", "en-GB", "nl"])),
    st.builds(model.GivenCaller, st.none() | numbers),
    st.builds(model.GivenCalled, numbers),
    st.builds(model.GivenSpeech, st.booleans()),
    st.builds(
        model.GivenTool,
        names,
        st.lists(st.builds(model.Answer, names, named, afters), min_size=1, max_size=3).map(tuple),
    ),
)
turns = st.one_of(
    st.builds(model.AgentSays, prompts),
    st.builds(model.AgentSays, st.none(), st.lists(spoken_texts, min_size=1, max_size=3).map(tuple)),
    st.builds(
        model.AgentSays,
        st.none(),
        st.tuples(one_line.filter(lambda text: any(sign.isalnum() for sign in text))),
        st.just(True),
    ),
    st.builds(model.CallerSays, texts.filter(str.strip), afters),
    st.builds(model.CallerSays, one_line.filter(lambda text: not STAGE.search(text)), st.none(), st.just(True)),
    st.builds(model.CallerMeans, st.lists(acts, max_size=3).map(tuple), afters),
    st.builds(model.CallerKeys, keys, afters),
    st.builds(model.CallerSilent, st.none() | seconds),
    st.builds(model.CallerRecords, seconds),
)
pins = st.builds(
    model.Pins,
    st.lists(st.builds(model.Pin, names, st.none() | values, st.booleans()), min_size=1, max_size=3).map(tuple),
)
expects = st.one_of(
    st.builds(model.ExpectEnd, st.none() | names),
    st.builds(model.ExpectCalls, names, st.integers(0, 999), named),
    st.builds(model.ExpectSlot, names, values, st.none() | st.sampled_from(model.STATUSES)),
    st.builds(model.ExpectSlot, names, st.none(), st.sampled_from(model.STATUSES)),
)
endings = st.lists(st.builds(model.CallerHangsUp, afters), max_size=1)


def _key(line: model.Given) -> object:
    return line.tool if isinstance(line, model.GivenTool) else type(line)


talks = st.builds(
    lambda given, first, rest, end: model.Talk((*given, first, *rest, *end)),
    st.lists(
        comments | givens,
        max_size=5,
        unique_by=lambda line: id(line) if isinstance(line, model.Comment) else _key(line),
    ),
    st.builds(model.CallerSays, st.just("hello")),
    st.lists(turns | pins | expects | comments | st.just(model.Blank()), max_size=8),
    endings,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # talks are large, machines may be busy
@given(talks)
def test_what_is_written_reads_back_the_same(talk: model.Talk) -> None:
    text = write_talk(talk)
    assert read_talk(text) == talk
    assert format_talk(text) == text


@given(st.text())
def test_any_text_is_read_or_refused_in_our_words(text: str) -> None:
    _read(text)


SCRAPS = st.sampled_from(
    [
        *("given ", "agent", "caller", "acts", "keys", "silence", "records", "hangs up", "expect ", "= ", "Caller:"),
        *("now ", "flow ", "transfer", ":", " ", '"', "\\", "(", ")", "[", "]", ",", "~", " or ", "means ", "fill"),
        *(
            "2026-10-01 09:05",
            "day",
            " after ",
            "8s",
            "once",
            " with ",
            "then ",
            "not ",
            "confidence=",
            "0.5",
            "#",
            "\n",
        ),
    ]
)


@given(st.lists(SCRAPS | st.text(max_size=3), max_size=25).map("".join))
def test_any_scraps_are_read_or_refused_in_our_words(text: str) -> None:
    _read(text)


def _read(text: str) -> None:
    try:
        talk = read_talk(text, "a.talk")
    except AuthorError as error:
        findings = error.findings
    else:
        findings = ()
        assert read_talk(write_talk(talk)) == talk
    assert all(finding.message and min(finding.at.line, finding.at.column) >= 1 for finding in findings)


SPACED = ("agent:", "caller", "Caller:", "Agent:", "keys", "acts", "silence:", "records:")
shaken = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(talks, st.lists(shaken, min_size=40, max_size=40))
def test_formatting_undoes_any_spacing_and_changes_nothing(
    talk: model.Talk, shakes: list[tuple[int, int, int]]
) -> None:
    canonical = write_talk(talk)
    lines = []
    for line, (before, within, after) in zip(canonical.split("\n"), shakes, strict=False):
        spaced = line.replace(": ", ":" + " " * within, 1) if line.startswith(SPACED) else line
        lines.append(" " * before * bool(line) + spaced + " " * after * bool(line))
    lines += canonical.split("\n")[len(shakes) :]
    text = "\n".join(lines)
    assert read_talk(text) == talk
    assert format_talk(text) == canonical
    assert format_talk(format_talk(text)) == canonical

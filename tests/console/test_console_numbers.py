"""Numbers: shares and percentiles of calls, where callers are not understood, and their words on the way to a flow."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.actions.counting import Sum, Unheard
from engine.actions.store import Store
from engine.console import audit
from engine.console.figures import RUNGS, by_day, by_hour, figures, heat_map, percentile
from engine.console.parts import ConsoleParts
from engine.console.plots import bars, lines
from engine.console.unheard import groups, meanings, plain_words, with_phrase
from engine.flow.model import ListenStep
from engine.settings import load_settings
from engine.shipped import find_flow
from engine.watch.metrics import Metrics
from engine.watch.numbers import bucket
from tests.console.browser import Browser, Clock
from tests.console.history import write_history
from tests.console.talking import flow

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def one(name: str, value: float, *labels: str, hour: datetime | None = None, flow: str = "trattoria") -> Sum:
    return Sum(hour, flow, name, labels, value)


def missed(words: str, slot: str = "day", call: str = "a") -> Unheard:
    return Unheard(call, "trattoria", NOON, "booking", slot, 1, words)


def test_shares_are_taken_of_all_calls() -> None:
    found = figures(
        [
            one("calls", 8, "goodbye"), one("calls", 2, "hung_up"), one("calls_completed", 4),
            one("calls_contained", 9), one("call_seconds", 600), one("calls", 5, "goodbye", flow="clinic"),
            one("transfers", 1, "busy", "asked"), one("transfers", 3, "connected", "asked"),
        ]
    )  # fmt: skip
    assert (found.calls, found.completed, found.contained, found.seconds) == (15, 4, 9, 600)
    assert [(each.flow, each.calls) for each in found.flows] == [("clinic", 5), ("trattoria", 10)]
    assert found.outcomes == (("goodbye", 13), ("hung_up", 2))
    assert found.transfers == (("asked", "connected", 3), ("asked", "busy", 1))


@given(st.lists(st.floats(1, 20_000), min_size=1, max_size=200), st.sampled_from((0.5, 0.95)))
def test_a_percentile_is_right_within_a_tenth(times: list[float], share: float) -> None:
    buckets = Counter(bucket(time) for time in times)
    exact = sorted(times)[max(0, -int(-share * len(times) // 1) - 1)]
    assert percentile(buckets, share) == pytest.approx(exact, rel=0.1)


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) == 0


def test_the_worst_questions_come_first() -> None:
    rows = heat_map(
        [
            one("misses", 3, "booking", "day", "nomatch", "1"),
            one("misses", 1, "booking", "day", "nomatch", "5"),
            one("misses", 10, "menu", "", "noinput", "1"),
            one("misses", 2, "booking", "day", "refused", "1"),
            one("misses", 1, "booking", "day", "gave_up", "1"),
        ]
    )
    assert [(row.step, row.slot) for row in rows] == [("menu", ""), ("booking", "day")]
    assert dict(zip(RUNGS, rows[1].counts, strict=True)) == {
        "1st time": 3, "2nd time": 0, "3rd time": 1, "silent": 0, "refused": 2, "gave up": 1,
    }  # fmt: skip
    assert rows[0].heat == (0, 0, 0, 5, 0, 0)
    assert heat_map([]) == ()


def test_days_and_hours_are_those_of_the_zone() -> None:
    late = datetime(2026, 7, 1, 23, tzinfo=UTC)  # midnight of the 2nd in London
    calls = [one("calls", 2, "goodbye", hour=late), one("calls", 3, "goodbye", hour=NOON)]
    took = [one("stage_seconds", 1, "answer", str(bucket(300.0)), hour=late)]
    days = by_day(calls, took, LONDON, date(2026, 7, 1), date(2026, 7, 3))
    assert [(each.name, each.calls) for each in days] == [("1 Jul", 0), ("2 Jul", 2), ("3 Jul", 0)]
    assert days[1].p50 == pytest.approx(300, rel=0.1)
    hours = by_hour(calls, took, LONDON)
    assert len(hours) == 24
    assert {each.name: each.calls for each in hours if each.calls} == {"00:00": 2, "12:00": 3}


def test_bars_and_lines_are_drawn_to_scale() -> None:
    plot = bars([("a", 0), ("b", 40)])
    assert [(bar.height, bar.y) for bar in plot.bars] == [(0, 100), (80, 20)]
    line = lines([("a", (100.0, 200.0)), ("b", (0.0, 0.0)), ("c", (50.0, 200.0))], ("p50", "p95"))
    assert line.most == 200
    assert line.lines[0].path == "M166.7 50.0M833.3 75.0", "a day without a value breaks the line"
    assert bars([]).bars == ()


# the page


@pytest.mark.parametrize("asked", [{}, {"days": "1"}, {"days": "90", "flow": "trattoria", "stage": "words"},
                                   {"days": "x", "stage": "<b>", "flow": "nobody"}])  # fmt: skip
def test_numbers_are_shown(asked: dict[str, str], store: Store, clock: Clock, operator: Browser) -> None:
    write_history(store, 60, clock.now)
    page = operator.get("/numbers", params=asked)
    assert page.status_code == 200
    assert "<b>" not in page.text


def test_a_page_without_calls_says_so(operator: Browser) -> None:
    assert "No calls in this time" in operator.get("/numbers").text
    assert "No words were missed" in operator.get("/numbers/words").text


def test_each_figure_names_a_metric(store: Store, clock: Clock, operator: Browser) -> None:
    write_history(store, 30, clock.now)
    counted = Metrics().render().decode()
    named = set(re.findall(r"frontdesk_\w+", operator.get("/numbers").text))
    assert len(named) >= 5
    known = set(re.findall(r"^# HELP (\w+)", counted, re.M))
    assert named <= known


def test_every_plot_has_a_table(store: Store, clock: Clock, operator: Browser) -> None:
    write_history(store, 60, clock.now)
    page = operator.get("/numbers?days=30").text
    assert page.count("<figure") == page.count("As a table") == 4
    calls = re.search(r"<dt>Calls</dt><dd>(\d+)</dd>", page)
    assert calls is not None
    assert calls[1] == "60"
    days = page.split("As a table")[1].split("</table>")[0]
    assert sum(int(value) for value in re.findall(r'<td class="number">(\d+)</td>', days)) == 60


# words


def test_alike_words_stand_together() -> None:
    found = groups(
        [
            missed("The day after the fair", call="new"), missed("the day after the fair!", call="old"),
            missed("day after the fair"), missed("a purple one"), missed("the day after the fair", "time"),
        ]
    )  # fmt: skip
    assert [(group.words, group.slot, group.count) for group in found] == [
        ("the day after the fair", "day", 3),
        ("a purple one", "day", 1),
        ("the day after the fair", "time", 1),
    ]
    assert found[0].call == "new"


@pytest.mark.parametrize(
    ("said", "phrase"),
    [("Where's the loo?", "where's the loo"), ('{day} [x] "y"', "day x y"), ("  ", ""), ("a" * 200, "a" * 80)],
)
def test_words_become_a_phrase(said: str, phrase: str) -> None:
    assert plain_words(said) == phrase


@pytest.mark.parametrize(
    ("text", "place", "now"),
    [
        ("a: {hear: [x, y], go: z}", (1, 1), 'a: {hear: [x, y, "new one"], go: z}'),
        ("a:\n  hear: [x]  # some\n  go: z\n", (1, 1), 'a:\n  hear: [x, "new one"]  # some\n  go: z\n'),
        ("a:\n  hear:\n    - x  # why\n  go: z\n", (1, 1), 'a:\n  hear:\n    - x  # why\n    - "new one"\n  go: z\n'),
        ("a:\n  say: hear\n  hear:\n  - x\n  - y", (1, 1), 'a:\n  say: hear\n  hear:\n  - x\n  - y\n  - "new one"'),
        ('a: {b: {hear: [n]}, hear: ["x, y"]}', (1, 1), 'a: {b: {hear: [n]}, hear: ["x, y", "new one"]}'),
        ("a: {say: hear}", (1, 1), None),
        ("a: text\nb: {hear: [x]}", (1, 1), None),
        ("a: {hear: [x]}", (7, 1), None),
    ],
)
def test_a_phrase_is_added_and_all_else_stays(text: str, place: tuple[int, int], now: str | None) -> None:
    assert with_phrase(text, *place, "new one") == now


def test_every_phrase_of_the_shipped_flows_can_have_another() -> None:
    for name in ("trattoria", "clinic", "reminder"):
        read = flow(name).flow
        for meant in meanings(read):
            text = Path(meant.at.file).read_text(encoding="utf-8")
            changed = with_phrase(text, meant.at.line, meant.at.column, "new one")
            assert changed is not None, meant
            assert re.sub(r', "new one"|\n *- "new one"', "", changed) == text


def test_what_is_on_offer_comes_first() -> None:
    steps = [name for name, step in flow("clinic").flow.steps.items() if isinstance(step, ListenStep)]
    assert [meanings(flow("clinic").flow, name)[0].key.split(".")[0] for name in steps] == steps != []


@pytest.fixture
def own(parts: ConsoleParts, tmp_path: Path) -> Path:
    """The console's trattoria is one's own copy."""
    folder = tmp_path / "sole"
    shutil.copytree(find_flow("trattoria").parent, folder)
    (tmp_path / "own.yaml").write_text("frontdesk: 1\nlines: {trattoria: {flow: sole}}\n")
    settings = load_settings(tmp_path / "own.yaml", {})
    parts.lines.settings = settings.lines
    parts.shelves.__init__(settings)  # type: ignore[misc]
    return folder


def test_words_become_a_version_of_the_flow(own: Path, operator: Browser, parts: ConsoleParts, store: Store) -> None:
    fields = {"flow": "trattoria", "meaning": "answers.parking", "words": "Somewhere for the car?"}
    made = operator.send_form("/numbers/hear", fields)
    assert (made.status_code, made.headers["location"]) == (303, "/flows/sole/versions/2")
    shelf = parts.shelves.all()["sole"].shelf
    head = shelf.head()
    assert 'do you have parking, "somewhere for the car"]' in head.texts["flow.yaml"]
    assert not head.live, "callers meet it once it is published"
    assert head.version is not None
    assert (head.version.author, head.version.message) == (
        "operator",
        "Hears “somewhere for the car” as answers.parking",
    )
    assert [deed.what for deed in audit.deeds(store)] == ["flow.hear"]


@pytest.mark.parametrize(
    ("change", "status", "place"),
    [
        ({"flow": "nobody"}, 422, None),
        ({"words": " ?! "}, 422, None),
        ({"meaning": "answers.nothing"}, 303, "/numbers/words"),
        ({"meaning": "../x"}, 303, "/numbers/words"),
    ],
)
def test_what_cannot_be_taught_changes_nothing(
    change: dict[str, str], status: int, place: str | None, own: Path, operator: Browser, parts: ConsoleParts
) -> None:
    fields = {"flow": "trattoria", "meaning": "answers.parking", "words": "somewhere", **change}
    answer = operator.send_form("/numbers/hear", fields)
    assert (answer.status_code, answer.headers.get("location")) == (status, place)
    assert parts.shelves.all()["sole"].shelf.versions() == []


def test_a_shipped_flow_is_not_changed(operator: Browser) -> None:
    fields = {"flow": "trattoria", "meaning": "answers.parking", "words": "somewhere"}
    assert operator.send_form("/numbers/hear", fields).headers["location"] == "/flows/trattoria"


def test_words_can_be_taught_from_the_page(own: Path, store: Store, clock: Clock, operator: Browser) -> None:
    write_history(store, 30, clock.now)
    page = operator.get("/numbers/words?days=90").text
    assert "something for the whatsit" in page
    assert '<option value="answers.parking">answer: parking</option>' in page

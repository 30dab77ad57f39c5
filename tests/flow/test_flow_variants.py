"""Variants of a flow: what each says, how often it is taken, and what is wrong with one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check.report import check_languages, check_variants
from engine.errors import AuthorError
from engine.flow.loader import load_flow, read_languages, read_path, read_variants, variants_of
from engine.flow.model import Flow, SayStep
from engine.flow.variants import drawn

FLOW = """
frontdesk: 1
flow: compared
language: en-GB
languages: [en-GB, de]
timezone: Europe/London
persona: calm
variants:
  usual: {weight: 3}
  brisk: {persona: brisk, prompts: {hello: "Hi.", engine.bye: "Bye."}}
calendars: {desk: {daily: ["09:00-17:00"]}}
start: hello
steps:
  hello: {say: Hello., then: to_human}
  to_human: {message: {ask: Please speak.}, then: hangup}
"""
GERMAN = """
prompts: {hello: Guten Tag., to_human: Bitte sprechen Sie.}
variants: {brisk: {hello: Hallo., engine.bye: Tschüs.}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "flow.yaml", FLOW)
    write(tmp_path, "prompts.de.yaml", GERMAN)
    (tmp_path / "personas").mkdir()
    for name in ("calm", "brisk"):
        write(tmp_path, f"personas/{name}.yaml", f"persona: {name}\n")
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def greeting(flow: Flow) -> str:
    hello = flow.steps["hello"]
    assert isinstance(hello, SayStep)
    return hello.say.variants[0].text


@pytest.mark.parametrize(
    ("language", "variant", "persona", "said"),
    [
        (None, None, "calm", "Hello."),
        (None, "usual", "calm", "Hello."),
        (None, "brisk", "brisk", "Hi."),
        ("de", None, "calm", "Guten Tag."),
        ("de", "brisk", "brisk", "Hallo."),
    ],
)
def test_a_variant_is_the_flow_with_other_words(
    folder: Path, language: str | None, variant: str | None, persona: str, said: str
) -> None:
    flow = load_flow(folder, language, variant)
    assert (greeting(flow), flow.persona, flow.variant) == (said, persona, variant or "")
    assert flow.variants == {"usual": 3, "brisk": 1}
    assert ("engine.bye" in flow.prompts) == (variant == "brisk")


def test_all_variants_come_from_the_files_that_were_read(folder: Path) -> None:
    flow = load_flow(folder, "de")
    write(folder, "flow.yaml", FLOW.replace('"Hi."', "Changed."))
    found = variants_of(flow)
    assert [(one.variant, greeting(one), one.hash == flow.hash) for one in found] == [
        ("usual", "Guten Tag.", True),
        ("brisk", "Hallo.", True),
    ]
    assert {one.path for one in found} == {flow.path}


def test_a_flow_without_variants_is_its_only_one(folder: Path) -> None:
    plain = [line for line in FLOW.splitlines() if not any(word in line for word in ("variants", "usual", "brisk"))]
    write(folder, "flow.yaml", "\n".join(plain))
    write(folder, "prompts.de.yaml", GERMAN.splitlines()[1])
    flow = load_flow(folder)
    assert variants_of(flow) == (flow,)
    assert drawn(flow.variants, "any") == ""


@pytest.mark.parametrize(
    ("was", "instead", "said"),
    [
        ('hello: "Hi."', 'helo: "Hi."', "there is no prompt `helo` for the variant `brisk`"),
        ("persona: brisk", "persona: quick", "there is no personas/quick.yaml beside the flow"),
        ("weight: 3", "weight: 0", "`weight`"),
    ],
)
def test_what_is_wrong_with_a_variant_is_said_once(folder: Path, was: str, instead: str, said: str) -> None:
    write(folder, "flow.yaml", FLOW.replace(was, instead))
    found = [str(one) for one in read_path(folder).findings]
    assert sum(said in one for one in found) == 1, found


def test_what_a_language_lacks_of_a_variant(folder: Path) -> None:
    write(folder, "prompts.de.yaml", GERMAN.replace("hello: Hallo., ", "").replace("brisk", "brisc"))
    found = [str(one) for one in read_path(folder).findings]
    assert any("this flow has no variant `brisc`" in one for one in found)
    assert any("the variant `brisk` says `engine.bye` and `hello` in de as the flow does" in one for one in found)


def test_a_variant_that_there_is_not(folder: Path) -> None:
    with pytest.raises(AuthorError, match="this flow has no variant `brisc`"):
        load_flow(folder, None, "brisc")


def test_every_variant_is_proven(folder: Path) -> None:
    sound = check_variants(check_languages(read_languages(folder)), read_variants(folder))
    assert sound.sound
    assert all(proof["result"] == "holds" for proof in sound.proofs)
    write(folder, "flow.yaml", FLOW.replace('"Hi."', '"Hi {nobody}."'))
    report = check_variants(check_languages(read_languages(folder)), read_variants(folder))
    assert not report.sound
    assert check_languages(read_languages(folder)).sound


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 1000), min_size=1), st.text(max_size=20))
def test_a_call_takes_one_variant_and_always_the_same(weights: dict[str, int], call_id: str) -> None:
    assert drawn(weights, call_id) in weights
    assert drawn(weights, call_id) == drawn(dict(weights), call_id)


def test_variants_are_taken_as_often_as_they_weigh() -> None:
    taken = Counter(drawn({"a": 3, "b": 1}, f"20261106-1930{number:02}-{number:x}") for number in range(4000))
    assert taken["a"] / 4000 == pytest.approx(0.75, abs=0.03)

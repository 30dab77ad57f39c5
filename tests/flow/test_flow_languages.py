"""Flows that speak several languages: which texts are read, and how complete each language is."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.check.report import check_languages
from engine.errors import AuthorError
from engine.flow.loader import load_flow, read_languages, read_path
from engine.flow.model import ListenStep, SayStep

FLOW = """
frontdesk: 1
flow: two_tongues
language: en-GB
languages: [en-GB, de-DE, en-US]
timezone: Europe/London
calendars: {desk: {daily: ["09:00-17:00"]}}
slots:
  size:
    type: choice
    choices: {small: {say: a small one, hear: [little]}, large: {say: a large one}}
    ask: Which size?
start: hello
steps:
  hello: {say: Hello., then: menu}
  menu: {say: How can I help?, listen: {order: {hear: [I want to order], key: 1, label: order, go: order}}}
  order: {form: [size], then: to_human}
  to_human: {message: {ask: Please speak.}, then: bye}
  bye: {hangup: "yes", say: Goodbye.}
"""
GERMAN = {
    "prompts": {
        "hello": "Guten Tag.", "menu": "Was darf ich tun?", "menu.order.label": "bestellen", "size.ask": "Welche?",
        "size.label": "die Größe", "size.small": "eine kleine", "size.large": "eine große",
        "to_human": "Bitte sprechen Sie.", "bye": "Auf Wiederhören.",
    },
    "hear": {"menu.order": ["ich möchte bestellen"], "size.small": ["klein"]},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.yaml").write_text(FLOW, encoding="utf-8")
    write(tmp_path, "de-DE")
    write(tmp_path, "en-US")
    return tmp_path


def write(folder: Path, language: str, *without: str) -> None:
    """A file of all texts but some."""
    lines = []
    for kind, texts in GERMAN.items():
        given = {id_: text for id_, text in texts.items() if id_ not in without}
        lines.append(f"{kind}:\n")
        lines += [f"  {id_}: {text if kind == 'hear' else repr(text)}\n" for id_, text in given.items()]
    (folder / f"prompts.{language}.yaml").write_text("".join(lines), encoding="utf-8")


def found(folder: Path, language: str | None = None) -> list[tuple[str, str]]:
    return [(finding.code, finding.severity) for finding in read_path(folder, language).findings]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("type: choice", "type: choise", "value"),
        ("say: Hello.", "sya: Hello.", "unknown-key"),
        ("listen: {order: {hear:", "listen: {order: {haer:", "unknown-key"),
        (FLOW[FLOW.index("slots:") : FLOW.index("start:")], "slots: [size]\n", "type"),
    ],
)
def test_texts_of_what_cannot_be_read_are_not_reported_again(folder: Path, old: str, new: str, code: str) -> None:
    file = folder / "flow.yaml"
    file.write_text(FLOW.replace(old, new, 1), encoding="utf-8")
    for language in (None, "de-DE"):
        assert [given for given, severity in found(folder, language) if severity == "error"] == [code]


def test_each_language_has_its_own_words(folder: Path) -> None:
    english, german = load_flow(folder), load_flow(folder, "de-DE")
    assert (english.language, german.language) == ("en-GB", "de-DE")
    for flow, words, heard, label in (
        (english, "Hello.", "I want to order", "a large one"),
        (german, "Guten Tag.", "ich möchte bestellen", "eine große"),
    ):
        hello, menu = flow.steps["hello"], flow.steps["menu"]
        assert isinstance(hello, SayStep)
        assert isinstance(menu, ListenStep)
        assert hello.say.variants[0].text == words
        assert menu.intents["order"].hear == (heard,)
        assert flow.slots["size"].options["choices"][1].label == label
    assert german.slots["size"].label == "die Größe"
    assert found(folder) == []


def test_a_language_that_is_not_complete_says_how_much_is_missing(folder: Path) -> None:
    write(folder, "de-DE", "hello", "menu.order")
    [finding] = read_path(folder).findings
    assert finding.code == "untranslated"
    assert finding.severity == "warning"
    assert finding.message == "de-DE is 81 % complete; 2 of 11 texts are missing: `hello` and `menu.order`"
    assert finding.hint == "Write them in prompts.de-DE.yaml."
    assert finding.source[finding.at.column - 1 :].startswith("de-DE")


def test_no_call_begins_in_a_language_that_is_not_complete(folder: Path) -> None:
    write(folder, "de-DE", "hello")
    assert load_flow(folder).language == "en-GB"
    with pytest.raises(AuthorError, match="de-DE is 90 % complete"):
        load_flow(folder, "de-DE")


def test_a_language_without_a_file_is_not_begun(folder: Path) -> None:
    (folder / "prompts.de-DE.yaml").unlink()
    [finding] = read_path(folder).findings
    assert "de-DE is 0 % complete; 11 of 11 texts are missing, such as `size.ask`" in finding.message


def test_a_language_that_the_flow_does_not_speak(folder: Path) -> None:
    with pytest.raises(AuthorError, match="does not speak fr-FR"):
        load_flow(folder, "fr-FR")
    (folder / "flow.yaml").write_text(FLOW.replace("[en-GB, ", "["), encoding="utf-8")
    assert found(folder) == [("language", "error")]


def test_every_language_is_checked_with_its_own_words(folder: Path) -> None:
    text = (folder / "prompts.en-US.yaml").read_text(encoding="utf-8")
    (folder / "prompts.en-US.yaml").write_text(text.replace("Guten Tag.", "Hi, {nobody}."), encoding="utf-8")
    report = check_languages(read_languages(folder))
    assert [(one.code, Path(one.at.file).name) for one in report.findings] == [
        ("unknown-placeholder", "prompts.en-US.yaml")
    ]


def test_a_label_has_one_wording(folder: Path) -> None:
    text = (folder / "prompts.de-DE.yaml").read_text(encoding="utf-8")
    text = text.replace("'die Größe'", "[{if: size is small, text: klein}, {text: gross}]")
    (folder / "prompts.de-DE.yaml").write_text(text, encoding="utf-8")
    assert found(folder, "de-DE") == [("type", "error")]

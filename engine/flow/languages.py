"""The languages of a flow: its own stands in the flow, each other one in a file of prompts and phrases beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.flow.units import Files
from engine.flow.writing import Entry, Writing, word
from engine.yaml.nodes import Items, Leaf, Table
from engine.yaml.position import Place, Severity, did_you_mean, listed

_SHOWN = 3
"""How many of the missing texts a finding names."""


class Languages:
    """`language` is the one that is read, `all` are those of the flow, its own first.

    Puts the prompts and phrases of that language's file in place before the flow is built; `check` reports afterwards
    what belongs to nothing, and what is missing from the files of other languages.
    """

    def __init__(self, files: Files, table: Table, writing: Writing, wanted: str | None) -> None:
        self._files, self._table, self._writing = files, table, writing
        self._own = word(table.get("language"))
        node = table.get("languages")
        items = [item for item in node.nodes if isinstance(item, Leaf)] if isinstance(node, Items) else []
        own = table.get("language")
        given = {item.text: item for item in (*items, *([own] if isinstance(own, Leaf) else ()))}
        self._places = {item.text: item.place for item in items}
        self.all = tuple(dict.fromkeys([self._own, *self._places]))
        self.language = wanted or self._own
        if self.language in given:
            writing.entries["flow", "language"] = (given[self.language], given[self.language])
        self._known(node.place if node else None)
        writing.prompts, writing.phrases = self._prompts, self._phrases = self._texts(self.language)

    def _known(self, at: Place | None) -> None:
        report = self._writing.report
        if at is not None and self._own not in self._places:
            hint = "`languages` names every language of the flow, `language` the one that stands in it."
            self.all = (self._own,)
            report.error("language", at, f"`languages` lacks {self._own}, the flow's own language", hint)
        if self.language not in self.all:
            own = self._table.get("language")
            place = own.place if own else self._table.place
            hint = did_you_mean(self.language, self.all, f"It speaks {listed(self.all)}; see `languages`.")
            report.error("language", place, f"this flow does not speak {self.language}", hint)

    def _texts(self, language: str) -> tuple[Mapping[str, Entry], Mapping[str, Entry]]:
        """Prompts and phrases in the file of a language; none where there is no such file or it cannot be read."""
        found: list[Mapping[str, Entry]] = []
        for section in ("prompts", "hear"):
            node = self.section(language, section)
            found.append({id_: (node.keys[id_], item) for id_, item in node.items()} if node is not None else {})
        return found[0], found[1]

    def section(self, language: str, name: str) -> Table | None:
        """A section of a language's file, where there is such a file and it can be read."""
        file = _file(language)
        read = self._files.tree(file, "prompt_file") if language and self._files.has(file) else None
        node = read[0].get(name) if read is not None and not read[1].paths else None
        return node if isinstance(node, Table) else None

    def check(self) -> None:
        """Reports texts that belong to nothing, and languages that are not complete; once everything is built.

        Texts of what could not be read are passed over: their fault is reported already, where it is.
        """
        writing = self._writing
        for given, known in ((self._prompts, writing.ids), (self._phrases, writing.heard)):
            for id_, (key, _) in given.items():
                if id_ not in writing.used and not id_.startswith("engine.") and not self._unread(id_):
                    what = "prompt" if given is self._prompts else "place for phrases"
                    hint = did_you_mean(id_, known, "Prompts are named like `hello`, `day.ask`, `answer.parking`.")
                    writing.report.error("unknown-prompt", key.place, f"there is no {what} `{id_}`", hint)
        for language in self.all[1:]:
            self._check_complete(language)

    def _unread(self, id_: str) -> bool:
        parts = id_.split(".")
        return bool(self._writing.blind) or any(
            ".".join(parts[:count]) in self._writing.unread for count in range(1, len(parts) + 1)
        )

    def _check_complete(self, language: str) -> None:
        """Every text of the flow in another language; what is missing keeps calls in that language from beginning."""
        writing, (prompts, phrases) = self._writing, self._texts(language)
        of_variant = writing.prompts.keys() - self._prompts.keys()
        due_texts = [id_ for id_ in writing.texts if id_ not in of_variant]
        missing = [*_without(due_texts, prompts), *_without(writing.heard, phrases)]
        if not missing:
            return
        due = len(due_texts) + len(writing.heard)
        shown = listed(missing[:_SHOWN])
        such = f": {shown}" if len(missing) <= _SHOWN else f", such as {shown}"
        count = f"{len(missing)} of {due} texts {'is' if len(missing) == 1 else 'are'} missing"
        message = f"{language} is {100 * (due - len(missing)) // due} % complete; {count}{such}"
        severity: Severity = "error" if language == self.language else "warning"
        place = self._places.get(language, self._table.place)
        writing.report.add("untranslated", severity, place, message, f"Write them in {_file(language)}.")


def _file(language: str) -> str:
    return f"prompts.{language}.yaml"


def _without(ids: Iterable[str], given: Mapping[str, Entry]) -> list[str]:
    return [id_ for id_ in ids if id_ not in given]

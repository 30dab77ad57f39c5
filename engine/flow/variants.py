"""The variants of a flow: ways to answer that are compared, of which each call takes one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from engine.flow.languages import Languages
from engine.flow.units import Files
from engine.flow.writing import Entry, Unit, Writing, number, word
from engine.yaml.nodes import Leaf, Node, Table
from engine.yaml.position import Place, did_you_mean, listed


def drawn(weights: Mapping[str, int], call_id: str) -> str:
    """The variant of a call, as often as its weight says; the same for the same id, so that a call can be repeated.
    Empty where there are none."""
    ticket = int.from_bytes(hashlib.sha256(call_id.encode()).digest()[:8])
    ticket %= max(1, sum(weights.values()))
    for name, weight in weights.items():
        ticket -= weight
        if ticket < 0:
            return name
    return ""


class Variants:
    """`weights` are those of all variants, `name` is the one that is read ("" for the flow as it stands).

    Puts the prompts of that variant in place, over those of the language, before the flow is built; `check` reports
    afterwards what is wrong with any variant.
    """

    def __init__(self, files: Files, root: Unit, writing: Writing, spoken: Languages, wanted: str | None) -> None:
        self._files, self._root, self._writing, self._spoken = files, root, writing, spoken
        self._table = root.section("variants")
        self.name = wanted or ""
        self.weights = {name: number(table.get("weight"), 1) for name, table in self._sound()}
        if self.name:
            self._known()
            writing.prompts = {**writing.prompts, **self._prompts(self.name)}

    @property
    def persona(self) -> Node | None:
        """Where the persona that speaks is named, if it is."""
        own = self._table.get(self.name)
        named = own.get("persona") if isinstance(own, Table) else None
        return named or self._root.table.get("persona")

    def check(self) -> None:
        """Reports personas that are not there, texts that belong to nothing, and variants that a language lacks."""
        self._check_persona(self._root.table.get("persona"), ("persona",))
        for name, table in self._sound():
            self._check_persona(table.get("persona"), ("variants", name, "persona"))
            for id_, (key, _) in self._prompts(name).items():
                if id_ not in self._writing.ids and not id_.startswith("engine.") and not self._writing.blind:
                    hint = did_you_mean(id_, self._writing.ids, "Prompts are named like `hello`, `day.ask`.")
                    message = f"there is no prompt `{id_}` for the variant `{name}`"
                    self._writing.report.error("unknown-prompt", key.place, message, hint)
        for language in self._spoken.all:
            self._check_language(language)

    def _sound(self) -> Iterator[tuple[str, Table]]:
        for name, node in self._table.items():
            if isinstance(node, Table) and not self._root.faults.touch("variants", name):
                yield name, node

    def _known(self) -> None:
        if self.name not in self._table:
            place = self._root.table.keys["flow"].place if "flow" in self._root.table else Place(self._root.file)
            all_ = listed(self._table.values) if self._table.values else "none"
            hint = did_you_mean(self.name, self._table.values, f"Its variants: {all_}.")
            self._writing.report.error("value", place, f"this flow has no variant `{self.name}`", hint)

    def _prompts(self, name: str) -> dict[str, Entry]:
        """What a variant says otherwise, in the language that is read."""
        if self._spoken.language != self._spoken.all[0]:
            return self._translated(name, self._spoken.language)
        own = self._table.get(name)
        return _entries(own.get("prompts") if isinstance(own, Table) else None)

    def _translated(self, name: str, language: str) -> dict[str, Entry]:
        section = self._spoken.section(language, "variants")
        return _entries(section.get(name) if section is not None else None)

    def _check_persona(self, node: Node | None, path: tuple[str, ...]) -> None:
        name = word(node)
        if node is not None and not self._root.faults.touch(*path) and not self._files.has(f"personas/{name}.yaml"):
            message = f"there is no personas/{name}.yaml beside the flow"
            self._writing.report.warning("no-persona", node.place, message, "Add it, or leave `persona` out.")

    def _check_language(self, language: str) -> None:
        """Variants of another language's file that the flow does not have, and texts of variants that it lacks."""
        section = self._spoken.section(language, "variants") if language != self._spoken.all[0] else None
        report = self._writing.report
        for name in section.values if section is not None else ():
            if name not in self._table:
                assert section is not None
                hint = did_you_mean(name, self._table.values, "Add it to the flow's `variants`, or take it out.")
                report.error("unknown-prompt", section.keys[name].place, f"this flow has no variant `{name}`", hint)
        if language == self._spoken.all[0]:
            return
        for name, table in self._sound():
            missing = set(_entries(table.get("prompts"))) - set(self._translated(name, language))
            if missing:
                message = f"the variant `{name}` says {listed(sorted(missing))} in {language} as the flow does"
                hint = f"Write it in prompts.{language}.yaml under `variants`."
                report.warning("untranslated", self._table.keys[name].place, message, hint)


def _entries(node: Node | None) -> dict[str, Entry]:
    if not isinstance(node, Table):
        return {}
    keys: Mapping[str, Leaf] = node.keys
    return {id_: (keys[id_], item) for id_, item in node.items()}

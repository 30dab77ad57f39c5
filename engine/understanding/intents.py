"""Intents and answers of a flow: exact templates first, then the classifier with an honest none of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from engine.acts import Ask, Span, Want
from engine.slots.words import fold
from engine.understanding.classifier import Classifier, Guess
from engine.understanding.language import Words
from engine.understanding.phrases import Hit, Template, Token, matches, plain_words, templates, typed

_SCORE: Final = 0.09
_SOLID: Final = 0.06
"""What a guess must reach: its score, and what telling words alone bring to the score."""
_SMALL_TALK: Final = 0.3
"""The score from which words count although they are small talk."""
_UNCERTAIN: Final = 0.8
"""What the words of a phrase are worth where the classifier takes the whole for something else, or more was said."""
_LEAD: Final = 0.01
"""Its lead over the next, where no intent was asked for."""
ELSEWHERE: Final = 0.08
"""How much surer the classifier must be where no intent was asked for."""
ANSWERED: Final = 0.2
"""How much surer it must be when the words already answered the question."""
_WANT, _ASK = "want:", "ask:"


class Intents:
    """Trained once from the phrases of intents and answers; `find` is pure."""

    def __init__(
        self,
        intents: Mapping[str, Sequence[str]],
        answers: Mapping[str, Sequence[str]],
        types: Mapping[str, str],
        words: Words,
    ) -> None:
        """`types` maps the slots that phrases may hold to their types."""
        self._words = words
        named = {_WANT + name: [typed(phrase, types) for phrase in phrases] for name, phrases in intents.items()}
        named |= {_ASK + name: [typed(phrase, types) for phrase in phrases] for name, phrases in answers.items()}
        self._phrases = named
        self._templates: list[Template] = templates(named, words)
        self._classifier = Classifier(named, words)
        self._answers = frozenset(_ASK + name for name in answers)

    def find(
        self, text: str, intents: Sequence[str], marks: Sequence[tuple[str, Span]], caution: float
    ) -> Sequence[Want | Ask]:
        """At most one intent and one answer. `marks` are stretches already taken as values, with their types; `caution`
        is how much surer than usual a guess must be. The span of an answer is the whole question, values and all."""
        allowed = frozenset(_WANT + name for name in intents) | self._answers
        tokens = plain_words(text, self._words, marks)
        loose = plain_words(text, self._words)
        known = [template for template in self._templates if template.name in allowed]
        hits = _best([*matches(text, tokens, known, self._words), *matches(text, loose, known, self._words)])
        whole = plain_words(text, self._words, marks, fillers=True)
        if hits:
            return [_act(self._weighed_hit(hit, text, whole, allowed), text, marks, self._words) for hit in hits]
        return [_act(hit, text, marks, self._words) for hit in self._guessed(text, whole, allowed, caution)]

    def why(
        self, text: str, intents: Sequence[str], marks: Sequence[tuple[str, Span]], caution: float
    ) -> Iterator[tuple[str, bool, str]]:
        """What `find` saw, in words for a person: about what, whether it was taken, and why."""
        allowed = frozenset(_WANT + name for name in intents) | self._answers
        taken = self.find(text, intents, marks, caution)
        spelled = [plain_words(text, self._words, marks), plain_words(text, self._words)]
        hits = [
            (hit, phrase)
            for name in sorted(allowed & self._phrases.keys())
            for phrase in self._phrases[name]
            for hit in self._hits(text, spelled, name, phrase)
        ]
        for hit, phrase in hits:
            counts = _act(hit, text, marks, self._words) in taken
            yield _plain_name(hit.name), counts, f"“{hit.span.text}” has the words of “{phrase}”"
        if hits:
            return
        whole = plain_words(text, self._words, marks, fillers=True)
        guess, refusal = self._weighed(text, whole, allowed, caution)
        if guess is None:
            yield "intents and answers", False, refusal
            return
        score = f"score {guess.score:.3f} (needs {_SCORE + caution:.3f})"
        solid = f"telling words {guess.solid:.3f} (need {_SOLID:.3f})"
        verdict = refusal or "near enough"
        yield _plain_name(guess.name), not refusal, f"nearest by the classifier: {score}, {solid}: {verdict}"

    def _weighed_hit(self, hit: Hit, text: str, tokens: Sequence[Token], allowed: frozenset[str]) -> Hit:
        """The hit, sure only where it is about all that was said, and nothing else is nearer to it."""
        rest = [word.plain for word in tokens if not (hit.span.start <= word.start and word.end <= hit.span.end)]
        more = any(not word.startswith("{") for word in self._solid(rest))
        kind = hit.name[: hit.name.index(":")]
        rivals = frozenset(name for name in allowed if name.startswith(kind))
        nearest = self._classifier.guess(fold(text), [token.plain for token in tokens], rivals)
        if not more and nearest is not None and nearest.name == hit.name:
            return hit
        return replace(hit, confidence=_UNCERTAIN)

    def _hits(self, text: str, spelled: Sequence[Sequence[Token]], name: str, phrase: str) -> list[Hit]:
        """Where one phrase stands in the words, in the first spelling of them that holds it."""
        known = templates({name: [phrase]}, self._words)
        found = (list(matches(text, tokens, known, self._words)) for tokens in spelled)
        return next((hits[:1] for hits in found if hits), [])

    def _weighed(
        self, text: str, tokens: Sequence[Token], allowed: frozenset[str], caution: float
    ) -> tuple[Guess | None, str]:
        """The classifier's guess, and why it does not count; empty when it does."""
        plain = [token.plain for token in tokens]
        content = [word for word in plain if not word.startswith("{")]
        if not content or (caution >= ANSWERED and len(self._solid(content)) < 2):
            return None, "too few words are left that say anything"
        guess = self._classifier.guess(fold(text), plain, allowed)
        if guess is None:
            return None, "nothing can be wanted or asked here"
        if guess.strange:
            return guess, "the words ask for something that no phrase asks for"
        if not _clear(guess, caution):
            return guess, "not near enough"
        small = guess.score < _SMALL_TALK and self._is_small_talk(text)
        if small and not any(map(self._is_small_talk, self._phrases[guess.name])):
            return guess, "it is small talk"
        return guess, ""

    def _guessed(self, text: str, tokens: Sequence[Token], allowed: frozenset[str], caution: float) -> list[Hit]:
        guess, refusal = self._weighed(text, tokens, allowed, caution)
        if guess is None or refusal:
            return []
        start, end = tokens[0].start, tokens[-1].end
        return [Hit(guess.name, Span(text[start:end], start, end), round(min(0.94, 0.45 + guess.score / 2), 3))]

    def _is_small_talk(self, text: str) -> bool:
        """Whether nothing is left of the words but greetings, thanks and the like."""
        low = fold(text)
        rest = low
        for name in self._words.small_talk:
            rest = self._words.signs[name].sub(" ", rest)
        return rest != low and not self._solid([token.plain for token in plain_words(rest, self._words)])

    def _solid(self, plain: Sequence[str]) -> list[str]:
        return [word for word in plain if word not in self._words.light and word not in self._words.fillers]


def _plain_name(name: str) -> str:
    return name.replace(":", " ")


def _clear(guess: Guess, more: float) -> bool:
    ahead = guess.lead >= _LEAD or not more
    return guess.score >= _SCORE + more and ahead and guess.solid >= _SOLID and not guess.strange


def _best(hits: Sequence[Hit]) -> list[Hit]:
    """The longest hit of each kind; an answer inside the words of an intent is part of it, and the other way round."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda one: one.span.start - one.span.end):
        kind = hit.name[: hit.name.index(":")]
        if not any(other.name.startswith(kind) or _inside(hit.span, other.span) for other in kept):
            kept.append(hit)
    return kept


def _inside(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _act(hit: Hit, text: str, marks: Sequence[tuple[str, Span]], words: Words) -> Want | Ask:
    if hit.name.startswith(_WANT):
        return Want(hit.name.removeprefix(_WANT), hit.span, hit.confidence)
    return Ask(hit.name.removeprefix(_ASK), _with_values(hit.span, text, marks, words), hit.confidence)


def _with_values(question: Span, text: str, marks: Sequence[tuple[str, Span]], words: Words) -> Span:
    """The words of a question with the values that follow it ("are you open | on Friday | at two")."""
    low, end = fold(text), question.end
    for _, value in sorted(marks, key=lambda mark: mark[1].start):
        if value.start >= end and words.in_question.fullmatch(low, end, value.start):
            end = value.end
    return Span(text[question.start : end], question.start, end)

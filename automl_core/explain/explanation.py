"""The explanation of a model, from a first picture to the whole: importance, effects, interactions.

Work is done in rounds, coarse ones first, so that a reader has something at once and what is
uncertain shrinks while it is looked at. The seed decides all random choices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from automl_core.explain.axis import PAIR_POINTS, axis_of, part_axes
from automl_core.explain.column_groups import column_groups
from automl_core.explain.column_importance import ColumnImportance, importance
from automl_core.explain.effects import Effect, PairEffect, effect_of, pair_effect_of
from automl_core.explain.sample import Sample
from automl_core.explain.text_words import WordEffects, word_effects_of

COLUMNS, PAIRED = 12, 6  # the most important ones, whose effects and pairs are computed


class _Round(NamedTuple):
    rows: int  # that are shuffled
    shuffles: int
    effect_rows: int
    pair_rows: int


ROUNDS = (_Round(500, 1, 100, 50), _Round(2_000, 1, 400, 150), _Round(8_000, 3, 400, 150))
MOST_ROWS = 8_000  # of a sample that are of any use


@dataclass(frozen=True)
class Explanation:
    """Importance, effects and interactions of a model, as far as they are known by now."""

    importance: ColumnImportance | None = None
    effects: tuple[Effect, ...] = ()  # most important column first
    pairs: tuple[PairEffect, ...] = ()  # strongest interaction first
    words: tuple[WordEffects, ...] = ()  # of texts, most important column first
    done: bool = False  # nothing more would come
    seconds: float = 0.0  # that it took


@dataclass(frozen=True)
class Question:
    """A question to a model: everything, or the effects of some columns and their pairs."""

    metric: str
    columns: tuple[str, ...] = ()  # (): everything, with the effects of the most important ones
    seed: int = 0


def explain(sample: Sample, question: Question) -> Iterator[Explanation]:
    """Ever better explanations, one after each batch of predictions; the last is `done`.

    Raises ModelError where the model predicts no numbers.
    """
    known = Explanation()
    groups = () if question.columns else column_groups(sample)
    asked = tuple(name for name in question.columns if name in sample.kinds)
    for turn in ROUNDS:
        part = sample.first(turn.rows)
        if groups and not _is_known(known.importance, part.rows, turn.shuffles):
            for found in importance(part, groups, question.metric, turn.shuffles, question.seed):
                best = known.importance
                if best is None or best.left or _is_better(found, best):
                    known = replace(known, importance=found)
                yield known
        names = asked or _most_important(known)
        for effects in _effects(known.effects, sample, names, turn.effect_rows):
            known = replace(known, effects=effects)
            yield known
        for words in _words(known.words, sample, names, turn.effect_rows):
            known = replace(known, words=words)
            yield known
        for pairs in _pairs(known.pairs, sample, names[:PAIRED], turn.pair_rows):
            known = replace(known, pairs=pairs)
            yield known
    yield replace(known, done=True)


def merged(old: Explanation, new: Explanation, asked: Question) -> Explanation:
    """The new explanation with what only the old one knows, of the same model."""
    effects = {effect.axis.title: effect for effect in (*old.effects, *new.effects)}
    pairs = {frozenset((p.x.column, p.y.column)): p for p in (*old.pairs, *new.pairs)}
    return Explanation(
        importance=old.importance if new.importance is None else new.importance,
        effects=tuple(effects.values()),
        pairs=tuple(sorted(pairs.values(), key=lambda pair: -pair.strength)),
        words=tuple({text.column: text for text in (*old.words, *new.words)}.values()),
        done=old.done if asked.columns else new.done,
        seconds=old.seconds if asked.columns else new.seconds,
    )


def agreement(known: Explanation) -> float | None:
    """Rank correlation of importance with how far the effect of each column moves predictions.

    None where fewer than three columns have both.
    """
    if known.importance is None:
        return None
    spread: dict[str, float] = {}
    for effect in known.effects:
        column = effect.axis.column
        spread[column] = max(spread.get(column, 0.0), *effect.spread)
    pairs = [
        (group.mean, max(spread[name] for name in group.columns if name in spread))
        for group in known.importance.groups
        if any(name in spread for name in group.columns)
    ]
    if len(pairs) < 3:
        return None
    ranks = np.argsort(np.argsort(np.array(pairs), axis=0, kind="stable"), axis=0)
    first, second = (ranks - (len(pairs) - 1) / 2).T
    return float(first @ second / (first @ first))  # each has the ranks 0, 1, ... once


def _is_known(known: ColumnImportance | None, rows: int, shuffles: int) -> bool:
    """Nothing new would come: a sample of few rows is whole from the first round on."""
    if known is None or known.left:
        return False
    return (known.rows, known.shuffles) == (rows, shuffles)


def _is_better(found: ColumnImportance, known: ColumnImportance) -> bool:
    """All groups were shuffled, on more rows than before, or as often on the same."""
    more = found.rows > known.rows or found.shuffles >= known.shuffles
    return found.left == 0 and more


def _most_important(known: Explanation) -> tuple[str, ...]:
    if known.importance is None:
        return ()
    return tuple(n for group in known.importance.groups for n in group.columns)[:COLUMNS]


def _effects(
    known: tuple[Effect, ...], sample: Sample, names: tuple[str, ...], rows: int
) -> Iterator[tuple[Effect, ...]]:
    """All effects after each further one that more rows made better, those of `names` first."""
    effects = {effect.axis.title: effect for effect in known}
    part = sample.first(rows)
    order: list[str] = []
    for name in names:
        whole = axis_of(sample, name)
        axes = [*([] if whole is None else [whole]), *part_axes(sample, name)]
        order += [axis.title for axis in axes]
        for axis in axes:
            if axis.title in effects and effects[axis.title].rows >= part.rows:
                continue
            effects[axis.title] = effect_of(part, axis)
            ranked = dict.fromkeys([*order, *effects])
            yield tuple(effects[title] for title in ranked if title in effects)


def _words(
    known: tuple[WordEffects, ...], sample: Sample, names: tuple[str, ...], rows: int
) -> Iterator[tuple[WordEffects, ...]]:
    """The words of all texts after each further text that more rows made better."""
    texts = {text.column: text for text in known}
    part = sample.first(rows)
    for name in names:
        if sample.kinds[name] != "text" or (name in texts and texts[name].rows >= part.rows):
            continue
        if (found := word_effects_of(part, name)) is not None:
            texts[name] = found
            yield tuple(texts.values())


def _pairs(
    known: tuple[PairEffect, ...], sample: Sample, names: tuple[str, ...], rows: int
) -> Iterator[tuple[PairEffect, ...]]:
    """All pairs after each further one that more rows made better, the strongest first."""
    pairs = {frozenset((pair.x.column, pair.y.column)): pair for pair in known}
    part = sample.first(rows)
    axes = [axis_of(sample, name, PAIR_POINTS) for name in names]
    for x, y in combinations([axis for axis in axes if axis is not None], 2):
        both = frozenset((x.column, y.column))
        if both in pairs and pairs[both].rows >= part.rows:
            continue
        pairs[both] = pair_effect_of(part, x, y)
        yield tuple(sorted(pairs.values(), key=lambda pair: -pair.strength))

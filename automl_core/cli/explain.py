"""`explain`: what a model of a run learned, as the page Models says it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from automl_core.charts import (
    effect_sentence,
    group_name,
    importance_sentence,
    interaction_words,
    number,
    words_sentence,
)
from automl_core.cli.awaited_job import awaited
from automl_core.cli.models import find_model
from automl_core.cli.text import printable, text_table
from automl_core.explain import ColumnImportance, Effect, PairEffect, agreement
from automl_core.files import dump_json
from automl_core.records import to_plain
from automl_core.runs import ExplainRequest, explain_run, known_explanation
from automl_core.runs.record import RunFolder, RunSpec, StoredExplanation
from automl_core.words import count

LINES = 30  # columns, and pairs, that are listed


def run_explain(arguments: argparse.Namespace) -> int:
    """Explain the model where that is not known yet, and print it; RunError where it cannot be."""
    reader, trial = find_model(arguments.run, arguments.model)
    request = ExplainRequest(arguments.seconds, tuple(arguments.columns))
    stored = known_explanation(reader.folder, trial.number, request)
    if stored is None:
        stored = _computed(reader.folder, trial.number, request, arguments.cluster)
    if arguments.json:
        print(dump_json({"model": trial.name} | to_plain(stored)).decode())
        return 0
    lines = _lines(reader.spec, trial.name, stored)
    if not request.columns and not stored.explanation.done:
        lines += ["", "The time was over before all was computed: --seconds gives it more."]
    print(printable("\n".join(lines)))
    return 0


def _computed(
    folder: RunFolder, trial: int, request: ExplainRequest, cluster: str | None
) -> StoredExplanation:
    return awaited(
        lambda root, service: explain_run(folder, trial, request, root, service), cluster
    )


def _lines(spec: RunSpec, model: str, stored: StoredExplanation) -> list[str]:
    found = stored.explanation
    rows = count(stored.rows, "test row" if stored.on_test else "held-out row")
    lines = [f"What {model} learned, on {rows} that it did not train on:", ""]
    if found.importance is not None:
        lines += _importance(found.importance)
        if (alike := agreement(found)) is not None:
            lines += [f"Rank correlation with how far each effect moves predictions: {alike:.2f}."]
    if stored.unused:
        lines.append(f"The model does not read {', '.join(stored.unused)}.")
    if found.effects:
        lines += ["", *_effects(found.effects, spec.target)]
    lines += [
        words_sentence(words, output, spec.target)
        for words in found.words
        for output in range(len(words.outputs))
    ]
    if found.pairs:
        lines += ["", *_pairs(found.pairs)]
    return lines


def _importance(found: ColumnImportance) -> list[str]:
    header = ("column", f"loss of {found.metric}", "95 % interval")
    cells = [
        (group_name(group), number(group.mean), f"{number(group.low)} to {number(group.high)}")
        for group in found.groups[:LINES]
    ]
    return [text_table(header, cells, right=(1,)), "", importance_sentence(found)]


def _effects(effects: Sequence[Effect], target: str) -> list[str]:
    return [
        effect_sentence(effect, output, target)
        for effect in effects[:LINES]
        for output in range(len(effect.outputs))
    ]


def _pairs(pairs: Sequence[PairEffect]) -> list[str]:
    return [
        f"{pair.x.column} with {pair.y.column}: {interaction_words(pair)}" for pair in pairs[:5]
    ]

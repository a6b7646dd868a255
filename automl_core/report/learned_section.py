"""The section on what the model learned: importance, effects, interactions, from the run's folder.

What else of explanations a run keeps becomes a figure of `learned_section`, and is in every report.
"""

from __future__ import annotations

from automl_core.charts import (
    column_bars,
    curves_of_folds,
    draw_column_importance,
    draw_effect,
    draw_fold_curves,
    draw_importance,
    draw_pair,
    draw_parts,
    drawing_of,
    effect_view,
    ensemble_parts,
    importance_bars,
    pair_view,
)
from automl_core.models import model_spec
from automl_core.report.content import Figure, Section
from automl_core.report.subject import Subject
from automl_core.runs.record import ENSEMBLE, StoredExplanation
from automl_core.words import count

MOST_EFFECTS = 4  # of the most important columns
NOT_MEASURED = "The run ended before the importance of columns was measured."
NO_CAUSE = (
    "All of this says what the model uses, not what causes the target: changing a column in the "
    "world may change nothing."
)
NOT_EXPLAINED = (
    "The effects of columns are not in this report: “Explain this model” on Models, or "
    "`torchlight explain`, computes them, and the next report has them."
)


def learned_section(subject: Subject) -> Section:
    """Figures of what it learned, and a word of care."""
    stored = subject.explained
    words = [] if stored is not None else [NOT_EXPLAINED]
    figures = learned_figures(subject)
    words.append(NO_CAUSE if figures else NOT_MEASURED)
    return Section("learned", "What it learned", tuple(words), (*figures, *_build(subject)))


def learned_figures(subject: Subject) -> list[Figure]:
    """Importance of columns, effects of the most important ones, the strongest interaction."""
    importance, stored = _importance(subject), subject.explained
    figures = [] if importance is None else [importance]
    if stored is not None:
        figures += [*_effects(subject, stored), *_pairs(subject, stored)]
    return figures


def _importance(subject: Subject) -> Figure | None:
    """As it was explained last, else as the run measured it; None: neither."""
    stored = subject.explained
    if stored is not None and stored.explanation.importance is not None:
        bars = column_bars(stored.explanation.importance)
        drawing = draw_column_importance(bars)
        return Figure("Importance of columns", drawing, bars.sentence, _source(stored))
    return _of_the_run(subject)


def _source(stored: StoredExplanation) -> str:
    rows = "test rows" if stored.on_test else "rows held out of training"
    return f"explanations/ of the run: {stored.rows:,} {rows}, seed {stored.seed}."


def _of_the_run(subject: Subject) -> Figure | None:
    event = subject.state.importance
    if event is None or not event.features:
        return None
    bars = importance_bars(event)
    drawing = draw_importance(bars, subject.spec.metric)
    drawing.layout["height"] = 90 + 30 * len(bars.features)
    drawing.layout["margin"] = drawing.layout["margin"] | {"t": 8}
    trial = subject.state.models.get(event.trial)
    of = "another model" if trial is None else trial.name
    other = "" if event.trial == subject.row.trial else f" It was measured for {of}."
    verb = "matters" if bars.others == 1 else "matter"
    others = f" {count(bars.others, 'other column')} {verb} less." if bars.others else ""
    words = (
        f"The score's loss when a column is shuffled: “{bars.features[0]}” matters most. Around "
        f"zero the model could do without a column.{other}{others}"
    )
    source = f"events.jsonl of the run: {count(bars.repeats, 'shuffle')} a column, 95 % intervals."
    return Figure("Importance of columns", drawing, words, source)


def _effects(subject: Subject, stored: StoredExplanation) -> list[Figure]:
    figures = []
    for effect in stored.explanation.effects[:MOST_EFFECTS]:
        output = _output(subject, effect.outputs)
        view = effect_view(effect, output, subject.spec.target)
        source = f"{_source(stored)} Mean over {count(effect.rows, 'row')}."
        figures.append(
            Figure(f"Effect of {effect.axis.title}", draw_effect(view), view.sentence, source)
        )
    return figures


def _pairs(subject: Subject, stored: StoredExplanation) -> list[Figure]:
    """The strongest interaction."""
    figures = []
    for pair in stored.explanation.pairs[:1]:
        view = pair_view(pair, _output(subject, pair.outputs), subject.spec.target)
        title = f"{pair.x.column} and {pair.y.column} together"
        figures.append(Figure(title, draw_pair(view), view.sentence, _source(stored)))
    return figures


def _output(subject: Subject, outputs: tuple[str, ...]) -> int:
    """The class that the figures are about: with two, the one that is looked for."""
    return len(outputs) - 1 if subject.spec.task == "binary" else 0


def _build(subject: Subject) -> list[Figure]:
    """How the model was made: the parts of the ensemble, or learning curves."""
    if subject.row.trial == ENSEMBLE:
        parts = ensemble_parts(subject.state)
        words = (
            f"The model is the weighted average of {count(len(parts), 'trial')}, chosen on rows "
            "that none of them saw."
        )
        source = "ensemble.json and events.jsonl of the run."
        return [Figure("What the ensemble is made of", draw_parts(parts), words, source)]
    folds = curves_of_folds(subject.state.trials[subject.row.trial].curves)
    if not folds:
        return []
    many = count(len(folds), "fold")
    words = f"Loss on training rows and on held-out rows while it trained, {many}."
    drawing = drawing_of(draw_fold_curves(folds, _step(subject.row.family)), words)
    return [Figure("Learning curves", drawing, words, "events.jsonl of the run.")]


def _step(family: str) -> str:
    """The family's word for a step of training."""
    return "epoch" if model_spec(family).kind == "network" else "round"

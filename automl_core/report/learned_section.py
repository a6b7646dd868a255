"""What the model learned: importance of columns, and what else of explanations the run has kept.

A result that the run folder keeps becomes a figure of `_kept`, and is in every report.
"""

from __future__ import annotations

from automl_core.charts import (
    curves_of_folds,
    draw_fold_curves,
    draw_importance,
    draw_parts,
    drawing_of,
    ensemble_parts,
    importance_bars,
)
from automl_core.models import model_spec
from automl_core.report.content import Figure, Section
from automl_core.report.subject import Subject
from automl_core.runs.record import ENSEMBLE
from automl_core.words import count

NOT_MEASURED = "The run ended before the importance of columns was measured."
NO_CAUSE = (
    "Importance says what the model uses, not what causes the target: changing a column in the "
    "world may change nothing."
)


def learned_section(subject: Subject) -> Section:
    """Figures of what it learned, and a word of care."""
    figures = [*_importance(subject), *_kept(subject)]
    words = (NO_CAUSE,) if figures else (NOT_MEASURED,)
    return Section("learned", "What it learned", words, tuple(figures))


def importance_figure(subject: Subject) -> Figure | None:
    """The importance of columns; None where it was not measured."""
    return next(iter(_importance(subject)), None)


def _importance(subject: Subject) -> list[Figure]:
    event = subject.state.importance
    if event is None or not event.features:
        return []
    bars = importance_bars(event)
    drawing = draw_importance(bars, subject.spec.metric)
    drawing.layout["height"] = 90 + 30 * len(bars.features)
    drawing.layout["margin"] = drawing.layout["margin"] | {"t": 8}
    trial = subject.state.models.get(event.trial)
    of = "another model" if trial is None else trial.name
    other = "" if event.trial == subject.row.trial else f" It was measured for {of}."
    others = f" {count(bars.others, 'other column')} matter less." if bars.others else ""
    words = (
        f"The score's loss when a column is shuffled: “{bars.features[0]}” matters most. Around "
        f"zero the model could do without a column.{other}{others}"
    )
    source = f"events.jsonl of the run: {count(bars.repeats, 'shuffle')} a column, 95 % intervals."
    return [Figure("Importance of columns", drawing, words, source)]


def _step(family: str) -> str:
    """The family's word for a step of training."""
    return "epoch" if model_spec(family).kind == "network" else "round"


def _kept(subject: Subject) -> list[Figure]:
    """Figures of explanations in the run folder: how the model was built, so far."""
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
    words = (
        f"Loss on training rows and on held-out rows while it trained, {count(len(folds), 'fold')}."
    )
    drawing = drawing_of(draw_fold_curves(folds, _step(subject.row.family)), words)
    return [Figure("Learning curves", drawing, words, "events.jsonl of the run.")]

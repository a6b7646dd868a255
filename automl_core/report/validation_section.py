"""The section on how the models were measured, and all of them by their score."""

from __future__ import annotations

from automl_core.charts import draw_first_place, metric_short
from automl_core.errors import RunError
from automl_core.evaluation import grade_rules
from automl_core.metrics import METRICS
from automl_core.report.content import Figure, Section, Table
from automl_core.report.subject import Subject
from automl_core.runs import first_of_run, outside_score
from automl_core.runs.record import (
    LeaderRow,
    OutsideModel,
    length_words,
    load_outside,
    ranking_words,
    status_words,
)
from automl_core.types import Severity
from automl_core.words import count, score_text

MOST_MODELS = 30


def validation_section(subject: Subject) -> Section:
    """Rows apart, folds, budget, and the notes of the run."""
    started, spec, state = subject.state.started, subject.spec, subject.state
    paragraphs = []
    if started is not None:
        plan = f"{started.folds} folds" if started.folds > 1 else "one part held out"
        apart = "No rows were set apart as a test set."
        if started.rows_test:
            apart = (
                f"{count(started.rows_test, 'row')} were set apart as a test set before anything "
                "was trained, and scored once, at the end."
            )
        paragraphs.append(
            f"Models were trained on {count(started.rows_train, 'row')} and validated by {plan}: a "
            f"row is predicted by models that did not see it in training. {apart}"
        )
    end = f" It ended after {length_words(max(1.0, state.clock))}: {state.reason}"
    paragraphs.append(
        f"The metric is {METRICS[spec.metric].title}." + (end if state.reason else "")
    )
    paragraphs.append(grade_rules(spec.metric))
    notes = tuple(
        (f"{seconds:.0f} s", "warning" if note.severity == Severity.WARNING else "", note.message)
        for seconds, note in state.notes
    )
    noted = Table(
        "What the run noted", ("At", "Weight", "Note"), notes, (0,), "events.jsonl of the run."
    )
    tables = (noted,) if notes else ()
    return Section("validation", "Validation", tuple(paragraphs), (), tables)


def leaderboard_section(subject: Subject) -> Section:
    """The models by their score in validation."""
    spec, state = subject.spec, subject.state
    ranked = [row for row in subject.rows if row.usable]
    shown = tuple(_row(row, not state.status.active) for row in ranked[:MOST_MODELS])
    more = len(ranked) - len(shown)
    words = [ranking_words(spec, state, subject.rows)]
    if more:
        words.append(f"{count(more, 'further model')} that scored lower are not listed.")
    failed = sum(bool(row.message) and not row.usable for row in subject.rows)
    if failed:
        words.append(f"{count(failed, 'trial')} left no model.")
    header = ("Rank", "Model", "Kind", metric_short(spec.metric), "ms a row", "kB", "Status")
    tables = [Table("Models", header, shown, (0, 3, 4, 5), "events.jsonl of the run.")]
    try:
        outside = tuple(_outside(subject, model) for model in load_outside(subject.folder))
    except RunError as error:  # a file of theirs is damaged
        outside = ()
        words.append(error.message)
    if outside:
        of_others = ("Model", "File", metric_short(spec.metric), "95 % interval", "On")
        title, source = "Models of other systems", "outside/ of the run, scored by the same code."
        tables.append(Table(title, of_others, outside, (2, 3), source))
    return Section("leaderboard", "Leaderboard", tuple(words), _first(subject), tuple(tables))


def _first(subject: Subject) -> tuple[Figure, ...]:
    """How sure the first place is; nothing where no models can be compared."""
    found = first_of_run(subject.folder, subject.rows, subject.spec.metric)
    if found is None:
        return ()
    source = f"A bootstrap of {count(found.rows, 'unseen row')}, all models on the same draws."
    title = "How sure is the first place?"
    return (Figure(title, draw_first_place(found), found.sentence, source),)


def _outside(subject: Subject, model: OutsideModel) -> tuple[str, ...]:
    found, record = outside_score(subject.folder, model.number, subject.spec.metric), model.record
    score, interval = "–", "–"
    if found is not None:
        score = score_text(found.score)
        if found.low is not None and found.high is not None:
            interval = f"{score_text(found.low)} to {score_text(found.high)}"
    return record.title, record.file, score, interval, f"{record.rows:,} {record.part} rows"


def _row(row: LeaderRow, is_over: bool) -> tuple[str, ...]:
    return (
        "–" if row.rank is None else str(row.rank),
        row.name,
        row.title,
        score_text(row.score),
        "–" if row.predict_ms_per_row is None else f"{row.predict_ms_per_row:.3g}",
        "–" if row.size_bytes is None else f"{row.size_bytes / 1000:,.0f}",
        status_words(row, is_over),
    )

"""The limits of the model, its card, and what is needed to find every number again."""

from __future__ import annotations

import hashlib
import platform
import time

from automl_core.export import LIBRARIES, library_version
from automl_core.files import dump_json
from automl_core.metrics import METRICS
from automl_core.records import to_plain
from automl_core.report.content import Section, Table
from automl_core.report.subject import Subject
from automl_core.runs.record import ENSEMBLE, load_name, load_refit
from automl_core.types import RunStatus
from automl_core.words import count, percent, size

FEW_ROWS = 1000
SAME_KIND = (
    "All numbers hold for new rows of the same kind as the table's. Where the world has changed "
    "since, the model is worse than they say, and nothing here can tell."
)


def limits_section(subject: Subject) -> Section:
    """What one should know before deciding by the model."""
    result, started = subject.result, subject.state.started
    words = [] if result.verdict is None else [result.verdict.advice]
    words.append(SAME_KIND)
    if not result.on_test:
        words.append(
            "No test rows stand behind the score: the rows that it was measured on chose the "
            "model, too, so that it is a little flattered."
        )
    if started is not None and started.rows_train < FEW_ROWS:
        words.append(
            f"It was trained on {count(started.rows_train, 'row')}: another sample of so few may "
            "give another model."
        )
    if subject.row.family == "constant":
        words.append("It is the baseline: it gives every row the same answer.")
    status = subject.state.status
    if status.active:
        words.append("The run still goes on: its models and scores may change.")
    elif status != RunStatus.FINISHED:
        words.append(f"The run did not come to its own end ({status}). {subject.state.reason}")
    refit = load_refit(subject.folder)
    if refit is not None and refit.model == subject.row.trial:
        words.append(
            f"After it was scored, a part of it was fitted once more on all {refit.rows:,} rows: "
            "the delivered model saw more rows than the scored one."
        )
    if subject.state.damage is not None:
        words.append(subject.state.damage.message)
    return Section("limits", "Limits", tuple(words))


def card_section(subject: Subject) -> Section:
    """The model card: one table."""
    spec, row, started = subject.spec, subject.row, subject.state.started
    rows = [
        ("Model", f"{row.name}: {row.title}"),
        ("Made for", f"Predicting “{spec.target}” ({spec.task}) of rows like those of the table."),
        (
            "Not made for",
            "Rows of another kind, or decisions on people without a look at the limits above.",
        ),
        ("Trained on", f"{spec.table.name}, {spec.rows_words}"),
        ("Chosen by", f"{METRICS[spec.metric].title} on held-out rows"),
        ("Score", f"{subject.result.number} on {subject.result.place}"),
    ]
    if subject.labels:
        rows.append(("Classes", ", ".join(subject.labels[:30])))
    if row.trial == ENSEMBLE and subject.state.ensemble is not None:
        rows.append(("Fitted models", f"{subject.state.ensemble.members:,}"))
    else:
        config = subject.state.trials[row.trial].config
        rows.append(("Settings", ", ".join(f"{k}: {v}" for k, v in sorted(config.items())) or "–"))
    answer = subject.answer
    if subject.spec.task == "binary":
        threshold = answer.threshold
        rows.append(("Answer", "The more probable class" if threshold is None else threshold.words))
    if answer.intervals is not None:
        rows.append(("Intervals", f"{percent(answer.intervals.level)}, from out-of-fold residuals"))
    if row.predict_ms_per_row is not None:
        rows.append(("Prediction", f"{row.predict_ms_per_row:.3g} ms a row, in batches, one core"))
    if row.size_bytes is not None:
        rows.append(("Size", size(row.size_bytes)))
    if started is not None:
        rows.append(("Rows to train on", f"{started.rows_train:,}"))
        rows.append(("Test rows", f"{started.rows_test:,}"))
    return Section(
        "card", "Model card", (), (), (Table("The model in short", ("", ""), tuple(rows)),)
    )


def trace(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Run, table, seed, versions and checksums."""
    spec, state = subject.spec, subject.state
    digest = hashlib.blake2b(dump_json(to_plain(spec)), digest_size=16).hexdigest()
    start = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(state.wall_started))
    rows = [
        ("Run", subject.folder.path.name),
        ("Name of the run", load_name(subject.folder.path)),
        ("Model", f"{subject.row.name}, trial {subject.row.trial}"),
        ("Started", start if state.started is not None else "–"),
        ("Status", str(state.status)),
        ("Events in its log", f"{state.events:,}"),
        ("Table", f"{spec.table.name}, hash {spec.table.hash}"),
        ("Test table", "" if spec.test is None else f"{spec.test.name}, hash {spec.test.hash}"),
        ("Specification", f"spec.json, BLAKE2b {digest}"),
        ("Predictions for unseen rows", _predictions(subject)),
        ("Seed", str(spec.options.seed)),
        ("Report written with", ", ".join(_versions())),
    ]
    return tuple((name, value) for name, value in rows if value)


def _predictions(subject: Subject) -> str:
    found = subject.unseen
    if found is None:
        return "lost"
    content = found.rows.tobytes() + found.prediction.tobytes()
    return f"BLAKE2b {hashlib.blake2b(content, digest_size=16).hexdigest()}"


def _versions() -> list[str]:
    named = {"Torchlight": "torchlight", **{name: name for name in (*LIBRARIES, "plotly")}}
    words = [f"{name} {library_version(package)}" for name, package in named.items()]
    return [f"Python {platform.python_version()}", *words]

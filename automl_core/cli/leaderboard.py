"""`leaderboard`: the models of a run, best first."""

from __future__ import annotations

import argparse

from automl_core.cli.result_lines import result_lines
from automl_core.cli.text import printable, say_damage, text_table
from automl_core.files import dump_json, workspace
from automl_core.runs import find_run
from automl_core.runs.record import (
    LeaderRow,
    RunReader,
    build_leaderboard,
    features_words,
    load_name,
    pairs_words,
    ranking_words,
    status_words,
    waits_to_go_on,
)
from automl_core.types import RunStatus
from automl_core.words import percent, score_text

FIELDS = (
    "name", "family", "status", "score", "metric",
    "train_seconds", "predict_ms_per_row", "size_bytes",
)  # fmt: skip


def run_leaderboard(arguments: argparse.Namespace) -> int:
    """Print the leaderboard; RunError where there is no such run."""
    folder = find_run(arguments.run, workspace())
    reader = RunReader(folder)
    state = reader.refresh()
    say_damage(state)
    rows = build_leaderboard(state, reader.spec.metric)
    if arguments.json:
        print(dump_json([{k: getattr(row, k) for k in FIELDS} for row in rows]).decode())
        return 0
    metric = reader.spec.metric
    named = load_name(folder.path) or reader.spec.table.name
    waits = not state.status.active and waits_to_go_on(folder.path)
    print(f"{printable(named)}: {RunStatus.WAITING if waits else state.status}\n")
    is_over = not state.status.active
    header = ("rank", "model", metric, "vs baseline", "train s", "ms/row", "kB", "status")
    lines = [_line(row, status_words(row, is_over)) for row in rows]
    print(text_table(header, lines, right=(0, 2, 3, 4, 5, 6)))
    print(printable(ranking_words(reader.spec, state, rows)))
    if is_over:
        for line in result_lines(folder, reader.spec, state):
            print(printable(line))
    if words := features_words(state.features, metric):
        print(words)
    if state.features and (words := pairs_words(state.features, metric)):
        print(printable(words))
    for row in rows:
        if row.message:
            print(printable(f"{row.name}: {row.message}"))
    return 0


def _line(row: LeaderRow, status: str) -> tuple[str, ...]:
    return (
        "" if row.rank is None else str(row.rank),
        row.name,
        "" if row.score is None else score_text(row.score),
        "" if row.gain is None else f"{'+' if row.gain > 0 else ''}{percent(row.gain)}",
        _number(row.train_seconds, ".1f"),
        _number(row.predict_ms_per_row, ".3g"),
        "" if row.size_bytes is None else f"{row.size_bytes / 1000:,.0f}",
        status,
    )


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)

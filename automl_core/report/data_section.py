"""The table: rows, columns by what they are used for, what the checks found and what was done."""

from __future__ import annotations

from dataclasses import replace

from automl_core.report.content import Section, Table
from automl_core.report.subject import Subject
from automl_core.runs.record import features_words, pairs_words
from automl_core.table import Column, DecidedBy, Finding, Schema, open_table, sample_rows
from automl_core.table.checks import find_problems
from automl_core.words import count, percent

MOST_COLUMNS = 60
CHECKED_ROWS = 50_000
STATES = {"to_review": "to review", "noted": "noted", "fixed": "fixed"}
GONE = "The table is not in the workspace any more, so that it could not be checked again."


def data_section(subject: Subject) -> Section:
    """Rows, columns, findings with the fixes applied."""
    spec, schema = subject.spec, subject.schema
    used = schema.features((spec.target, *spec.options.drop))
    read = ", ".join(f"{key}: {value}" for key, value in spec.table.settings.items())
    paragraphs = [
        f"{spec.table.name} has {count(spec.given.rows, 'row')} and "
        f"{count(len(schema.columns), 'column')}, of which models may use {len(used):,} to "
        f"predict “{spec.target}”." + (f" It was read by: {read}." if read else "")
    ]
    if spec.whole is not None:
        paragraphs.append(
            f"The run is on {spec.rows_words}, spread evenly over the table; scores and charts are "
            "of these."
        )
    if spec.test is not None:
        paragraphs.append(
            f"The test set is a table of its own: {spec.test.name}, {count(spec.test.rows, 'row')}."
        )
    for words in (
        features_words(subject.state.features, spec.metric),
        pairs_words(subject.state.features, spec.metric) if subject.state.features else "",
    ):
        if words:
            paragraphs.append(f"{words}.".replace("..", "."))
    tables = [_columns(subject)]
    if not subject.has_table():
        paragraphs.append(GONE)
    else:
        tables.append(_findings(subject))
    return Section("data", "Data", tuple(paragraphs), (), tuple(tables))


def _columns(subject: Subject) -> Table:
    schema, spec = subject.schema, subject.spec
    shown = schema.columns[:MOST_COLUMNS]
    more = len(schema.columns) - len(shown)
    rows = [_row(column, schema, spec.target, spec.options.drop) for column in shown]
    if more:
        rows.append((f"{more:,} more columns", "", "", "", ""))
    return Table(
        "Columns",
        ("Column", "Used as", "Why", "Missing", "Different values"),
        tuple(rows),
        (3, 4),
        "schema.json of the run.",
    )


def _row(column: Column, schema: Schema, target: str, drop: tuple[str, ...]) -> tuple[str, ...]:
    role = column.role
    if column.name == target:
        role_words = "target"
    else:
        role_words = f"{role}, left out of this run" if column.name in drop else role
    changed = ", changed by a person" if column.decision == DecidedBy.USER else ""
    missing = percent(column.missing / schema.rows) if schema.rows else "–"
    return column.name, role_words + changed, column.reason, missing, f"{column.distinct:,}"


def _findings(subject: Subject) -> Table:
    table, spec = open_table(subject.spec.table.hash, subject.root), subject.spec
    schema = subject.schema
    for name in spec.options.drop:  # what no model saw needs no review
        schema = schema.with_column(replace(schema.column(name), role="ignored"))
    found = find_problems(table, schema, spec.target, sample_rows(table, CHECKED_ROWS), copies=())
    rows = tuple(_finding(f) for f in found) or (("", "Nothing was found.", ""),)
    return Table(
        "Findings, and what was done",
        ("State", "What was found", "What to do, or what was done"),
        rows,
        source="The checks, on the stored table as this run reads it.",
    )


def _finding(found: Finding) -> tuple[str, str, str]:
    return STATES[found.state], found.message, found.fix

"""The section on gains: labels to check, more rows, fewer columns."""

from __future__ import annotations

from automl_core.charts import (
    doubt_sentence,
    draw_column_costs,
    draw_row_curve,
    gain_sentence,
    metric_short,
    number,
)
from automl_core.errors import AutoMLError
from automl_core.evaluation import forecast, plain_number, price_sets
from automl_core.report.content import Figure, Section, Table
from automl_core.report.subject import Subject
from automl_core.runs import (
    DoubtedLabels,
    correction_gain,
    doubted_labels,
    load_column_sets,
    load_prices,
    load_row_scores,
)
from automl_core.table import open_table
from automl_core.words import count, percent

MOST_LABELS = 10
NOT_MEASURED = (
    "{what} not measured: “Labels and rows” on Models, or `torchlight {command}`, does it, and the "
    "next report has it."
)


def gains_section(subject: Subject) -> Section:
    """The labels that the model doubts, the learning curve over rows, the price of columns."""
    words: list[str] = []
    figures: list[Figure] = []
    tables: list[Table] = []
    for part in (_labels, _rows, _columns):
        section = part(subject)
        words += section.paragraphs
        figures += section.figures
        tables += section.tables
    title = "Labels, rows and columns"
    return Section("gains", title, tuple(words), tuple(figures), tuple(tables))


def _labels(subject: Subject) -> Section:
    try:
        found = doubted_labels(subject.folder, subject.row.trial)
        words = [doubt_sentence(found, subject.spec.target)]
        gained = correction_gain(subject.folder, subject.row.trial, subject.root)
    except AutoMLError as error:  # its predictions are gone
        return Section("", "", (f"No label can be checked: {error.message}",))
    if gained is not None:
        words.append(gain_sentence(gained))
    if not len(found.rows) or not subject.has_table():
        return Section("", "", tuple(words))
    words.append("A doubted label is not yet a wrong one: rows that are hard to tell are, too.")
    return Section("", "", tuple(words), (), (_doubted(subject, found),))


def _doubted(subject: Subject, found: DoubtedLabels) -> Table:
    cells = open_table(subject.spec.table.hash, subject.root).column(subject.spec.target)
    sure = found.sure
    rows = tuple(
        (
            f"{row + 1:,}",
            str(cells[row].as_py()),
            found.suggested[i],
            "–" if sure is None else percent(float(sure[i])),
        )
        for i, row in enumerate(found.rows[:MOST_LABELS].tolist())
    )
    title = f"Most doubtful of {count(len(found.rows), 'label')}"
    header = ("Row of the table", "Label", "Model says", "Its probability")
    return Table(title, header, rows, (0, 3), subject.source)


def _rows(subject: Subject) -> Section:
    found = load_row_scores(subject.folder)
    if found is None:
        words = NOT_MEASURED.format(what="What more rows would bring was", command="more-rows")
        return Section("", "", (words,))
    law = forecast(found)
    if law is None:
        return Section("", "", ("The rows are too few to say what more of them would bring.",))
    source = "row_scores.json of the run: quick models of trees, on validation rows."
    figure = Figure("Would more rows help?", draw_row_curve(law), law.sentence, source)
    return Section("", "", (), (figure,))


def _columns(subject: Subject) -> Section:
    found = load_column_sets(subject.folder)
    if found is None:
        words = NOT_MEASURED.format(what="What columns cost was", command="columns")
        return Section("", "", (words,))
    prices = load_prices(subject.folder)
    frontier = price_sets(found, prices.prices, prices.unit)
    source = (
        f"column_sets.json of the run: quick models of trees, {count(frontier.rows, 'row')} that "
        "did not choose the sets, 95 % intervals."
    )
    drawing = draw_column_costs(frontier, prices.unit)
    figure = Figure("What does a column cost?", drawing, frontier.sentence, source)
    rows = tuple(
        (
            str(len(item.columns)),
            plain_number(item.price),
            number(item.compared.score),
            "" if item.columns == frontier.every.columns
            else "not told apart" if item.compared.tied else "worse beyond chance",
            ", ".join(item.columns[:12]) + (" …" if len(item.columns) > 12 else ""),
        )
        for item in frontier.sets[::-1]
    )  # fmt: skip
    header = ("Columns", "Price", metric_short(found.metric), "Against all", "Which")
    table = Table("Sets of columns", header, rows, (0, 1, 2), source)
    return Section("", "", (), (figure,), (table,))

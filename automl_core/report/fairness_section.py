"""The section on groups: of those columns that somebody asked for."""

from __future__ import annotations

from automl_core.charts import (
    GAP_HEADER,
    draw_group_calibration,
    draw_slices,
    fairness_sentence,
    gap_rows,
)
from automl_core.errors import AutoMLError
from automl_core.evaluation import FEWEST_ROWS, SMALLEST_SLICE
from automl_core.report.content import Figure, Section, Table
from automl_core.report.subject import Subject
from automl_core.runs import AskedGroups, FairGroups, answered, asked_groups
from automl_core.words import count

NOT_ASKED = (
    "No column was named whose groups should be compared: “Fairness” on Models, or `torchlight "
    "fairness`, compares them, and the next report has it."
)
NO_CAUSE = (
    "A gap says that groups differ, not why; and no model can close all gaps at once where the "
    "groups' true rates differ."
)
RIGHT_FROM = 1  # numbers of the table of gaps


def fairness_section(subject: Subject) -> Section:
    """Gaps, and calibration by group, of each column that was asked for."""
    title, key = "Fairness", "fair"
    asked = asked_groups(subject.folder)
    if not asked:
        return Section(key, title, (NOT_ASKED,))
    words: list[str] = []
    figures: list[Figure] = []
    tables: list[Table] = []
    for one in asked:
        try:
            found = answered(subject.folder, subject.row.trial, subject.root, one)
        except AutoMLError as error:  # the table or the predictions are gone
            words.append(f"Groups of {one.column}: {error.message}")
            continue
        words.append(_said(one, found))
        figures += _figures(subject, one, found)
        rows = tuple(gap_rows(found.found, subject.spec.target))
        if rows:
            name = f"Widest gaps between groups of {one.column}"
            tables.append(Table(name, GAP_HEADER, rows, (RIGHT_FROM, 4), subject.source))
    return Section(key, title, (*words, NO_CAUSE), tuple(figures), tuple(tables))


def _said(asked: AskedGroups, found: FairGroups) -> str:
    of = "" if asked.outcome is None else f", outcome “{asked.outcome}”"
    words = (
        f"Groups of {asked.column}{of}, on {count(found.rows, 'unseen row')}. "
        f"{fairness_sentence(found.found)} {found.calibration.sentence}"
    )
    for few, least in (
        (found.found.too_few, SMALLEST_SLICE),
        (found.calibration.too_few, FEWEST_ROWS),
    ):
        if few:
            named = ", ".join(few[:5]) + (f" and {len(few) - 5} more" if len(few) > 5 else "")
            what = "say anything" if least == SMALLEST_SLICE else "draw a curve"
            words += f" Fewer than {least} rows, too few to {what}: {named}."
    return words


def _figures(subject: Subject, asked: AskedGroups, found: FairGroups) -> list[Figure]:
    """The first measure beyond the score, and the curves of calibration."""
    figures = []
    one = found.found.measured[1]
    if any(group.mean is not None for group in one.groups):
        named = [group for group in one.groups if group.label in one.differ]
        unit = f" ({subject.spec.target})" if one.measure.unit == "target" else ""
        axis = f"{one.measure.title}{', 0 to 1' if one.measure.share else ''}{unit}"
        drawing = draw_slices(
            one.groups, one.overall, axis, named, "differs from the other rows by more than chance"
        )
        title = f"{one.measure.title} by {asked.column}"
        differ = "none" if not one.differ else ", ".join(one.differ)
        words = f"Groups that differ from the other rows by more than chance: {differ}."
        figures.append(Figure(title, drawing, words, subject.source))
    if found.calibration.groups:
        what = subject.spec.target if asked.outcome is None else asked.outcome
        drawing = draw_group_calibration(found.calibration, what)
        title = f"Calibration by {asked.column}"
        figures.append(Figure(title, drawing, found.calibration.sentence, subject.source))
    return figures

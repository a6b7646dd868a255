"""Puts the report together, section by section."""

from __future__ import annotations

from pathlib import Path

from automl_core.report.card_section import card_section, limits_section, trace
from automl_core.report.content import Report
from automl_core.report.data_section import data_section
from automl_core.report.fairness_section import fairness_section
from automl_core.report.gains_section import gains_section
from automl_core.report.headline import headline, numbers
from automl_core.report.learned_section import learned_section
from automl_core.report.quality_section import errs_section, quality_section
from automl_core.report.subject import subject_of
from automl_core.report.validation_section import leaderboard_section, validation_section
from automl_core.runs.record import RunFolder

SECTIONS = (
    data_section, validation_section, leaderboard_section, quality_section, errs_section,
    fairness_section, learned_section, gains_section, limits_section, card_section,
)  # fmt: skip
"""A section each, in the order of the report."""


def build_report(folder: RunFolder, root: Path, model: str | None = None) -> Report:
    """The report on a model of the run in this folder, by default on the run's own.

    `root` is the workspace in which the run's table lies. The same run gives the same report.
    Raises RunError where the run has no such model.
    """
    subject = subject_of(folder, root, model)
    return Report(
        f"Predicting {subject.spec.target}: {subject.row.name}",
        headline(subject),
        numbers(subject),
        tuple(section(subject) for section in SECTIONS),
        trace(subject),
    )

"""Five slides of the same figures as the report's, for someone who presents a model."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.report.card_section import limits_section
from automl_core.report.content import Figure, Number
from automl_core.report.headline import headline, numbers
from automl_core.report.learned_section import importance_figure
from automl_core.report.quality_section import LOST, quality_figures
from automl_core.report.subject import Subject

OF_VALUES = "How close it comes", "How far off it is"
OF_CLASSES = "How often it is right", "How well it tells classes apart"


@dataclass(frozen=True, eq=False)
class Slide:
    """One screen: a title, a few sentences, and numbers or a figure."""

    title: str
    words: tuple[str, ...]
    numbers: tuple[Number, ...] = ()
    figure: Figure | None = None


def story(subject: Subject, dark: bool = False) -> tuple[Slide, ...]:
    """What it is, how good, where the errors lie, what it learned, what to keep in mind.

    `dark`: the figures are for a dark page.
    """
    figures = quality_figures(subject, dark)
    titles = OF_VALUES if subject.spec.task == "regression" else OF_CLASSES
    first = figures[0] if figures else None
    second = figures[1] if len(figures) > 1 else None
    importance = importance_figure(subject)
    limits = limits_section(subject).paragraphs
    return (
        Slide("The result", (headline(subject),), numbers(subject)),
        _of(first, titles[0], LOST),
        _of(second, titles[1], LOST),
        _of(importance, "What it learned", "The importance of columns was not measured."),
        Slide("What to keep in mind", limits),
    )


def _of(figure: Figure | None, title: str, without: str) -> Slide:
    if figure is None:
        return Slide(title, (without,))
    return Slide(title, (figure.sentence,), figure=figure)

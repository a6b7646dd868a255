"""Five slides of the same figures as the report's, for someone who presents a model."""

from __future__ import annotations

from dataclasses import dataclass

from automl_core.report.card_section import limits_section
from automl_core.report.content import Figure, Number
from automl_core.report.headline import headline, numbers
from automl_core.report.learned_section import NOT_MEASURED, learned_figures
from automl_core.report.quality_section import LOST, quality_figures
from automl_core.report.subject import Subject

SHOWN = 3  # figures of what it learned: importance, and the effects of two columns
OF_VALUES = "How close it comes", "How far off it is"
OF_CLASSES = "How often it is right", "How well it tells classes apart"


@dataclass(frozen=True, eq=False)
class Slide:
    """One screen: a title, and sentences with numbers, or figures with theirs."""

    title: str
    words: tuple[str, ...] = ()
    numbers: tuple[Number, ...] = ()
    figures: tuple[Figure, ...] = ()


def story(subject: Subject, dark: bool = False) -> tuple[Slide, ...]:
    """What it is, how good, where the errors lie, what it learned, what to keep in mind.

    `dark`: the figures are for a dark page.
    """
    figures = quality_figures(subject, dark)
    titles = OF_VALUES if subject.spec.task == "regression" else OF_CLASSES
    limits = limits_section(subject).paragraphs
    return (
        Slide("The result", (headline(subject),), numbers(subject)),
        _of(figures[:1], titles[0], LOST),
        _of(figures[1:2], titles[1], LOST),
        _of(learned_figures(subject)[:SHOWN], "What it learned", NOT_MEASURED),
        Slide("What to keep in mind", limits),
    )


def _of(figures: list[Figure], title: str, without: str) -> Slide:
    return Slide(title, () if figures else (without,), figures=tuple(figures))

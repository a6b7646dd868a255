"""Settings of a person take the place of what was found, and the decisions say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from automl_core.errors import SpecError
from automl_core.table import SETTING_WORDS, ReadOptions
from automl_core.table.reading.decision import Decision
from automl_core.table.reading.settings import ReadSettings
from automl_core.table.reading.table_layout import Layout

AS_SET = "It was set."


def layout_as_set(layout: Layout, options: ReadOptions) -> Layout:
    """The layout with header, skipped rows, units row and footer as they were set."""
    changes = {
        name: getattr(options, name)
        for name in ("header", "skip_rows", "units_row", "footer_rows")
        if getattr(options, name) is not None
    }
    set_layout = replace(layout, **changes)
    if not set_layout.header and options.units_row is None:
        set_layout = replace(set_layout, units_row=False)
    kept = [d for d in layout.decisions if d.setting != "units_row" or set_layout.units_row]
    return replace(set_layout, decisions=decisions_as_set(kept, options))


def decisions_as_set(decisions: Sequence[Decision], options: ReadOptions) -> tuple[Decision, ...]:
    """The decisions without those on settings that are set."""
    return tuple(d for d in decisions if d.setting not in options.given)


def as_asked(settings: ReadSettings, asked: ReadOptions) -> ReadSettings:
    """The settings with what is asked, which the decisions say."""
    changes = {name: getattr(asked, name) for name in asked.given}
    settings = replace(settings, **changes, given=asked.given)
    said = decisions_as_set(settings.decisions, asked)
    return replace(settings, decisions=(*said, *_set_decisions(settings)))


def _set_decisions(settings: ReadSettings) -> tuple[Decision, ...]:
    words = settings.for_people()
    return tuple(
        Decision(name, words.get(SETTING_WORDS.get(name, name), ""), AS_SET)
        for name in settings.given
    )


def refuse_unused(options: ReadOptions, used: Sequence[str], title: str) -> None:
    """Raises SpecError where something is set that files of this format do not have."""
    unused = [name for name in options.given if name not in used]
    if unused:
        words = " and ".join(name.replace("_", " ") for name in unused)
        raise SpecError(
            f"The file is {title}, which is read without a {words} of its own.",
            f"Leave out: {', '.join(unused)}.",
        )

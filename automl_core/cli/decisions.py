"""Prints how a file was read: settings with reasons, doubts with the flags that settle them.

Text for terminals, and plain data for `--json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from automl_core.cli.text import say
from automl_core.table import IN_FILE, SETTING_WORDS, Decision
from automl_core.table.reading import ReadSettings, question
from automl_core.types import Severity

_FLAGGED = ("delimiter", "encoding", "skip_rows", "sheet", "decimal", "footer_rows")


def say_doubts(decisions: Sequence[Decision]) -> None:
    """Print each doubtful decision on stderr, as a warning."""
    for decision in decisions:
        if decision.doubtful:
            say(Severity.WARNING, doubt_words(decision))


def say_differences(
    decisions: Sequence[Decision], name: str = "", training: Sequence[Decision] = ()
) -> None:
    """Print, one a line, what was decided for a file otherwise than for the training table's first.

    Those of the file `name`, a test table, against `training`; without a name, those of the other
    files of a table.
    """
    known = {d.setting: d.value for d in training}
    for decision in decisions:
        other = (
            known.get(decision.setting) != decision.value if name else (IN_FILE in decision.setting)
        )
        if other and not decision.doubtful:
            setting = decision.setting.replace("_", " ") + (f"{IN_FILE}{name}" if name else "")
            say(Severity.INFO, _line(setting, decision.value, decision.why))


def doubt_words(decision: Decision) -> str:
    """A question, what was taken and why, and the flag that changes it."""
    words = f"{question(decision)} Taken as: {decision.value}. {decision.why}"
    flag = flag_words(decision)
    return f"{words} {flag} reads it as {decision.alternative}." if flag else words


def flag_words(decision: Decision) -> str:
    """The flag that takes the other value; "" where there is none."""
    name = decision.setting.replace("_", "-")
    if decision.setting in ("header", "units_row"):
        return f"--{name}" if decision.alternative == "yes" else f"--no-{name}"
    if decision.setting in _FLAGGED:
        return f"--{name} {decision.alternative}"
    return ""


def reading_lines(settings: ReadSettings) -> list[str]:
    """Lines of text: one for each setting with its reason, then one for each doubtful decision."""
    words = settings.for_people()
    why = {d.setting: d.why for d in settings.decisions}
    names = {word: name for name, word in SETTING_WORDS.items()}
    lines = [
        _line(name, value, why.get(names.get(name, name), "")) for name, value in words.items()
    ]
    shown = {names.get(name, name) for name in words}
    others = [d for d in settings.decisions if d.setting not in shown]
    lines += [_line(d.setting.replace("_", " "), d.value, d.why) for d in others]
    return lines + [doubt_words(d) for d in settings.decisions if d.doubtful]


def _line(name: str, value: str, why: str) -> str:
    return f"{name}: {value}. {why}" if why else f"{name}: {value}"


def reading_plain(settings: ReadSettings) -> dict[str, object]:
    """The settings in words and all decisions, as JSON takes them."""
    return {
        "settings": settings.for_people(),
        "decisions": [asdict(d) for d in settings.decisions],
    }

"""The names of the checks, and findings of one kind put into one: draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from automl_core.table import Finding, FixAction

# Each kind of finding in the words of a check that passed.
CHECKS = {
    "leak": "No column gives the target away",
    "time_order": "The target does not drift with time",
    "groups": "No groups of rows",
    "too_few": "Enough rows",
    "target_missing": "No class is read as missing",
    "rare_class": "No class is too rare",
    "imbalance": "Classes are balanced",
    "skewed_target": "The target has no long tail",
    "constant": "No column is constant",
    "near_constant": "No column is nearly constant",
    "all_missing": "No column is empty",
    "missing": "No column is mostly empty",
    "missing_together": "No columns are empty together",
    "id": "No column only names the rows",
    "high_cardinality": "No column has too many values",
    "duplicate": "No column or row repeats another",
    "near_copies": "No row is a near duplicate of another",
    "disguised_missing": "No missing values in disguise",
    "outliers": "No value is far from all others",
    "impossible": "No impossible value was found",
    "mixed_types": "No column mixes numbers and words",
    "flags": "No number has a mark beside it",
    "unread_numbers": "No column of numbers is read as words",
    "unread_dates": "No column of dates is read as words",
    "future_dates": "Nobody is born in the future",
    "long_numbers": "No id loses its last digits",
    "mixed_percent": "Percentages and fractions are not mixed",
    "spellings": "No value has several spellings",
    "number_marks": "The decimal mark is clear",
    "units_row": "No row of units among the values",
    "footer": "No sums or notes at the end",
    "repeated_header": "The header stands once",
    "same_name": "No two columns share a name",
    "unit": "No column has units",
    "mojibake": "Text is read in its encoding",
}
OF_TARGET = ("leak", "time_order", "groups", "too_few", "target_missing")  # of any task
OF_CLASSES = ("rare_class", "imbalance")
OF_NUMBERS = ("skewed_target",)
WORSE = {"rare_class": "imbalance"}  # found, it keeps the other from being called passed
ALIKE_SHOWN = 3  # so many findings of one kind are shown one by one
TOGETHER = {
    "leak": (
        "columns predict the target almost perfectly, each alone.",
        "Leave out those that are not known when a prediction is made.",
    ),
    "constant": (
        "columns have the same value in every row, so they tell nothing.",
        "They are left out of training.",
    ),
    "near_constant": (
        "columns have the same value in nearly every row.",
        "Models see them; what they learn from the few others may be chance.",
    ),
    "all_missing": ("columns have no value in any row.", "They are left out of training."),
    "missing": (
        "columns are empty in most rows.",
        "Where a cell is empty is a feature, and models learn from it.",
    ),
    "missing_together": (
        "columns are empty in the same rows as others.",
        "Where a cell is empty is a feature, and models learn from it.",
    ),
    "id": ("columns only identify rows.", "They are left out of training."),
    "high_cardinality": (
        "columns have words of which most are too rare to be learned one by one.",
        "They are turned into the average target of their rows; rare ones count as one.",
    ),
    "disguised_missing": (
        "columns have values that may stand for a missing one.",
        "Look at their values; marks such as ? are read as missing where all else is a number.",
    ),
    "outliers": (
        "columns have a few values far away from all others.",
        "Read these cells as missing if they are mistakes.",
    ),
    "impossible": (
        "columns have a few values that can hardly be.",
        "Read these cells as missing if they are mistakes.",
    ),
    "unit": (
        "columns hold numbers with units.",
        "They are read as numbers in one unit where their role is numeric.",
    ),
    "spellings": (
        "columns have values in several spellings, which differ in capitals, blanks or Unicode "
        "form only.",
        "Read them as one value each, unless the difference means something.",
    ),
    "flags": (
        "columns have numbers with a mark, which may say that a number is an estimate or a limit.",
        "Look at their values, and at how each column is read.",
    ),
    "unread_numbers": (
        "columns hold numbers and are read as something else.",
        "Read them as numbers, with the other cells missing, if the numbers are what counts.",
    ),
    "unread_dates": (
        "columns look like dates and cannot be read as such.",
        "Write the dates as 2024-05-31 or 2024-05-31 13:45, in all rows alike.",
    ),
    "long_numbers": (
        "columns hold whole numbers of 16 digits and more.",
        "Let them be an id or words, which keep every digit.",
    ),
    "mixed_percent": (
        "columns hold percentages beside fractions.",
        "Write all of them in one way.",
    ),
    "duplicate": (
        "columns say what others say: the same cells, or in other words, units or sign.",
        "One of each is enough; importance is otherwise shared between them.",
    ),
}
_Kind = tuple[str, str, str]


def kinds_looked_for(task: str | None) -> tuple[str, ...]:
    """The kinds of findings that are looked for; `task` is None without a target."""
    others = OF_NUMBERS if task != "regression" else OF_CLASSES
    left_out = others if task else (*OF_TARGET, *OF_CLASSES, *OF_NUMBERS)
    return tuple(kind for kind in CHECKS if kind not in left_out)


def passed_checks(findings: Sequence[Finding], task: str | None) -> tuple[str, ...]:
    """The checks that found nothing, in words."""
    found = {finding.kind for finding in findings}
    return tuple(
        CHECKS[kind]
        for kind in kinds_looked_for(task)
        if kind not in found and WORSE.get(kind) not in found
    )


def grouped(findings: Sequence[Finding], target: str | None) -> list[Finding]:
    """The findings, many of one kind put into one: a wide table has hundreds of them."""
    kinds: dict[_Kind, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.kind, finding.severity, finding.state), []).append(finding)
    shown: list[Finding] = []
    for (kind, _, _), alike in kinds.items():
        if len(alike) <= ALIKE_SHOWN or kind not in TOGETHER:
            shown += alike
        else:
            shown.append(_joined(alike, target))
    return shown


def suspects(finding: Finding, target: str | None) -> tuple[str, ...]:
    """The columns of a finding that could be left out: all but the target."""
    return tuple(name for name in finding.columns if name != target)


def _joined(alike: Sequence[Finding], target: str | None) -> Finding:
    fixed = _joined_fix([f.action for f in alike if f.action is not None])
    names = tuple(dict.fromkeys(name for f in alike for name in suspects(f, target)))
    if fixed is not None and fixed.columns:  # the message counts what the button changes
        names = fixed.columns
    says, fix = TOGETHER[alike[0].kind]
    if all(f.applied for f in alike):
        fix = alike[0].fix
    message = f"{len(names):,} {says}"
    return replace(
        alike[0], columns=names, message=message, fix=fix, action=fixed, rows=alike[0].rows
    )


def _joined_fix(fixes: Sequence[FixAction]) -> FixAction | None:
    """One fix for the columns of all, where all do the same to them."""
    if len({(r.kind, r.values) for r in fixes}) != 1:
        return None
    columns = tuple(dict.fromkeys(name for r in fixes for name in r.columns))
    return replace(fixes[0], columns=columns)

"""The result of a run on a terminal: the verdict, the score on test rows, what to do next."""

from __future__ import annotations

from automl_core.metrics import METRICS
from automl_core.runs import lacks_test_score, own_words
from automl_core.runs.record import RunFolder, RunResult, RunSpec, RunState, result_of


def result_lines(folder: RunFolder, spec: RunSpec, state: RunState) -> list[str]:
    """The same as the card on Train says; [] where the run has no model."""
    result = result_of(spec, state)
    if result is None:
        return []
    lines = [f"{_headline(spec, result)}{_interval(result)}."]
    if (verdict := result.verdict) is not None:
        words = f"{own_words(folder, spec, state)} {verdict.meaning}".strip()
        lines.append(f"{words} {_start_with_capital(verdict.gain)}.")
        lines.append(verdict.advice)
    if lacks_test_score(state):
        lines.append("Not scored on test rows yet: `torchlight score RUN` does that.")
    return lines


def _headline(spec: RunSpec, result: RunResult) -> str:
    metric = METRICS[spec.metric]
    direction = "higher" if metric.higher_is_better else "lower"
    grade = f"{_start_with_capital(result.verdict.grade)}: " if result.verdict else ""
    return f"{grade}{metric.title} {result.number} on {result.place} ({direction} is better"


def _interval(result: RunResult) -> str:
    return f"; 95 % interval {result.interval})" if result.interval else ")"


def _start_with_capital(words: str) -> str:
    return words[:1].upper() + words[1:]

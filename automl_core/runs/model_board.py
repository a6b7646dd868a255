"""The board of a run: its models by any metric, with intervals, ties and badges.

Puts together what the leaderboard, the learning curves and a comparison on the same rows know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automl_core.evaluation import (
    ComparedScore,
    Contender,
    PairedComparison,
    award_badges,
    compare_paired,
)
from automl_core.metrics import loss_of
from automl_core.runs.record import (
    OUTSIDE_FAMILY,
    CurveSummary,
    LeaderRow,
    RunState,
    summarize_curves,
)
from automl_core.runs.shared_rows import SharedRows

MOST_CURVES = 200  # lines with curves, from the first on: a page draws them again and again


@dataclass(frozen=True)
class BoardComparison:
    """The compared models of a run by one metric."""

    metric: str
    models: Mapping[int, ComparedScore]  # by number; without those that are not compared
    reference: int  # the model that the others are compared with
    rows: int  # that they are compared on
    every: int  # that all of them have predicted
    missing: Mapping[int, str]  # why a model is not compared


@dataclass(frozen=True)
class BoardRow:
    """One line of the board."""

    row: LeaderRow
    score: float | None  # by the metric of the board, natural sign
    compared: ComparedScore | None
    badges: tuple[str, ...]
    curve: CurveSummary | None  # None: it has no curves of its own


def comparable(rows: Sequence[LeaderRow]) -> tuple[int, ...]:
    """The models whose scores are of the same rows: the run's own, those from outside, others."""
    ranked = [row for row in rows if row.rank is not None or row.family == OUTSIDE_FAMILY]
    order = sorted(ranked, key=lambda row: (not row.best, row.family != OUTSIDE_FAMILY))
    return tuple(row.trial for row in order)


def compare_models(
    shared: SharedRows, rows: Sequence[LeaderRow], metric: str, own: str
) -> BoardComparison:
    """Compare the models of `shared` by a metric; `own` is the metric of the run.

    By its own metric the scores are those of the leaderboard, and the reference is the run's
    model; by another one they are of these rows, and the reference is the best.
    """
    of = {row.trial: row for row in rows}
    numbers = [number for number in shared.predictions if number in of]
    known = [of[number].score if metric == own else None for number in numbers]
    best = [place for place, number in enumerate(numbers) if of[number].best and metric == own]
    found: PairedComparison = compare_paired(
        metric,
        shared.y,
        [shared.predictions[number] for number in numbers],
        shared.weight,
        known,
        best[0] if best else None,
    )
    return BoardComparison(
        metric,
        dict(zip(numbers, found.models, strict=True)),
        numbers[found.reference],
        found.rows,
        shared.every,
        shared.missing,
    )


def board_rows(
    rows: Sequence[LeaderRow], state: RunState, metric: str, found: BoardComparison | None
) -> tuple[BoardRow, ...]:
    """The lines of the board, best first by `metric`.

    Without a comparison by the run's metric: as the leaderboard has them, without badges but the
    recommended one. Models that have no score by the metric come last, in their order.
    """
    models = {} if found is None else found.models
    scores = [_score(row, metric, models.get(row.trial)) for row in rows]
    losses = [None if score is None else loss_of(metric, score) for score in scores]
    contenders = [_contender(row, losses[i], models) for i, row in enumerate(rows)]
    badges = award_badges(contenders)

    def place(i: int) -> tuple[bool, float, int]:
        loss = losses[i]
        return loss is None, 0.0 if loss is None else loss, i

    lines = []
    for number, i in enumerate(sorted(range(len(rows)), key=place)):
        trial = state.trials.get(rows[i].trial) if number < MOST_CURVES else None
        curve = None if trial is None else summarize_curves(trial)
        lines.append(BoardRow(rows[i], scores[i], models.get(rows[i].trial), badges[i], curve))
    return tuple(lines)


def _score(row: LeaderRow, metric: str, compared: ComparedScore | None) -> float | None:
    if compared is not None:
        return compared.score
    return row.score if row.metric == metric else None


def _contender(
    row: LeaderRow, loss: float | None, models: Mapping[int, ComparedScore]
) -> Contender:
    compared = models.get(row.trial)
    return Contender(
        None if row.rank is None and compared is None else loss,
        compared is not None and compared.tied,
        row.best and (row.gain is None or row.gain > 0),
        row.family == OUTSIDE_FAMILY or (row.usable and row.family != "constant"),
        row.predict_ms_per_row,
        row.size_bytes,
    )

"""What a student learns from: rows, and what its teacher says of each.

Beside the real rows there are generated ones: cells of a row and of one that is near it, mixed
(Bucila et al. 2006, "Model compression", draw rows near the real ones, too). They lie where rows
that nobody has seen yet will lie, between the real ones, and there the teacher has learned no
answer by heart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl_core.features import Feature
from automl_core.runs.worker.teacher import Teacher
from automl_core.runs.worker.time_limit import TimeLimit
from automl_core.table import TypedColumn, TypedTable

Values = NDArray[np.float64]
Matrix = NDArray[np.float32]

GENERATED, TEACHING = 10, 0.35  # generated rows for each real one; of the time
SWAPPED = 0.5  # of the cells of a generated row that are its neighbour's
NEIGHBOURS, CANDIDATES = 5, 2_000  # rows that are near, among so many that are looked at
ALIKE = 1e-3  # squared distance of copies, at most
TOGETHER = 500  # rows that look at the same candidates
BATCH = 1_000  # rows that the teacher predicts between two looks at the clock


@dataclass(frozen=True, eq=False)
class Lessons:
    """Rows, and what the teacher says of each."""

    real: NDArray[np.int64]  # (r,) numbers of the real rows among them, which come first
    generated: TypedTable
    answers: Values  # (r + rows of `generated`, classes), or without classes


def make_lessons(
    teacher: Teacher, typed: TypedTable, near: NDArray[np.int64], most: int, limit: TimeLimit,
    rng: np.random.Generator,
) -> Lessons:  # fmt: skip
    """Lessons of these real rows and of generated ones, `most` together, as time allows.

    Both kinds take turns, so that where time is short there are some of each. `near` as in
    `generated_rows`.
    """
    order = rng.permutation(typed.rows)[: most // 2]
    wanted = min(GENERATED * typed.rows, most - len(order))
    turns: list[tuple[float, NDArray[np.int64] | int]] = [
        (start / len(order), order[start : start + BATCH]) for start in range(0, len(order), BATCH)
    ]
    turns += [(start / wanted, min(BATCH, wanted - start)) for start in range(0, wanted, BATCH)]
    real: list[Values] = []
    made: list[TypedTable] = [typed.take(order[:0])]
    invented: list[Values] = []
    for _, turn in sorted(turns, key=lambda turn: turn[0]):
        if real and (limit.elapsed() >= TEACHING or limit.interrupted() is not None):
            break
        if isinstance(turn, int):
            made.append(generated_rows(typed, near, turn, rng))
            invented.append(teacher(made[-1]))
        else:
            real.append(teacher(typed.take(turn)))
    answers = np.concatenate([*real, *invented])
    return Lessons(order[: sum(map(len, real))], _joined(made), answers)


def generated_rows(
    typed: TypedTable, near: NDArray[np.int64], count: int, rng: np.random.Generator
) -> TypedTable:
    """Rows (count) of the table in which half of the cells are those of a row near it.

    `near` (n, k) are the numbers of rows near each.
    """
    base = rng.integers(0, typed.rows, count)
    other = near[base, rng.integers(0, near.shape[1], count)]
    columns = {}
    for name, column in typed.columns.items():
        columns[name] = column.take(np.where(rng.random(count) < SWAPPED, other, base))
    return TypedTable(columns, count)


def near_rows(
    x: Matrix, features: tuple[Feature, ...], rng: np.random.Generator
) -> NDArray[np.int64]:
    """(n, k) for each row of an encoded matrix (n, d) the nearest among random ones, but equal
    ones; k is 1 or more.

    Near is what differs little in its numbers and in few of its codes.
    """
    codes = np.array([f.kind == "code" for f in features])
    numbers = np.ascontiguousarray(x[:, ~codes])
    words = np.ascontiguousarray(x[:, codes].T)
    k = min(NEIGHBOURS, max(1, len(x) - 1))
    near = np.zeros((len(x), k), dtype=np.int64)
    for start in range(0, len(x), TOGETHER):
        some = slice(start, start + TOGETHER)
        others = rng.permutation(len(x))[:CANDIDATES]
        apart = _squares(numbers[some], numbers[others])
        for word in words:
            apart += word[some, None] != word[others]
        apart[apart < ALIKE] = np.inf  # copies of the row have nothing to give
        near[some] = others[np.argpartition(apart, k - 1, axis=1)[:, :k]]
    return near


def _squares(a: Matrix, b: Matrix) -> Matrix:
    """(n, m) squared distances of rows (n, d) and (m, d)."""
    sums = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)
    return np.asarray(np.maximum(sums - 2 * (a @ b.T), 0))


def _joined(parts: list[TypedTable]) -> TypedTable:
    """The rows of tables that were taken from one table, one after the other."""
    columns = {
        name: _joined_column([part.columns[name] for part in parts]) for name in parts[0].columns
    }
    return TypedTable(columns, sum(part.rows for part in parts))


def _joined_column(parts: list[TypedColumn]) -> TypedColumn:
    first = parts[0]
    if first.numbers is not None:
        numbers = [part.numbers for part in parts if part.numbers is not None]
        return replace(first, numbers=np.concatenate(numbers))
    return replace(first, codes=np.concatenate([p.codes for p in parts if p.codes is not None]))

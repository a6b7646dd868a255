"""Values that cannot be what they say, planted in honest tables, and what only looks like them.

As in plants.py: a planter returns the columns that a finding must name; a lookalike adds what is
honest, if unusual.
"""

from __future__ import annotations

import numpy as np

from tests.benchmarks.honest import Cells, Honest, Rng, free_name, words_of
from tests.benchmarks.plants import Names


def outliers(rng: Rng, t: Honest) -> Names:
    """One to five numbers, or up to 0.4 %, far away from all others."""
    x = rng.normal(rng.uniform(20, 200), rng.uniform(1, 8), t.rows)
    count = max(int(rng.integers(1, 6)), int(t.rows * rng.uniform(0, 0.004)))
    at = rng.permutation(t.rows)[:count]
    x[at] *= rng.choice((-1.0, 1.0)) * 10 ** rng.uniform(1.5, 4, count)
    return t.add(free_name(rng, t), np.round(x, 2))


def heavy_tail(rng: Rng, t: Honest) -> Names:
    """Many small numbers and few large ones, as incomes and waiting times are."""
    n, way = t.rows, int(rng.integers(4))
    x = (
        rng.lognormal(3, rng.uniform(0.8, 1.8), n), rng.exponential(20, n),
        rng.standard_t(3, n) * 5, rng.pareto(rng.uniform(2.5, 4), n) * 100,
    )[way]  # fmt: skip
    return t.add(free_name(rng, t), np.round(x, 2))


def impossible(rng: Rng, t: Honest) -> Names:
    """A few wrong signs, zeros where nothing is near zero, dates of another age, or numbers that
    the column's name rules out."""
    n, way = t.rows, int(rng.integers(5))
    at = rng.permutation(n)[: max(2, int(n * rng.uniform(0.001, 0.015)))]
    if way > 2:
        return _beyond(rng, t, at)
    if way == 2:
        days = np.datetime64("2021-01-01") + rng.integers(0, 900, n).astype("timedelta64[D]")
        days[at] = np.datetime64(
            rng.choice(("1900-01-01", "2099-12-31", "0202-03-04", "1970-01-01"))
        )
        return t.add(free_name(rng, t), days)
    x = np.round(rng.normal(rng.uniform(60, 400), rng.uniform(5, 12), n), int(rng.integers(0, 3)))
    x[at] = -x[at] if way else 0.0
    return t.add(free_name(rng, t), x)


def _beyond(rng: Rng, t: Honest, at: Cells) -> Names:
    """Numbers beyond what a quantity of that name can be."""
    n, count = t.rows, len(at)
    spread = rng.uniform(1.1, 4, count)
    ages = np.round(rng.normal(rng.uniform(35, 55), rng.uniform(8, 15), n).clip(18, 90))
    shares = np.round(rng.beta(rng.uniform(1, 3), rng.uniform(1, 3), n) * 100, 1)
    name, cells, wrong = (
        ("patient age", ages, np.where(rng.random(count) < 0.5, -ages[at], 130 * spread)),
        ("percent_done", shares, 110 * spread),
        ("latitude", rng.uniform(35, 60, n).round(4), 90 * spread),
        ("hour", rng.integers(0, 24, n).astype(float), 24 * spread),
        ("month", rng.integers(1, 13, n).astype(float), 12 * spread),
    )[int(rng.integers(5))]
    cells[at] = np.round(wrong)
    return t.add(name, cells)


def signed(rng: Rng, t: Honest) -> Names:
    """Numbers that go through zero on their own, or are often exactly zero."""
    n, way = t.rows, int(rng.integers(5))
    if way > 2:
        return _named_alike(rng, t)
    profit = rng.normal(rng.uniform(1.5, 3), 1, n)
    rain = np.where(rng.random(n) < 0.4, 0.0, rng.gamma(2, 10, n))
    balance = np.where(rng.random(n) < 0.15, -1.0, 1.0) * rng.gamma(3, 30, n)
    return t.add(free_name(rng, t), np.round((profit, rain, balance)[way], 2))


def _named_alike(rng: Rng, t: Honest) -> Names:
    """Numbers of names that suggest limits, which they have reason not to keep."""
    n = t.rows
    name, cells = (
        ("building age", np.round(rng.gamma(2, 30, n))),
        ("growth percent", rng.normal(15, 40, n)),
        ("hours", rng.integers(0, 60, n)),
        ("month", np.arange(n) // 9),
        ("load percent", np.round(rng.normal(80, 15, n), 1)),
    )[int(rng.integers(5))]
    return t.add(name, cells)


def disguised(rng: Rng, t: Honest) -> Names:
    """A number or a word that stands for a gap, in 1 to 20 % of the rows."""
    at = rng.random(t.rows) < rng.uniform(0.012, 0.2)
    at[0] = True
    if rng.random() < 0.6:
        return t.add(free_name(rng, t), _with_sentinel(rng, at))
    words = words_of(rng, t.rows, int(rng.integers(3, 9)))
    mark = rng.choice(("unknown", "?", "N/A", "NULL", "not available", "missing", "--"))
    return t.add(free_name(rng, t), np.where(at, str(mark), words))


def round_numbers(rng: Rng, t: Honest) -> Names:
    """Numbers that reach 99 and 999 or go below zero on their own, and words that only sound
    like gaps."""
    x = rng.integers(0, int(rng.choice((100, 1_000))), t.rows)
    floors, stars = np.maximum(rng.poisson(3, t.rows) - 1, -1), rng.integers(0, 6, t.rows)
    bonus = np.where(rng.random(t.rows) < 0.3, 0.0, np.round(rng.gamma(2, 400, t.rows)))
    t.add(free_name(rng, t), (x, floors, stars, bonus)[int(rng.integers(4))])
    rooms = np.array(["single", "double", "open", "other", "common"], object)
    return t.add(free_name(rng, t), rooms[rng.integers(0, 5, t.rows)])


def _with_sentinel(rng: Rng, at: Cells) -> Cells:
    """Numbers of several kinds, each with what people write there for a gap."""
    n, way, top = len(at), int(rng.integers(6)), int(rng.integers(8, 200))
    often = rng.random(n) < rng.uniform(0.06, 0.2)
    if way == 0:  # answers on a scale
        return np.where(at, rng.choice((99, -9)), rng.integers(1, int(rng.integers(5, 8)), n))
    if way == 1:  # a measurement that is never near zero
        x = rng.normal(30, 6, n).clip(15, 50)
        return np.where(often, 0.0, np.round(x, 1))
    if way == 2:
        return np.where(often, -1, rng.poisson(rng.uniform(2, 20), n))
    x = np.where(at, rng.choice((-999, 9999, -9999, 99999)), rng.integers(0, top, n))
    return np.array([f"{v} kg" for v in x], object) if way == 3 else x

"""Problems of rows, targets and of what gives a target away, planted in honest tables.

As in plants.py: a planter returns the columns that a finding must name, () where any will do;
a lookalike adds what is honest, if unusual.
"""

from __future__ import annotations

import numpy as np

from tests.benchmarks.honest import Cells, Honest, Rng, free_name, words_of
from tests.benchmarks.plants import Names


def copies(rng: Rng, t: Honest) -> Names:
    """3 to 30 % of the rows come again, at the end, anywhere, or at once."""
    extra = rng.integers(0, t.rows, max(3, int(t.rows * rng.uniform(0.03, 0.3))))
    rows = np.concatenate([np.arange(t.rows), extra])
    t.take((rows, rng.permutation(rows), np.sort(rows))[int(rng.integers(3))])
    return ()


def coarse(rng: Rng, t: Honest) -> Names:
    """So few different answers that rows repeat by chance."""
    kept = {n: words_of(rng, t.rows, int(rng.integers(2, 4))) for n in t.features[:5]}
    signal = sum(rng.normal() * (c == c[0]) for c in kept.values()) + rng.normal(size=t.rows)
    t.columns = {**kept, t.target: t.columns[t.target]}
    t.task = "binary"
    t.follow(rng, np.asarray(signal))
    return ()


def near_copies(rng: Rng, t: Honest) -> Names:
    """3 to 20 % of the rows come again with one or two cells changed a little, or all words."""
    numbers = [n for n in t.features if t.columns[n].dtype.kind in "fiu"]
    count = max(5, int(t.rows * rng.uniform(0.03, 0.2)))
    t.take(np.concatenate([np.arange(t.rows), rng.permutation(t.rows)[:count]]))
    words = [n for n in t.features if t.columns[n].dtype == object]
    if len(words) > 1 and rng.random() < 0.4:
        for name in words:
            cells = t.columns[name].copy()
            cells[-count:] = [c if c is None else f"{c.upper()} " for c in cells[-count:]]
            t.columns[name] = cells
        t.take(rng.permutation(t.rows))
        return ()
    changed = rng.permutation(numbers)[: rng.integers(1, 3)] if numbers else [t.features[0]]
    for name in changed:
        cells = t.columns[str(name)].copy()
        cells[-count:] = (
            cells[-count:] + (rng.integers(1, 4, count) if cells.dtype.kind in "iu" else
                              np.round(rng.uniform(0.01, 2, count), 2))
            if numbers else rng.permutation(cells[-count:])
        )  # fmt: skip
        t.columns[str(name)] = cells
    t.take(rng.permutation(t.rows))
    return ()


def nothing(rng: Rng, t: Honest) -> Names:
    """The table as it is."""
    del rng, t
    return ()


def rare_class(rng: Rng, t: Honest) -> Names:
    """A class with one to four rows."""
    y = t.columns[t.target].astype(object)
    y[rng.permutation(t.rows)[: rng.integers(1, 5)]] = "odd" if isinstance(y[0], str) else 9
    t.columns[t.target] = np.array(y.tolist(), object)
    return (t.target,)


def imbalance(rng: Rng, t: Honest) -> Names:
    """Two classes, one with 0.3 to 3.5 % of the rows."""
    return _two_classes(t, rng.uniform(0.003, 0.035))


def uneven(rng: Rng, t: Honest) -> Names:
    """Two classes, one with 8 to 30 % of the rows."""
    _two_classes(t, rng.uniform(0.08, 0.3))
    return ()


def skewed_target(rng: Rng, t: Honest) -> Names:
    """A target with a few values far above most."""
    y = np.exp(t.signal * rng.uniform(1.0, 2.2) + rng.uniform(1, 8))
    t.columns[t.target] = np.round(y, 2)
    return (t.target,)


def bent_target(rng: Rng, t: Honest) -> Names:
    """A target that leans a little to one side."""
    t.columns[t.target] = np.round(np.exp(t.signal * rng.uniform(0.05, 0.3)) * 200, 2)
    return ()


def leak_alone(rng: Rng, t: Honest) -> Names:
    """The target in other words, on another scale, or with a little noise."""
    y = t.columns[t.target]
    if t.task == "regression":
        noise = rng.uniform(0, 0.06) * y.std() * rng.normal(size=t.rows)
        return t.add(free_name(rng, t), (y + noise) * rng.uniform(-3, 3) + rng.uniform(-9, 9))
    codes = np.unique(y.astype(str), return_inverse=True)[1]
    wrong = rng.random(t.rows) < rng.uniform(0, 0.008)
    codes = np.where(wrong, rng.integers(0, codes.max() + 1, t.rows), codes)
    if rng.random() < 0.5:
        return t.add(free_name(rng, t), np.array([f"s{(c * 3 + 1) % 7}" for c in codes], object))
    return t.add(free_name(rng, t), codes * 10.0 + rng.uniform(0, 6, t.rows))


def strong(rng: Rng, t: Honest) -> Names:
    """A column that predicts the target well, as good measurements do."""
    return t.add(free_name(rng, t), t.signal + rng.uniform(0.5, 1.0) * rng.normal(size=t.rows))


def leak_after(rng: Rng, t: Honest) -> Names:
    """Filled, or left empty, once one class has happened; what it says tells nothing more."""
    y = t.columns[t.target].astype(str)
    happened = y == str(rng.choice(np.unique(y)))
    full = happened & (rng.random(t.rows) < rng.uniform(0.6, 1.0))
    full |= ~happened & (rng.random(t.rows) < rng.choice((0.0, rng.uniform(0, 0.008))))
    if rng.random() < 0.3:
        full = ~full
    amount = np.where(full, np.round(rng.gamma(2, 30, t.rows), 2), np.nan)
    days = np.datetime64("2022-01-01") + rng.integers(0, 300, t.rows).astype("timedelta64[D]")
    words = words_of(rng, t.rows, 4)
    way = int(rng.integers(3))
    cells = (amount, np.where(full, days, np.datetime64("NaT")), np.where(full, words, None))[way]
    return t.add(free_name(rng, t), cells)


def gaps_that_tell(rng: Rng, t: Honest) -> Names:
    """Gaps that are more frequent in one class, as answers that people do not like to give."""
    y = t.columns[t.target].astype(str)
    share = np.where(y == np.unique(y)[0], rng.uniform(0.3, 0.6), rng.uniform(0.05, 0.25))
    cells = np.where(rng.random(t.rows) < share, np.nan, rng.normal(size=t.rows))
    t.add(free_name(rng, t), cells)
    return ()


def leak_sum(rng: Rng, t: Honest) -> Names:
    """Two or three columns of which the target is the sum, the difference or the product."""
    base = np.exp(t.signal * 0.4 + rng.uniform(2, 4))
    way = int(rng.integers(4))
    parts = [np.round(base * rng.uniform(0.2, 0.8, t.rows), 1)]
    parts += [np.round(rng.gamma(4, 5, t.rows), 1) for _ in range(2 if way == 1 else 1)]
    y = (sum(parts), sum(parts), parts[0] - parts[1], parts[0] * parts[1])[way]
    t.columns[t.target] = np.round(np.asarray(y), 2)
    names: Names = ()
    for part in parts:
        names += t.add(free_name(rng, t), part)
    return names


def close_sum(rng: Rng, t: Honest) -> Names:
    """Two columns whose sum the target follows, with 5 to 30 % of noise."""
    a, b = rng.gamma(4, 5, t.rows), rng.gamma(3, 9, t.rows)
    noise = rng.uniform(0.2, 0.6) * (a + b).std() * rng.normal(size=t.rows)
    t.columns[t.target] = np.round(a + b + noise, 2)
    t.add(free_name(rng, t), np.round(a, 1))
    t.add(free_name(rng, t), np.round(b, 1))
    return ()


def time_order(rng: Rng, t: Honest) -> Names:
    """A date, and a target that drifts along it or wanders; rows in order or not."""
    steps = np.linspace(0, 1, t.rows)
    way = int(rng.integers(3))
    walk = np.cumsum(rng.normal(size=t.rows))
    wave = np.sin(steps * rng.uniform(4, 14))
    course = (walk, wave, steps)[way]
    course = (course - course.mean()) / course.std()
    share = rng.uniform(0.25, 0.8)
    t.follow(rng, np.sqrt(share) * course + np.sqrt(1 - share) * t.signal)
    days = (steps * rng.uniform(200, 2_000)).astype(int)
    name = t.add(free_name(rng, t), np.datetime64("2019-03-01") + days.astype("timedelta64[D]"))
    if rng.random() < 0.5:
        t.take(rng.permutation(t.rows))
    return name


def dated(rng: Rng, t: Honest) -> Names:
    """Dates in order that the target has nothing to do with, or only by the day of the week."""
    days = np.sort(rng.integers(0, 900, t.rows))
    if rng.random() < 0.5:
        t.follow(rng, t.signal + rng.uniform(0.2, 0.5) * np.sin(days % 7))
    t.add(free_name(rng, t), np.datetime64("2019-03-01") + days.astype("timedelta64[D]"))
    return ()


def groups(rng: Rng, t: Honest) -> Names:
    """Several rows of each person: what stays the same about them is the same in all."""
    count = max(15, int(t.rows / rng.uniform(4, 15)))
    who = rng.integers(0, count, t.rows)
    effect = rng.normal(size=count)[who]
    share = rng.uniform(0.25, 0.7)
    t.follow(rng, np.sqrt(share) * effect + np.sqrt(1 - share) * t.signal)
    for i in range(int(rng.integers(2, 5))):
        made: Cells = np.round(rng.normal(40, 12, count), 1) if i % 2 else words_of(rng, count, 4)
        t.add(free_name(rng, t), made[who])
    name = t.add(free_name(rng, t), np.array([f"P{i * 7 % 9973}" for i in who], object))
    t.take(np.argsort(who, kind="stable") if rng.random() < 0.5 else np.arange(t.rows))
    return name


def places(rng: Rng, t: Honest) -> Names:
    """A column of 15 to 80 shops that matter to the target, each in one of a few regions."""
    count = int(rng.integers(15, 80))
    where = rng.integers(0, count, t.rows)
    t.follow(rng, t.signal + rng.uniform(0.3, 0.8) * rng.normal(size=count)[where])
    t.add(free_name(rng, t), np.array([f"shop {i}" for i in where], object))
    t.add(free_name(rng, t), words_of(rng, count, 5)[where])
    return ()


def too_few(rng: Rng, t: Honest) -> Names:
    """20 to 60 rows, for 3 to 8 classes or for a number and more columns than half the rows."""
    n = int(rng.integers(24, 60))
    t.take(np.arange(min(n, t.rows)))
    if t.task == "regression":
        for i in range(n):
            t.columns = {f"gene {i}": rng.normal(size=t.rows), **t.columns}
    else:
        labels = np.array([f"class {i}" for i in range(int(rng.integers(4, 9)))], object)
        t.columns[t.target] = rng.choice(labels, t.rows)
    return ()


def _two_classes(t: Honest, share: float) -> Names:
    cut = np.quantile(t.signal, 1 - share)
    t.columns[t.target] = np.array(["no", "yes"], object)[(t.signal > cut).astype(int)]
    return (t.target,)

"""Problems of single columns, planted in honest tables, and what only looks like them.

Each planter changes the table and returns the columns that a finding must name; each lookalike
adds what is honest, if unusual. Strengths vary; none was fitted to a check.
"""

from __future__ import annotations

import uuid

import numpy as np

from tests.benchmarks.honest import WORDS, Cells, Honest, Rng, free_name, words_of

Names = tuple[str, ...]


def empty(rng: Rng, t: Honest) -> Names:
    """No value at all, written in one of several ways."""
    gap = (None, "", " ")[int(rng.integers(3))]
    return t.add(free_name(rng, t), np.full(t.rows, gap, object))


def nearly_empty(rng: Rng, t: Honest) -> Names:
    """A few values."""
    return t.add(free_name(rng, t), _gaps(rng, words_of(rng, t.rows, 5), 0.8))


def constant(rng: Rng, t: Honest) -> Names:
    """One value in every row."""
    value = (3, 0.5, "north", np.datetime64("2020-05-01"))[int(rng.integers(4))]
    return t.add(free_name(rng, t), np.array([value] * t.rows))


def near_constant(rng: Rng, t: Honest) -> Names:
    """One value in nearly every row: others in 0.05 to 0.8 %, in one row at least."""
    others = max(1, int(t.rows * rng.uniform(0.0005, 0.008)))
    return t.add(free_name(rng, t), _mostly(rng, t.rows, others))


def rare_flag(rng: Rng, t: Honest) -> Names:
    """One value in most rows, others in 2.5 to 8 %."""
    return t.add(free_name(rng, t), _mostly(rng, t.rows, int(t.rows * rng.uniform(0.025, 0.08))))


def missing(rng: Rng, t: Honest) -> Names:
    """A column with 60 to 95 % gaps."""
    return t.add(free_name(rng, t), _gaps(rng, rng.normal(size=t.rows), rng.uniform(0.6, 0.95)))


def some_missing(rng: Rng, t: Honest) -> Names:
    """A column with 2 to 30 % gaps."""
    return t.add(free_name(rng, t), _gaps(rng, rng.normal(size=t.rows), rng.uniform(0.02, 0.3)))


def missing_together(rng: Rng, t: Honest) -> Names:
    """Two to five columns with gaps in the same rows, and a few gaps of their own."""
    same = rng.random(t.rows) < rng.uniform(0.04, 0.3)
    names: Names = ()
    for _ in range(int(rng.integers(2, 6))):
        own = rng.random(t.rows) < rng.uniform(0, 0.02)
        cells = np.where(same | own, np.nan, rng.normal(size=t.rows))
        names += t.add(free_name(rng, t), cells)
    return names


def missing_apart(rng: Rng, t: Honest) -> Names:
    """Several columns with gaps, each in rows of its own."""
    for _ in range(int(rng.integers(2, 6))):
        t.add(free_name(rng, t), _gaps(rng, rng.normal(size=t.rows), rng.uniform(0.04, 0.3)))
    return ()


def twin(rng: Rng, t: Honest) -> Names:
    """Two columns that say the same: a copy, another unit, or other words."""
    x, way = rng.poisson(6, t.rows), int(rng.integers(4))
    y = rng.normal(50, 12, t.rows)
    first = t.add(free_name(rng, t), (x, y, y, x)[way])
    other = (
        x, y * rng.uniform(0.3, 3) + rng.uniform(-9, 9),
        np.round(y * 2.54, 3), np.array(["abcdefghijklmnopqrstuvwxyz"[i % 26] for i in x], object),
    )[way]  # fmt: skip
    return first + t.add(free_name(rng, t), other)


def cousin(rng: Rng, t: Honest) -> Names:
    """Two columns that go together, but not exactly."""
    x = rng.normal(size=t.rows)
    t.add(free_name(rng, t), x)
    noise = rng.uniform(0.1, 0.5) * rng.normal(size=t.rows)
    return t.add(free_name(rng, t), x + noise)


def key(rng: Rng, t: Honest) -> Names:
    """A number or a name for each row."""
    n, way = t.rows, int(rng.integers(5))
    if way == 0:
        return t.add(free_name(rng, t), np.arange(1, n + 1))
    if way == 1:
        return t.add("customer_id", rng.permutation(10**7)[:n] if n < 10**6 else np.arange(n))
    if way == 2:
        made = [str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(n)]
        return t.add(free_name(rng, t), np.array(made, object))
    if way == 3:
        return t.add("record no", np.array([f"K{i:07d}" for i in rng.permutation(n * 3)[:n]]))
    return t.add("row id", rng.permutation(n))


def measurement(rng: Rng, t: Honest) -> Names:
    """Numbers that hardly repeat, but measure something."""
    x = rng.lognormal(9, 0.6, t.rows)
    return t.add(free_name(rng, t), np.round(x) if rng.random() < 0.5 else x)


def many_words(rng: Rng, t: Honest) -> Names:
    """Words of which most occur once or twice."""
    pool = max(150, int(t.rows * rng.uniform(0.3, 1.5)))
    syllables = ("ba", "ko", "ri", "tu", "me", "lo", "fin", "gar", "sel", "dro")
    words = ["".join(rng.choice(syllables, 4)) + str(i % 7) for i in range(pool)]
    return t.add(free_name(rng, t), np.array(words, object)[rng.integers(0, pool, t.rows)])


def several_words(rng: Rng, t: Honest) -> Names:
    """Words with 13 to 32 different values."""
    return t.add(free_name(rng, t), words_of(rng, t.rows, int(rng.integers(13, 33))))


def mixed(rng: Rng, t: Honest) -> Names:
    """Numbers among which 2 to 30 % are words, or dates."""
    x = np.array([f"{v:.1f}" for v in rng.normal(40, 9, t.rows)], object)
    odd = ("see note", "high", "3 or 4", "above", "2021-03-04", "ask Ann", "pending")
    share = rng.uniform(0.02, 0.3)
    at = rng.random(t.rows) < share
    at[:2] = True
    x[at] = rng.choice(np.array(odd[: int(rng.integers(1, 8))], object), int(at.sum()))
    return t.add(free_name(rng, t), x)


def codes(rng: Rng, t: Honest) -> Names:
    """Codes of digits and letters."""
    number = rng.integers(1, 60, t.rows)
    ways = ([f"A{i}" for i in number], [f"{i}B" if i % 2 else f"C-{i}" for i in number],
            [("1", "2", "3", "S")[i % 4] for i in number])  # fmt: skip
    return t.add(free_name(rng, t), np.array(ways[int(rng.integers(3))], object))


def mojibake(rng: Rng, t: Honest) -> Names:
    """Words in UTF-8 that were read as something else, in a part of the rows."""
    words = np.array(["café", "Müller", "señor", "it’s", "Łódź", "naïve", "plain", "road"], object)
    cells = words[rng.integers(0, len(words), t.rows)]
    wrong = rng.random(t.rows) < rng.uniform(0.05, 1.0)
    way = int(rng.integers(3))
    cells[wrong] = [_misread(str(c), way) for c in cells[wrong]]
    return t.add(free_name(rng, t), cells)


def accents(rng: Rng, t: Honest) -> Names:
    """Words with accents and in other scripts, read as they should be."""
    words = [
        "SÃO PAULO",
        "MAÇÃ",
        "Ångström",
        "Київ",
        "東京",
        "Zoë’s",
        "Äpfel",
        "ÎLE",
        "naïve",
        "Ä–Ö",
    ]
    return t.add(free_name(rng, t), rng.choice(np.array(words, object), t.rows))


def units(rng: Rng, t: Honest) -> Names:
    """Numbers with a unit behind them, in one or two units."""
    pairs = (("kg", "g"), ("cm", "m"), ("km/h", "km/h"), ("M", "k"), (" GB", " MB"), (" min", " h"))
    pair = pairs[int(rng.integers(len(pairs)))]
    second = rng.random(t.rows) < (0.2 if rng.random() < 0.5 else 0.0)
    x = rng.integers(2, 400, t.rows)
    cells = [f"{v}{pair[int(s)]}" for v, s in zip(x, second, strict=True)]
    return t.add(free_name(rng, t), np.array(cells, object))


def _misread(text: str, way: int) -> str:
    if way == 2:
        return "".join(c if ord(c) < 128 else "\ufffd" for c in text)
    raw = text.encode("utf-8")
    return raw.decode("latin-1") if way else raw.decode("cp1252", errors="replace")


def _mostly(rng: Rng, n: int, others: int) -> Cells:
    at = rng.permutation(n)[:others]
    if rng.random() < 0.5:
        x = np.zeros(n)
        x[at] = np.round(rng.uniform(1, 3, others))
        return x
    words = np.full(n, "usual", object)
    words[at] = rng.choice(np.array(WORDS[:2], object), others)
    return words


def _gaps(rng: Rng, cells: Cells, share: float) -> Cells:
    at = rng.random(len(cells)) < share
    return np.where(at, np.nan, cells) if cells.dtype.kind == "f" else np.where(at, None, cells)

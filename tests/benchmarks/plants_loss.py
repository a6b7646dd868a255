"""Losses and misreadings planted in honest tables, and cases that only look like them.

As in plants.py: a planter returns the columns that a finding must name, () where it is about rows;
a lookalike adds what is honest, if unusual.
"""

from __future__ import annotations

import datetime as dt
import unicodedata

import numpy as np

from tests.benchmarks.honest import WORDS, Cells, Honest, Rng, free_name, words_of
from tests.benchmarks.plants import Names

TOWNS = ("Zürich", "São Paulo", "New York", "Malmö", "Kraków", "Den Haag", "Oslo", "Lima", "Bonn")


def spellings(rng: Rng, t: Honest) -> Names:
    """Some cells of a category, or of the target, in other capitals, blanks or Unicode form."""
    way = int(rng.integers(5))
    change = (
        str.lower, str.upper, lambda w: w.replace(" ", "  ") + "\u200b",
        lambda w: unicodedata.normalize("NFD", w) if w.isascii() is False else w.swapcase(),
        lambda w: "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in w),
    )[way]  # fmt: skip
    words = np.array(TOWNS[: rng.integers(3, 9)], object)
    if t.task != "regression" and rng.random() < 0.3:
        codes = np.unique(t.columns[t.target].astype(str), return_inverse=True)[1]
        t.columns[t.target] = _changed(rng, words[codes % len(words)], change)
        return (t.target,)
    return t.add(
        free_name(rng, t), _changed(rng, words[rng.integers(0, len(words), t.rows)], change)
    )


def cased_codes(rng: Rng, t: Honest) -> Names:
    """Codes of which capitals mean something, or words with a blank at an end, which is none."""
    way = int(rng.integers(4))
    pool = (
        ("m", "M", "k", "K", "G"), ("mW", "MW", "kW", "W"), ("aBcD", "abCd", "AbCd", "xYz"),
        ("red", "red ", "blue", "green"),
    )[way]  # fmt: skip
    return t.add(free_name(rng, t), np.array(pool, object)[rng.integers(0, len(pool), t.rows)])


def odd_value(rng: Rng, t: Honest) -> Names:
    """A number that stands for a gap, outside of all others, whatever its digits."""
    at = rng.random(t.rows) < rng.uniform(0.03, 0.3)
    at[:6] = True
    odd = float(rng.choice((-200, -1000, -99.99, 9999, -273.15, 55_555, 1e6, -32768, -77.7)))
    digits = int(rng.integers(0, 3))
    if odd < 0 and rng.random() < 0.5:
        x = np.round(rng.gamma(2, rng.uniform(5, 300), t.rows), digits)  # none is negative
    else:
        x = np.round(rng.normal(rng.uniform(-5, 20), rng.uniform(2, 6), t.rows), digits)
    cells = np.where(at, odd, x)
    if rng.random() < 0.2:
        other = rng.random(t.rows) < 0.05
        cells = np.where(other & ~at, odd * 4.0, cells)
    return t.add(free_name(rng, t), cells)


def caps(rng: Rng, t: Honest) -> Names:
    """Numbers cut at an end, frequent zeros, answers up to 99, debts: nothing stands for a gap."""
    n, way = t.rows, int(rng.integers(6))
    x = (
        np.minimum(np.round(rng.gamma(3, 25, n), 1), 100.0),
        np.maximum(np.round(rng.normal(5, 8, n), 1), 0.0),
        np.where(rng.random(n) < 0.4, 0.0, np.round(rng.gamma(2, 30, n), 1)),
        np.minimum(rng.integers(0, 130, n), 99),
        np.round(rng.normal(-20, 60, n)),
        np.minimum(np.round(rng.lognormal(10, 0.7, n)), 99_999.0),
    )[way]  # fmt: skip
    return t.add(free_name(rng, t), x)


def partial(rng: Rng, t: Honest) -> Names:
    """A value that one class alone has, and much of it; or one column that tells nearly all."""
    y = t.columns[t.target].astype(str)
    _hide(rng, t)
    classes, counts = np.unique(y, return_counts=True)
    happened = y == classes[counts.argmin()]
    covered = happened & (rng.random(t.rows) < rng.uniform(0.4, 0.85))
    way = int(rng.integers(3))
    if way == 0:
        cells = np.where(covered, "closed", words_of(rng, t.rows, int(rng.integers(3, 8))))
    elif way == 1:
        cells = np.where(covered, 77.0, np.round(rng.normal(40, 9, t.rows)))
    else:
        cells = np.where(covered, None, words_of(rng, t.rows, int(rng.integers(3, 8))))
    return t.add(free_name(rng, t), cells)


def good_column(rng: Rng, t: Honest) -> Names:
    """Strong columns that measure what the target follows, among others that do as well."""
    for i in range(3):
        t.add(f"gauge {i}", np.round(t.signal + rng.uniform(0.4, 0.6) * rng.normal(size=t.rows), 3))
    if rng.random() < 0.5:
        top = np.where(t.signal > np.quantile(t.signal, 0.7), "hot", words_of(rng, t.rows, 3))
        return t.add(free_name(rng, t), top)
    strong = t.signal + rng.uniform(0.3, 0.5) * rng.normal(size=t.rows)
    return t.add(free_name(rng, t), strong)


def unread_dates(rng: Rng, t: Honest) -> Names:
    """Dates in a form that is not read, or in two orders."""
    seconds = rng.integers(0, 10**8, t.rows)
    days = [dt.datetime(2017, 1, 1) + dt.timedelta(seconds=int(s)) for s in seconds]
    forms = ("%Y/%d/%m", "%Y-%d-%m %H:%M", "%Y.%d.%m %H:%M:%S", "%Y/%d/%b")
    way = int(rng.integers(len(forms) + 1))
    if way < len(forms):
        cells = [d.strftime(forms[way]) for d in days]
    else:
        cells = [d.strftime("%d/%m/%Y" if i % 2 else "%m/%d/%Y") for i, d in enumerate(days)]
    return t.add(free_name(rng, t), np.array(cells, object))


def dotted(rng: Rng, t: Honest) -> Names:
    """Versions, addresses, codes with dashes, orders that count within a year."""
    a, b, c = rng.integers(0, 40, (3, t.rows))
    way = int(rng.integers(4))
    cells = [
        (f"{x}.{y}.{z}", f"10.{x}.{y}.{z}", f"{x + 40:02d}-{y + 40:02d}-{z + 40:02d}",
         f"2021-{x * 1600 + y * 40 + z + 400:05d}")[way]
        for x, y, z in zip(a, b, c, strict=True)
    ]  # fmt: skip
    return t.add(free_name(rng, t), np.array(cells, object))


def flags(rng: Rng, t: Honest) -> Names:
    """Marks before or behind some numbers: estimates, limits, provisional figures."""
    x = np.round(rng.gamma(3, 20, t.rows), 1)
    front, back = (
        ("", " p"), ("", "*"), ("<", ""), ("", " e"), ("~", ""), (">", ""), ("", "†"), ("", "[b]"),
        ("", "(r)"), ("", "b"),
    )[int(rng.integers(10))]  # fmt: skip
    at = rng.random(t.rows) < rng.uniform(0.02, 0.4)
    at[:3] = True
    cells = [f"{front}{v}{back}" if m else f"{v}" for v, m in zip(x, at, strict=True)]
    return t.add(free_name(rng, t), np.array(cells, object))


def unit_codes(rng: Rng, t: Honest) -> Names:
    """House numbers, article codes, amounts in a unit, magnitudes, percentages."""
    x, way = rng.integers(1, 300, t.rows), int(rng.integers(5))
    cells = [
        (f"{v}{'abcd'[v % 4] if i % 8 == 0 else ''}", f"{70_000 + v}{'A' if i % 8 == 0 else ''}",
         f"{v} kg", f"{v / 10}{'kM'[i % 2]}", f"{v / 3:.1f}%")[way]
        for i, v in enumerate(x)
    ]  # fmt: skip
    return t.add(free_name(rng, t), np.array(cells, object))


def units_row(rng: Rng, t: Honest) -> Names:
    """A first row of units or tags in all columns, numbers written as text below."""
    _amounts(rng, t)
    tags = rng.random() < 0.4
    units = ("kg", "m/s", "°C", "(mm)", "EUR", "percent", "1000 t")
    said = [f"#{n.split()[0]}" if tags else units[i % 7] for i, n in enumerate(t.columns)]
    _as_text(t, said, 0)
    return ()


def first_row(rng: Rng, t: Honest) -> Names:
    """A first row with gaps and marks of gaps, in numbers written as text; or one odd word."""
    _amounts(rng, t)
    word = str(rng.choice(("", "-", "n/a")))
    _as_text(t, [word] * len(t.columns), 0)
    return ()


def long_ids(rng: Rng, t: Honest) -> Names:
    """Whole numbers of 16 to 19 digits, exact, rounded, as decimals or with an exponent."""
    digits, way = int(rng.integers(16, 19)), int(rng.integers(5))
    pool = rng.integers(10 ** (digits - 1), 10**digits, max(20, t.rows // int(rng.integers(1, 9))))
    ids = pool[rng.integers(0, len(pool), t.rows)]
    ids = np.where(ids < 2**53, ids + 2**53, ids)
    cells: Cells = (
        ids, ids // 10_000 * 10_000, ids.astype(float),
        np.array([f"{v:.5E}" for v in ids], object), np.array([str(v) for v in ids], object),
    )[way]  # fmt: skip
    return t.add(free_name(rng, t), cells)


def large_numbers(rng: Rng, t: Honest) -> Names:
    """Clocks in micro- and nanoseconds, amounts of any size, numbers below 2^53."""
    n, way = t.rows, int(rng.integers(4))
    seconds = rng.integers(1_500_000_000, 1_700_000_000, n)
    cells = (
        seconds * 10**6, seconds * 10**9, 10 ** rng.uniform(12, 30, n),
        rng.integers(10**12, 9 * 10**14, n),
    )[way]  # fmt: skip
    return t.add(free_name(rng, t), cells)


def footer(rng: Rng, t: Honest) -> Names:
    """A last row with the sums of all others, or with a note, or both."""
    _amounts(rng, t)
    way = int(rng.integers(3))
    summed = {n: float(np.nansum(c)) for n, c in t.columns.items() if c.dtype.kind in "fiu"}
    total = str(rng.choice(("Total", "TOTAL", "Grand Total", "Summe", "Sum", "Insgesamt")))
    note = str(rng.choice(("Source: office of statistics", "Note: some figures are estimates",
                           "* provisional figures, to be revised in the next year")))  # fmt: skip
    if way != 1:
        _append(t, {"town": total, **summed})
    if way != 0:
        _append(t, {"town": note})
    return ()


def last_case(rng: Rng, t: Honest) -> Names:
    """A last row that is a case, if one with many gaps or a name such as Total."""
    _amounts(rng, t)
    way = int(rng.integers(3))
    usual = {n: c[0] for n, c in t.columns.items()}
    name = ("Source", "Totals Ltd", "Notting")[way]
    _append(t, {**usual, "town": name} if way else {"town": "north", t.target: usual[t.target]})
    return ()


def header_again(rng: Rng, t: Honest) -> Names:
    """The header within the rows, where a file was put behind another: once or a few times."""
    for _ in range(int(rng.integers(1, 4))):
        _as_text(t, [*t.columns], int(rng.integers(0, t.rows)))
    return ()


def named_words(rng: Rng, t: Honest) -> Names:
    """Cells that say the name of their column, in one column only."""
    name = free_name(rng, t)
    words = np.where(rng.random(t.rows) < 0.05, name, words_of(rng, t.rows, 5))
    return t.add(name, words)


def percent(rng: Rng, t: Honest) -> Names:
    """Percentages beside fractions."""
    x = rng.beta(2, 3, t.rows)
    at = rng.random(t.rows) < rng.uniform(0.05, 0.9)
    at[:4], at[4:8] = True, False
    digits = int(rng.integers(0, 2))
    cells = [f"{100 * v:.{digits}f}%" if m else f"{v:.3f}" for v, m in zip(x, at, strict=True)]
    return t.add(free_name(rng, t), np.array(cells, object))


def one_scale(rng: Rng, t: Honest) -> Names:
    """Percentages, some with the sign and some without; all of them; small ones."""
    x, way = rng.beta(2, 3, t.rows) * 100, int(rng.integers(3))
    every = (3, 1, 4)[way]
    scale = 0.01 if way == 2 else 1.0
    cells = [f"{scale * v:.2f}{'%' if i % every == 0 else ''}" for i, v in enumerate(x)]
    return t.add(free_name(rng, t), np.array(cells, object))


def future_births(rng: Rng, t: Honest) -> Names:
    """Births of which some lie in the future, by years of two digits or by mistake."""
    days = np.datetime64("1935-01-01") + rng.integers(0, 20_000, t.rows).astype("timedelta64[D]")
    at = rng.permutation(t.rows)[: max(2, int(t.rows * rng.uniform(0.01, 0.5)))]
    days[at] = np.datetime64("2045-01-01") + rng.integers(0, 8_000, len(at)).astype(
        "timedelta64[D]"
    )
    return t.add(str(rng.choice(("birth_date", "date of birth", "dob", "geburtsdatum"))), days)


def due_dates(rng: Rng, t: Honest) -> Names:
    """Dates in the future of things that are to come, and births in the past."""
    days = np.datetime64("2022-01-01") + rng.integers(0, 9_000, t.rows).astype("timedelta64[D]")
    t.add("due_date", days)
    past = np.datetime64("1935-01-01") + rng.integers(0, 25_000, t.rows).astype("timedelta64[D]")
    return t.add("birth_date", past)


def target_words(rng: Rng, t: Honest) -> Names:
    """A level of the target that means that nobody knows."""
    labels = np.array(("yes", "no", "late", "soon", "maybe"), object)
    y = labels[np.unique(t.columns[t.target].astype(str), return_inverse=True)[1] % 5]
    word = str(rng.choice(("unknown", "?", "n/a", "null", "not available")))
    t.columns[t.target] = np.where(rng.random(t.rows) < rng.uniform(0.03, 0.3), word, y)
    return (t.target,)


def target_levels(rng: Rng, t: Honest) -> Names:
    """A target with a level such as other or maybe."""
    word = str(rng.choice(("other", "maybe", "undecided", "both")))
    y = t.columns[t.target].astype(str).astype(object)
    t.columns[t.target] = np.where(rng.random(t.rows) < 0.15, word, y)
    return ()


def unread_numbers(rng: Rng, t: Honest) -> Names:
    """Numbers that became words or a key because of some cells, or of two decimal marks."""
    x = np.round(rng.gamma(3, 20, t.rows), 2)
    at = rng.random(t.rows) < rng.uniform(0.03, 0.15)
    at[:5] = True
    if rng.random() < 0.5:
        cells = [f"see {v}" if m else f"{v}" for v, m in zip(x, at, strict=True)]
    else:
        cells = [f"{v}".replace(".", ",") if i % 2 else f"{v}" for i, v in enumerate(x)]
    return t.add(free_name(rng, t), np.array(cells, object))


def _changed(rng: Rng, words: Cells, change: object) -> Cells:
    at = rng.random(len(words)) < rng.uniform(0.02, 0.3)
    at[:4] = True
    assert callable(change)
    return np.array([change(w) if m else w for w, m in zip(words, at, strict=True)], object)


def _hide(rng: Rng, t: Honest) -> None:
    """Let the other columns tell little of the target."""
    for name in t.features:
        t.columns[name] = t.columns[name][rng.permutation(t.rows)]


def _amounts(rng: Rng, t: Honest) -> None:
    """Three columns of amounts and a place, so that a sum means something."""
    for name in t.features[4:]:
        del t.columns[name]
    for i in range(3):
        t.columns = {f"amount {i}": np.round(rng.gamma(2, 40, t.rows), 1), **t.columns}
    words = np.array([f"{WORDS[i % len(WORDS)]} {i}" for i in range(t.rows)], object)
    t.columns = {"town": words, **t.columns}


def _append(t: Honest, row: dict[str, object]) -> None:
    """One more row at the end; empty where it says nothing."""
    for name, cells in t.columns.items():
        if cells.dtype.kind in "fiu":
            t.columns[name] = np.append(cells.astype(float), row.get(name, np.nan))
        elif cells.dtype.kind == "M":
            t.columns[name] = np.append(cells, np.datetime64("NaT"))
        else:
            t.columns[name] = np.array([*cells.tolist(), row.get(name)], object)
    t.signal = np.append(t.signal, 0.0)


def _as_text(t: Honest, said: list[str], at: int) -> None:
    """All columns as text, with one row more, which says `said`, a word a column."""
    for word, name in zip(said, [*t.columns], strict=True):
        texts = [None if v is None else str(v) for v in t.columns[name].tolist()]
        texts = [None if v == "nan" else v for v in texts]
        t.columns[name] = np.array([*texts[:at], word, *texts[at:]], object)
    t.signal = np.insert(t.signal, at, 0.0)

"""Columns as real files have them: names, cities, prices, dates, codes, sentences.

A cell is the text that a file should give back; None is a missing one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

_FIRST = """Anna Bob Carla Dieter Élise François Günther Håkon Inês Jürgen Karl Lena María Noël
Olga Paula Quentin Renée Søren Thomas Ursula Viktor Wanda Yann Zoé"""
_LAST = """Smith Müller García Dubois Rossi Jones Weiß Lefèvre Nowak O'Brien Schröder Fernández
Berg MacLeod Da-Silva Köhler Nguyen Okafor Petit Brown Lüdtke Strauß"""
_CITIES = """Berlin,New York,São Paulo,Zürich,Oslo,Lyon,Graz,Köln,Bad Homburg,Los Angeles,Rome
Paris,Saint-Étienne,Málaga,The Hague,Leeds,Bern,Genève,Aarhus,Porto"""
_WORDS = """the quick service was good but delivery took long box arrived damaged we called twice
manager helped later price fair would buy again colour wrong size small très bien später"""
FIRST, LAST, WORDS = _FIRST.split(), _LAST.split(), _WORDS.split()
CITIES = _CITIES.replace("\n", ",").split(",")
KINDS = ["red", "green", "blue", "black", "white", "dark grey"]
LEVELS = ["low", "medium", "high", "very high"]

Make = Callable[[Random, int], list[str]]


@dataclass(frozen=True)
class Kind:
    """One kind of column: how it may be called, its cells, and what a reader can know of it."""

    names: tuple[str, ...]
    make: Make
    numeric: bool = False  # numbers, written with "."
    shaped: bool = False  # codes or dates: a name looks different
    repeats: bool = False  # words that occur again and again
    units: tuple[str, ...] = ()


def each(cell: Callable[[Random], str]) -> Make:
    """A column of cells that do not depend on each other."""
    return lambda random, rows: [cell(random) for _ in range(rows)]


def _numbered(random: Random, rows: int) -> list[str]:
    first = random.choice((0, 1, 1, 1001, 48_213))
    return [str(first + i) for i in range(rows)]


def _dates(form: str) -> Make:
    def make(random: Random, rows: int) -> list[str]:
        start = dt.datetime(random.randint(1995, 2023), 1, 1)
        steps = [random.randint(0, 3_000_000) for _ in range(rows)]
        return [(start + dt.timedelta(minutes=step)).strftime(form) for step in steps]

    return make


def _sentence(random: Random) -> str:
    words = [random.choice(WORDS) for _ in range(random.randint(3, 14))]
    marks = [random.choice(("", "", "", ",", ",", ";")) for _ in words[:-1]]
    text = " ".join(w + m for w, m in zip(words, [*marks, ""], strict=True))
    return text.capitalize() + random.choice((".", "!", "", "..."))


def _quoting(random: Random) -> str:
    """Sentences with quotes."""
    return f'{_sentence(random)} "{random.choice(WORDS)}" {random.choice(WORDS)}'


def _price(random: Random) -> str:
    return f"{random.lognormvariate(4, 1.2):.2f}"


def _person(random: Random) -> str:
    return f"{random.choice(FIRST)} {random.choice(LAST)}"


def _tags(random: Random) -> str:
    return "|".join(random.sample(KINDS[:5], random.randint(1, 4)))


def _key(random: Random) -> str:
    return str(random.randint(10**16, 9 * 10**18))


def _code(random: Random) -> str:
    return f"{random.choice('ABCKX')}{random.randint(100, 999)}-{random.randint(10, 99)}"


COLUMNS: tuple[Kind, ...] = (
    Kind(("id", "ID", "Nr", "row_id", "Kunde Nr."), _numbered, numeric=True),
    Kind(("name", "Name", "full name", "Nom"), each(_person)),
    Kind(("customer", "Kunde"), each(lambda r: f"{r.choice(LAST)}, {r.choice(FIRST)}")),
    Kind(("city", "Ort", "Ville", "place"), each(lambda r: r.choice(CITIES)), repeats=True),
    Kind(("colour", "type", "Farbe"), each(lambda r: r.choice(KINDS)), repeats=True),
    Kind(("risk", "level", "class"), each(lambda r: r.choice(LEVELS)), repeats=True),
    Kind(("active", "paid", "aktiv?"), each(lambda r: r.choice(("yes", "no"))), repeats=True),
    Kind(("price", "Preis", "amount (EUR)"), each(_price), True, units=("EUR", "€", "[EUR]")),
    Kind(("weight", "x", "temp"), each(lambda r: f"{r.gauss(20, 8):.{r.choice((1, 3))}f}"), True,
         units=("kg", "°C", "m/s", "[kg]")),
    Kind(("age", "n", "visits"), each(lambda r: str(r.randint(0, 99))), True, units=("years", "#")),
    Kind(("sales", "Menge", "population"), each(lambda r: str(int(r.lognormvariate(7, 2)))), True,
         units=("pcs", "1000")),
    Kind(("date", "Datum", "day"), _dates("%Y-%m-%d"), shaped=True),
    Kind(("Datum", "geboren"), _dates("%d.%m.%Y"), shaped=True),
    Kind(("time", "created at"), _dates("%Y-%m-%d %H:%M:%S"), shaped=True),
    Kind(("code", "SKU", "Artikel"), each(_code), shaped=True),
    Kind(("zip", "PLZ"), each(lambda r: f"{r.randint(0, 99_999):05}"), numeric=True),
    Kind(("key", "account"), each(_key), numeric=True),
    Kind(("comment", "text", "Bemerkung"), each(_sentence)),
    Kind(("remark", "quote"), each(_quoting)),
    Kind(("tags", "options"), each(_tags)),
    Kind(("coords", "position"), each(lambda r: f"{r.uniform(47, 55):.2f};{r.uniform(6, 15):.2f}"),
         shaped=True),
    Kind(("group", "arm"), each(lambda r: f"{r.choice('ABC')}|{r.randint(1, 5)}"), shaped=True),
    Kind(("url", "link"), each(lambda r: f"https://example.org/{r.choice(KINDS[:5])}?a=1&n="
                                         f"{r.randint(1, 999)}"), shaped=True),
    Kind(("share", "Anteil"), each(lambda r: f"{r.randint(1, 100)}%"), shaped=True),
)  # fmt: skip
"""All kinds of columns."""

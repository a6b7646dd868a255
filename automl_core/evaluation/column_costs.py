"""Costs of columns: the score with fewer of them against their price, and the cheapest that ties.

Takes sets of columns as they were measured; other prices need no further fit. Knows nothing of
how a set was found or scored.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from automl_core.errors import SpecError, did_you_mean
from automl_core.evaluation.number_words import plain_number
from automl_core.evaluation.paired_comparison import ComparedScore
from automl_core.metrics import METRICS, loss_of
from automl_core.words import count, percent

PRICE = 1.0  # of a column that has no other
NAMED = 5  # columns of a set that a sentence lists


@dataclass(frozen=True)
class ColumnSet:
    """Some columns, and the score of a quick model that sees no others."""

    columns: tuple[str, ...]
    compared: ComparedScore  # with the model of all columns, on the same rows


@dataclass(frozen=True)
class MeasuredColumns:
    """All sets that were measured on the same rows, those of all columns first."""

    metric: str
    rows: int  # that were scored: none of them had a part in the order of the columns
    worth: dict[str, float]  # of each column: the rise of the loss when it is shuffled
    prices: dict[str, float]  # that the order was found with
    sets: tuple[ColumnSet, ...]
    share: float = 1.0  # of the work that is done; below 1 while it goes on, or it was ended


@dataclass(frozen=True)
class PricedSet:
    """A measured set at its price."""

    columns: tuple[str, ...]
    price: float
    compared: ComparedScore
    on_front: bool  # none is cheaper, or as cheap, and better


@dataclass(frozen=True)
class ColumnFrontier:
    """The sets by their price, cheapest first."""

    metric: str
    rows: int
    sets: tuple[PricedSet, ...]
    every: PricedSet  # all columns
    cheapest: PricedSet | None  # that ties with all columns; None: too few rows to say
    stale: bool  # with these prices other sets would have been measured
    sentence: str


def check_prices(prices: Mapping[str, float], columns: Collection[str]) -> None:
    """SpecError for a price that is none, or of a column that is not among `columns`."""
    for name, price in prices.items():
        if name not in columns:
            hint = did_you_mean(name, columns)
            raise SpecError(f"Models do not see a column {name!r}.", hint)
        if not (math.isfinite(price) and price >= 0):
            raise SpecError(
                f"{price:g} is no price of {name!r}.", "Give a number that is not below 0."
            )


def full_prices(prices: Mapping[str, float], columns: Collection[str]) -> dict[str, float]:
    """A price for each of the columns; SpecError as `check_prices`."""
    check_prices(prices, columns)
    return {name: float(prices.get(name, PRICE)) for name in columns}


def order_of_leaving(worth: Mapping[str, float], prices: Mapping[str, float]) -> list[str]:
    """The columns, first the one that gives least for its price.

    Those that give nothing leave first, the dearest of them before the others; a column without a
    price that gives something leaves last.
    """

    def place(name: str) -> tuple[bool, float, float]:
        gives, price = worth[name], prices[name]
        if gives <= 0:
            return False, -price, gives
        return True, gives / price if price > 0 else math.inf, gives

    return sorted(worth, key=place)


def price_sets(
    found: MeasuredColumns, prices: Mapping[str, float], unit: str = ""
) -> ColumnFrontier:
    """The measured sets at these prices; a column that has none costs PRICE.

    `unit` is what a price is in, as the user calls it. Raises SpecError as `check_prices`.
    """
    every = full_prices(prices, found.worth)
    priced = [
        PricedSet(s.columns, math.fsum(every[name] for name in s.columns), s.compared, False)
        for s in found.sets
    ]
    first = priced[0]

    def loss(item: PricedSet) -> float:
        return loss_of(found.metric, item.compared.score)

    ordered, least = [], math.inf
    for item in sorted(priced, key=lambda item: (item.price, loss(item), len(item.columns))):
        on_front = loss(item) < least
        least = min(least, loss(item))
        ordered.append(PricedSet(item.columns, item.price, item.compared, on_front))
    all_columns = next(item for item in ordered if item.columns == first.columns)
    known = first.compared.low is not None
    tied = [item for item in ordered if item.compared.tied] or [all_columns]
    cheapest = min(tied, key=lambda item: (item.price, loss(item))) if known else None
    now, then = (order_of_leaving(found.worth, p) for p in (every, found.prices))
    frontier = ColumnFrontier(
        found.metric, found.rows, tuple(ordered), all_columns, cheapest, now != then, ""
    )
    return replace(frontier, sentence=_sentence(frontier, unit))


def _sentence(found: ColumnFrontier, unit: str) -> str:
    """The cheapest set that is not told apart from all columns, and what could be lost by it."""
    every, cheapest = found.every, found.cheapest
    many = count(len(every.columns), "column")
    title = METRICS[found.metric].title
    if len(every.columns) < 2:
        return "Models see one column only: there is nothing to leave out."
    if cheapest is None:
        rows = count(found.rows, "row")
        return f"{rows} that did not choose are too few to say what a column gives."
    if cheapest.columns == every.columns:
        others = len(found.sets) - 1
        if not others:
            return f"Only all {many} could be measured: there was no time for fewer."
        return (
            f"None of {count(others, 'smaller set')} gives a score that is not told apart from "
            f"that of all {many}: each is worse by more than chance."
        )
    names = ", ".join(cheapest.columns[:NAMED])
    if len(cheapest.columns) > NAMED:
        names += f" and {len(cheapest.columns) - NAMED} more"
    verb = "gives" if len(cheapest.columns) == 1 else "give"
    sentence = (
        f"{len(cheapest.columns)} of {many} ({names}) {verb} a score that is not told apart from "
        f"that of all {len(every.columns)}: {title} {plain_number(cheapest.compared.score)} "
        f"against {plain_number(every.compared.score)}"
    )
    if every.price > 0:
        unit = f" {unit}" if unit else ""
        sentence += (
            f", for {plain_number(cheapest.price)} instead of {plain_number(every.price)}{unit} "
            f"({percent(cheapest.price / every.price)})"
        )
    lost = cheapest.compared.behind_high
    if lost is not None and lost > 0:
        sentence += f". At most {plain_number(lost)} of it is lost, by the 95 % interval"
    return f"{sentence}."

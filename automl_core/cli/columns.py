"""`columns`: what the columns of a run cost, as the page Models says it."""

from __future__ import annotations

import argparse

from automl_core.charts import metric_short, number
from automl_core.cli.awaited_job import awaited
from automl_core.cli.text import printable, text_table
from automl_core.evaluation import ColumnFrontier, MeasuredColumns, plain_number, price_sets
from automl_core.files import dump_json, workspace
from automl_core.records import to_plain
from automl_core.runs import (
    ColumnPrices,
    find_run,
    load_column_sets,
    load_prices,
    measure_column_sets,
    save_prices,
)
from automl_core.runs.record import RunFolder


def run_columns(arguments: argparse.Namespace) -> int:
    """Measure sets of columns where that is not done yet, and print them at their price.

    SpecError for a price below 0 or of an unknown column; RunError where the run goes on.
    """
    folder = find_run(arguments.run, workspace())
    prices = load_prices(folder)
    if arguments.price or arguments.unit is not None:
        unit = prices.unit if arguments.unit is None else arguments.unit
        prices = ColumnPrices(prices.prices | dict(arguments.price), unit)
        save_prices(folder, prices)
    found = None if arguments.again else load_column_sets(folder)
    if found is None:
        found = _measured(folder, arguments.seconds)
    frontier = price_sets(found, prices.prices, prices.unit)
    if arguments.json:
        told = {"prices": to_plain(prices), "frontier": to_plain(frontier), "worth": found.worth}
        print(dump_json(told).decode())
        return 0
    print(printable("\n".join(_lines(found, frontier))))
    return 0


def _measured(folder: RunFolder, seconds: float) -> MeasuredColumns:
    return awaited(lambda root, service: measure_column_sets(folder, root, service, None, seconds))


def _lines(found: MeasuredColumns, frontier: ColumnFrontier) -> list[str]:
    header = ("columns", "price", metric_short(found.metric), "against all", "which")
    cells = [
        (
            str(len(item.columns)),
            plain_number(item.price),
            number(item.compared.score),
            "" if item.columns == frontier.every.columns
            else "not told apart" if item.compared.tied else "worse",
            ", ".join(item.columns),
        )
        for item in frontier.sets[::-1]
    ]  # fmt: skip
    lines = [text_table(header, cells, right=(0, 1, 2)), "", frontier.sentence]
    if found.share < 1:
        lines.append("The time was over before all sets were scored: --again --seconds go on.")
    if frontier.stale:
        lines.append("By these prices columns would leave in another order: --again measures it.")
    return lines

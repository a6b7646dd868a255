"""The options of a run: each choice about how it trains, with its words, declared once.

A new option is one field here; the command line's flag, the documentation of `start`, the range
check, the run's spec.json and "Run again" follow from it. Its field on the Train page is one
line in pages/components/train.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from automl_core.runs.record.budget import Budget
from automl_core.runs.record.option_schema import Choice, Range, option

DuplicatePolicy = Literal["keep", "together", "drop"]

AUTO_FOLDS, AUTO_TEST = 0, -1.0
LARGEST_SEED = 2**53 - 1  # a web page holds whole numbers exactly up to here
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class RunOptions:
    """The choices about how a run trains: the request asks, the spec keeps them, completed."""

    budget: Budget = option(  # noqa: RUF009 - immutable
        Budget(seconds=60.0),
        "Time until the final model and its scores are there, or a number of trials.",
        "How long to train",
        metavar="TIME",
    )
    drop: tuple[str, ...] = option(
        (), "Columns that no model of this run sees.", "Columns to leave out", metavar="A,B"
    )
    weight: str | None = option(
        None, "Numeric column that says how much each row counts.", "Row weights", metavar="COL"
    )
    group: str | None = option(
        None,
        "Rows with the same value in this column (a customer, a machine) are never both in "
        "training and in validation.",
        "Group column",
        metavar="COL",
    )
    time: str | None = option(
        None,
        "The latest rows by this column validate and test; all training rows are earlier.",
        "Time column",
        metavar="COL",
    )
    copies: DuplicatePolicy = option(  # noqa: RUF009 - immutable
        "keep",
        "Duplicate rows, equal in every cell; in training and validation both, they make scores "
        "too good.",
        "Duplicate rows",
        choices={
            "keep": Choice("As they are"),
            "together": Choice("Kept together", "on one side of every split"),
            "drop": Choice("Used once", "all but the first are left out"),
        },
    )
    class_weight: Literal["off", "balanced"] = option(
        "off",
        "Weights of the classes.",
        "Class weighting",
        choices={
            "off": Choice("Off"),
            "balanced": Choice(
                "Balanced", "every class counts as much as any other, however few rows it has"
            ),
        },
    )
    folds: int = option(
        AUTO_FOLDS,
        "Validation: 1 is a single holdout, from 2 on it is cross-validation.",
        "Validation",
        metavar="auto|N",
        choices={
            AUTO_FOLDS: Choice("Automatic"),
            1: Choice("One holdout"),
            3: Choice("3 folds"),
            5: Choice("5 folds"),
            10: Choice("10 folds"),
        },
        within=Range(1, 50),
        automatic=AUTO_FOLDS,
    )
    test_fraction: float = option(
        AUTO_TEST,
        "Share of the rows that is the test set: apart from training and validation, and scored "
        "once, at the end.",
        "Test rows",
        metavar="auto|SHARE",
        choices={
            AUTO_TEST: Choice("Automatic"),
            0.0: Choice("None"),
            0.1: Choice("10 %"),
            0.2: Choice("20 %"),
            0.3: Choice("30 %"),
        },
        within=Range(0, 0.5),
        automatic=AUTO_TEST,
    )
    most_rows: int = option(
        MOST_ROWS,
        "Rows that are drawn from a longer table: trees learn from them, and all models are "
        "compared and tested on some of them. Networks see other rows of the table in each pass.",
        "Most rows",
        metavar="N",
        within=Range(100, 10**12),
    )
    families: tuple[str, ...] = option(
        (),
        "Model families to try; the baseline is always there, to compare with.",
        "Models to try",
        metavar="A,B",
    )
    columns: Literal["auto", "all"] = option(
        "auto",
        "Selection of columns.",
        "Columns",
        choices={
            "auto": Choice(
                "Automatic",
                "columns that do harm or surely nothing leave, pairs that raise the score join",
            ),
            "all": Choice("All", "the columns as they are"),
        },
    )
    features: Literal["full", "words", "plain"] = option(
        "full",
        "What is made of the columns.",
        "Features",
        choices={
            "full": Choice("Automatic"),
            "words": Choice(
                "No sentence model",
                "texts as their words alone, even where a sentence model is installed",
            ),
            "plain": Choice(
                "Plain",
                "no texts and lists, of dates their age, no means of the target, no pairs of "
                "columns",
            ),
        },
    )
    max_predict_ms: float | None = option(
        None,
        "Milliseconds that the final model may take to predict a row, in batches on one core; "
        "the ensemble takes fewer or quicker models to stay below.",
        "Max latency per row, ms",
        metavar="X",
        within=Range(0, above=True),
    )
    max_size_mb: float | None = option(
        None,
        "Megabytes that the final model may have as it is stored.",
        "Largest model, MB",
        metavar="X",
        within=Range(0, above=True),
    )
    workers: int = option(
        0,
        "Models that train at the same time; 0: one for each processor core.",
        "Workers",
        metavar="N",
        within=Range(0, 256),
    )
    device: str = option(
        "auto", "Where networks train: auto, cpu, cuda, cuda:1 ...", "Device", metavar="DEVICE"
    )
    cluster: str | None = option(
        None,
        "Ray cluster whose nodes train: auto for one that this machine belongs to, or the address "
        "of its head; without it this machine trains.",
        "Where to train",
        metavar="ADDRESS",
    )
    webhook: str | None = option(
        None,
        "Address that is told when the run has ended, by a POST of JSON; the owner of the server "
        "lists the hosts that it may name.",
        "Webhook",
        metavar="URL",
    )
    seed: int = option(
        0,
        "Seed of all random numbers.",
        "Seed",
        metavar="N",
        within=Range(0, LARGEST_SEED),
    )

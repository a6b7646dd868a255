"""Specs of tree models and nearest neighbours; models/catalog.py lists them beside the networks.

A setting of 0 is chosen by the size of the table, in the family's own file.
"""

from __future__ import annotations

from automl_core.features import Encoding
from automl_core.models.base import Choice, MemoryNeed, ModelSpec, Range
from automl_core.types import Config

# Trees are fitted on plain numbers, holes included.
_TREES = Encoding(
    category="target",
    missing="nan",
    numeric="plain",
    text_words=300,
    text_themes=32,
    turned_places=True,
)
_NEIGHBOURS = Encoding(
    category="onehot", missing="fill", numeric="robust", text_words=300, turned_places=True
)

# What both forests share (models/forest.py):
_FOREST: Config = {"trees": 0, "min_rows_split": 0, "max_features": 0.0}
_FOREST_SPACE = (
    Choice("trees", (60, 100, 200, 300)),
    Range("min_rows_split", 2, 64, log=True, integer=True),
    Range("max_features", 0.1, 1.0),
    Choice("bootstrap", (False, True)),
)

TREE_SPECS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="lightgbm",
        title="LightGBM",
        kind="trees",
        module="automl_core.models.lightgbm_boosting",
        summary="Gradient boosting that grows each tree where it gains most; quick on long tables.",
        encoding=_TREES,
        memory=MemoryNeed(160, 1.25, 30, most=1_300),
        interruptible=True,
        defaults={
            "learning_rate": 0.05,
            "max_iterations": 2000,
            "max_leaves": 31,
            "min_rows_leaf": 20,
            "l2": 1.0,
            "max_features": 0.5,
            "row_share": 0.8,
            "random_splits": False,
            "patience": 50,
        },
        space=(
            Range("learning_rate", 0.015, 0.2, log=True),
            Range("max_leaves", 6, 511, log=True, integer=True),
            Range("min_rows_leaf", 2, 100, log=True, integer=True),
            Range("l2", 0.01, 100.0, log=True),
            Range("max_features", 0.2, 1.0),
            Choice("row_share", (0.6, 0.8, 1.0)),
            Choice("random_splits", (False, True)),
        ),
        most_classes=60,
        portfolio=(
            {"max_leaves": 255, "min_rows_leaf": 5, "learning_rate": 0.04},
            {"max_leaves": 15, "row_share": 1.0},
            {"max_leaves": 127, "min_rows_leaf": 5, "max_features": 1.0, "row_share": 1.0,
             "random_splits": True},
            {"learning_rate": 0.02, "min_rows_leaf": 15, "max_features": 0.4},
            {"max_leaves": 8, "min_rows_leaf": 30, "l2": 10.0, "learning_rate": 0.08,
             "max_features": 0.3},
            {"max_leaves": 127, "min_rows_leaf": 10, "max_features": 0.7, "row_share": 1.0},
            {"learning_rate": 0.15, "max_iterations": 600, "patience": 20},  # the first model
        ),
    ),
    ModelSpec(
        name="catboost",
        title="CatBoost",
        kind="trees",
        module="automl_core.models.catboost_boosting",
        summary="Gradient boosting with trees that ask one question a level; smooth and robust.",
        encoding=_TREES,
        memory=MemoryNeed(240, 1.6, 45, most=1_300),
        row_power=0.8,
        interruptible=True,
        defaults={
            "learning_rate": 0.08,
            "max_iterations": 2000,
            "depth": 6,
            "l2": 3.0,
            "random_strength": 1.0,
            "row_share": 0.8,
            "max_features": 1.0,
            "ordered": False,
            "patience": 50,
        },
        space=(
            Range("learning_rate", 0.02, 0.2, log=True),
            Range("depth", 4, 8, integer=True),
            Range("l2", 1.0, 10.0, log=True),
            Range("random_strength", 0.1, 10.0, log=True),
            Range("row_share", 0.5, 1.0),
            Range("max_features", 0.3, 1.0),
            Choice("ordered", (False, True)),
        ),
        most_classes=60,
        portfolio=({"ordered": True}, {"depth": 8, "max_features": 0.5}),
    ),
    ModelSpec(
        name="extra_trees",
        title="Extremely randomised trees",
        kind="trees",
        module="automl_core.models.forest",
        summary="Averages many deep trees that were split at random thresholds.",
        encoding=_TREES,
        memory=MemoryNeed(190, 0.1, 40),
        row_power=0.4,
        interruptible=True,
        refit_on_all=True,
        defaults=_FOREST | {"random_splits": True, "bootstrap": False},
        space=_FOREST_SPACE,
        portfolio=(
            {"min_rows_split": 2, "max_features": 0.5},
            {"min_rows_split": 2, "max_features": 1.0},
        ),
    ),
    ModelSpec(
        name="random_forest",
        title="Random forest",
        kind="trees",
        module="automl_core.models.forest",
        summary="Averages many deep trees, each grown on another sample of the rows.",
        encoding=_TREES,
        memory=MemoryNeed(165, 0.1, 40),
        row_power=0.6,
        interruptible=True,
        refit_on_all=True,
        defaults=_FOREST | {"random_splits": False, "bootstrap": True},
        space=_FOREST_SPACE,
        portfolio=({"min_rows_split": 2, "bootstrap": False},),
    ),
    ModelSpec(
        name="knn",
        title="Nearest neighbours",
        kind="neighbours",
        module="automl_core.models.knn",
        summary="Answers as the most similar training rows do; keeps them all.",
        encoding=_NEIGHBOURS,
        memory=MemoryNeed(145, 0.15, 50),
        row_power=1.4,
        interruptible=True,
        refit_on_all=True,
        defaults={"k": 64, "power": 2.0, "stretch": 0.5},
        space=(
            Range("k", 4, 200, log=True, integer=True),
            Choice("power", (0.0, 1.0, 2.0, 3.0)),
            Range("stretch", 0.0, 1.5),
        ),
        portfolio=({"power": 0.0, "stretch": 1.0}, {"k": 16, "power": 3.0}),
        most_rows=20_000,
    ),
)  # fmt: skip

# Runs of earlier versions hold models of these; no run trains them any more.
RETIRED_SPECS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="hist_boosting",
        title="Histogram gradient boosting",
        kind="trees",
        module="automl_core.models.hist_boosting",
        summary="Adds small trees one after another, each correcting those before it.",
        encoding=_TREES,
    ),
)

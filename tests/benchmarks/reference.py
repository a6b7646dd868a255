"""References for Torchlight: scores of four AutoML systems, and boosting fitted here.

`PEERS` documents a measurement; nothing is run for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.benchmarks import case as cases
from tests.benchmarks import figures
from tests.benchmarks.case import Case

SYSTEMS = ("AutoGluon", "H2O", "MLJAR", "FLAML")
"""AutoGluon tabular 1.6.3 (`best_quality`), H2O AutoML 3.46.0.12, MLJAR 1.3.2 (`Compete`), FLAML
2.7.0: 120 s each, 2 cores of a 4-core machine, no GPU, the test rows of splits.py, one run each
(2026-11-23): differences in the third digit are noise."""

PEERS = {
    "adult": (0.9287, 0.9290, 0.9287, 0.9270),
    "california_housing": (43985.0, 44404.0, 43136.0, 45771.0),
    "telco_churn": (0.8439, 0.8444, 0.8441, 0.8457),
    "wine_quality": (0.7536, 0.8264, 0.8695, 0.9073),
    "ames_housing": (26041.0, 28277.0, 27946.0, 25346.0),
    "hotel_bookings": (0.9578, 0.9588, 0.9615, 0.9632),
}

MOST_CATEGORIES = 254  # boosting's limit; the rarest others count as one
TEXT_WORDS = 3.0  # a column with this many words a cell, and too many values, is text
ITERATIONS = (100, 1000)


@dataclass(frozen=True)
class Bar:
    """A score to beat."""

    name: str
    score: float
    seconds: float = 0.0  # to fit and predict it; 0: of a peer, not measured here


def bars(case: Case) -> list[Bar]:
    """The peers' scores where there are any, else boosting's; the best first."""
    if case.name in PEERS:
        found = [Bar(*pair) for pair in zip(SYSTEMS, PEERS[case.name], strict=True)]
    else:
        found = [boosting(case, most) for most in ITERATIONS]
    return sorted(found, key=lambda bar: bar.score, reverse=case.metric == "roc_auc")


def verdict(case: Case, score: float, against: list[Bar]) -> str:
    """wins: better than all; second: at least as good as the second of the peers; else worse."""
    if figures.better(case.metric, score, against[0].score):
        return "wins"
    peers = case.name in PEERS
    if peers and (
        score == against[1].score or figures.better(case.metric, score, against[1].score)
    ):
        return "second"
    return "worse"


def boosting(case: Case, iterations: int) -> Bar:
    """scikit-learn's histogram gradient boosting with early stopping on the same train rows.

    Default settings and native categories. The default number of iterations (100) seldom lets
    early stopping decide, so that it is also fitted with more: the better one is the bar.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    started = time.monotonic()
    x, x_test, categorical = _matrices(case)
    regression = case.task == "regression"
    learner = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    model = learner(
        max_iter=iterations, early_stopping=True, categorical_features=categorical, random_state=0
    )
    if regression:
        predicted = model.fit(x, case.y_train.to_numpy(float)).predict(x_test)
    else:
        predicted = model.fit(x, cases.label_text(case.y_train)).predict_proba(x_test)
    seconds = time.monotonic() - started
    return Bar(f"boosting-{iterations}", cases.score(case, predicted), seconds)


def _matrices(case: Case) -> tuple[np.ndarray, np.ndarray, list[bool]]:
    """Train and test rows as numbers (n, d), and which of the d columns are categories."""
    parts, test_parts, categorical = [], [], []
    for name in case.train.columns.drop(case.target):
        part, test_part, is_category = _column(case.train[name], case.test[name])
        parts.append(part)
        test_parts.append(test_part)
        categorical += [is_category] * part.shape[1]
    return np.hstack(parts), np.hstack(test_parts), categorical


def _column(train: pd.Series, test: pd.Series) -> tuple[np.ndarray, np.ndarray, bool]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import OrdinalEncoder

    if pd.api.types.is_numeric_dtype(train):
        return _numbers(train), _numbers(test), False
    words, test_words = (s.astype("object").fillna("").astype(str) for s in (train, test))
    if train.nunique() > MOST_CATEGORIES and words.str.split().str.len().mean() >= TEXT_WORDS:
        text = TfidfVectorizer(max_features=300).fit(words)
        return text.transform(words).toarray(), text.transform(test_words).toarray(), False
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=MOST_CATEGORIES
    ).fit(words.to_frame())
    return encoder.transform(words.to_frame()), encoder.transform(test_words.to_frame()), True


def _numbers(values: pd.Series) -> np.ndarray:
    return values.to_numpy(float, na_value=np.nan)[:, None]

"""Encodings of real tables carry enough for plain models to be as good as they are known to be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from automl_core.features.encode import fit_encoder
from automl_core.features.feature_layout import Encoding
from automl_core.features.target import fit_target
from automl_core.table.parsing.parse import parse_table
from tests.features.one_column import column_of

TREES = Encoding("target", "nan", "plain", text_words=200)
LINEAR = Encoding("onehot", "fill", "robust", text_words=2_000)


def _holdout_auc(
    frame: pd.DataFrame,
    target: str,
    text: tuple[str, ...],
    encoding: Encoding,
    model: HistGradientBoostingClassifier | LogisticRegression,
) -> float:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    numbers = frame.select_dtypes("number").columns
    columns = [
        column_of(name, "number" if name in numbers else "text" if name in text else "string")
        for name in frame.columns
        if name != target
    ]
    y, present = fit_target(table[target], "binary").encode(table[target])
    assert present.all()
    test = np.random.default_rng(0).random(len(y)) < 0.25
    typed = parse_table(table, columns)
    train, held = typed.take(np.flatnonzero(~test)), typed.take(np.flatnonzero(test))
    encoder, x = fit_encoder(train, columns, y[~test], "binary", 2, encoding, 0)
    with threadpool_limits(1):  # threads that wait for each other are slow on a shared machine
        model.fit(x, y[~test])
    return float(roc_auc_score(y[test], model.predict_proba(encoder.encode(held))[:, 1]))


def test_adult(datasets: Path) -> None:
    frame = pd.read_csv(datasets / "adult.csv", skipinitialspace=True).iloc[:16_000]
    trees = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.15, early_stopping=False, random_state=0
    )
    assert _holdout_auc(frame, "income", (), TREES, trees) > 0.92
    linear = LogisticRegression(max_iter=500)
    assert _holdout_auc(frame, "income", (), LINEAR, linear) > 0.90


def test_sms_spam(datasets: Path) -> None:
    frame = pd.read_csv(datasets / "sms_spam.csv", encoding="latin-1")
    linear = LogisticRegression(C=3.0, max_iter=500)
    assert _holdout_auc(frame, "label", ("text",), LINEAR, linear) > 0.98

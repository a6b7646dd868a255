"""The causes of a fall: each planted one is named first, and the shares sum to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from automl_core.evaluation import error_measures
from automl_core.scoring.data_faults import find_faults
from automl_core.scoring.reference import Reference
from automl_core.scoring.score_fall import Answered, ScoreFall, score_fall
from automl_core.table import TypedColumn
from tests.scoring import shoppers
from tests.scoring.shoppers import Shoppers


@pytest.fixture(scope="module")
def reference() -> Reference:
    return shoppers.reference(shoppers.shoppers(4000, 0))


def _fall(rows: Shoppers, reference: Reference) -> ScoreFall:
    measure = error_measures("log_loss", "binary")[0]
    faults = find_faults(rows.typed, reference, {})
    answered = Answered(rows.typed, rows.y, shoppers.predict, measure, faults, ("age",))
    found = score_fall(answered, reference)
    assert found is not None
    return found


def _changed(rows: Shoppers, column: TypedColumn) -> Shoppers:
    return replace(
        rows, typed=replace(rows.typed, columns=rows.typed.columns | {column.name: column})
    )


def _numbers(rows: Shoppers, name: str) -> shoppers.Floats:
    numbers = rows.typed.columns[name].numbers
    assert numbers is not None
    return numbers


def _young(rows: Shoppers) -> Shoppers:
    age = _numbers(rows, "age")
    return rows.take(np.flatnonzero((age < 40) | (np.arange(len(age)) % 8 == 0)))


def _flipped(rows: Shoppers) -> Shoppers:
    codes = rows.typed.columns["city"].codes
    assert codes is not None
    return replace(rows, y=np.where(codes == 0, 1 - rows.y, rows.y))


def _in_cents(rows: Shoppers) -> Shoppers:
    return _changed(rows, TypedColumn("spend", numbers=100 * _numbers(rows, "spend")))


def _lost(rows: Shoppers) -> Shoppers:
    gone = np.random.default_rng(1).random(len(rows.y)) < 0.5
    return _changed(
        rows, TypedColumn("spend", numbers=np.where(gone, np.nan, _numbers(rows, "spend")))
    )


def _renamed(rows: Shoppers) -> Shoppers:
    codes = rows.typed.columns["city"].codes
    words = ("OSL", "BGO", "NVK", "MOL")
    return _changed(rows, TypedColumn("city", codes=codes, words=words))


@pytest.mark.parametrize(
    ("plant", "kind", "words"),
    [
        (_young, "mix", "moved most: 'age'"),
        (_flipped, "relation", "mean error"),
        (_in_cents, "fault", "100 times larger"),
        (_lost, "fault", "missing in 5"),
        (_renamed, "fault", "such as 'OSL'"),
    ],
)
def test_a_planted_cause_is_named_first(
    reference: Reference, plant: Callable[[Shoppers], Shoppers], kind: str, words: str
) -> None:
    found = _fall(plant(shoppers.shoppers(3000, 5)), reference)
    assert found.causes[0].kind == kind and words in found.causes[0].words
    assert sum(cause.share for cause in found.causes) == pytest.approx(1)
    assert found.causes[0].title in found.sentence and "%" in found.sentence


def test_a_fall_by_chance_is_called_so_and_a_rise_no_fall(reference: Reference) -> None:
    falls = [_fall(shoppers.shoppers(150, seed), reference) for seed in range(12)]
    fallen = [fall for fall in falls if fall.causes]
    assert 2 < len(fallen) < 10
    assert sum(fall.causes[0].kind == "chance" for fall in fallen) >= len(fallen) - 1
    assert all("did not fall" in fall.sentence for fall in falls if not fall.causes)


def test_few_rows_or_an_old_model_have_no_answer(reference: Reference) -> None:
    rows = shoppers.shoppers(20, 0)
    measure = error_measures("log_loss", "binary")[0]
    answered = Answered(rows.typed, rows.y, shoppers.predict, measure, ())
    assert score_fall(answered, reference) is None
    many = shoppers.shoppers(100, 0)
    answered = Answered(many.typed, many.y, shoppers.predict, measure, ())
    assert score_fall(answered, replace(reference, loss=None)) is None

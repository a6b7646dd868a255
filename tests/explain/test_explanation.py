"""Explanations of formulas say what the formulas are; with scikit-learn's numbers for the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from automl_core.explain import Explanation, Part, Question, Sample, agreement, explain
from automl_core.explain.axis import axis_of
from automl_core.explain.column_groups import column_groups
from automl_core.explain.column_importance import importance, losses_of
from automl_core.explain.date_parts import DatePart, part_of, with_part
from automl_core.explain.effects import effect_of, pair_effect_of
from automl_core.explain.sample import rows_of
from automl_core.export import ChangedRows
from automl_core.records import from_plain, to_plain
from automl_core.table import TypedColumn, TypedTable
from automl_core.table.parsing import parse_table
from tests import small
from tests.explain.made import cells, sample

WORD_EFFECTS = np.array([0.0, 1.0, -2.0])


def additive(c: dict[str, np.ndarray]) -> np.ndarray:
    return np.asarray(3 * c["a"] + c["b"] + WORD_EFFECTS[c["word"]])


def test_columns_that_say_the_same_are_one_group() -> None:
    assert column_groups(sample(additive)) == (("a", "twin"), ("b",), ("word",), ("useless",))


@pytest.mark.parametrize("metric", ["rmse", "mae", "r2"])
def test_importance_ranks_and_useless_columns_have_none(metric: str) -> None:
    made = sample(additive)
    *_, found = importance(made, column_groups(made), metric, shuffles=3, seed=0)
    assert found.groups[0].columns == ("a", "twin")
    assert all(group.low > 0 for group in found.groups[:3])
    last = found.groups[-1]
    assert last.columns == ("useless",) and last.low == last.mean == last.high == 0
    assert (found.left, found.shuffles, found.rows) == (0, 3, 400)


def test_intervals_hold_where_a_model_reads_noise() -> None:
    """A column of no use whose weight is an accident of training: its interval has 0 in it."""
    hits = 0
    for seed in range(40):
        made = sample(additive, rows=300, seed=seed)
        reads = rows_of(lambda t: additive(cells(t)) + 0.3 * cells(t)["useless"])
        read = replace(made, parts=(Part(reads, made.parts[0].rows),))
        *_, found = importance(read, [("useless",)], "mae", shuffles=2, seed=seed)
        hits += found.groups[0].low <= 0 <= found.groups[0].high
    assert hits >= 34


def test_importance_is_that_of_scikit_learn_for_the_same_permutations() -> None:
    inspection = pytest.importorskip("sklearn.inspection")
    made = sample(lambda c: expit(2 * c["a"] + c["b"]), labels=("no", "yes"))
    names = ["a", "b", "useless"]
    x = np.stack([cells(made.typed)[name] for name in names], axis=1)
    orders: dict[str, list[np.ndarray]] = {name: [] for name in names}

    class Model:
        def fit(self) -> None:
            """scikit-learn asks for it."""

        def predict_proba(self, m: np.ndarray) -> np.ndarray:
            for name, own, column in zip(names, x.T, m.T, strict=True):
                if (own != column).any():  # the cells are distinct: they tell their order
                    places = np.searchsorted(own, column, sorter=np.argsort(own))
                    orders[name].append(np.argsort(own)[places])
            yes = expit(2 * m[:, 0] + m[:, 1])
            return np.stack([1 - yes, yes], axis=1)

    def score_of(model: Model, m: np.ndarray, y: np.ndarray) -> float:
        return float(roc_auc_score(y, model.predict_proba(m)[:, 1]))

    theirs = inspection.permutation_importance(
        Model(), x, made.y, scoring=score_of, n_repeats=4, random_state=3
    )
    for place, name in enumerate(names):
        ours = losses_of(made, (name,), orders[name], "roc_auc").rows
        assert ours == pytest.approx(theirs.importances[place], abs=1e-9)


def test_an_additive_formula_has_its_parts_for_effects_and_no_interaction() -> None:
    made = sample(additive, rows=600)
    axes = [axis_of(made, name) for name in ("a", "word")]
    number, word = (axis for axis in axes if axis is not None)
    of_number = effect_of(made, number)
    points = np.array(number.points)
    for line in (of_number.dependence[0], of_number.local[0]):
        slopes = np.diff(line) / np.diff(points)
        assert slopes == pytest.approx(3.0, abs=1e-2)
    assert all(low < mean < high for low, mean, high in zip(
        of_number.low[0], of_number.dependence[0], of_number.high[0], strict=True
    ))  # fmt: skip
    assert len(of_number.curves[0]) == 20 and len(of_number.curves[0][0]) == len(points)
    assert number.beyond < 0.05 and sum(number.bars) == pytest.approx(1 - number.beyond)
    of_word = effect_of(made, word)
    assert word.labels == ("red", "green", "blue") and word.shares[0] > word.shares[2]
    for line in (of_word.dependence[0], of_word.local[0]):
        assert np.array(line) - line[0] == pytest.approx(WORD_EFFECTS, abs=1e-3)
    pair = pair_effect_of(made, number, word)
    assert pair.strength < 1e-3 and pair.size < 1e-3
    assert np.abs(pair.local).max() < 1e-3


def test_where_columns_go_together_local_effects_do_not_mix_them() -> None:
    """The model reads `a` only where `twin` says the same; far from the data it is odd."""

    def odd(c: dict[str, np.ndarray]) -> np.ndarray:
        return np.asarray(np.where(np.abs(c["a"] - c["twin"]) < 1.2, c["a"], 50.0))

    made = sample(odd, rows=2_000)
    axis = axis_of(made, "a")
    assert axis is not None
    effect = effect_of(made, axis)
    assert max(effect.dependence[0]) > 20
    rise = effect.local[0][-1] - effect.local[0][0]
    assert rise == pytest.approx(axis.points[-1] - axis.points[0], rel=0.1)


@pytest.mark.parametrize("labels", [(), ("no", "yes")])
def test_interactions_are_found(labels: tuple[str, ...]) -> None:
    def formula(c: dict[str, np.ndarray]) -> np.ndarray:
        value = c["a"] * c["b"] + (c["word"] == 0)
        return np.asarray(expit(value) if labels else value)

    made = sample(formula, labels=labels)
    *_, found = explain(made, Question("log_loss" if labels else "rmse"))
    assert found.done
    strongest = found.pairs[0]
    assert {strongest.x.column, strongest.y.column} == {"a", "b"} and strongest.strength > 0.8
    others = [p for p in found.pairs if {p.x.column, p.y.column} == {"a", "word"}]
    assert len(others) == 1 and others[0].strength < 0.1
    product = np.outer(strongest.x.points, strongest.y.points)
    correlation = np.corrcoef(product.ravel(), np.ravel(strongest.local[0]))[0, 1]
    assert correlation > 0.9


def test_explanations_refine_repeat_and_can_be_stored() -> None:
    made = sample(additive, rows=1_500)
    every = list(explain(made, Question("rmse", seed=4)))
    importances = [e.importance for e in every if e.importance is not None]
    widths = {i.rows: i.groups[0].high - i.groups[0].low for i in importances if not i.left}
    assert list(widths) == [500, 1_500] and widths[1_500] < 0.8 * widths[500]
    assert [e.done for e in every] == [False] * (len(every) - 1) + [True]
    again = list(explain(made, Question("rmse", seed=4)))
    assert again == every
    assert agreement(every[-1]) is not None
    assert from_plain(Explanation, to_plain(every[-1])) == every[-1]


def test_rows_that_a_change_leaves_as_they_are_are_not_predicted_again() -> None:
    made, asked = sample(additive, rows=100), []

    def counting(table: TypedTable) -> np.ndarray:
        asked.append(table.rows)
        return additive(cells(table))

    counted = replace(made, parts=(Part(rows_of(counting), made.parts[0].rows),))
    order = np.random.default_rng(0).permutation(100)
    word = counted.typed.columns["word"].take(order)
    assert word.codes is not None
    said = counted.predict([{"word": word}, {"a": made.typed.columns["a"]}, {}])
    differ = int((word.codes != made.typed.columns["word"].codes).sum())
    assert asked == [100, differ] and 0 < differ < 100
    assert said[0] == pytest.approx(additive({**cells(made.typed), "word": word.codes}))
    assert np.array_equal(said[1], said[2]) and np.array_equal(said[2], counted.predicted)


def test_each_row_is_predicted_by_the_members_that_did_not_see_it() -> None:
    made = sample(additive, rows=100)
    halves = [np.flatnonzero(np.arange(100) % 2 == i).astype(np.int64) for i in (0, 1)]
    parts = tuple(
        Part(rows_of(lambda t, i=i: additive(cells(t)) + 100 * i), rows)  # type: ignore[misc]
        for i, rows in enumerate(halves)
    )
    parted: Sample = replace(made, parts=parts)
    said = parted.predict([{}, {"b": parted.typed.columns["a"]}])
    assert np.array_equal(said[0] >= 50, np.arange(100) % 2 == 1)
    own = cells(made.typed)
    assert said[1] - said[0] == pytest.approx(own["a"] - own["b"])
    assert parted.first(11).predict([{}])[0] == pytest.approx(said[0][:11])


def test_a_column_without_two_values_or_of_free_text_has_no_effect() -> None:
    made = sample(additive)
    empty = np.full(made.rows, np.nan)
    typed = replace(
        made.typed,
        columns=made.typed.columns | {"b": replace(made.typed.columns["b"], numbers=empty)},
    )
    assert axis_of(replace(made, typed=typed), "b") is None
    assert axis_of(replace(made, kinds={**made.kinds, "word": "text"}), "word") is None


@pytest.mark.parametrize(
    ("values", "log"),
    [
        (np.geomspace(0.01, 1_000, 400), True),
        (np.linspace(1, 1_000, 400), False),  # far apart, and even
        (np.append(np.geomspace(0.01, 1_000, 399), 0.0), False),
        (-np.geomspace(0.01, 1_000, 400), False),
        (np.geomspace(1, 20, 400), False),
        (np.array([5e-324, 1.7e308] * 200), False),
    ],
)
def test_an_axis_is_a_log_one_where_the_data_spreads_over_magnitudes(
    values: np.ndarray, log: bool
) -> None:
    made = sample(additive)
    columns = made.typed.columns | {"a": TypedColumn("a", values)}
    axis = axis_of(replace(made, typed=replace(made.typed, columns=columns)), "a")
    assert axis is not None and axis.log == log
    assert sum(axis.bars) == pytest.approx(1 - axis.beyond)
    if log:
        assert np.ptp(np.diff(np.log(axis.edges))) < 1e-9
        assert max(axis.bars) < 2 / len(axis.bars)


def test_dates_have_an_effect_of_time_and_of_their_parts() -> None:
    made = sample(additive, rows=700)
    days = 18_000 + np.arange(700)
    dates = days * 86_400.0
    dates[::50] = np.nan

    def formula(c: dict[str, np.ndarray]) -> np.ndarray:
        is_sunday = (np.floor(np.nan_to_num(c["b"]) / 86_400) + 3) % 7 == 6
        return np.asarray(2.0 * is_sunday + 0.0 * c["a"])

    columns = made.typed.columns | {"b": replace(made.typed.columns["b"], numbers=dates)}
    dated = replace(
        made,
        typed=replace(made.typed, columns=columns),
        kinds={"b": "datetime"},
        parts=(Part(rows_of(lambda t: formula(cells(t))), made.parts[0].rows),),
    )
    *_, found = explain(dated, Question("rmse"))
    by_title = {effect.axis.title: effect for effect in found.effects}
    assert list(by_title) == ["b", "b (month)", "b (weekday)"]  # no time of day
    weekday = by_title["b (weekday)"]
    rise = np.array(weekday.dependence[0]) - weekday.dependence[0][0]
    assert weekday.axis.labels[-1] == "Sunday" and rise[-1] > 1.9
    assert np.abs(rise[:-1]).max() < 1e-6


def test_a_part_of_a_date_is_replaced_and_all_else_stays() -> None:
    dates = np.array(["2024-01-31T13:30", "2023-12-01T00:00"], "datetime64[s]").astype(np.float64)
    known = np.append(dates, np.nan)
    assert part_of(known, "month").tolist() == [0, 11, -1]
    assert part_of(known, "weekday").tolist() == [2, 4, -1]
    assert part_of(known, "hour").tolist() == [13, 0, -1]

    def moved(part: DatePart, value: int) -> list[str]:
        found = with_part(known, part, np.full(3, value, np.int64))
        assert np.isnan(found[2])
        return [str(moment)[:16] for moment in found[:2].astype("datetime64[s]")]

    assert moved("month", 1) == ["2024-02-29T13:30", "2023-02-01T00:00"]
    assert moved("weekday", 6) == ["2024-02-04T13:30", "2023-12-03T00:00"]
    assert moved("hour", 7) == ["2024-01-31T07:30", "2023-12-01T07:00"]


def test_words_of_a_text_are_taken_out_one_by_one() -> None:
    made = sample(additive, rows=300)
    texts = ("please Refund me", "all is fine", "no refund at all", "")
    codes = (np.arange(300) % 4).astype(np.int32)

    def formula(table: TypedTable) -> np.ndarray:
        column = table.columns["word"]
        has = np.array(["refund" in text.lower() for text in column.words])
        assert column.codes is not None
        return np.asarray(3.0 * has[column.codes])

    columns = made.typed.columns | {"word": TypedColumn("word", None, codes, texts)}
    told = replace(
        made,
        typed=replace(made.typed, columns=columns),
        kinds={"word": "text"},
        parts=(Part(rows_of(formula), made.parts[0].rows),),
    )
    *_, found = explain(told, Question("rmse"))
    (words,) = found.words
    assert words.words[0] == "refund" and words.shares[0] == pytest.approx(0.5)
    assert words.mean[0][0] == words.low[0][0] == 3.0
    assert set(words.mean[0][1:]) == {0.0} and {"all", "fine", "please"} <= set(words.words)
    assert not found.effects


def test_a_real_model_of_every_kind_of_column() -> None:
    predictor = small.predictor("multiclass", "lightgbm")
    table = small.table()
    y, _ = predictor.target.encode(table.column("plan"))
    typed = parse_table(table, predictor.columns)
    kinds = {column.name: column.parse.kind for column in predictor.columns}
    part = Part(lambda typed: ChangedRows(predictor, typed).predict, np.arange(typed.rows))
    made = Sample(typed, kinds, y, None, (part,), predictor.target.names)
    *_, found = explain(made, Question("log_loss"))
    slow = Part(rows_of(predictor.predict), np.arange(typed.rows))
    both = [made, replace(made, parts=(slow,))]
    quick, expected = (list(islice(explain(one, Question("log_loss")), 12)) for one in both)
    assert quick == expected and len(quick[-1].effects) > 3
    assert found.done and found.importance is not None
    assert found.importance.groups[0].columns[0] in ("age", "city", "code")
    titles = {effect.axis.title for effect in found.effects}
    assert {"age", "city", "since", "since (month)", "vip"} <= titles
    assert all(effect.outputs == ("0", "10", "20") for effect in found.effects)
    assert {word for words in found.words for word in words.words} >= {"refund", "network"}
    totals = np.array(found.effects[0].dependence).sum(axis=0)
    assert totals == pytest.approx(1, abs=1e-3)  # probabilities of all classes

"""A trained model for Python programs: tables in, predictions out, by scikit-learn's conventions.

model = automl_core.load("model.zip")
model.predict(frame)          # (n,), as any scikit-learn estimator
model.predict("new.csv")      # a data frame with all that the model says
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from automl_core.errors import ModelError, SpecError, TableError
from automl_core.export import (
    Predictor,
    compare_encoded,
    predictions_table,
    training_format,
    write_bundle,
)
from automl_core.files import make_folder, scratch_folder, workspace, write_atomic
from automl_core.metrics import score
from automl_core.runs import file_of_bundle, written_bytes
from automl_core.runs.setup import refuse_options, store_source
from automl_core.scoring import (
    MOST_CHECKED,
    BatchCancelledError,
    FileCheck,
    InputSchema,
    StoredTable,
    check_file,
    input_schema,
    made_up_rows,
    make_scorer,
    open_predictions,
    score_pieces,
)
from automl_core.table import NOTHING_SET, ReadOptions, SourceFormat, TypedTable, clean_names
from automl_core.table.reading import read_file
from automl_core.types import Files, Severity

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from sklearn.utils import Tags

    from automl_core.onnx_export import Certificate

    Table: TypeAlias = str | Path | pa.Table | pd.DataFrame
    Matrix: TypeAlias = pd.DataFrame | NDArray[Any]

BACKGROUND = 32  # rows that a prediction is explained against

Floats = NDArray[np.float64]


class Model:
    """A trained model: predicts tables, and travels as one zip file.

    A fitted estimator of scikit-learn's kind: `predict`, `predict_proba` and `score` take data
    frames and arrays, so that metrics, inspection and pipelines can use it. It is not fitted
    again: `fit` says so, and a clone is the model itself.
    """

    def __init__(self, files: Files, info: dict[str, Any]) -> None:
        self._files, self._info = files, info
        self._scorer = make_scorer(files)
        self._predictor: Predictor = self._scorer.predictor
        self.name = self._predictor.name

    @overload
    def predict(self, table: Matrix, reading: ReadOptions = ...) -> NDArray[Any]: ...
    @overload
    def predict(self, table: str | Path | pa.Table, reading: ReadOptions = ...) -> pd.DataFrame: ...
    def predict(
        self, table: Table | NDArray[Any], reading: ReadOptions = NOTHING_SET
    ) -> NDArray[Any] | pd.DataFrame:
        """The answers for the rows of a data frame or an array, (n,), in their order.

        Labels have the type of the target column, and the spelling where it is text. With two
        classes the label follows the threshold that was kept for the model, where there is one.
        The columns of an array are `feature_names_in_`, in their order. Of a file or an Arrow
        table, all that the model says as a data frame: `predict_table`.

        Warns (UserWarning) of differences from the training table from which predictions suffer.
        Raises ModelError where the table has none of the columns that the model reads.
        """
        if isinstance(table, (str, Path)) or _is_arrow(table):
            return self.predict_table(table, reading)
        predicted = predictions_table(self._predictor, self._compared(table), typed=True)
        return _array(predicted.column(0))

    def predict_table(
        self, table: Table, reading: ReadOptions = NOTHING_SET, extras: bool = False
    ) -> pd.DataFrame:
        """Predictions, one for each row in its order: `prediction`, and `probability_<label>` each.

        A regression has `low_90` and `high_90`, too, where its run had enough rows to measure
        between which values 90 % of the actual ones lie. `extras` adds what is unusual in each
        row: `prediction_set` of classes, `unlike_training` and the columns that make it so,
        columns with values never seen, repaired, or not read.

        `reading` says how a file is read; what it leaves open is found in the file, or as it was
        set for the training file. Warns and raises as `predict`.
        """
        found = self._scorer.score(self._compared(table, reading), extras, typed=True)
        frame: pd.DataFrame = found.to_pandas()
        return frame

    def predict_file(
        self,
        path: str | Path,
        out: str | Path,
        reading: ReadOptions = NOTHING_SET,
        extras: bool = False,
        report: Callable[[int, int], bool] | None = None,
    ) -> int | None:
        """Write the predictions of a file of any size to `out`, as CSV, or Parquet by its name.

        Memory is needed for some of the rows at a time. `report` takes the rows done and the rows
        in all; where it returns False nothing is written, and None returned, else the number of
        rows. Raises TableError where the file cannot be read, StorageError where `out` cannot be
        written, ModelError as `predict`.
        """
        asked = replace(training_format(self._files), asked=reading)
        with scratch_folder(workspace()) as root:
            info = store_source(Path(path), root, source_format=asked)
            table = StoredTable(info.hash, root, info.rows)

            def done(rows: int) -> bool:
                return report is None or report(rows, info.rows)

            try:
                with open_predictions(Path(out), guard_formulas=False) as sink:
                    return score_pieces(self._scorer, table.pieces(), sink, extras, done).rows
            except BatchCancelledError:
                return None

    @property
    def predict_proba(self) -> Callable[[Matrix], Floats]:
        """Probabilities (n, classes) of a data frame or an array, columns as in `classes_`.

        A regression has no such method.
        """
        self._only_classes("predict_proba")

        def predict_proba(table: Matrix) -> Floats:  # scikit-learn asks for the name
            found: Floats = self._predictor.predict_table(self._compared(table))[:, self._order]
            return found

        return predict_proba

    def score(self, table: Matrix, y: Any, sample_weight: Any = None) -> float:
        """Accuracy, or R² of a regression, of the predictions for known answers (n,)."""
        predicted, actual = self.predict(table), np.asarray(y)
        weight = None if sample_weight is None else np.asarray(sample_weight, np.float64)
        if self._predictor.task == "regression":
            return score("r2", actual.astype(np.float64), predicted, weight)
        return float(np.average(predicted == actual, weights=weight))

    def explain(
        self,
        table: Table | NDArray[Any],
        background: Table | NDArray[Any] | None = None,
        label: Any = None,
        seed: int = 0,
    ) -> pd.DataFrame:
        """Contributions of the columns to each row's prediction, one row a row, in its order.

        `base` is the mean prediction of the background rows; with the columns' contributions it
        sums to the prediction: the value, or the probability of the class `label`; without one, of
        two classes the positive one, of more the most probable one. `background` are rows to
        compare with, at most 32 of them; without any, rows made up from what the model keeps of
        its training rows, or else the rows themselves. Raises ModelError as `predict`, SpecError
        for a class that there is not.
        """
        import pandas as pd

        from automl_core.explain import HybridRows, estimate_contributions

        cells = self._predictor.typed(_arrow_of(table, self._format(), self))
        others = self._background(background, cells, seed)
        players = tuple((column.name,) for column in self._scorer.used)
        rows = []
        for number in range(cells.rows):
            row = cells.take(np.array([number], np.int64))
            measure = self._measure(row, label)
            *_, last = estimate_contributions(HybridRows(measure, row, others, players), seed)
            assert last is not None
            rows.append([last.base, *last.values])
        return pd.DataFrame(rows, columns=["base", *(name for (name,) in players)])

    def _measure(self, row: TypedTable, label: Any) -> Callable[[TypedTable], Floats]:
        """The number that is explained for a row."""
        predict = self._predictor.predict
        if self._predictor.task == "regression":
            return predict
        place = int(predict(row)[0].argmax()) if self._predictor.task == "multiclass" else 1
        if label is not None:
            found = np.flatnonzero(self._labels == label)
            if not len(found):
                known = ", ".join(self._predictor.target.names[:10])
                raise SpecError(f"There is no class {label!r}.", f"Expected one of: {known}.")
            place = int(found[0])
        return lambda typed: predict(typed)[:, place]

    def _background(
        self, given: Table | NDArray[Any] | None, cells: TypedTable, seed: int
    ) -> TypedTable:
        columns = self._predictor.columns
        if given is None and self._scorer.reference is not None:
            return made_up_rows(columns, self._scorer.reference, BACKGROUND, seed)
        rows = cells
        if given is not None:
            rows = self._predictor.typed(_arrow_of(given, self._format(), self))
        order = np.random.default_rng(seed).permutation(rows.rows)[:BACKGROUND]
        return rows.take(order.astype(np.int64))

    def check(self, table: Table, reading: ReadOptions = NOTHING_SET) -> FileCheck:
        """What a table is like beside the training rows: drift of each column, with a verdict;
        where it has the target, whether the score fell, and the causes with their shares.

        Raises ModelError as `predict`.
        """
        from automl_core.table import sample_rows

        arrow = _arrow_of(table, replace(self._format(), asked=reading), self)
        return check_file(self._scorer, sample_rows(arrow, MOST_CHECKED))

    @property
    def schema(self) -> InputSchema:
        """The columns that the model reads, and what it predicts from them."""
        return input_schema(self._scorer)

    def save(self, path: str | Path) -> None:
        """Write the model as a zip bundle; StorageError where that is not possible."""
        make_folder(Path(path).parent)
        write_atomic(Path(path), write_bundle(self._files, self._info))

    def save_onnx(self, path: str | Path) -> Certificate:
        """Write the model as one ONNX file, and say how it was compared with the model.

        A path that ends in .zip gets the file with its scorer and its service.

        On typical rows that are made up; `Run.export` compares it on the run's own.
        Raises ModelError where a part of the model has no form in ONNX, or the file does not say
        what the model says; nothing is written then.
        """
        written = file_of_bundle("onnx", self._files, self._info)
        make_folder(Path(path).parent)
        write_atomic(Path(path), written_bytes("onnx", written, Path(path)))
        return written.certificate

    # What scikit-learn asks of an estimator.

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels (classes,), sorted, in the type of the target column; none of a regression."""
        self._only_classes("classes_")
        return self._labels[self._order]

    @property
    def feature_names_in_(self) -> NDArray[Any]:
        """The columns that the model reads (d,), in the order of an array's columns."""
        return np.array([column.name for column in self._predictor.columns], object)

    @property
    def n_features_in_(self) -> int:
        """The number of columns that the model reads."""
        return len(self._predictor.columns)

    def fit(self, table: Any, y: Any = None) -> Model:
        """Refused: the model is trained already."""
        del table, y
        raise ModelError(
            f"{self.name} is trained already and is not fitted again.",
            "To use it where scikit-learn fits what it gets, wrap it: "
            "sklearn.frozen.FrozenEstimator(model).",
        )

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """No parameters: nothing of a trained model can be set."""
        del deep
        return {}

    def set_params(self) -> Model:
        """The model itself: it has no parameters."""
        return self

    def __sklearn_clone__(self) -> Model:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Tags:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags

        values = self._predictor.task == "regression"
        multi = self._predictor.task == "multiclass"
        return Tags(
            estimator_type="regressor" if values else "classifier",
            target_tags=TargetTags(required=False),
            classifier_tags=None if values else ClassifierTags(multi_class=multi),
            regressor_tags=RegressorTags() if values else None,
            input_tags=InputTags(string=True, categorical=True, allow_nan=True),
        )

    @cached_property
    def _labels(self) -> NDArray[Any]:
        """The labels in the order of the predictor's probabilities."""
        return _array(self._predictor.target.decode(np.arange(self._predictor.target.classes)))

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self._labels, kind="stable").astype(np.int64)

    def _only_classes(self, name: str) -> None:
        if self._predictor.task == "regression":
            raise AttributeError(f"{name}: {self.name} predicts numbers, no classes.")

    def _format(self) -> SourceFormat:
        return training_format(self._files)

    def _compared(
        self, table: Table | NDArray[Any], reading: ReadOptions = NOTHING_SET
    ) -> pa.Table:
        """The table as Arrow; warns the caller's caller of what predictions suffer from."""
        arrow = _arrow_of(table, replace(self._format(), asked=reading), self)
        encoders = [member.encoder for member in self._predictor.members]
        issues = compare_encoded(
            self._predictor.columns, encoders, arrow, self._predictor.target_name
        )
        grave = [issue.message for issue in issues if issue.severity == Severity.WARNING]
        if grave:
            warnings.warn("\n".join(grave), stacklevel=3)
        return arrow


def _is_arrow(table: Any) -> bool:
    import pyarrow as pa

    return isinstance(table, pa.Table)


def _array(labels: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """Labels or values as NumPy has them: texts as objects."""
    import pyarrow as pa

    if pa.types.is_string(labels.type):
        return np.array(labels.to_pylist(), object)
    found: NDArray[Any] = (
        labels.to_numpy(zero_copy_only=False) if isinstance(labels, pa.Array) else labels.to_numpy()
    )
    return found


def _arrow_of(table: Table | NDArray[Any], source_format: SourceFormat, model: Model) -> pa.Table:
    """A table of any kind as Arrow. ModelError for an array of another number of columns."""
    import pyarrow as pa

    if not isinstance(table, np.ndarray):
        return read_given(table, source_format)[0]
    if table.ndim != 2 or table.shape[1] != model.n_features_in_:
        raise ModelError(
            f"The array has the shape {table.shape}; expected are rows of {model.n_features_in_} "
            "columns.",
            "They are those of `feature_names_in_`, in that order.",
        )
    try:
        columns = [pa.array(table[:, i].tolist(), from_pandas=True) for i in range(table.shape[1])]
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise TableError(f"The array is no table: {error}.", "Correct that column.") from error
    return pa.Table.from_arrays(columns, model.feature_names_in_.tolist())


def read_given(table: Table, source_format: SourceFormat | None = None) -> tuple[pa.Table, str]:
    """A table of any kind as Arrow, and what it is called. TableError where it is none."""
    import pyarrow as pa

    if isinstance(table, (str, Path)):
        path = Path(table)
        return read_file(path, path.name, source_format=source_format)[0], path.name
    refuse_options(source_format)
    name = "table" if isinstance(table, pa.Table) else "data frame"
    try:
        arrow = table
        if not isinstance(arrow, pa.Table):
            arrow = pa.Table.from_pandas(arrow, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise TableError(f"The data frame is no table: {error}.", "Correct that column.") from error
    return arrow.rename_columns(clean_names(arrow.column_names)), name

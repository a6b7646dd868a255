"""Tables to try without a file of one's own: three real ones, one made up.

The real ones are scikit-learn's own; the generated one is in customers.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from automl_core.errors import TableError, did_you_mean
from automl_core.table.inference import Task
from automl_core.table.sample_data.customers import make_churn


@dataclass(frozen=True)
class Sample:
    """A table that is one click away."""

    name: str
    title: str
    description: str
    target: str
    task: Task
    rows: int
    generated: bool  # made up, and to be labelled so


SAMPLES: tuple[Sample, ...] = (
    Sample(
        name="customer_churn",
        title="Customer churn",
        description=(
            "Which customers leave? Numbers, categories, dates, free text, missing cells, "
            "and one column that gives the answer away: find it."
        ),
        target="churned",
        task="binary",
        rows=4_000,
        generated=True,
    ),
    Sample(
        name="breast_cancer",
        title="Breast cancer",
        description="Is a tumour malignant? 30 measurements of cell nuclei (Wisconsin, 1995).",
        target="diagnosis",
        task="binary",
        rows=569,
        generated=False,
    ),
    Sample(
        name="digits",
        title="Handwritten digits",
        description="Which digit was written? 64 pixels in 17 shades of grey (UCI, 1998).",
        target="digit",
        task="multiclass",
        rows=1_797,
        generated=False,
    ),
    Sample(
        name="diabetes",
        title="Diabetes progression",
        description="How far will the disease go in a year? Ten baseline measurements (2004).",
        target="progression",
        task="regression",
        rows=442,
        generated=False,
    ),
)


def make_sample(name: str, seed: int = 0) -> pa.Table:
    """The sample called `name`; `seed` matters for the generated one only."""
    makers = {"breast_cancer": _breast_cancer, "digits": _digits, "diabetes": _diabetes}
    if name == "customer_churn":
        return make_churn(rows=4_000, seed=seed)
    if name not in makers:
        raise TableError(
            f"There is no sample {name!r}.", did_you_mean(name, (s.name for s in SAMPLES))
        )
    return makers[name]()


def _breast_cancer() -> pa.Table:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    columns = {str(n): data.data[:, i] for i, n in enumerate(data.feature_names)}
    return pa.table({**columns, "diagnosis": np.array(["malignant", "benign"])[data.target]})


def _digits() -> pa.Table:
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels = {
        f"row {i // 8 + 1} column {i % 8 + 1}": data.data[:, i].astype(np.int64) for i in range(64)
    }
    return pa.table({**pixels, "digit": data.target.astype(np.int64)})


def _diabetes() -> pa.Table:
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    titles = ["age", "sex", "bmi", "blood pressure", "total cholesterol", "ldl", "hdl"]
    titles += ["cholesterol ratio", "log triglycerides", "glucose"]
    columns = {title: data.data[:, i] for i, title in enumerate(titles)}
    return pa.table({**columns, "progression": data.target.astype(np.int64)})

"""A model for Keras: its file, what its inputs and outputs are, and programs that read cells.

What is inside: everything from typed cells to the answer, vocabularies too. What is outside: how a
cell of a file is read, and how a string becomes numbers, as Keras takes strings on TensorFlow only.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import asdict
from typing import Any

from automl_core.errors import LibraryError
from automl_core.export import Predictor, library_version
from automl_core.files import dump_json
from automl_core.keras_export.keras_file import KerasFile, build_keras
from automl_core.onnx_export import CertifiedFile, UsualRows, scorer_schema, with_scorer
from automl_core.records import to_plain
from automl_core.scoring import Reference, Scorer

LIBRARY = "keras"
PROGRAMS = "automl_core.keras_export.score", "automl_core.keras_export.arrays"
"""Modules whose programs are files at the top of the download."""

MEANINGS = {
    "probabilities": "(rows, classes): of each class in the order of `classes`",
    "label": "(rows,): the number of the class that the model answers",
    "value": "(rows,): the prediction",
    "low": "(rows,): where the interval around it begins",
    "high": "(rows,): where it ends",
}


def keras_package(
    predictor: Predictor, usual: UsualRows, reference: Reference | None = None
) -> CertifiedFile:
    """The file of a predictor and its download; `reference` is what that says of the training rows.

    Raises LibraryError where Keras is not installed; ModelError where a part of the model has no
    form in Keras, or the file read again does not say what the model says.
    """
    written = build_keras(keras_library(), predictor, usual)
    certificate = written.certificate
    found = {
        "model.keras": written.data,
        "model.json": dump_json(_description(predictor, written)),
        "README.md": _readme(predictor, written).encode(),
        "requirements.txt": f"numpy>=1.26\nkeras>={library_version(LIBRARY)}\n".encode(),
    }
    scorer = Scorer(predictor, written.columns, reference)
    files = with_scorer(found, PROGRAMS, certificate.words, scorer, predictor.predict)
    return CertifiedFile(written.data, certificate, files)


def keras_library() -> Any:
    """The module, on PyTorch's backend unless another is asked for.

    Raises LibraryError where it is not installed.
    """
    if importlib.util.find_spec(LIBRARY) is None:
        raise LibraryError(
            "Keras is not installed, and only Keras writes its format.",
            "Install it with `pip install keras`, or choose another format.",
        )
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return importlib.import_module(LIBRARY)


def _description(predictor: Predictor, written: KerasFile) -> dict[str, Any]:
    return {
        "name": predictor.name,
        "task": predictor.task,
        "target": predictor.target_name,
        "classes": list(predictor.target.names),
        "inputs": [asdict(one) for one in written.inputs],
        "outputs": list(written.outputs),
        "reading": scorer_schema(written.columns, predictor),
        "certificate": to_plain(written.certificate),
        "versions": {LIBRARY: library_version(LIBRARY)},
    }


def _readme(predictor: Predictor, written: KerasFile) -> str:
    outputs = "\n".join(f"- `{name}` {MEANINGS[name]}" for name in written.outputs)
    return f"""# {predictor.name}: a model that Torchlight trained, for Keras 3

    pip install -r requirements.txt torch
    python score.py IN.csv OUT.csv
    python test_model.py

or with `tensorflow` for `torch`. `OUT.csv` has the rows of `IN.csv` in their order, with what the
model predicts; columns are found by their names, and those that it does not know are ignored. With
`--extras` each row also has what is unusual in it, and what has moved against the training rows is
printed; with `--allow-missing` a column that the file lacks counts as empty. In Python:

    from score import predict
    predict([{{"column": "cell", ...}}])

or the model itself, from typed cells on:

    import json, keras
    from arrays import arrays
    model = keras.saving.load_model("model.keras")
    inputs = json.load(open("model.json"))["inputs"]
    answer = model(arrays(inputs, cells))

It needs Keras 3 on PyTorch or TensorFlow, and not Torchlight: all layers and operations are
Keras' own. JAX is left out: it counts with 32 bits unless told otherwise.

## What is inside

Everything from the table's typed columns to the answer: gaps, scaling, calendars, words and letters
of texts, vocabularies (weights of the layers `words_...`), all members and their weights,
calibration, threshold and intervals. It answers with a dictionary of

{outputs}

## What is outside

- How a cell of a file is read: `score.py` does it, by the rules under `reading` in `model.json`.
  `cells` is a dictionary of lists or arrays, one for each `source` in
  `model.json`: a number as a number, NaN where missing; yes and no as 1 and 0; a date in seconds
  since 1970 (UTC); a category as a string, "" where missing; a list as its items in lower case with
  U+001F between them; a text in lower case with single blanks between its words, and its signals
  (logarithm of its length, shares of digits, capitals and signs, ...).
- Strings. Keras reads strings on TensorFlow only, and its layers StringLookup and IntegerLookup
  need TensorFlow on every backend. So the model takes the numbers of their characters in Unicode,
  int32 with zeros behind: a category (rows, width), a list or the words of a text (rows, words,
  width). It finds them in its vocabulary by a sum over the characters, and then compares each
  character. `arrays.py` makes them, with Python and numpy alone.

The model is called with a dictionary by input; an input that is missing is named, one that it does
not know is ignored.

## Is it the same model?

{written.certificate.words}

`test_model.py` asks it for the rows in `example.json`, and compares what it answers with what is
written there. `model_card.md` says what it predicts, from what.
"""

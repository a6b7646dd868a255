"""README.md of the download."""

README = """# A model that runs anywhere

    pip install -r requirements.txt
    python score.py IN.csv OUT.csv
    python test_model.py

`OUT.csv` has the rows of `IN.csv` in their order: `prediction`, and for classes
`probability_<label>` for each, for numbers the ends of the interval, if the model has one. The file
is UTF-8 with a header; the order of the columns does not matter, others are ignored and listed, and
one that is missing is named, and refused unless `--allow-missing` lets it count as empty. A file of
any size is scored, 1,000 rows at a time. In Python:

    from score import predict
    predict([{"column": "cell", ...}])

With `--extras` the file is read twice, and each row also has, as far as the model knows them:

| column | what it says |
|---|---|
| `prediction_set` | labels, one of which should be the actual one |
| `unlike_training`, `unlike_columns` | is the row unlike the training rows, and by which columns |
| `unseen_columns` | columns with a value that training did not have |
| `repaired_columns` | columns of numbers that came as texts and were read |
| `unread_columns` | columns whose cell could not be read and counts as missing |

At the end it prints whether the columns of the file have moved away from the training rows, and
where the file has the target, whether the score fell, and why.

## A service

    pip install -r requirements-service.txt
    python service.py --port 8000

or in a container, whose file system may be read-only:

    docker build -t model .
    docker run --rm --read-only -p 8000:8000 model

| address | what it answers |
|---|---|
| `POST /predict` | `{"rows": [{"column": value, ...}]}` gives `{"predictions": [...]}` |
| `GET /health` | whether it answers, and with which model |
| `GET /schema` | the columns that the model reads |
| `GET /openapi.json` | all this for programs |
| `GET /docs` | all this as a page, which loads its scripts from the internet |

With `service.py --allow-missing` columns that a row lacks count as empty. A request has at most
100,000 rows and 64 MB; with `"extras": true` beside its rows it gets what
`--extras` gives. What is wrong with it is said as `{"error": "..."}` with a status from 400 to 422.

## The files

| file | what it is |
|---|---|
| `model.onnx` | the whole model: encoding, all members, the answer; runs in every ONNX Runtime |
| `score.py`, `service.py` | read cells as the model's training table was read, and run the model |
| `scorer/` | parts of both |
| `training.json` | what the training rows were like: ends, quantiles and frequencies, no row |
| `schema.json` | JSON Schema of the rows of a request |
| `example.json` | rows and their answer |
| `test_model.py` | checks that the answers are the same here |
| `model_card.md` | what the model predicts, from what, and how it was compared with the original |
| `SHA256SUMS` | checksums; a file that was changed is refused |

Other languages run `model.onnx` itself. Each column is an input `column:NAME`: numbers, yes or no
(1 and 0) and dates (seconds since 1970, UTC) as float64 with NaN where missing; words as strings
with "" where missing. A text also has an input `signals:NAME`. How cells become these values is
told by `torchlight.schema` in the file's metadata, which `scorer/cells.py` and `scorer/dates.py`
follow.
"""

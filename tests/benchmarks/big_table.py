"""A very long or a very wide table through everything: reading, pages, a run, new rows.

    python -m tests.benchmarks.big_table [--rows 50000000] [--budget 600] [--folder /tmp]
    python -m tests.benchmarks.big_table --rows 2000 --columns 20000 --budget 120

The file is Parquet, generated with a known signal (big_rows.py) and removed at the end. The run
is scored on rows that are not in it, beside LightGBM alone: of a long table on the rows that the
run drew, with early stopping and as much time; of a wide one with its defaults. `--parts` leaves
some of it out. The exit code is 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from streamlit.testing.v1 import AppTest

from automl_core.runs.record import RunFolder, RunReader
from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.reading.ingest import ingest_file
from automl_core.table.store import TableInfo, open_table, save_schema
from tests.benchmarks import big_rows, figures
from tests.benchmarks.memory import watch

PARTS = ("read", "pages", "run", "run_pages", "score")
RUN = "runs/big"  # below the workspace
READ_SECONDS, PAGE_SECONDS, MOST_GB, OVER = 360.0, 2.0, 12.0, 0.02
TEST_ROWS, TEST_BLOCK = 200_000, 1_000_000  # the number of a block that no table has
WIDE_TEST_ROWS = 3_000
ROUNDS, PATIENCE = 5_000, 50


def read(path: Path, root: Path) -> TableInfo:
    """The file in the store, with its schema, as after an upload."""
    began = time.perf_counter()
    info = ingest_file(path, path.name, root)
    assert info is not None
    stored = time.perf_counter() - began
    save_schema(info.hash, infer_schema(open_table(info.hash, root)), root)
    print(f"schema   {time.perf_counter() - began - stored:.1f} s")
    return info


def pages(info: TableInfo) -> dict[str, float]:
    """Seconds to draw the pages at first, and Data again after a role was changed."""
    found = {}
    app = AppTest.from_file(str(figures.ROOT / "app.py"), default_timeout=600)
    app.query_params["table"] = info.hash
    for name in ("data", "profile", "train"):
        app.switch_page(f"pages/{name}.py")
        found[f"{name}, first"] = _seconds(app.run)
        found[name] = _seconds(app.run)
        _sound(app)
    app.selectbox(key="train_target").select(big_rows.TARGET)
    found["train, target"] = _seconds(app.run)
    _sound(app)
    app.switch_page("pages/data.py")
    app.run()
    names = [n for n in open_table(info.hash, _root()).column_names if n != big_rows.TARGET]
    for name, role in zip(names, ("ignored", "category", "text", "ignored"), strict=False):
        app.multiselect(key="role_columns").set_value([name])
        app.selectbox(key="role_choice").select(role)
        found[f"data, {name} {role}"] = _seconds(app.button(key="role_apply").click().run)
        _sound(app)
    for name, seconds in found.items():
        print(f"page     {seconds:7.2f} s  {name}")
    return found


def run_pages() -> dict[str, float]:
    """Seconds to draw the pages of the run at first and again."""
    found = {}
    app = AppTest.from_file(str(figures.ROOT / "app.py"), default_timeout=600)
    app.query_params["run"] = Path(RUN).name
    for name in ("train", "models", "predict"):
        app.switch_page(f"pages/{name}.py")
        found[f"{name} of the run, first"] = _seconds(app.run)
        found[f"{name} of the run"] = _seconds(app.run)
        _sound(app)
    for name, seconds in found.items():
        print(f"page     {seconds:7.2f} s  {name}")
    return found


def _root() -> Path:
    return Path(os.environ["TORCHLIGHT_WORKSPACE"])


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _sound(app: AppTest) -> None:
    assert not app.exception, [e.value for e in app.exception]


def train(path: Path, folder: Path, budget: float, extra: list[str]) -> dict[str, Any]:
    """One run from the command line, watched: its clock, its peak of memory."""
    words = ["train", path, "--target", big_rows.TARGET, "--budget", f"{budget:g}s"]
    words += ["--out", folder / "workspace" / RUN, *extra]
    began = time.perf_counter()
    with figures.start_torchlight(words, folder / "workspace") as process:
        peak = watch(process)
        out, said = process.communicate()
    print(said[-6000:] + out)
    if process.returncode:
        raise SystemExit("The run failed.")
    clock = RunReader(RunFolder(folder / "workspace" / RUN)).refresh().clock
    whole = time.perf_counter() - began
    print(
        f"run      {clock:.1f} s of {budget:g} s, {whole:.0f} s with reading; "
        f"peak {peak.resident / 1e9:.2f} GB resident after {peak.at:.0f} s, "
        f"{peak.shared_once / 1e9:.2f} GB with shared pages once"
    )
    return {"clock": clock, "resident": peak.resident, "shared_once": peak.shared_once}


def scores(test: Path, folder: Path, wide: bool, budget: float) -> dict[str, float]:
    """ROC AUC on the test file: of the run, and of LightGBM alone."""
    out, run = folder / "predictions.parquet", folder / "workspace" / RUN
    took = _seconds(
        lambda: figures.torchlight(["predict", run, test, "--out", out], folder / "workspace")
    )
    rows = pq.read_table(test)
    truth = np.asarray(rows[big_rows.TARGET].to_pandas() == big_rows.POSITIVE)
    ours = pq.read_table(out, columns=[f"probability_{big_rows.POSITIVE}"]).column(0).to_numpy()
    spec = json.loads((run / "spec.json").read_text(encoding="utf-8"))
    drawn = open_table(spec["table"]["hash"], folder / "workspace")
    began = time.perf_counter()
    alone = _lightgbm(drawn, rows, wide, budget)
    found = {"run": figures.roc_auc(truth, ours), "lightgbm": figures.roc_auc(truth, alone)}
    print(
        f"score    run {found['run']:.5f}, LightGBM alone {found['lightgbm']:.5f} "
        f"({drawn.num_rows:,} rows, {time.perf_counter() - began:.0f} s); "
        f"predict {len(truth) / took:,.0f} rows/s"
    )
    return found


def _lightgbm(train: pa.Table, test: pa.Table, wide: bool, budget: float) -> np.ndarray:
    import lightgbm

    both = [t.drop_columns([big_rows.TARGET]).to_pandas() for t in (train, test)]
    for name in both[0].columns:
        if pd.api.types.is_string_dtype(both[0][name]):
            kinds = pd.CategoricalDtype(sorted(both[0][name].unique()))
            both = [f.assign(**{name: f[name].astype(kinds)}) for f in both]
        elif both[0][name].dtype.kind == "M":
            both = [f.assign(**{name: f[name].astype("int64")}) for f in both]
    y = np.asarray(train[big_rows.TARGET].to_pandas() == big_rows.POSITIVE, dtype=np.int64)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    if wide:
        model = lightgbm.LGBMClassifier(n_jobs=threads, verbose=-1).fit(both[0].to_numpy(), y)
        return np.asarray(model.predict_proba(both[1].to_numpy())[:, 1])
    held = np.random.default_rng(0).random(len(y)) < 0.02
    parts = [lightgbm.Dataset(both[0][p], y[p], free_raw_data=True) for p in (~held, held)]
    parts[1].reference = parts[0]
    end = time.monotonic() + budget

    def in_time(_: Any) -> None:
        if time.monotonic() > end:
            raise lightgbm.callback.EarlyStopException(_.iteration, [])

    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    settings = {"objective": "binary", "metric": "auc", "verbosity": -1, "num_threads": threads}
    booster = lightgbm.train(settings, parts[0], ROUNDS, [parts[1]], callbacks=[stop, in_time])
    return np.asarray(booster.predict(both[1]))


def main() -> int:
    """One table; the exit code says whether the promises hold."""
    parser = figures.arguments("A very long or a very wide table.", budget=600)
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--columns", type=int, default=0, help="of a wide table; 0: a long one")
    parser.add_argument("--parts", default=",".join(PARTS), help="all by default")
    parser.add_argument("--folder", type=Path, help="where the files are made, and removed")
    parser.add_argument("--most-rows", type=int, default=0, help="of the run; 0: as it is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torchlight-big-", dir=options.folder) as folder:
        found = measure(options, Path(folder))
    figures.write_json(options.json, found)
    broken = _broken(found, options.budget)
    print("\n".join(broken) or "Every promise that was measured holds.")
    return int(bool(broken))


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The figures of the parts that were asked for."""
    wide, parts = options.columns > 0, options.parts.split(",")
    block = partial(big_rows.wide_block, columns=options.columns) if wide else big_rows.long_block
    path, root = folder / "big.parquet", folder / "workspace"
    os.environ["TORCHLIGHT_WORKSPACE"] = str(root)
    seconds = _seconds(lambda: big_rows.write(path, options.rows, block))
    print(f"file     {options.rows:,} rows, {path.stat().st_size / 1e9:.2f} GB, {seconds:.0f} s")
    found: dict[str, Any] = {}
    if "read" in parts or "pages" in parts:
        began = time.perf_counter()
        info = read(path, root)
        found["read"] = time.perf_counter() - began
        print(f"read     {found['read']:.1f} s with the schema, {info.rows:,} rows")
        if "pages" in parts:
            found["pages"] = pages(info)
    if "run" in parts:
        extra = ["--most-rows", str(options.most_rows)] if options.most_rows else []
        extra += ["--workers", str(options.workers)] if options.workers else []
        found["run"] = train(path, folder, options.budget, extra)
        if "run_pages" in parts:
            found["run_pages"] = run_pages()
        if "score" in parts:
            test = folder / "test.parquet"
            big_rows.write(test, WIDE_TEST_ROWS if wide else TEST_ROWS, block, TEST_BLOCK)
            found["score"] = scores(test, folder, wide, options.budget)
    return found


def _broken(found: dict[str, Any], budget: float) -> list[str]:
    """The promises that were measured and do not hold, in words."""
    broken = []
    if found.get("read", 0.0) > READ_SECONDS:
        broken.append(f"Reading took more than {READ_SECONDS:g} s.")
    drawn = found.get("pages", {}) | found.get("run_pages", {})
    again = {n: s for n, s in drawn.items() if not n.endswith("first")}
    broken += [f"The page {n} took {s:.1f} s." for n, s in again.items() if s > PAGE_SECONDS]
    run = found.get("run", {})
    if run and run["clock"] > budget * (1 + OVER) + 1:
        broken.append("The run passed its budget.")
    if run and run["resident"] > MOST_GB * 1e9:
        broken.append(f"The run took more than {MOST_GB:g} GB.")
    score = found.get("score", {})
    if score and score["run"] <= score["lightgbm"]:
        broken.append("The run is no better than LightGBM alone.")
    return broken


if __name__ == "__main__":
    sys.exit(main())

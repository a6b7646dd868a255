"""A gigabyte of CSV to a ready table, beside pandas; and the Data page on ten million rows.

    python -m tests.benchmarks.reading [--gigabytes 1] [--rows 10000000] [--folder /tmp]

Each reading has a process of its own; its peak is the resident memory that the system counted.
The exit code is 1 where a gigabyte takes more than 45 s or 1.5 GB, or drawing the page again
after a change of a role more than 1.5 s.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from automl_core.table.inference.schema_inference import infer_schema
from automl_core.table.reading.ingest import ingest_file
from automl_core.table.store import TableInfo, TableWriter, open_table, save_info, save_schema
from tests.benchmarks import figures, kinds_of_columns

SECONDS, GIGABYTES, REDRAW = 45.0, 1.5, 1.5
CHANGES = (("city", "ignored"), ("age", "category"), ("x", "ignored"), ("key", "category"))


def measured(work: Callable[[], int]) -> None:
    """Does the work in this process and prints rows, seconds and peak resident bytes."""
    began = time.perf_counter()
    rows = work()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "peak": peak}))


def read_ours(path: Path, root: Path) -> int:
    """Rows of the table that the file became."""
    info = ingest_file(path, path.name, root)
    assert info is not None
    return info.rows


def read_pandas(path: Path) -> int:
    """Rows of the frame that pandas' default reader makes."""
    import pandas as pd

    return len(pd.read_csv(path, low_memory=True))


def in_a_process(how: str, path: Path, root: Path) -> dict[str, Any]:
    """What `measured` found in a fresh process."""
    words = [sys.executable, "-m", "tests.benchmarks.reading", "--only", how, str(path), str(root)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=figures.ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(f"{how:8} {found['rows']:,} rows, {found['seconds']:.1f} s, {found['peak'] / 1e9:.2f} GB")
    return found


def compare_readers(size: int, folder: Path) -> dict[str, Any]:
    """Both readers on a file of so many bytes, after one look at it each."""
    path = folder / "large.csv"
    rows = kinds_of_columns.write_csv(path, size)
    print(f"file     {rows:,} rows, 20 columns, {path.stat().st_size / 1e9:.2f} GB")
    found = {how: in_a_process(how, path, folder / "workspace") for how in ("ours", "pandas")}
    ratio = found["pandas"]["seconds"] / found["ours"]["seconds"]
    print(f"pandas takes {ratio:.2f} times as long")
    path.unlink()
    return found


def long_table(rows: int, root: Path) -> TableInfo:
    """A stored table of so many rows with its schema, as after an upload."""
    with TableWriter(root) as writer:
        for number, table in enumerate(kinds_of_columns.blocks(rows)):
            if number == 0:
                writer.begin(table.schema)
            for batch in table.to_batches():
                writer.write(batch)
        info = TableInfo(writer.commit(), "long.csv", writer.rows, len(writer.schema), {})
    save_info(info, root)
    began = time.perf_counter()
    save_schema(info.hash, infer_schema(open_table(info.hash, root)), root)
    print(f"schema   {info.rows:,} rows, {time.perf_counter() - began:.1f} s")
    return info


def redraw(rows: int, folder: Path) -> list[float]:
    """Seconds from each change of a role to the drawn page."""
    root = folder / "workspace"
    os.environ["TORCHLIGHT_WORKSPACE"] = str(root)
    info = long_table(rows, root)
    app = AppTest.from_file(str(figures.ROOT / "app.py"), default_timeout=300)
    app.switch_page("pages/data.py")
    app.query_params["table"] = info.hash
    began = time.perf_counter()
    app.run()
    print(f"first    {time.perf_counter() - began:.2f} s")
    times = []
    for name, role in CHANGES:
        app.multiselect(key="role_columns").set_value([name])
        app.selectbox(key="role_choice").select(role)
        began = time.perf_counter()
        app.button(key="role_apply").click().run()
        times.append(time.perf_counter() - began)
        assert not app.exception and not app.error, [e.value for e in app.error]
        print(f"redraw   {times[-1]:.2f} s after {name} became {role}")
    return times


def main() -> int:
    """Both parts; the exit code says whether the promises hold."""
    parser = figures.arguments("A gigabyte of CSV, and ten million rows on the Data page.")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="of CSV; 0: leave out")
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the page; 0: leave out")
    parser.add_argument("--folder", type=Path, help="where the files are made, and removed")
    parser.add_argument("--only", nargs=3, metavar=("HOW", "FILE", "WORKSPACE"), help="one reading")
    options = parser.parse_args()
    if options.only:
        how, path, root = options.only[0], Path(options.only[1]), Path(options.only[2])
        measured((lambda: read_ours(path, root)) if how == "ours" else lambda: read_pandas(path))
        return 0
    readers: dict[str, Any] = {}
    times: list[float] = []
    with tempfile.TemporaryDirectory(prefix="torchlight-reading-", dir=options.folder) as folder:
        if options.gigabytes:
            readers = compare_readers(int(options.gigabytes * 1e9), Path(folder))
        if options.rows:
            times = redraw(options.rows, Path(folder))
            print(f"redraw   {figures.spread(times)}")
    figures.write_json(options.json, {"readers": readers, "redraw": times})
    ours = readers.get("ours")
    slow = ours and (
        ours["seconds"] > SECONDS * options.gigabytes or ours["peak"] > GIGABYTES * 1e9
    )
    return 1 if slow or (times and statistics.median(times) > REDRAW) else 0


if __name__ == "__main__":
    sys.exit(main())

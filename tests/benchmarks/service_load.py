"""The HTTP service under load: errors, latencies and rows a second with 16 clients.

    python -m tests.benchmarks.service_load [--clients 16] [--seconds 30] [--rows 20] [--cores 2]
                                            [--download]

`torchlight serve`, or with `--download` the service of an ONNX download, and the clients are on the
same `--cores` cores. Each client sends the next request when it has the answer to the last one, of
`--rows` rows, and compares the answers with those of `predict`. Every hundredth request is a bad
one, which has to be refused. The exit code is the number of errors: an answer other than expected,
or none.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from automl_core.export.bundle import write_bundle
from automl_core.export.predictor import Predictor, predictor_files
from automl_core.export.scoring import predictions_table
from automl_core.onnx_export import UsualRows, build_onnx
from tests import small

BAD_EVERY = 100


@dataclass
class Client:
    """What one client has seen."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refused: int = 0


def requests(predictor: Predictor, rows: int) -> list[tuple[bytes, list[float]]]:
    """Bodies of requests, and the probabilities that `predict` gives."""
    found = []
    for seed in range(20):
        table = small.table(rows, seed=100 + seed)
        names = [c.name for c in predictor.columns if c.name != "empty"]
        plain = [
            row | {"since": row["since"].isoformat()} for row in table.select(names).to_pylist()
        ]
        expected = predictions_table(predictor, table).column("probability_yes").to_pylist()
        found.append((json.dumps({"rows": plain}).encode(), expected))
    return found


def drive(port: int, until: float, asked: list[tuple[bytes, list[float]]], client: Client) -> None:
    """Ask until the time is over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json"}
    number = 0
    while time.monotonic() < until:
        number += 1
        body, expected = asked[number % len(asked)]
        bad = number % BAD_EVERY == 0
        began = time.monotonic()
        try:
            connection.request("POST", "/predict", b'{"rows": [{' if bad else body, headers)
            answer = connection.getresponse()
            content: Any = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            client.errors.append(repr(error))
            connection.close()
            continue
        if bad:
            client.refused += answer.status == 400
            if answer.status != 400:
                client.errors.append(f"a bad request got {answer.status}")
            continue
        client.seconds.append(time.monotonic() - began)
        if answer.status != 200:
            client.errors.append(str(content))
        elif not _same([row["probability"]["yes"] for row in content["predictions"]], expected):
            client.errors.append("other predictions")


def _same(found: list[float], expected: list[float]) -> bool:
    """Whether they are equal to within what an ONNX file may differ by."""
    return len(found) == len(expected) and bool(np.allclose(found, expected, rtol=0, atol=1e-5))


def command(predictor: Predictor, folder: Path, port: int, download: bool) -> list[str]:
    """What starts the service of a model whose files it writes into the folder."""
    if download:
        rows = predictor.typed(small.table())
        for name, data in build_onnx(predictor, UsualRows(rows, "rows")).package.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        return [sys.executable, str(folder / "service.py"), "--port", str(port)]
    bundle = folder / "model.zip"
    bundle.write_bytes(write_bundle(predictor_files(predictor), {}))
    return [sys.executable, "-m", "automl_core", "serve", str(bundle), "--port", str(port)]


def main() -> int:
    """One service, many clients."""
    parser = argparse.ArgumentParser(description="The HTTP service under load.")
    for name, default in (("clients", 16), ("seconds", 30), ("rows", 20), ("cores", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--family", default="lightgbm", choices=tuple(small.QUICK))
    parser.add_argument("--download", action="store_true", help="the ONNX download's service")
    options = parser.parse_args()
    with contextlib.suppress(AttributeError):  # not on every system
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores])
    predictor = small.predictor("binary", options.family)
    asked = requests(predictor, options.rows)
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        words = command(predictor, Path(folder), port, options.download)
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as service:
            assert service.stdout is not None
            service.stdout.readline()
            time.sleep(1.0)
            clients = [Client() for _ in range(options.clients)]
            began = time.monotonic()
            until = began + options.seconds
            threads = [
                threading.Thread(target=drive, args=(port, until, asked, client))
                for client in clients
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
            alive = service.poll() is None
            service.send_signal(signal.SIGINT)
    seconds = np.array([s for client in clients for s in client.seconds]) * 1000
    errors = [error for client in clients for error in client.errors]
    print(
        f"{options.clients} clients, {took:.0f} s, {options.rows} rows a request: "
        f"{len(seconds):,} requests, {len(seconds) * options.rows / took:,.0f} rows/s; "
        f"median {np.median(seconds):.0f} ms, p95 {np.quantile(seconds, 0.95):.0f} ms, greatest "
        f"{seconds.max():.0f} ms; refused as they should {sum(c.refused for c in clients)}; "
        f"errors {len(errors)}; alive at the end: {alive}"
    )
    for error in errors[:5]:
        print(error)
    return len(errors) + (not alive)


if __name__ == "__main__":
    sys.exit(main())

"""Metrics: numbers of this process in Prometheus' format, and nobody's names."""

from __future__ import annotations

import re
from pathlib import Path

from automl_core.runs import manager
from pages.components.server.metrics import metrics_text
from pages.components.shared import page_times
from tests.finished_run import make_run

LINE = re.compile(r"(torchlight_\w+?)(_bucket|_sum|_count)?(\{[^}]*\})? (\S+)")


def test_each_line_is_a_metric_that_was_announced(workspace: Path) -> None:
    make_run(workspace, "run-a")
    with page_times.measured("Models"):
        pass
    text = metrics_text()
    kinds = dict(re.findall(r"^# TYPE (\w+) (gauge|histogram)$", text, re.M))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found) and {m[1] for m in found if m} == {*kinds}
    values = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}
    assert values['torchlight_runs{status="finished"}'] == 1
    assert values['torchlight_runs{status="running"}'] == 0
    assert values["torchlight_queue_length"] == 0
    assert values['torchlight_workers{state="wanted"}'] == manager.default_workers()
    assert values['torchlight_memory_bytes{process="app"}'] > 10**7
    assert "run-a" not in text and str(workspace) not in text


def test_page_times_are_a_histogram() -> None:
    before = {t.page: t for t in page_times.times_by_page()}.get("Runs")
    for _ in range(2):
        with page_times.measured("Runs"):
            pass
    (now,) = [t for t in page_times.times_by_page() if t.page == "Runs"]
    assert sum(now.counts) - (sum(before.counts) if before else 0) == 2
    text = metrics_text()
    name = 'torchlight_page_seconds_bucket{page="runs",le='
    buckets = [int(n) for n in re.findall(re.escape(name) + r'"[^"]+"\} (\d+)', text)]
    assert len(buckets) == len(page_times.PAGE_TIME_BOUNDS) + 1
    assert buckets == sorted(buckets) and buckets[-1] == sum(now.counts)
    assert f'torchlight_page_seconds_count{{page="runs"}} {buckets[-1]}' in text

"""A report says what the run knows, in one file that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import automl_core
from automl_core.charts import chart_table, plotly_script
from automl_core.cli.main import run_cli
from automl_core.errors import RunError
from automl_core.evaluation import RowScores
from automl_core.explain import Question, explain
from automl_core.export import Threshold
from automl_core.report.build import build_report
from automl_core.report.content import Report
from automl_core.report.page import report_page
from automl_core.runs import AskedGroups, keep_asked, keep_row_scores
from automl_core.runs.record import (
    ENSEMBLE,
    OutsideRecord,
    RunFolder,
    StoredExplanation,
    model_version,
    save_explanation,
    save_outside,
    save_threshold,
)
from automl_core.types import RunStatus, Task
from tests import fake_run
from tests.explain.made import sample
from tests.finished_run import make_run
from tests.pages.test_column_costs import keep as keep_columns

KEYS = [
    "data", "validation", "leaderboard", "quality", "errs", "fair", "learned", "gains", "limits",
    "card",
]  # fmt: skip
CHARTS = {"binary": 5, "multiclass": 2, "regression": 4}
HOSTILE = '</script><script>alert(1)</script><img src="http://evil.example/x" onerror=alert(1)>'


class Elements(HTMLParser):
    """The elements of a page with their attributes, its scripts, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._in_script = self._in_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in_script, self._in_style = tag == "script", tag == "style"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._in_script = self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        elif not self._in_style:
            self.text += data


def words_of(report: Report) -> str:
    """All that it says outside of figures."""
    parts = [report.headline, *(n.value + n.note for n in report.numbers)]
    for section in report.sections:
        parts += [section.title, *section.paragraphs]
        parts += [cell for t in section.tables for row in t.rows for cell in row]
    return "\n".join(parts)


def section(report: Report, key: str) -> Report:
    return replace(report, sections=tuple(s for s in report.sections if s.key == key))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("model", [None, "lightgbm-1"])
def test_every_section_says_something(workspace: Path, task: Task, model: str | None) -> None:
    report = build_report(make_run(workspace, "run-a", task), workspace, model)
    assert [s.key for s in report.sections] == KEYS
    assert all(s.paragraphs or s.tables for s in report.sections)
    assert len(report.numbers) == 3 and not [n for n in report.numbers if n.value in ("", "–")]
    quality, learned = report.sections[3], report.sections[6]
    assert len(quality.figures) == CHARTS[task] and len(learned.figures) == 2
    assert all(figure.sentence and figure.source for figure in quality.figures)
    for figure in (*quality.figures, *learned.figures):
        table = chart_table(figure.drawing)
        assert table.num_rows and "double" in map(str, table.schema.types)
    assert "rows held out of training: " in report.headline  # in the table's words
    words = words_of(report)
    assert "lightgbm-1" in words and "customers.csv" in words and "nan" not in words.split()


def test_the_page_asks_nobody_and_runs_its_own_scripts_only(workspace: Path) -> None:
    report = build_report(make_run(workspace, "run-a"), workspace)
    page = report_page(report)
    assert page == report_page(build_report(RunFolder(workspace / "runs/run-a"), workspace))
    assert len(page.encode()) <= 6e6
    elements = Elements(page)
    assert not [
        (tag, name)
        for tag, attributes in elements.found
        for name, value in attributes.items()
        if name in ("src", "srcset", "action") or name.startswith("on")
        or (name == "href" and not str(value).startswith("#"))
    ]  # fmt: skip
    assert not {"link", "iframe", "object", "embed", "img", "base"} & {t for t, _ in elements.found}
    assert "://" not in page.replace(plotly_script(), "")
    policy = next(a["content"] for t, a in elements.found if t == "meta" and "http-equiv" in a)
    assert policy is not None and policy.startswith("default-src 'none'; script-src 'sha256-")
    figures, *scripts = elements.scripts
    for script in scripts:
        digest = hashlib.sha256(script.encode()).digest()
        assert f"'sha256-{base64.b64encode(digest).decode()}'" in policy
    drawn = json.loads(figures)
    expected = [f.drawing for s in report.sections for f in s.figures]
    assert [len(f["data"]) for f in drawn] == [len(d.traces) for d in expected]
    places = [a["data-figure"] for _, a in elements.found if a.get("class") == "chart"]
    assert places == [str(i) for i in range(len(expected))]
    assert {f'id="{key}"' in page for key in [*KEYS, "trace"]} == {True}


def test_words_from_data_are_only_words(workspace: Path) -> None:
    report = build_report(make_run(workspace, "run-a"), workspace)
    learned = report.sections[6]
    figure = learned.figures[0]
    drawing = replace(figure.drawing, traces=({"type": "bar", "name": HOSTILE},), alt=HOSTILE)
    figure = replace(figure, title=HOSTILE, drawing=drawing, sentence=HOSTILE, source=HOSTILE)
    table = replace(report.sections[0].tables[0], title=HOSTILE, rows=((HOSTILE,),), source=HOSTILE)
    hostile = replace(learned, title=HOSTILE, paragraphs=(HOSTILE,), figures=(figure,))
    number = replace(report.numbers[0], label=HOSTILE, value=HOSTILE, note=HOSTILE)
    page = report_page(
        Report(HOSTILE, HOSTILE, (number,), (replace(hostile, tables=(table,)),), ((HOSTILE,) * 2,))
    )
    elements = Elements(page)
    assert len(elements.scripts) == 3 and "img" not in {tag for tag, _ in elements.found}
    assert elements.text.count(HOSTILE) >= 12
    assert json.loads(elements.scripts[0])[0]["data"][0]["name"] == HOSTILE


def test_numbers_can_be_traced_to_the_run(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    trace = dict(build_report(folder, workspace).trace)
    spec = folder.spec()
    assert trace["Run"] == "run-a" and spec.table.hash in trace["Table"]
    assert trace["Seed"] == str(spec.options.seed) and "torch" in trace["Report written with"]
    other = dict(build_report(folder, workspace, "linear-2").trace)
    assert other["Predictions for unseen rows"] != trace["Predictions for unseen rows"]


def test_the_threshold_that_was_kept_decides_in_the_report(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    before = build_report(folder, workspace, "lightgbm-1")
    save_threshold(folder, 1, Threshold("yes", 1.0))
    after = build_report(folder, workspace, "lightgbm-1")
    assert before.numbers[2].value != after.numbers[2].value
    assert "above 1" in words_of(after)
    assert "No row is predicted as “yes”" in after.sections[3].figures[0].sentence


def test_an_explanation_that_is_kept_is_in_the_report(workspace: Path) -> None:
    made = sample(lambda c: 3 * c["a"] * c["b"] + 2 * (c["word"] == 2), rows=100)
    *_, found = explain(made, Question("rmse"))
    folder = make_run(workspace, "run-a", "regression")
    assert "are not in this report" in words_of(build_report(folder, workspace))
    stored = StoredExplanation(model_version(folder, ENSEMBLE), True, 100, (), 0, found)
    save_explanation(folder, ENSEMBLE, stored)
    report = build_report(folder, workspace)
    titles = [figure.title for figure in report.sections[6].figures]
    assert [title.startswith("Effect of ") for title in titles[1:5]] == [True] * len(titles[1:5])
    assert titles[0] == "Importance of columns" and titles[-2].endswith(" together")
    assert "seed 0" in report.sections[6].figures[0].source
    assert len(json.loads(Elements(report_page(report)).scripts[0])) == len(titles) + 5
    (folder.path / "explanations" / "ensemble.json").write_text("{")
    assert "are not in this report" in words_of(build_report(folder, workspace))


def test_a_model_of_another_system_stands_on_the_board(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    record = OutsideRecord(HOSTILE, "theirs.csv", "held-out", 240, 0.0)
    save_outside(folder, record, folder.out_of_fold(2))
    report = build_report(folder, workspace)
    ours, theirs = report.sections[2].tables
    assert theirs.rows[0][:2] == (HOSTILE, "theirs.csv") and " to " in theirs.rows[0][3]
    assert theirs.rows[0][2] == next(row[3] for row in ours.rows if row[1] == "linear-2")
    (folder.path / "outside/1/outside.json").write_text("{")
    assert "is damaged" in words_of(section(build_report(folder, workspace), "leaderboard"))


def test_what_is_gone_is_said_in_words(workspace: Path) -> None:
    folder = make_run(workspace, "run-a", status=RunStatus.STOPPED)
    (folder.path / "trials/1/oof.npz").unlink()
    shutil.rmtree(workspace / "tables")
    words = words_of(build_report(folder, workspace, "lightgbm-1"))
    assert "not in the workspace any more" in words and "nothing can be drawn" in words
    assert "did not come to its own end" in words


def test_a_run_without_a_model_has_no_report(workspace: Path) -> None:
    folder = fake_run.make_folder(workspace, "waits")
    with pytest.raises(RunError, match="no model"):
        build_report(folder, workspace)
    with pytest.raises(RunError, match="lightgbm"):
        build_report(make_run(workspace, "run-a"), workspace, "lightgbm")


def test_the_command_and_python_write_the_same(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(workspace, "run-a")
    assert run_cli(["report", "run-a", "-o", str(tmp_path / "a.html")]) == 0
    assert "Report on ensemble" in capsys.readouterr().out
    automl_core.open_run(folder.path).report(tmp_path / "b" / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b" / "b.html").read_bytes()
    assert run_cli(["report", "run-a", "--model", "nobody", "-o", str(tmp_path / "c.html")]) == 2
    assert not (tmp_path / "c.html").exists()


def test_what_was_asked_of_groups_rows_and_columns_is_in_it(workspace: Path) -> None:
    folder = make_run(workspace, "run-a")
    before = build_report(folder, workspace)
    assert "No column was named" in words_of(section(before, "fair"))
    missing = words_of(section(before, "gains"))
    assert "`torchlight more-rows`" in missing and "`torchlight columns`" in missing
    keep_asked(folder, AskedGroups("vip", "yes"))
    keep_columns(folder)
    scores = tuple((v, v + 0.01) for v in (0.8, 0.85, 0.88, 0.9))
    keep_row_scores(folder, RowScores("roc_auc", (25, 50, 100, 200), scores, 200))
    after = build_report(folder, workspace)
    fair, gains = section(after, "fair").sections[0], section(after, "gains").sections[0]
    assert [f.title for f in fair.figures] == ["Selection rate by vip", "Calibration by vip"]
    assert len(fair.tables) == 1 and len(fair.tables[0].rows) >= 4
    titles = [f.title for f in gains.figures]
    assert titles == ["Would more rows help?", "What does a column cost?"]
    assert "3 of 8 columns" in gains.figures[1].sentence
    assert all(f.source for f in (*fair.figures, *gains.figures))
    assert "How sure is the first place?" in [f.title for f in after.sections[2].figures]

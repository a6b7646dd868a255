"""The image's own commands work: without rights, on a read-only tree; the compose file fits it.

No container is built: what Dockerfile and compose.yaml say is read and done here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from automl_core.settings import SETTINGS
from tests.browser.server import free_port
from tests.source import ROOT

PATIENCE = 60.0  # seconds until the app has to be up
LARGEST = 64 * 2**20  # bytes of a message to a browser


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each on one line."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M)
    lines = text.replace("\\\n", " ").splitlines()
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line)
    ]


def value(name: str) -> str:
    """What the only instruction of that name says."""
    (found,) = [rest for known, rest in instructions() if known == name]
    return found


def environment() -> dict[str, str]:
    """The variables that the image sets."""
    return dict(re.findall(r"(\w+)=(\S+)", value("ENV")))


def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def command(words: str, port: int) -> list[str]:
    """A command in the exec form, for this Python and this port."""
    program, *rest = json.loads(words[words.index("[") :])
    assert program == "python"
    return [sys.executable, *(word.replace("8501", str(port)) for word in rest)]


def test_the_image_runs_as_somebody_without_rights() -> None:
    names = [name for name, _ in instructions()]
    user, _, group = value("USER").partition(":")
    assert int(user) > 0 and int(group) > 0  # numbers, which Kubernetes can check
    assert names.index("USER") < names.index("CMD")
    assert "--server.address" in value("CMD") and "0.0.0.0" in value("CMD")
    assert "curl" not in value("HEALTHCHECK") and "wget" not in value("HEALTHCHECK")
    assert value("VOLUME") == environment()["TORCHLIGHT_WORKSPACE"]
    assert value("ARG").startswith("TORCH_INDEX=https://download.pytorch.org/whl/cpu")


def test_pytorch_comes_from_its_index_in_the_version_that_is_required() -> None:
    (install,) = [rest for name, rest in instructions() if name == "RUN" and "TORCH_INDEX" in rest]
    torch, streamlit = re.findall(r"grep -o '([^']+)' requirements\.txt", install)
    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert re.fullmatch(r"torch==[\d.]+", "".join(re.findall(torch, text, re.M)))
    assert re.fullmatch(r"streamlit[^ ]*\d", "".join(re.findall(streamlit, text, re.M)))
    assert install.index("--index-url") < install.index("--requirement requirements.txt")


def test_what_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for source in copied():
        assert (ROOT / source).exists()
        assert any(line.startswith(f"!{source}") for line in ignored), source
    assert "*" in ignored


def test_the_compose_file_gives_the_app_no_more_than_it_needs() -> None:
    app, proxy = compose()["services"]["app"], compose()["services"]["proxy"]
    for service in (app, proxy):
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in app  # the proxy is the only way in
    assert app["volumes"] == [f"workspace:{environment()['TORCHLIGHT_WORKSPACE']}"]
    assert app["tmpfs"][0].startswith("/tmp:") and environment()["HOME"] == "/tmp"
    hosts = app["environment"]["STREAMLIT_SERVER_ALLOWED_HOSTS"].split()
    assert "127.0.0.1" in hosts and "*" not in hosts and "TORCHLIGHT_HOST" in hosts[2]
    assert proxy["depends_on"]["app"]["condition"] == "service_healthy"
    (place,) = [v for v in proxy["volumes"] if v.endswith(":/etc/caddy/Caddyfile:ro")]
    configuration = (ROOT / place.partition(":")[0]).read_text("utf-8")
    assert "reverse_proxy app:8501" in configuration and "respond /metrics 404" in configuration
    assert {*re.findall(r"\{\$(\w+)\}", configuration)} == {*proxy["environment"]}


def test_each_setting_reaches_the_app_in_its_container() -> None:
    given = compose()["services"]["app"]["environment"]
    for setting in SETTINGS:
        fixed = setting.name in {*environment(), "TORCHLIGHT_ADDRESS"}
        assert fixed or given[setting.name].startswith(f"${{{setting.name}:-")


def copied() -> list[str]:
    """The paths that the image takes from the project."""
    return [words.split()[0] for name, words in instructions() if name == "COPY"]


@dataclass(frozen=True)
class Container:
    """The app as the image starts it."""

    port: int
    tree: Path  # read-only
    workspace: Path
    home: Path
    log: Path
    unprivileged: list[str]  # what a command begins with so that it has no rights

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of an answer."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=10
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def unprivileged() -> list[str]:
    """Of a test that runs as root: no capabilities, so that a read-only file is one."""
    if os.geteuid() != 0:
        return []
    if (program := shutil.which("setpriv")) is None:
        pytest.skip("root may write read-only files, and there is no setpriv")
    return [program, "--bounding-set", "-all", "--inh-caps", "-all", "--no-new-privs"]


def files_below(folder: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in folder.rglob("*"):
        known = path.stat()
        found[str(path)] = (known.st_mtime_ns, known.st_size)
    return found


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    with tempfile.TemporaryDirectory(prefix="torchlight-image-") as name:
        at = Path(name)
        tree, places = at / "app", [at / part for part in ("workspace", "home", "tmp")]
        for source in copied():
            skip = shutil.ignore_patterns("*.pyc.*")  # half written ones; it is compiled, too
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, tree / source, ignore=skip)
            else:
                tree.mkdir(exist_ok=True)
                shutil.copy(ROOT / source, tree / source)
        for folder in places:
            folder.mkdir()
        for path in [tree, *tree.rglob("*")]:
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        workspace, home, tmp = places
        home.chmod(0o555)  # HOME is /tmp there; a program that needs one of its own would fail here
        started = Container(free_port(), tree, workspace, home, at / "log", unprivileged())
        own = {"TORCHLIGHT_WORKSPACE": str(workspace), "HOME": str(home), "TMPDIR": str(tmp)}
        hosts = {"STREAMLIT_SERVER_ALLOWED_HOSTS": "127.0.0.1 app models.example.com"}
        path = {"PATH": os.environ["PATH"]}
        with started.log.open("wb") as log:
            process = subprocess.Popen(
                [*started.unprivileged, *command(value("CMD"), started.port)],
                cwd=tree, env=path | environment() | own | hosts,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            wait_until_healthy(started, process)
            yield started
        finally:
            process.terminate()
            process.wait(20)
            for path_below in tree.rglob("*"):
                if path_below.is_dir():
                    path_below.chmod(0o755)
            tree.chmod(0o755)


def wait_until_healthy(container: Container, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError):
            if container.get("/healthz")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError(container.log.read_text("utf-8", "replace"))


def visit(container: Container, page: str) -> None:
    """Ask for a page, as a browser does, and wait for the end of its script."""
    address = f"ws://127.0.0.1:{container.port}/_stcore/stream"
    message = BackMsg()
    message.rerun_script.page_name = page
    with connect(address, subprotocols=["streamlit"], max_size=LARGEST, proxy=None) as link:  # type: ignore[list-item]
        link.send(message.SerializeToString())
        while True:
            data = link.recv(timeout=PATIENCE)
            assert isinstance(data, bytes)
            if ForwardMsg.FromString(data).WhichOneof("type") == "script_finished":
                return


def metric(container: Container, name: str) -> float:
    """The value of a metric; 0.0 where it has none."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", container.get("/metrics")[1], re.M)
    return float(found[1]) if found else 0.0


def test_it_works_on_a_read_only_tree_and_writes_nowhere_else(container: Container) -> None:
    before = files_below(container.tree)
    assert metric(container, 'torchlight_page_seconds_count{page="runs"}') == 0
    visit(container, "")
    visit(container, "runs")
    assert metric(container, 'torchlight_page_seconds_count{page="runs"}') == 1
    until = time.monotonic() + PATIENCE
    while metric(container, 'torchlight_workers{state="ready"}') < 1:
        assert time.monotonic() < until, (container.workspace / "workers.log").read_text("utf-8")
        time.sleep(0.2)
    assert metric(container, 'torchlight_memory_bytes{process="workers"}') > 10**8
    assert files_below(container.tree) == before
    assert not list(container.home.iterdir())
    assert "ermission denied" not in container.log.read_text("utf-8")
    status, text = container.get("/healthz")
    assert status == 200
    assert json.loads(text) == {"status": "ok", "workspace": "ok", "workers": "ok"}


def test_its_own_health_check_says_so(container: Container) -> None:
    words = command(value("HEALTHCHECK"), container.port)
    assert subprocess.run(words, check=False, timeout=30).returncode == 0
    container.workspace.chmod(0o555)
    try:
        status, text = container.get("/healthz")
        assert status == 503 and "cannot be written" in json.loads(text)["workspace"]
        failed = subprocess.run(words, check=False, timeout=30, stderr=subprocess.DEVNULL)
        assert failed.returncode != 0
    finally:
        container.workspace.chmod(0o755)


def test_its_log_is_one_object_a_line(container: Container) -> None:
    for line in container.log.read_text("utf-8").splitlines():
        assert {"time", "level", "logger", "message"} <= {*json.loads(line)}


def test_names_that_are_not_allowed_learn_nothing(container: Container) -> None:
    for host, status in (("models.example.com", 200), ("evil.example", 403)):
        for path in ("/healthz", "/metrics"):
            asked = urllib.request.Request(
                f"http://127.0.0.1:{container.port}{path}", headers={"Host": host}
            )
            try:
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    found = answer.status
            except urllib.error.HTTPError as error:
                found = error.code
            assert found == status, (host, path)

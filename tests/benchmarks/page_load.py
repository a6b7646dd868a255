"""Many people on the pages while a run trains: seconds of a page's script, and the run's end.

    python -m tests.benchmarks.page_load [--sessions 20] [--seconds 45] [--budget 40]

Each session is a connection of its own that does what a browser does: it asks for a page, waits
until the page's script has ended, looks at it for a moment and goes on to another. On Train it asks
for the live part each second, as the page's timer does.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from automl_core.runs.record import RunFolder, RunReader
from tests.benchmarks import figures
from tests.benchmarks.page_latency import start_training
from tests.browser import chromium
from tests.browser.server import Server

PAGES = ("", "data", "train", "models", "predict", "runs")  # as in the address
ARRIVE = 4.0  # seconds within which the sessions begin
LOOKS = (1.0, 4.0)  # seconds that a person looks at a page, at least and at most
PATIENCE = 60  # seconds until a script counts as lost
QUIET = 2 * 2**30  # bytes of a message: the charts' library is one of 5 MB


@dataclass
class Visitor:
    """One session: what it was told to keep, and how long its pages took."""

    link: ClientConnection
    query: str
    times: dict[str, list[float]]
    kept: set[str] = field(default_factory=set)  # messages that need not be sent again
    fragment: str = ""  # the part of the page that asks to be drawn again by itself

    async def ask(self, page: str, fragment: str = "") -> float:
        """Seconds until the page's script, or that of a part of it, has ended."""
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.query_string, asked.fragment_id = page, self.query, fragment
        asked.is_auto_rerun = bool(fragment)
        asked.cached_message_hashes.extend(self.kept)
        began = time.perf_counter()
        await self.link.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            await self._until_the_end()
        return time.perf_counter() - began

    async def _until_the_end(self) -> None:
        while True:
            data = await self.link.recv()
            told = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            if told.metadata.cacheable:
                self.kept.add(told.hash)
            match told.WhichOneof("type"):
                case "auto_rerun":
                    self.fragment = told.auto_rerun.fragment_id
                case "script_finished":
                    return

    async def look_around(self, until: float, seed: int) -> None:
        """Go from page to page."""
        chance = random.Random(seed)
        await asyncio.sleep(chance.uniform(0.0, ARRIVE))
        while time.monotonic() < until:
            page = chance.choice(PAGES)
            self.fragment = ""
            self.times[page].append(await self.ask(page))
            leaves = time.monotonic() + chance.uniform(*LOOKS)
            while page == "train" and self.fragment and time.monotonic() + 1.0 < leaves:
                await asyncio.sleep(1.0)
                self.times["live"].append(await self.ask(page, self.fragment))
            await asyncio.sleep(max(0.0, leaves - time.monotonic()))


async def visit(
    server: Server, query: str, sessions: int, seconds: float
) -> dict[str, list[float]]:
    """Seconds of each page's script, with so many sessions at once."""
    times: dict[str, list[float]] = {name: [] for name in (*PAGES, "live")}
    until = time.monotonic() + seconds
    address = f"ws://127.0.0.1:{server.port}/_stcore/stream"

    async def one(number: int) -> None:
        async with connect(
            address,
            subprotocols=["streamlit"],
            max_size=QUIET,
            proxy=None,  # type: ignore[list-item]
        ) as link:
            await Visitor(link, query, times).look_around(until, number)

    await asyncio.gather(*(one(number) for number in range(sessions)))
    return times


def begin_run(page: Page, server: Server, table: Path, budget: float) -> str:
    """Start a run as a person does; the address's part that names the table and the run."""
    start_training(page, server.url, table, budget)
    return urlsplit(page.url).query


def percentile(times: list[float], share: float) -> float:
    """The time that this share of them stays below."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def over_at_end(workspace: Path, budget: float) -> float:
    """Wait for the end of the only run; seconds on its clock then, minus its budget."""
    (run,) = (workspace / "runs").iterdir()
    reader, until = RunReader(RunFolder(run)), time.monotonic() + PATIENCE
    while (state := reader.refresh()).status.active and time.monotonic() < until:
        time.sleep(0.5)
    end = state.finished
    found = end is not None and end.best is not None
    trials = sum(t.usable for t in state.trials.values())
    print(f"run: {state.status}, {trials} trials, {'a' if found else 'no'} model")
    return state.clock - budget


def main() -> int:
    """Sessions at once during one run; medians and 95 % by page, and the run's end."""
    parser = figures.arguments("Seconds of a page's script with many sessions.", budget=40)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=45, help="that they look around")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="torchlight-load-") as folder,
        Server(Path(folder) / "workspace") as server,
    ):
        with chromium.browser() as browser:
            table = options.root / "adult.csv"
            query = begin_run(browser.new_page(), server, table, options.budget)
        times = asyncio.run(visit(server, query, options.sessions, options.seconds))
        over = over_at_end(Path(folder) / "workspace", options.budget)
    pages = [t for name, found in times.items() for t in found if name != "live"]
    for name, found in [*times.items(), ("all pages", pages)]:
        if found:
            p50, p95 = statistics.median(found), percentile(found, 0.95)
            print(f"{name or 'home':10} {len(found):5}   p50 {p50:.2f} s   p95 {p95:.2f} s")
    print(f"the run's clock at its end minus its budget: {over:+.2f} s")
    figures.write_json(options.json, {"times": times, "p95": percentile(pages, 0.95), "over": over})
    return 0


if __name__ == "__main__":
    sys.exit(main())

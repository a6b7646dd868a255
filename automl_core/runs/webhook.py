"""Tells webhooks that a run has ended: a small JSON by POST, in a thread that nothing waits for.

What cannot be told is a line in the log. No redirect is followed, and the connection is made to
the very number that was checked, so that a name cannot lead elsewhere meanwhile.
"""

from __future__ import annotations

import http.client
import json
import logging
import math
import socket
import ssl
import threading
import time
from dataclasses import asdict, dataclass
from urllib.parse import quote

from automl_core.errors import AutoMLError, RunError
from automl_core.logs import about
from automl_core.runs.record import RunFolder, RunReader, RunSpec, RunState, result_of
from automl_core.runs.setup import WebhookAddress, check_webhook, owners_webhook
from automl_core.settings import ADDRESS

SECONDS = 5.0  # that one step of a request may take
PAUSES = (0.0, 2.0, 10.0)  # seconds before each try
_AGAIN = (408, 425, 429)  # answers that ask for another try, beside those of 500 and more

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunEnd:
    """What is told: nothing that a table's file holds."""

    run: str  # its id
    status: str
    metric: str
    score: float | None  # of the run's model; None where there is none
    on_test_rows: bool  # else on rows held out of training
    link: str  # to the run in the app; "" where nobody said where that is


def end_of(run: str, spec: RunSpec, state: RunState) -> RunEnd:
    """What there is to tell of a run that has ended."""
    result = result_of(spec, state)
    measured = None if result is None else result.measured
    score = None if measured is None or not math.isfinite(measured.score) else measured.score
    base = ADDRESS.text().rstrip("/")
    link = f"{base}/train?run={quote(run, safe='')}" if base else ""
    on_test = result is not None and result.on_test
    return RunEnd(run, state.status.value, spec.metric, score, on_test, link)


def tell_end(folder: RunFolder) -> threading.Thread | None:
    """Tell the owner's webhook, and the run's own, that the run in this folder has ended.

    Returns at once; the thread that does it, or None where there is nobody to be told.
    """
    try:
        reader = RunReader(folder)
        state = reader.refresh()
        own = reader.spec.options.webhook
        told = [address for address in (owners_webhook(),) if address is not None]
        told += [check_webhook(own)] if own else []
        if not told or state.finished is None:
            return None
        end = end_of(folder.path.name, reader.spec, state)
    except AutoMLError as error:
        logger.warning("nobody is told of the end of a run: %s", error)
        return None
    thread = threading.Thread(target=_tell_all, args=(told, end), name="webhook", daemon=True)
    thread.start()
    return thread


def _tell_all(addresses: list[WebhookAddress], end: RunEnd) -> None:
    with about(run=end.run):
        for address in addresses:
            try:
                status = _tell(address, json.dumps(asdict(end)).encode())
                logger.info("the webhook at %s was told: status %d", address.host, status)
            except (OSError, http.client.HTTPException, AutoMLError) as error:
                logger.warning("the webhook at %s could not be told: %s", address.host, error)


def _tell(address: WebhookAddress, body: bytes) -> int:
    """The status of the answer. Raises the last error where no try gave one of 2xx."""
    last: OSError | http.client.HTTPException | AutoMLError = RunError("It was not tried.")
    for pause in PAUSES:
        time.sleep(pause)
        try:
            status = _post(address, body)
        except (OSError, http.client.HTTPException) as error:
            last = error
            continue
        if 200 <= status < 300:
            return status
        last = RunError(f"It answered with status {status}.")
        if status < 500 and status not in _AGAIN:
            break
    raise last


def _post(address: WebhookAddress, body: bytes) -> int:
    connection = http.client.HTTPConnection(address.host, address.port, timeout=SECONDS)
    connection.sock = _connected(address)
    try:
        headers = {"Content-Type": "application/json", "User-Agent": "Torchlight"}
        connection.request("POST", address.path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _connected(address: WebhookAddress) -> socket.socket:
    """A connection to a number that the address may lead to; RunError where one may not be."""
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(map(address.may_connect, numbers)):
        raise RunError("Its name leads to an address of a private network.")
    link = socket.create_connection((numbers[0], address.port), SECONDS)
    if address.scheme == "http":
        return link
    try:
        return ssl.create_default_context().wrap_socket(link, server_hostname=address.host)
    except BaseException:
        link.close()
        raise

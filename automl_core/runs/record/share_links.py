"""Links by which others may see, or steer, one run: a file of its own in the run's folder.

A link carries a secret; what is kept is its hash, so that whoever reads the folder cannot use it. A
link that is taken back opens nothing from that moment on. Written by people, without a checksum.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import RunError
from automl_core.files import dump_json, write_atomic
from automl_core.records import RecordError, from_plain, parse_json, to_plain

LINKS_FILE = "links.json"
MOST_LINKS = 50
_changing = threading.Lock()  # or a link that is taken back comes again with one that is made


@dataclass(frozen=True)
class ShareLink:
    """A link that was given away."""

    id: str  # tells it from others of the run; it opens nothing
    digest: str  # of its secret: SHA-256 in hexadecimal digits
    steers: bool  # whether it may also steer: more time, pause, stop, go on
    created: float  # seconds since 1970


@dataclass(frozen=True)
class _ShareLinks:
    links: tuple[ShareLink, ...]
    format_version: int = 1


def load_links(run: Path) -> tuple[ShareLink, ...]:
    """The links to the run in this folder, oldest first; () where there are none.

    A damaged file opens nothing either.
    """
    try:
        return from_plain(_ShareLinks, parse_json((run / LINKS_FILE).read_bytes())).links
    except (OSError, RecordError):
        return ()


def add_link(run: Path, steers: bool) -> str:
    """Make a link to the run; its secret, which is told this once.

    Raises RunError where there are too many, StorageError where it cannot be kept.
    """
    secret = secrets.token_urlsafe(24)
    with _changing:
        links = load_links(run)
        if len(links) >= MOST_LINKS:
            raise RunError(f"This run has {MOST_LINKS} links.", "Take some of them back first.")
        _save(run, [*links, ShareLink(secrets.token_hex(4), _digest(secret), steers, time.time())])
    return secret


def take_back_link(run: Path, id: str) -> None:
    """Have a link open nothing any more. Raises StorageError."""
    with _changing:
        _save(run, [link for link in load_links(run) if link.id != id])


def link_of_secret(run: Path, secret: str) -> ShareLink | None:
    """The link to the run that has this secret; None where there is none."""
    asked = _digest(secret)
    same = [link for link in load_links(run) if hmac.compare_digest(link.digest, asked)]
    return same[0] if same and secret else None


def _save(run: Path, links: Sequence[ShareLink]) -> None:
    write_atomic(run / LINKS_FILE, dump_json(to_plain(_ShareLinks(tuple(links)))))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

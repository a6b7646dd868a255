"""People who sign in: who may, and where what is theirs lies.

    <workspace>/users/<key>/             a workspace of their own: tables, uploads, runs
    <workspace>/users/<key>/person.json  who they are, for admins

A person is told from others by the id that the provider gave, never by the e-mail address, which
may pass to somebody else. The address decides who may enter. Knows nothing of how one signs in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from automl_core.errors import AccessError
from automl_core.files import PEOPLE, dump_json, make_folder, workspace, write_atomic
from automl_core.records import RecordError, from_plain, parse_json, to_plain
from automl_core.settings import ADMINS, USERS

ANYONE = "*"
_FILE = "person.json"
_KEY = re.compile(r"[0-9a-f]{32}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST = 120  # characters of a name that are shown
_LONGEST_EMAIL = 254  # characters that an address can have


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in and may be here."""

    key: str  # names their folder: 32 hexadecimal digits
    email: str
    name: str  # "" where the provider tells none
    admin: bool = False

    @property
    def root(self) -> Path:
        """Their workspace."""
        return person_root(self.key)

    @property
    def shown(self) -> str:
        """What they are called on pages; untrusted text."""
        return self.name or self.email


@dataclass(frozen=True)
class _PersonRecord:
    email: str
    name: str
    format_version: int = 1


def person_of(claims: Mapping[str, object]) -> Person:
    """The person whom the claims of an OpenID Connect provider describe.

    Raises AccessError where this person may not be here.
    """
    issuer, subject = _id(claims, "iss"), _id(claims, "sub")
    email = _email(claims)
    if not issuer or not subject or not email:
        raise AccessError(
            "The sign-in did not say who you are: it has no id, or no e-mail address that can be "
            "compared with those of the server's list.",
            "The owner of this server has to let the provider tell `openid` and `email`.",
        )
    if str(claims.get("email_verified", True)).lower() not in ("true", "1"):
        raise AccessError(
            f"The provider has not verified the address {email}.",
            "Confirm the address with the provider, then sign in again.",
        )
    admin = email in (_lower(entry) for entry in ADMINS.entries())
    if not admin and not _is_listed(email):
        raise AccessError(
            f"{email} may not use this server.",
            f"Ask its owner to add you to {USERS.name}, or sign in with another account.",
        )
    key = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]
    return Person(key, email, _name(claims), admin)


def _id(claims: Mapping[str, object], name: str) -> str:
    """An id as the provider gave it; "" where there is none, or nobody could tell it from another.

    What is not seen or cut off would make one of two ids.
    """
    value = claims.get(name)
    return value if isinstance(value, str) and value.isprintable() and value.strip() else ""


def _email(claims: Mapping[str, object]) -> str:
    """The address, in small letters; "" where it is none. Nothing of it is mended or cut off."""
    value = claims.get("email")
    if not isinstance(value, str) or not value.isprintable() or len(value) > _LONGEST_EMAIL:
        return ""
    return _lower(value) if _EMAIL.fullmatch(value) else ""


def _lower(text: str) -> str:
    """In small letters, of A to Z alone: others may become letters that they only look like."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def _name(claims: Mapping[str, object]) -> str:
    """What they are called, on one line; "" where that is not told."""
    value = claims.get("name")
    clean = "".join(c if c.isprintable() else " " for c in value) if isinstance(value, str) else ""
    return " ".join(clean.split())[:_LONGEST]


def _is_listed(email: str) -> bool:
    domain = "@" + email.rpartition("@")[2]
    return any(_lower(entry) in (ANYONE, domain, email) for entry in USERS.entries())


def person_root(key: str) -> Path:
    """The workspace of the person with this key. Raises AccessError where it is none.

    Keys come from addresses that anyone may type: nothing else becomes a path.
    """
    if not _KEY.fullmatch(key):
        raise AccessError("There is nobody of that name.")
    return workspace() / PEOPLE / key


def remember_person(person: Person) -> None:
    """Keep who has a workspace here, for admins. Raises StorageError."""
    path, record = person.root / _FILE, _PersonRecord(person.email, person.name)
    if _load(path) != record:
        make_folder(person.root)
        write_atomic(path, dump_json(to_plain(record)))


def known_people() -> tuple[Person, ...]:
    """Everyone who has signed in here, by address; admins are not told apart."""
    folders = (workspace() / PEOPLE).glob("*")
    found = ((path.name, _load(path / _FILE)) for path in folders if _KEY.fullmatch(path.name))
    people = [Person(key, known.email, known.name) for key, known in found if known is not None]
    return tuple(sorted(people, key=lambda person: (person.email, person.key)))


def all_workspaces() -> tuple[Path, ...]:
    """The workspace of the server, and those of all people."""
    return (workspace(), *(person.root for person in known_people()))


def _load(path: Path) -> _PersonRecord | None:
    try:
        return from_plain(_PersonRecord, parse_json(path.read_bytes()))
    except (OSError, RecordError):
        return None

"""Who may sign in, by what the provider says of them, and where what is theirs lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import AccessError
from automl_core.files import is_of_people, workspace_of
from automl_core.people import known_people, person_of, person_root, remember_person

ANN = {"iss": "https://id.example", "sub": "1", "email": "Ann@Example.com", "name": "Ann\nLee"}


@pytest.mark.parametrize(
    ("users", "admins", "admin"),
    [
        ("ann@example.com", "", False),
        ("bob@example.com, ANN@example.com", "", False),
        ("@example.com", "", False),
        ("*", "", False),
        ("", "ann@example.com", True),
        ("@example.com", "root@example.com,ann@example.com", True),
    ],
)
def test_those_on_the_lists_may_enter(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, users: str, admins: str, admin: bool
) -> None:
    monkeypatch.setenv("TORCHLIGHT_USERS", users)
    monkeypatch.setenv("TORCHLIGHT_ADMINS", admins)
    ann = person_of(ANN)
    assert (ann.email, ann.shown, ann.admin) == ("ann@example.com", "Ann Lee", admin)
    assert ann.root == workspace / "users" / ann.key


@pytest.mark.parametrize(
    ("users", "claims", "words"),
    [
        ("", {}, "may not use this server"),
        ("@example.org,example.com,ann@example.co", {}, "may not use this server"),
        ("@example.com", {"email": "ann@sub.example.com"}, "may not use this server"),
        ("@example.com", {"email": "ann@evil-example.com"}, "may not use this server"),
        ("@example.com", {"email": "ann@example.com.evil.org"}, "may not use this server"),
        ("@example.com", {"email": "ann@example.com."}, "may not use this server"),
        ("@", {"email": "ann@elsewhere.org"}, "may not use this server"),
        ("ssl@example.com", {"email": "\u00dfl@example.com"}, "may not use this server"),
        ("sam@example.com", {"email": "\u017fam@example.com"}, "may not use this server"),
        ("kim@example.com", {"email": "\u212aim@example.com"}, "may not use this server"),
        ("ann@example.com", {"email": "\uff41nn@example.com"}, "may not use this server"),
        ("@example.com", {"email": "ann@example.com@evil.org"}, "no e-mail address"),
        ("@example.com", {"email": "ann@evil.org\n@example.com"}, "no e-mail address"),
        ("ann@example.com", {"email": "ann@example.com\u200b"}, "no e-mail address"),
        ("ann@example.com", {"email": " ann@example.com"}, "no e-mail address"),
        ("@example.com", {"email": f"{'a' * 108}@example.com.evil.org"}, "may not use"),
        ("*", {"email": f"{'a' * 250}@example.com"}, "no e-mail address"),
        ("*", {"email": ["ann@example.com"]}, "no e-mail address"),
        ("*", {"sub": "1\u200b"}, "no id, or no e-mail address"),
        ("*", {"sub": 1}, "no id, or no e-mail address"),
        ("*", {"iss": "https://id.example\n1", "sub": ""}, "no id, or no e-mail address"),
        ("*", {"email_verified": None}, "has not verified"),
        ("*", {"email": ""}, "no id, or no e-mail address"),
        ("*", {"sub": None}, "no id, or no e-mail address"),
        ("*", {"iss": ""}, "no id, or no e-mail address"),
        ("*", {"email_verified": False}, "has not verified"),
        ("*", {"email_verified": "false"}, "has not verified"),
    ],
)
def test_others_may_not(
    monkeypatch: pytest.MonkeyPatch, users: str, claims: dict[str, object], words: str
) -> None:
    monkeypatch.setenv("TORCHLIGHT_USERS", users)
    with pytest.raises(AccessError, match=words):
        person_of(ANN | claims)


def test_an_address_that_passes_to_somebody_else_opens_nothing_of_the_first(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHLIGHT_USERS", "*")
    ann, later, elsewhere = (
        person_of(ANN | change) for change in ({}, {"sub": "2"}, {"iss": "https://other.example"})
    )
    assert len({ann.root, later.root, elsewhere.root}) == 3
    assert person_of(ANN | {"email": "lee@example.com"}).root == ann.root
    remember_person(ann)
    remember_person(ann)
    remember_person(later)
    (workspace / "users" / "notes").mkdir()
    assert {person.key for person in known_people()} == {ann.key, later.key}
    run = ann.root / "runs" / "run-a"
    assert workspace_of(run) == ann.root and is_of_people(run)
    assert workspace_of(workspace / "runs" / "run-a") == workspace
    assert workspace_of(workspace.parent) == workspace and not is_of_people(workspace)


@pytest.mark.parametrize("key", ["", "..", "a" * 31, "../" + "a" * 32, "A" * 32])
def test_nothing_but_a_key_becomes_a_path(key: str) -> None:
    with pytest.raises(AccessError):
        person_root(key)

"""Which addresses may be told of a run's end, and which numbers they may lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from automl_core.errors import SpecError
from automl_core.runs.record import Budget, RunOptions, TrainRequest
from automl_core.runs.setup import check_webhook, owners_webhook
from tests.runs.tables import small_run


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK_HOSTS", "hooks.example.com, localhost")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://other.example/x", "'other.example' is not allowed here"),
        ("https://hooks.example.com.evil.example/", "is not allowed here"),
        ("https://hooks.example.com@evil.example/", "a user's name"),
        ("http://hooks.example.com/x", "is not encrypted"),
        ("ftp://hooks.example.com/x", "is not encrypted"),
        ("file:///etc/passwd", "no address of a website"),
        ("https://hooks.example.com:port/", "no address of a website"),
        ("https://hooks.example.com/x\r\nHost: evil", "no address of a website"),
        ("hooks.example.com", "no address of a website"),
        ("https://[::1", "no address of a website"),
    ],
)
def test_other_addresses_are_refused(text: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        check_webhook(text)


def test_an_allowed_address_in_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    address = check_webhook("https://Hooks.example.com/a/b?c=d#e")
    assert (address.host, address.port, address.path) == ("hooks.example.com", 443, "/a/b?c=d")
    assert check_webhook("http://localhost:8080").port == 8080
    assert owners_webhook() is None
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK", "https://owner.example/x")
    owners = owners_webhook()
    assert owners is not None and owners.host == "owner.example"


NUMBERS = (
    "10.0.0.1", "192.168.1.5", "172.16.0.9", "169.254.169.254", "127.0.0.1", "0.0.0.0", "::1",
    "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "224.0.0.1", "100.64.0.1",
)  # fmt: skip


def test_a_name_may_not_lead_into_a_private_network(monkeypatch: pytest.MonkeyPatch) -> None:
    address = check_webhook("https://hooks.example.com/")
    assert not any(address.may_connect(number) for number in NUMBERS)
    assert address.may_connect("93.184.216.34") and address.may_connect("2606:4700::1111")
    local = check_webhook("http://localhost/")
    assert local.may_connect("127.0.0.1") and not local.may_connect("10.0.0.1")
    monkeypatch.setenv("TORCHLIGHT_WEBHOOK_PRIVATE", "1")
    assert all(address.may_connect(number) for number in NUMBERS)


def test_a_run_that_names_another_host_does_not_start(workspace: Path) -> None:
    options = RunOptions(Budget(trials=1), webhook="https://other.example/x")
    with pytest.raises(SpecError, match="not allowed"):
        small_run(workspace, Budget(trials=1), TrainRequest("answer", options))

"""The rule for which address may be told of a run's end: what the owner of the server names."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from automl_core.errors import SpecError
from automl_core.settings import WEBHOOK, WEBHOOK_HOSTS, WEBHOOK_PRIVATE

LOCAL = ("localhost", "127.0.0.1", "::1")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class WebhookAddress:
    """An address that may be told, in the parts that a request is made of."""

    scheme: str  # https; http for this machine alone
    host: str  # in lower case
    port: int
    path: str  # with the query

    @property
    def is_local(self) -> bool:
        """It names this machine."""
        return self.host in LOCAL

    def may_connect(self, number: str) -> bool:
        """True where the number that its host leads to may be connected to.

        A name that is allowed may lead into the server's own network, where nobody meant it to.
        """
        ip = ipaddress.ip_address(number.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if WEBHOOK_PRIVATE.is_on() or (self.is_local and ip.is_loopback):
            return True
        return ip.is_global and not ip.is_multicast


def owners_webhook() -> WebhookAddress | None:
    """The address of the owner's setting; None where there is none. SpecError for a wrong one."""
    text = WEBHOOK.text()
    return _parsed(text, WEBHOOK.name) if text else None


def check_webhook(text: str) -> WebhookAddress:
    """The address that a run names for itself; SpecError unless the owner allows its host."""
    address = _parsed(text, "The webhook")
    allowed = [host.lower() for host in WEBHOOK_HOSTS.entries()]
    if address.host not in allowed:
        raise SpecError(
            f"The webhook's host {address.host!r} is not allowed here.",
            f"The owner of this server lists hosts in {WEBHOOK_HOSTS.name}.",
        )
    return address


def _parsed(text: str, what: str) -> WebhookAddress:
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise SpecError(f"{what} is no address of a website.", "Give https://host/path.") from None
    host = (parts.hostname or "").lower().rstrip(".")
    if not host or not text.isascii() or not text.isprintable() or " " in text.strip():
        raise SpecError(f"{what} is no address of a website.", "Give https://host/path.")
    if parts.username is not None:
        raise SpecError(f"{what} has a user's name in its address.", "Put a token into its path.")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOCAL):
        raise SpecError(
            f"{what} is not encrypted.", "Give an https address; http is for this machine alone."
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebhookAddress(parts.scheme, host, port or _PORTS[parts.scheme], path)

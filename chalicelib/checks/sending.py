"""Deliveries over HTTPS: to hosts the deployment allows, without redirects, with a time limit."""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final, Protocol

TIMEOUT_SECONDS: Final = 10.0
_HTTPS: Final = 443
_TAKEN: Final = 200


class Undelivered(Exception):
    """It was not taken; `reason` is a word that tells nothing of what was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sender(Protocol):
    """Whoever brings a body to an address."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Raises Undelivered unless it was taken (2xx)."""
        ...


def address_fault(url: str, hosts: str) -> str:
    """What is wrong with an address, in Chinese; empty for none. `hosts`: patterns of allowed
    hosts, apart by spaces (none: nothing is delivered anywhere)."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:
        return "不是有效的地址"
    if parts.scheme != "https" or not parts.hostname:
        return "地址须以 https:// 开头"
    if parts.username or parts.password or port not in (None, _HTTPS):
        return "地址中不得有用户名、密码和端口"
    if parts.query or parts.fragment:
        return "地址中不得有查询参数：地址会被记录，不能带任何数据"
    if _is_number(parts.hostname):
        return "地址须使用域名，不得使用IP地址"
    if not any(fnmatchcase(parts.hostname, pattern) for pattern in hosts.split()):
        return "这个域名不在允许推送的名单中，请联系平台管理单位，或改用拉取"
    return ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def send_over_https(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Deliver a body. The address was checked by `address_fault`. Raises Undelivered."""
    # Imported here: only the worker of deliveries needs the HTTP client with TLS.
    from http.client import HTTPException, HTTPSConnection

    parts = urllib.parse.urlsplit(url)
    connection = HTTPSConnection(parts.hostname or "", timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        status = connection.getresponse().status
    except (HTTPException, OSError) as error:
        raise Undelivered("no_answer") from error
    finally:
        connection.close()
    # A redirect is no answer: to the address that was allowed, or nowhere.
    if not _TAKEN <= status < _TAKEN + 100:
        raise Undelivered(f"http_{status}")


sender: Sender = send_over_https
"""How deliveries are sent; tests put another in its place."""

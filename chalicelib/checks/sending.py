"""Deliveries over HTTPS: to hosts the deployment allows, without redirects, with a time limit."""

from __future__ import annotations

import ipaddress
import re
import threading
import urllib.parse
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final, Protocol

from chalicelib.kernel.masking import scrub

TIMEOUT_SECONDS: Final = 10.0
"""For each operation of the socket."""
WHOLE_SECONDS = 20.0
"""For a whole delivery, from looking up the host to the answer."""
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_LONGEST_HOST: Final = 253
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
    if not (url.isascii() and url.isprintable()) or " " in url:
        return "地址须只用英文字母、数字和符号；中文域名和路径请写成编码后的形式"
    if scrub(url) != url:
        return "地址中不得有公民身份号码、手机号码或银行账号"
    if parts.scheme != "https" or not parts.hostname:
        return "地址须以 https:// 开头"
    if parts.username or parts.password or port not in (None, _HTTPS):
        return "地址中不得有用户名、密码和端口"
    if parts.query or parts.fragment:
        return "地址中不得有查询参数：地址会被记录，不能带任何数据"
    if _is_number(parts.hostname):
        return "地址须使用域名，不得使用IP地址"
    if not _HOST.fullmatch(parts.hostname) or len(parts.hostname) > _LONGEST_HOST:
        return "不是有效的域名"
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
    """Deliver a body. The address was checked by `address_fault`. Raises Undelivered, at the latest
    after WHOLE_SECONDS: a receiver that answers byte by byte holds up nobody."""
    statuses: list[int] = []
    posting = threading.Thread(target=_post, args=(url, body, headers, statuses), daemon=True)
    posting.start()
    posting.join(WHOLE_SECONDS)
    if not statuses:
        raise Undelivered("too_slow" if posting.is_alive() else "no_answer")
    # A redirect is no answer: to the address that was allowed, or nowhere.
    if not _TAKEN <= statuses[0] < _TAKEN + 100:
        raise Undelivered(f"http_{statuses[0]}")


def _post(url: str, body: bytes, headers: Mapping[str, str], statuses: list[int]) -> None:
    """Add the status of the answer to `statuses`; nothing where there is none."""
    # Imported here: only the worker of deliveries needs the HTTP client with TLS.
    from http.client import HTTPException, HTTPSConnection

    parts = urllib.parse.urlsplit(url)
    connection = HTTPSConnection(parts.hostname or "", timeout=TIMEOUT_SECONDS)
    try:
        connection.request("POST", parts.path or "/", body, dict(headers))
        statuses.append(connection.getresponse().status)
    except (HTTPException, OSError, ValueError):  # ValueError: what cannot be written as ASCII
        return
    finally:
        connection.close()


sender: Sender = send_over_https
"""How deliveries are sent; tests put another in its place."""

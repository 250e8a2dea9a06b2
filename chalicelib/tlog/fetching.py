"""Where a log is read from: a folder, or an address, by the standard library alone."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from chalicelib.tlog.checks import Fetch, Missing, Unreachable
from chalicelib.tlog.model import TILE_HASHES
from chalicelib.tlog.tiles import MAX_ENTRY_BYTES

MAX_BYTES = TILE_HASHES * (2 + MAX_ENTRY_BYTES)
"""The largest bundle there can be; more is not read."""

TIMEOUT_SECONDS = 30

Connect = Callable[[str], HTTPConnection]


def open_log(place: str) -> Fetch:
    """The log at an address (`https://…`) or in a folder. Raises Unreachable if it is neither."""
    if "://" in place:
        return HttpLog(place)
    return FolderLog(Path(place))


class FolderLog:
    """A log copied to a folder, as its paths say."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise Unreachable(f"没有目录 {folder}")
        self._folder = folder

    def __call__(self, path: str) -> bytes:
        """See `Fetch`."""
        return read_file(self._folder / path)


def read_file(path: Path) -> bytes:
    """A file of reasonable size. Raises Missing, Unreachable."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise Missing(f"没有文件 {path}") from error
    except OSError as error:
        raise Unreachable(f"不能读取 {path}：{error.strerror}") from error
    return _bounded(data, str(path))


class HttpLog:
    """A log at an address. One connection, made anew when it breaks; redirections are not
    followed."""

    def __init__(self, base: str, connect: Connect | None = None) -> None:
        try:
            parts = urlsplit(base)
        except ValueError as error:
            raise Unreachable(f"地址不正确：{base}") from error
        kinds: dict[str, type[HTTPConnection]] = {"http": HTTPConnection, "https": HTTPSConnection}
        if parts.scheme not in kinds or not parts.netloc or "@" in parts.netloc:
            raise Unreachable(f"不是 http 或 https 地址：{base}")
        if parts.query or parts.fragment:
            raise Unreachable(f"日志地址不得带参数：{base}")
        kind = kinds[parts.scheme]
        self._base = base.rstrip("/")
        self._prefix = quote(parts.path.rstrip("/"), safe="/%")
        self._host = parts.netloc
        self._connect = connect or (lambda host: kind(host, timeout=TIMEOUT_SECONDS))
        self._connection: HTTPConnection | None = None

    def __call__(self, path: str) -> bytes:
        """See `Fetch`."""
        where = f"{self._base}/{path}"
        try:
            status, data = self._get(f"{self._prefix}/{path}")
        except (OSError, HTTPException) as error:
            self._connection = None
            raise Unreachable(f"不能访问 {where}：{error}") from error
        if status in (404, 410):
            raise Missing(f"{where} 不存在（{status}）")
        if status != 200:
            raise Unreachable(f"{where} 返回 {status}")
        return _bounded(data, where)

    def _get(self, target: str) -> tuple[int, bytes]:
        """Status and body; once more on a new connection if the kept one had been closed."""
        if self._connection is not None:
            try:
                return self._get_by(self._connection, target)
            except ConnectionError:
                self._connection.close()
        self._connection = self._connect(self._host)
        return self._get_by(self._connection, target)

    @staticmethod
    def _get_by(connection: HTTPConnection, target: str) -> tuple[int, bytes]:
        connection.request("GET", target, headers={"Accept-Encoding": "identity"})
        response = connection.getresponse()
        data = response.read(MAX_BYTES + 1)
        if not response.isclosed():
            connection.close()
        return response.status, data


def _bounded(data: bytes, where: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise Unreachable(f"{where} 过大")
    return data

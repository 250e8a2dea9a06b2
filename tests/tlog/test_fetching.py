"""A log is read from a folder or an address, and what cannot be read is no proof of anything."""

from __future__ import annotations

from http.client import HTTPConnection, RemoteDisconnected

import pytest

from chalicelib.tlog.checkpoint import Checkpoint
from chalicelib.tlog.checks import Missing, Unreachable, check_prefix, tile_reader
from chalicelib.tlog.fetching import MAX_BYTES, HttpLog, open_log
from chalicelib.tlog.model import Tile
from tests.tlog.publishing import SIGNER, PublishedLog


def test_a_partial_tile_that_is_gone_is_read_from_the_full_one(log: PublishedLog) -> None:
    fetch = open_log(str(log.folder))
    old = Checkpoint(SIGNER.name, 300, log.kept.edge.root())
    log.publish(300)
    for path in ("tile/0/001.p/44", "tile/entries/001.p/44"):
        (log.folder / path).unlink()
    assert len(tile_reader(fetch)(Tile(0, 1, 44))) == 8192
    check_prefix(old, old, tile_reader(fetch))
    with pytest.raises(Missing):
        tile_reader(fetch)(Tile(0, 2, 9))


class Answer:
    def __init__(self, status: int, data: bytes) -> None:
        self.status, self._data = status, data

    def read(self, limit: int) -> bytes:
        return self._data[:limit]

    def isclosed(self) -> bool:
        return True


class Server:
    """In place of a connection: answers from a folder, or as it is told."""

    def __init__(self, answers: list[Answer | Exception]) -> None:
        self.answers, self.asked, self.opened = answers, list[str](), 0

    def connect(self, host: str) -> HTTPConnection:
        self.opened += 1
        assert host == "credit.example.cn:8443"
        return self  # the few methods that are used

    def request(self, method: str, target: str, headers: dict[str, str]) -> None:
        assert method == "GET"
        self.asked.append(target)

    def getresponse(self) -> Answer:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        pass


def at(server: Server) -> HttpLog:
    return HttpLog("https://credit.example.cn:8443/public/v1/log/", server.connect)


def test_a_log_is_read_over_http_on_one_connection_that_may_break_when_kept() -> None:
    server = Server([Answer(200, b"one"), RemoteDisconnected("kept too long"), Answer(200, b"two")])
    fetch = at(server)
    assert (fetch("checkpoint"), fetch("tile/0/000")) == (b"one", b"two")
    assert server.opened == 2
    assert server.asked[0] == "/public/v1/log/checkpoint"
    assert server.asked[-1] == "/public/v1/log/tile/0/000"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(404, b""), Missing),
        (Answer(410, b""), Missing),
        (Answer(301, b""), Unreachable),
        (Answer(500, b""), Unreachable),
        (Answer(200, b"x" * (MAX_BYTES + 1)), Unreachable),
        (ConnectionRefusedError("no"), Unreachable),
        (TimeoutError("slow"), Unreachable),
        (RemoteDisconnected("gone"), Unreachable),
    ],
)
def test_what_a_server_answers_else_is_no_proof(
    answer: Answer | Exception, kind: type[Unreachable]
) -> None:
    with pytest.raises(Unreachable) as refused:
        at(Server([answer]))("checkpoint")
    assert type(refused.value) is kind

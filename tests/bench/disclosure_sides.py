"""The two that are measured beside each other: our public API, and Datasette on the same file."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import uvicorn

import app
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.replica import service
from infra.building.lock import ROOT
from tests.bench.http_load import Measured, by_threads, measured
from tests.bench.setting import free_port
from tests.browser.server import Edge, answer_of, event_of
from tests.web.build import CONTEXT

CONNECTIONS = 8
Paths = Mapping[str, Sequence[str]]
"""What is asked -> the paths to ask in turn."""


@contextmanager
def answered_with(platform: Platform) -> Iterator[None]:
    """The public function asks this platform while the block runs."""
    app.public_api._open_platform = lambda: platform
    service.forget()
    try:
        yield
    finally:
        app.public_api._open_platform = current_platform


def ours_in_process(edge: Edge, paths: Sequence[str], seconds: float) -> Measured:
    """Our handler called by eight threads: each event is a gateway's, each answer its JSON."""
    events = [event_of("GET", quote(path, safe="/?&=%"), {}, b"") for path in paths]

    def ask(_: int, number: int) -> None:
        answer = edge(events[number % len(events)], CONTEXT)
        if answer["statusCode"] != 200:
            raise AssertionError(f"{paths[number % len(paths)]}: {answer}")

    return by_threads(ask, seconds, CONNECTIONS)


def ours_as_asgi(edge: Edge) -> Any:
    """Our handler behind a server that speaks ASGI. It answers one request after the other, as a
    worker of Lambda does: what it does is short and nothing in it waits."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await receive()
        target = scope["raw_path"].decode() + "?" + scope["query_string"].decode()
        event = event_of("GET", target, {}, b"")
        answer = answer_of(edge(event, CONTEXT))
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    return serve


def datasette_app(file: Path) -> Any:
    """Datasette serving the file, which it may take to be unchanging."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from datasette.app import Datasette

        made = Datasette(immutables=[str(file)])
        asyncio.run(made.invoke_startup())
        return made.app()


def datasette_in_process(app: Any, paths: Sequence[str], seconds: float) -> Measured:
    """Datasette asked by eight tasks through its ASGI application, without a server between."""
    return asyncio.run(_by_tasks(app, paths, seconds))


async def _by_tasks(app: Any, paths: Sequence[str], seconds: float) -> Measured:
    latencies: list[float] = []
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        begun = time.perf_counter()

        async def work(number: int) -> None:
            while (started := time.perf_counter()) - begun < seconds:
                answer = await client.get(paths[number % len(paths)])
                if answer.status_code != 200:
                    raise AssertionError(f"{paths[number % len(paths)]}: {answer.text}")
                latencies.append(time.perf_counter() - started)
                number += CONNECTIONS

        await asyncio.gather(*(work(at) for at in range(CONNECTIONS)))
        return measured(latencies, time.perf_counter() - begun)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An ASGI application behind uvicorn on loopback; yields host and port."""
    port = free_port()
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def over_http(host: str, paths: Sequence[str], seconds: float) -> Measured:
    """Eight connections from another process."""
    command = [sys.executable, "-m", "tests.bench.http_load", host, str(seconds), str(CONNECTIONS)]
    asked = "\n".join(quote(path, safe="/?&=%") for path in paths)
    done = subprocess.run(
        command, cwd=ROOT, input=asked, capture_output=True, text=True, check=True
    )
    rate, p99 = json.loads(done.stdout)
    return Measured(rate, p99)

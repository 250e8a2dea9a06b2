"""The site of a made-up city on loopback: AWS in process, the public functions of `app.py`.

`python -m tests.browser.site --port 8123` serves it until Ctrl-C, to look at.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import boto3

import app
from chalicelib.aws.platform import Platform, current_platform
from chalicelib.disclosure.projection import project_keys
from chalicelib.feed import service as feed
from chalicelib.feed.handlers import work_jobs
from chalicelib.feed.model import NewDocument
from chalicelib.kernel.ids import RandomIds
from chalicelib.kernel.settings import read_settings
from chalicelib.snapshots import handlers as snapshots
from infra.building.verifier import publish_verifier, write_verifier
from infra.local.published import PublishedFiles
from tests.bench.setting import in_process, packs
from tests.browser.city import Withdrawn, story
from tests.browser.server import Backends, Server
from tests.cases.bench import settle
from tests.support.world import NOON, CountedIds, StandingClock, World, sqs_event


class WalkingClock:
    """A clock that begins at noon of the made-up city's day and goes as all clocks go."""

    def __init__(self) -> None:
        self._start = monotonic()

    def __call__(self) -> datetime:
        return NOON + timedelta(seconds=monotonic() - self._start)


@dataclass(frozen=True)
class Site:
    """The running site."""

    base_url: str
    platform: Platform


@contextmanager
def running(port: int = 0) -> Iterator[Site]:
    """The site of the made-up city while the block runs."""
    opened: list[Platform] = []

    def furnish(platform: Platform) -> None:
        opened.append(platform)
        settle(World(platform, StandingClock(), CountedIds()))
        *before, gone, annotated = story()
        fill(platform, before)
        snapshots.work(platform, {"reason": "nightly", "seq": 0})
        fill(platform, [gone, annotated])

    with serving(furnish, port) as server:
        yield Site(server.base_url, opened[0])


@contextmanager
def serving(furnish: Callable[[Platform], object], port: int = 0) -> Iterator[Server]:
    """A site on a platform that `furnish` fills first. AWS in process ends with the block, and
    holds nothing after."""
    with ExitStack() as stack:
        stack.enter_context(packs())
        environment = stack.enter_context(in_process())
        platform = Platform(read_settings(environment), WalkingClock(), RandomIds())
        platform.create_keyring()
        platform.create_log_key()
        project_keys(platform)
        furnish(platform)
        stack.enter_context(_answered_with(platform))
        functions = {"public": app.public_api, "leads": app.leads_api}
        s3, bucket = boto3.client("s3"), platform.settings.publication_bucket
        with TemporaryDirectory() as folder:
            publish_verifier(s3, bucket, write_verifier(Path(folder)))
        backends = Backends(functions, PublishedFiles(s3, bucket))
        yield stack.enter_context(Server(backends, port))


def fill(platform: Platform, happened: Iterable[NewDocument | Withdrawn]) -> None:
    """Let this happen: decided, numbered, signed, as if the projection had decided it."""
    waiting: list[str] = []
    for one in happened:
        if one.id in waiting or isinstance(one, Withdrawn):
            number(platform, waiting)
            waiting = []
        waiting.append(one.id)
        if isinstance(one, Withdrawn):
            feed.hide(platform, one.id, "record", one.version, one.reason)
        else:
            feed.show(platform, one)
    number(platform, waiting)


def number(platform: Platform, ids: Sequence[str]) -> None:
    """Give the sequencer its turn."""
    work_jobs(platform, sqs_event({"job": "sequence", "ids": list(ids)}))


@contextmanager
def _answered_with(platform: Platform) -> Iterator[None]:
    """The public functions ask this platform while the block runs."""
    edges = (app.public_api, app.leads_api)
    for edge in edges:
        edge._open_platform = lambda: platform
    try:
        yield
    finally:
        for edge in edges:
            edge._open_platform = current_platform


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.site")
    parser.add_argument("--port", type=int, default=8123)
    options = parser.parse_args(arguments)
    with running(options.port) as site:
        sys.stderr.write(f"{site.base_url}\n")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()

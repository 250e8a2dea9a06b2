"""Eight connections that ask one after the other, in a process of their own: `python -m
tests.bench.http_load HOST:PORT SECONDS CONNECTIONS < PATHS` prints requests/s and the 99th of
hundred latencies (ms) as JSON."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection


@dataclass(frozen=True, slots=True)
class Measured:
    """How many requests a second, and how long all but one in a hundred took at most."""

    rate: float
    p99_ms: float


def measured(latencies: Sequence[float], seconds: float) -> Measured:
    """From the latencies (s) of all requests answered within `seconds`."""
    ordered = sorted(latencies)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return Measured(round(len(ordered) / seconds, 1), round(p99 * 1000, 2))


def by_threads(ask: Callable[[int, int], None], seconds: float, connections: int) -> Measured:
    """`ask(connection, number)` by as many threads at once, each as fast as it is answered."""
    found: list[list[float]] = [[] for _ in range(connections)]
    begun = time.perf_counter()

    def work(connection: int) -> None:
        number = connection
        while (started := time.perf_counter()) - begun < seconds:
            ask(connection, number)
            found[connection].append(time.perf_counter() - started)
            number += connections

    threads = [threading.Thread(target=work, args=(at,)) for at in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return measured([one for part in found for one in part], time.perf_counter() - begun)


def main(arguments: Sequence[str]) -> None:
    """Ask the paths on standard input in turn."""
    host, seconds, connections = arguments[0], float(arguments[1]), int(arguments[2])
    paths = sys.stdin.read().splitlines()
    lines = [HTTPConnection(host, timeout=60) for _ in range(connections)]

    def ask(connection: int, number: int) -> None:
        path = paths[number % len(paths)]
        lines[connection].request("GET", path)
        answer = lines[connection].getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status}")

    found = by_threads(ask, seconds, connections)
    sys.stdout.write(json.dumps([found.rate, found.p99_ms]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

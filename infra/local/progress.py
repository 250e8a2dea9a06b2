"""What the launcher tells whoever waits: one line per step, on standard output."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Says what begins and how long it took."""
    started = time.monotonic()
    print(f"· {title} …", flush=True)
    yield
    print(f"  {title}: {time.monotonic() - started:.1f} s", flush=True)

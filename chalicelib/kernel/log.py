"""One JSON line per event on standard output, in powertools' field names.

Not powertools' Logger: its line costs 70 microseconds in the middle of a request, more than half of
what the whole edge may (`tests/bench`); this one costs 10. Fields never carry personal data.
"""

from __future__ import annotations

import json
import sys
import time

from chalicelib.kernel.errors import GovcreditError, Misconfigured

SERVICE = "govcredit"
MESSAGE_FAILED = "message_failed"
LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}
_least = LEVELS["INFO"]
_encode = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode


def set_level(name: str) -> None:
    """From now on write only what is at least this grave. Raises Misconfigured for no level."""
    global _least
    if name not in LEVELS:
        raise Misconfigured(f"环境变量 LOG_LEVEL 只能是 {'、'.join(LEVELS)}")
    _least = LEVELS[name]


def log_event(level: str, message: str, **fields: object) -> None:
    """Write one line: `message` is an event name (a constant), `fields` say what of it matters.
    Nothing is written below the level that was set (`INFO` until then)."""
    if LEVELS[level] < _least:
        return
    seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    line = {
        "level": level,
        "message": message,
        "timestamp": f"{stamp}.{milliseconds:03d}Z",
        "service": SERVICE,
        **fields,
    }
    sys.stdout.write(f"{_encode(line)}\n")
    sys.stdout.flush()


def report_failure(message_id: str, error: Exception) -> None:
    """Note that a queue message failed. Of the error only its kind is written: its text may quote
    what was submitted."""
    kind = error.code if isinstance(error, GovcreditError) else type(error).__name__
    log_event("WARNING", MESSAGE_FAILED, message_id=message_id, error=kind)

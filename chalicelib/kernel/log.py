"""One structured logger: event names are constants, values go into `extra`, never personal data."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from chalicelib.kernel.errors import GovcreditError

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

MESSAGE_FAILED = "message_failed"


@functools.cache
def logger() -> Logger:
    """This worker's logger, made at first use (its level comes from LOG_LEVEL)."""
    from aws_lambda_powertools import Logger

    return Logger(service="govcredit", use_rfc3339=True, utc=True, json_default=str)


def report_failure(message_id: str, error: Exception) -> None:
    """Note that a queue message failed. Of the error only its kind is written: its text may quote
    what was submitted."""
    code = error.code if isinstance(error, GovcreditError) else type(error).__name__
    logger().warning(MESSAGE_FAILED, extra={"message_id": message_id, "error": code})

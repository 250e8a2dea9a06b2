"""Events of accounts: jobs of the accounts queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.accounts.counting import do_job
from chalicelib.aws.events import work_messages
from chalicelib.aws.platform import Platform, current_platform


def work_accounts_queue(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """SQS: months to be counted; answers which messages have to come again."""
    return work_jobs(current_platform(), event)


def work_jobs(platform: Platform, event: Mapping[str, Any]) -> dict[str, Any]:
    """`work_accounts_queue` on a given platform."""
    return work_messages(event, lambda message: do_job(platform, message))

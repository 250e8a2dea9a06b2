"""What a sweep over open cases reads: counted at DynamoDB's answers, in process. The floor is the
cases that are due: of all others, however many there are, not one is read."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.aws.platform import current_platform
from chalicelib.cases.service import send_due
from chalicelib.kernel.clock import civil_date
from tests.bench.model import Row
from tests.bench.setting import in_process, packs, say
from tests.cases.many import many_open, reading

OPEN, DUE = 10_000, 100


def run(number: int = OPEN, due: int = DUE) -> list[Row]:
    """The rows of this benchmark."""
    with packs(), in_process():
        current_platform.cache_clear()
        platform = current_platform()
        today = civil_date(platform.clock())
        say(f"cases: {number} open, {due} of them due")
        send_due(platform)  # has been there yesterday
        later = [today + timedelta(days=1 + each % 90) for each in range(number - due)]
        many_open(platform, 0, [*[today] * due, *later])
        with reading() as found:
            sent = send_due(platform)
        current_platform.cache_clear()
    return [
        Row(
            name=f"cases: items a sweep reads of {number} open cases, {due} of them due",
            measured=found.items,
            floor=due,
            unit="items",
            target="ratio <= 1",
            ok=found.items <= due == sent,
        ),
        Row(
            name="cases: queries of that sweep (two days, all shards)",
            measured=found.calls,
            floor=0,
            unit="calls",
            target="<= 16",
            ok=found.calls <= 16,
        ),
    ]

"""How many cases of a kind there are and what became of them, by region: for everybody to see.

| item | pk | sk | read by |
|---|---|---|---|
| tally | TALLY#<jurisdiction>#<kind> | <region>#<shard> | jurisdiction and kind |

A case is counted in the very write that opens it or moves it, always in the same shard, so that
what was received is at any time what is in progress and what came to each end together.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, cast, get_args

from chalicelib.aws.attributes import Value
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Update
from chalicelib.cases.model import CaseFile
from chalicelib.policy.case_kinds import CaseKind, Counted

SHARDS: Final = 8
"""Items a region's count is spread over: so many cases move at once without waiting."""


def tally_updates(
    platform: Platform, kind: CaseKind, file: CaseFile, before: CaseFile | None
) -> list[Update]:
    """The write that counts what happens to a case; none where nothing is counted or changed."""
    now = kind.state(file.case.state).counted_as
    then = None if before is None else kind.state(before.case.state).counted_as
    if not kind.is_counted or now is None or now == then:
        return []
    change = f"ADD #{now} :one" + (", #received :one" if then is None else f", #{then} :minus")
    values: dict[str, Value] = {"one": 1} if then is None else {"one": 1, "minus": -1}
    shard = sum(file.case_id.encode()) % SHARDS
    pk = f"TALLY#{file.jurisdiction}#{file.kind}"
    return [Update(platform.cases.key(pk, f"{file.region}#{shard}"), change, values)]


def tallies_of(
    platform: Platform, jurisdiction: str, kind: str
) -> dict[str, tuple[int, dict[Counted, int]]]:
    """Region -> how many cases of the kind were received there, and how they stand."""
    received: Counter[str] = Counter()
    standing: dict[str, dict[Counted, int]] = {}
    for item in platform.cases.each(f"TALLY#{jurisdiction}#{kind}"):
        region = str(item["sk"]).partition("#")[0]
        received[region] += cast(int, item.get("received", 0))
        counts = standing.setdefault(region, dict.fromkeys(get_args(Counted), 0))
        for counted in counts:
            counts[counted] += cast(int, item.get(counted, 0))
    return {region: (received[region], counts) for region, counts in standing.items()}

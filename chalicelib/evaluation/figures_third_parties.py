"""Rows of figures from the ratings of third parties: only where a scheme names their system.

One row per body and rated period that lies in the evaluation's period as a whole, on its last day;
the value is the score as the third party gave it, on its own scale. Calls: one per system, and one
per 100 bodies and rated period.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from chalicelib.aws.platform import Platform
from chalicelib.evaluation.model import FactRow, Period
from chalicelib.kernel.errors import NotFound
from chalicelib.third_parties import service as third_parties
from chalicelib.third_parties.rules import periods_within


def third_party_rows(
    platform: Platform,
    jurisdiction: str,
    codes: Sequence[str],
    unified_codes: Collection[str],
    period: Period,
) -> Iterator[tuple[str, FactRow]]:
    """(Unified code, row) for figures `third_party.<system>`; of a system that is not there, or of
    another jurisdiction, nothing."""
    for code in codes:
        name = code.partition(".")[2]
        try:
            system = third_parties.find_system_of(platform, jurisdiction, name)
        except NotFound:
            continue
        for rated, day in periods_within(system.period, period.first, period.last):
            found = third_parties.ratings_of(platform, name, rated, unified_codes)
            for unified_code, rating in found.items():
                place = f"rating/{name}/{rated}/{unified_code}"
                values = {"value": rating.row.score}
                yield unified_code, FactRow(place, rating.version, code, day, values=values)

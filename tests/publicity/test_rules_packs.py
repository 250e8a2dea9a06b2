"""The decision over every record type of every pack: data and rule fit each other."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.policy.compile import PACKS, build_all
from chalicelib.policy.model import Pack, RecordType
from chalicelib.publicity.model import Decision, Notice, PublicityFacts, Subject
from chalicelib.publicity.rules import decide

BUILT, PROBLEMS = build_all(PACKS)
ENTRIES = [(pack, record_type) for pack in BUILT for record_type in pack.types.values()]
PROVED = Notice(date(2026, 6, 1), "回证")


def decision(pack: Pack, record_type: RecordType, kind: str, **changes: object) -> Decision:
    """The decision on a well-behaved record of that type about a subject of that kind."""
    serious = record_type.severity is not None
    values = {"decision_notice": PROVED, "repair_notice": PROVED} | changes
    return decide(
        PublicityFacts(
            record_id="r",
            version=1,
            type=record_type,
            rule=pack.publicity.get(record_type.publicity_term or ""),
            subject=Subject(kind, "张示例", "c"),
            decided_on=date(2026, 6, 1),
            severity="serious" if serious else None,
            settled_at=datetime(2026, 6, 2, tzinfo=UTC),
            **values,  # type: ignore[arg-type]
        )
    )


@pytest.mark.requirement("R-01")
@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(
    ("pack", "record_type"), ENTRIES, ids=lambda value: getattr(value, "code", "")
)
def test_every_type_is_public_exactly_where_its_catalog_entry_says(
    pack: Pack, record_type: RecordType
) -> None:
    assert not PROBLEMS
    for kind in record_type.about:
        expected = record_type.scope_for(kind) == "public"
        found = decision(pack, record_type, kind)
        assert found.public == expected, found.reasons
        if expected and record_type.notice_required:
            assert not decision(pack, record_type, kind, repair_notice=None).public


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize("pack", BUILT, ids=lambda pack: f"{pack.jurisdiction}-{pack.version}")
@pytest.mark.parametrize("code", ["administrative_licence", "administrative_penalty"])
def test_double_publicity_waits_for_no_notice(pack: Pack, code: str) -> None:
    for kind in ("enterprise", "department"):
        found = decision(pack, pack.types[code], kind, decision_notice=None, repair_notice=None)
        assert found.public

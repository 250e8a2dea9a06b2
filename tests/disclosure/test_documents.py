"""Documents of the packs that ship: every public type can be shown, no other ever is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.creditfile.model import ArchivePointer, Notices, Record
from chalicelib.disclosure.documents import Opened, facts_of, record_view
from chalicelib.disclosure.rules import (
    CACHE_CEILING,
    cache_seconds,
    has_ended,
    region_prefix,
)
from chalicelib.kernel.clock import instant_text, parse_instant
from chalicelib.policy import service as policy
from chalicelib.policy.base import PERSONS
from chalicelib.policy.example import example_fields
from chalicelib.policy.model import Field, Pack, RecordType
from chalicelib.publicity.rules import decide
from tests.support.world import NOON

TODAY = date(2026, 6, 15)
JURISDICTIONS = ("national", "nanjing")


def example(pack: Pack, kind: RecordType, subject_kind: str) -> Record:
    """A record of a type as intake would store it, its fields all filled."""
    fields = example_fields(kind, TODAY, full=True)
    return Record(
        record_id="r_1",
        version=1,
        jurisdiction=pack.jurisdiction,
        region="320100",
        type=kind.code,
        category=kind.category,
        dishonesty=kind.is_dishonesty(subject_kind),
        severity=kind.severity_of(fields, date(2026, 5, 1)) or "",
        subject_id="b_1",
        subject_kind=subject_kind,
        subject_code="" if subject_kind in PERSONS else "11320100000000001A",
        subject_name="" if subject_kind in PERSONS else "示例单位",
        reporter="11320100000000001A",
        occurred_on=str(fields.get(kind.date_field, TODAY)),
        fields=fields,
        sealed={},
        notices=Notices("2026-06-01", "2026-06-01", "回证"),
        status="active",
        content_mac="",
        known={},
        pack=pack.version,
        received_at=instant_text(NOON),
        received_sha256="",
        due_on="",
        on_time=True,
        archive=ArchivePointer("", "", "", 0, 0),
        submitted_by="",
        changed_at=instant_text(NOON),
    )


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_every_type_that_ships_is_shown_as_its_catalog_says(jurisdiction: str) -> None:
    pack = policy.pack_for(jurisdiction, TODAY)
    shown = 0
    for kind in pack.types.values():
        for subject_kind in kind.about:
            record = example(pack, kind, subject_kind)
            facts = facts_of(record, pack, settled=True, opened=Opened("王小明", record.fields))
            assert facts is not None
            decision = decide(facts)
            if kind.scope_for(subject_kind) != "public":
                assert not decision.public, (kind.code, subject_kind)
            if not decision.public:
                continue
            shown += 1
            view = record_view(record, pack, facts, decision, "示例单位", "0" * 64)
            catalog = {field.code: field for field in kind.fields}
            assert view.category_title != view.category
            for field in view.fields:
                assert catalog[field.code].public, (kind.code, field.code)
                assert field.title == catalog[field.code].title
                assert field.text
            if subject_kind in PERSONS:
                assert view.subject.code is None
                assert "小明" not in view.model_dump_json()
    assert shown >= 4


@pytest.mark.requirement("R-20")
@pytest.mark.parametrize(
    ("code", "number"),
    [("administrative_licence", "XK_WSH"), ("administrative_penalty", "CF_WSH")],
)
def test_double_publicity_carries_the_names_of_the_national_standard(
    code: str, number: str
) -> None:
    pack = policy.pack_for("nanjing", TODAY)
    kind = pack.types[code]
    record = replace(example(pack, kind, "enterprise"), notices=Notices())
    facts = facts_of(record, pack, settled=True)
    assert facts is not None

    decision = decide(facts)

    # No notice is needed: double publicity is not held up by 两书同达.
    assert decision.public
    view = record_view(record, pack, facts, decision, "", "0" * 64)
    assert number in {field.standard_code for field in view.fields}
    assert view.notices is None


def test_values_read_as_people_write_them() -> None:
    choices = [{"code": "a", "title": "甲"}, {"code": "b", "title": "乙"}]
    shape = {"code": "f", "title": "字段"}
    enum = Field.model_validate({**shape, "kind": "enum", "values": choices, "multiple": True})
    assert enum.text_of("a,b") == "甲、乙"
    assert Field.model_validate({**shape, "kind": "boolean"}).text_of(False) == "否"
    assert Field.model_validate({**shape, "kind": "amount_yuan"}).text_of("8.00") == "8.00元"
    assert Field.model_validate({**shape, "kind": "integer"}).text_of(3) == "3"


@pytest.mark.requirement("R-21")
@given(st.lists(st.integers(min_value=-10, max_value=10_000_000)), st.integers(0, 10_000_000))
def test_an_answer_is_never_kept_past_what_it_shows(ends: list[int], later: int) -> None:
    untils = [instant_text(NOON + timedelta(milliseconds=end)) for end in ends]

    kept = cache_seconds(["", *untils], NOON)

    assert 0 <= kept <= CACHE_CEILING
    if kept:
        assert not any(has_ended(until, NOON) for until in untils)
        assert all(parse_instant(until) >= NOON + timedelta(seconds=kept) for until in untils)


def test_regions() -> None:
    assert [region_prefix(code) for code in ("320000", "320100", "320102")] == [
        "32",
        "3201",
        "320102",
    ]


@pytest.mark.requirement("R-22")
@pytest.mark.parametrize("jurisdiction", ["national", "nantong", "yancheng"])
def test_a_judgment_is_shown_with_its_number_and_its_link(jurisdiction: str) -> None:
    pack = policy.pack_for(jurisdiction, TODAY)
    record = example(pack, pack.types["court_judgment"], "department")
    facts = facts_of(record, pack, settled=True)
    assert facts is not None
    view = record_view(record, pack, facts, decide(facts), "示例市中级人民法院", "0" * 64)
    shown = {field.code: field for field in view.fields}
    assert shown["judgment_number"].text == record.fields["judgment_number"]
    assert shown["judgment_url"].text == shown["judgment_url"].value
    assert str(shown["judgment_url"].value).startswith("https://")

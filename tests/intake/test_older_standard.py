"""The double-publicity data of 2015 and 2018 as they arrive, and how each value is read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chalicelib.creditfile import service as files
from chalicelib.creditfile.rules import publicity_facts
from chalicelib.intake import service
from chalicelib.intake.model import Examined
from chalicelib.intake.rules import examine
from chalicelib.policy.fields import column_map
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.publicity.rules import decide
from tests.intake import town
from tests.intake.town import licence, submit
from tests.support.world import World, make_world

TODAY = date(2026, 6, 15)


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def pack() -> Pack:
    return pack_for(town.JURISDICTION, TODAY)


def penalty(**changes: Any) -> dict[str, Any]:
    """A fine of 2 000 yuan."""
    fields = {
        "counterpart_category": "法人及非法人组织",
        "decision_number": "示罚〔2026〕1号",
        "violation_kind": "未公示收费标准",
        "facts": "经查未公示收费标准",
        "grounds": "依据有关条款",
        "penalty_category": "罚款",
        "content": "罚款二千元",
        "fine_wan": "0.200000",
        "decided_on": "2026/06/10",
        "authority": "示例市综合执法局",
        "authority_code": town.BUREAU,
    }
    return {
        "type": "administrative_penalty",
        "subject": {"unified_code": town.body_code(900, "91"), "name": "示例第900有限公司"},
        "fields": {**fields, **changes},
    }


def read(sent: dict[str, Any]) -> Examined:
    found = examine(pack(), service.reporter_of(town.clerk()), sent, TODAY)
    assert isinstance(found, Examined), found
    return found


def faults(sent: dict[str, Any]) -> list[tuple[str, str]]:
    found = examine(pack(), service.reporter_of(town.clerk()), sent, TODAY)
    assert not isinstance(found, Examined), "accepted"
    return [(fault.pointer, fault.code) for fault in found]


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("record_type", "columns"),
    [
        (
            "administrative_licence",
            "XK_WSH XK_XMMC XK_BM XK_SPLB XK_NR XK_XDR XK_XDR_SHXYM XK_XDR_SFZ XK_FR XK_JDRQ "
            "XK_JZQ XK_XZJG XK_ZT DFBM SJC BZ XK_SYFW",
        ),
        (
            "administrative_penalty",
            "CF_WSH CF_CFMC CF_BM CF_CFLB1 CF_CFLB2 CF_SY CF_YJ CF_XDR_MC CF_XDR_SHXYM "
            "CF_XDR_SFZ CF_FR CF_JG CF_JDRQ CF_XZJG CF_ZT DFBM SJC BZ CF_SYFW CF_GSJZQ",
        ),
        (
            "administrative_penalty",
            "CF_XDR_MC CF_XDR_LB CF_XDR_SHXYM CF_FDDB CF_FR_SFZH CF_WSH CF_NR_FK CF_JDRQ",
        ),
    ],
)
def test_the_columns_of_both_generations_are_known(record_type: str, columns: str) -> None:
    targets, problems = column_map(pack().types[record_type], columns.split())
    assert [fault for fault in problems if fault.code != "missing_column"] == []
    assert all(targets)


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0.2", "0.2"),
        ("0.200000", "0.2"),
        ("0.000001", "0.000001"),
        ("123456789.123456", "123456789.123456"),
    ],
)
def test_money_in_ten_thousands_is_kept_to_the_cent_fraction(sent: str, kept: str) -> None:
    assert read(penalty(fine_wan=sent)).fields["fine_wan"] == kept


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize("sent", ["2000元", "0.2000001", "2,000", "二千"])
def test_yuan_are_never_guessed_to_be_ten_thousands(sent: str) -> None:
    ((pointer, _),) = faults(penalty(fine_wan=sent))
    assert pointer == "/fields/fine_wan"


@pytest.mark.requirement("R-10")
def test_the_last_day_of_2099_is_shown_as_long_term() -> None:
    examined = read(licence(valid_from="2026/06/10", valid_until="2099/12/31"))
    assert examined.fields["valid_until"] == "2099-12-31"
    field = examined.record_type.field("valid_until")
    assert field is not None and field.text_of("2099-12-31") == "长期"
    assert field.text_of("2098-12-31") == "2098-12-31"


def test_the_word_for_nothing_is_nothing_except_where_the_standard_prescribes_it() -> None:
    assert "remark" not in read(licence(remark="空")).fields
    assert faults(licence(content=" 空 ")) == [("/fields/content", "required")]
    assert read(licence(decision_number="空")).fields["decision_number"] == "空"
    assert faults(penalty(decision_number="空")) == [("/fields/decision_number", "required")]


def test_licences_without_a_number_are_told_apart_by_their_day_and_content(world: World) -> None:
    first = submit(world, licence(decision_number="空"))
    other_day = submit(world, licence(decision_number="空", decided_on="2026-06-09"))
    other_content = submit(world, licence(decision_number="空", content="准予临时占用道路"))
    same = submit(world, licence(decision_number="空"))
    assert [one.status for one in (first, other_day, other_content)] == [201, 201, 201]
    assert same.body.record_id == first.body.record_id


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("spelled", "beside", "status"),
    [
        ("1", {}, "valid"),
        ("2", {}, "invalid"),
        ("0", {"provided_at": "2026/06/10 10:00:00"}, "valid"),
        ("1", {"provided_at": "2026/06/10 10:00:00"}, "invalid"),
        ("有效", {"area_code": "329900"}, "valid"),
    ],
)
def test_one_means_valid_in_2018_and_revoked_in_2015(
    spelled: str, beside: dict[str, str], status: str
) -> None:
    assert read(licence(status=spelled, **beside)).fields["status"] == status


def test_what_the_older_status_says_beyond_valid_and_revoked_is_asked_about() -> None:
    assert faults(licence(status="2", area_code="329900")) == [("/fields/status", "not_a_choice")]


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"use_scope": "1"}, "withheld_use_scope"),
        ({"use_scope": "2"}, "withheld_use_scope"),
        ({"status_2015": "1"}, "withheld_revoked"),
    ],
)
def test_what_is_not_meant_for_the_public_is_kept_and_not_published(
    world: World, changes: dict[str, str], reason: str
) -> None:
    kept = submit(world, penalty(**changes))
    shown = submit(world, {**penalty(use_scope="0"), **other_company()})
    decisions = {}
    for answer in (kept, shown):
        record = files.find_record(world.platform, answer.body.record_id)
        facts = publicity_facts(record, pack(), settled=True)
        assert facts is not None
        decisions[record.record_id] = decide(facts)
    assert not decisions[kept.body.record_id].public
    assert reason in {one.code for one in decisions[kept.body.record_id].reasons}
    assert decisions[shown.body.record_id].public


def other_company() -> dict[str, Any]:
    code = town.body_code(901, "91")
    return {"subject": {"unified_code": code, "name": "示例第901有限公司"}}


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (licence(is_secret=True), "/fields/is_secret"),
        (penalty(is_secret="是"), "/fields/is_secret"),
        (penalty(procedure="simple"), "/fields/procedure"),
    ],
)
def test_secret_and_on_the_spot_decisions_must_not_be_reported(
    sent: dict[str, Any], pointer: str
) -> None:
    assert faults(sent) == [(pointer, "must_not_be_reported")]

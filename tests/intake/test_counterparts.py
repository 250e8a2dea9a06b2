"""Whom double publicity is about: bodies by unified code, natural persons by citizen code, sole
traders without a code by registration number; and what must not be reported at all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.creditfile import service as files
from chalicelib.intake import corrections, jobs, service
from chalicelib.intake.answers import CorrectionIn, original_of
from chalicelib.intake.rules import examine
from chalicelib.kernel.codes import SENTINEL, citizen_code_from
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.policy.base import LegalBasis
from chalicelib.policy.model import Exclusion, Pack
from chalicelib.policy.service import pack_for
from chalicelib.web.model import Scope
from tests.disclosure.builders import drain, public_items, work
from tests.intake import town
from tests.intake.town import licence, submit
from tests.support.api import Api
from tests.support.world import World, make_world

NUMBER = "329901600012345"
PERSON = citizen_code_from("32990119800202123")


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def trader(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A licence of a sole trader that has no unified code."""
    fields: dict[str, Any] = {
        "counterpart_category": "个体工商户",
        "registration_number": NUMBER,
        **changes,
    }
    sent = licence(number, **fields)
    return {**sent, "subject": {"unified_code": SENTINEL, "name": "示例市东区老张面馆"}}


def person(**changes: Any) -> dict[str, Any]:
    """A licence of a natural person."""
    fields: dict[str, Any] = {"counterpart_category": "自然人", "person_id_type": "身份证"}
    sent = licence(**{**fields, **changes})
    return {**sent, "subject": {"citizen_code": PERSON, "name": "李某乙"}}


def pack() -> Pack:
    return pack_for(town.JURISDICTION, date(2026, 6, 15))


def faults_of(sent: dict[str, Any], under: Pack | None = None) -> list[tuple[str, str]]:
    found = examine(under or pack(), service.reporter_of(town.clerk()), sent, date(2026, 6, 15))
    assert isinstance(found, tuple), "accepted"
    return [(fault.pointer, fault.code) for fault in found]


@pytest.mark.requirement("R-10")
def test_a_sole_trader_without_a_code_is_known_by_its_registration_number(world: World) -> None:
    first = submit(world, trader())
    assert (first.status, first.body.outcome) == (201, "accepted")
    record = files.find_record(world.platform, first.body.record_id)
    assert (record.subject_id, record.subject_kind) == (f"g_{NUMBER}", "sole_trader")
    assert (record.subject_code, record.subject_name) == ("", "示例市东区老张面馆")
    assert record.fields["registration_number"] == NUMBER
    assert submit(world, trader()).body.outcome == "duplicate"
    submit(world, trader(2))
    about = files.records_about(world.platform, f"g_{NUMBER}")
    assert len(list(about)) == 2


@pytest.mark.requirement("R-10")
def test_in_a_batch_two_of_them_are_told_apart(world: World) -> None:
    other = trader(2, registration_number="329901600099999")
    result = town.submit_batch(world, [trader(), other, trader(3)])
    assert result.accepted == 3
    records = files.records_reported(world.platform, town.BUREAU)
    subjects = [record.subject_id for record in records]
    assert sorted(set(subjects)) == [f"g_{NUMBER}", "g_329901600099999"]


@pytest.mark.requirement("R-10")
def test_in_a_file_under_the_columns_of_the_national_standard(world: World) -> None:
    header = (
        "XK_XDR_MC,XK_XDR_LB,XK_XDR_SHXYM,XK_XDR_GSZC,XK_XKWS,XK_WSH,XK_XKLB,XK_NR,XK_JDRQ,"
        "XK_XKJG,XK_XKJGDM"
    )
    rest = f"2026/06/10,示例市综合执法局,{town.BUREAU}"
    rows = [
        f"老张面馆,个体工商户,{SENTINEL},{NUMBER},决定书,示许〔2026〕1号,普通,准予经营,{rest}",
        f"老李面馆,个体工商户,{SENTINEL},,决定书,示许〔2026〕2号,普通,准予经营,{rest}",
    ]
    content = "\r\n".join([header, *rows]).encode()
    posted = town.post_file(world, content, record_type="administrative_licence")
    done = town.work_file(world, posted)
    assert (done.state, done.accepted, done.rejected) == ("completed", 1, 1)
    errors = world.platform.work.read(f"uploads/{posted}/errors.csv").decode("utf-8-sig")
    assert "没有统一社会信用代码（填17个0加X）的个体工商户，工商注册号必须填写" in errors


@pytest.mark.requirement("R-10")
def test_its_record_is_public_under_its_name_and_its_file_is_found_by_number(
    world: World,
) -> None:
    sent = submit(world, trader())
    key = f"RECORD#{sent.body.record_id}"
    work(world, {"table": "records", "key": key, "version": 1, "entity": "record"})
    subject = f"SUBJECT#g_{NUMBER}"
    work(world, {"table": "records", "key": subject, "version": 1, "entity": "subject"})
    drain(world)
    (shown,) = public_items(world)
    assert "老张面馆" in str(shown) and SENTINEL not in str(shown)
    office = replace(
        town.clerk(town.HOUSING, "office-1"), roles=frozenset({"credit_office"})
    )
    path = "/v1/credit-files/lookup"
    found = Api(world, office)("POST", path, {"registration_number": NUMBER})
    assert found.status == 200, found.text
    assert found.json["subject"]["registration_number"] == NUMBER
    assert found.json["subject"]["unified_code"] is None
    file = Api(world, office)("GET", found.json["location"])
    assert file.status == 200 and sent.body.record_id in file.text
    wrong = Api(world, office)("POST", path, {"registration_number": "张三 1"})
    assert wrong.json["errors"][0]["code"] == "registration_number"


@pytest.mark.requirement("R-10")
def test_it_may_be_corrected_but_not_into_another_trader(world: World) -> None:
    sent = submit(world, trader())
    edit = corrections.Edit(town.clerk(), Scope.OWN, sent.body.record_id, 1, "内容有误", b"{}")

    def correct(**fields: Any) -> Any:
        wanted = CorrectionIn(fields=fields, reason="内容有误")
        return corrections.correct_record(world.platform, edit, wanted)

    with pytest.raises(Invalid) as caught:
        correct(registration_number="329901600099999")
    assert [fault.code for fault in caught.value.faults] == ["identifies_subject"]
    with pytest.raises(Invalid) as caught:
        correct(counterpart_category="legal_entity")
    assert [fault.code for fault in caught.value.faults] == ["category_mismatch"]
    assert correct(content="准予小餐饮经营").status == 200
    record = files.find_record(world.platform, sent.body.record_id)
    held = files.find_subject(world.platform, record.subject_id)
    assert original_of(world.platform, record, held, full=False).proved


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        (trader(registration_number=""), [("/fields/registration_number", "required")]),
        (
            trader(registration_number="（示）字 第1号"),
            [("/fields/registration_number", "registration_number")],
        ),
        (
            trader(counterpart_category="legal_entity"),
            [("/fields/counterpart_category", "category_mismatch")],
        ),
        (
            licence(counterpart_category="natural_person"),
            [("/fields/counterpart_category", "category_mismatch")],
        ),
        (
            licence(counterpart_category="sole_trader"),
            [("/fields/counterpart_category", "category_mismatch")],
        ),
        (
            person(counterpart_category="legal_entity"),
            [("/fields/counterpart_category", "category_mismatch")],
        ),
        (person(person_id_type="护照"), [("/fields/person_id_type", "id_type_not_accepted")]),
    ],
)
def test_code_and_category_have_to_fit(
    sent: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    assert faults_of(sent) == faults


def test_a_sole_trader_with_a_code_states_its_category() -> None:
    code = town.body_code(950, "92")
    sent = licence()
    sent["subject"] = {"unified_code": code, "name": "示例市西区小店"}
    assert faults_of(sent) == [("/fields/counterpart_category", "category_mismatch")]
    sent["fields"]["counterpart_category"] = "sole_trader"
    found = examine(pack(), service.reporter_of(town.clerk()), sent, date(2026, 6, 15))
    assert not isinstance(found, tuple)


def test_a_person_is_known_by_the_citizen_code(world: World) -> None:
    sent = submit(world, person())
    record = files.find_record(world.platform, sent.body.record_id)
    assert record.subject_id.startswith("p_") and PERSON not in str(record)


def test_the_sentinel_is_no_code_where_the_catalog_does_not_know_it() -> None:
    sent = town.honour()
    sent["subject"]["unified_code"] = SENTINEL
    assert faults_of(sent) == [("/subject/unified_code", "unified_code_sentinel")]
    both = {**person(), "subject": {"citizen_code": PERSON, "unified_code": SENTINEL, "name": "李"}}
    assert ("/subject", "one_code") in faults_of(both)


# -- genuine codes that fail their check ----------------------------------------------------------


def refused_codes(error: Invalid) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in error.faults]


@pytest.mark.requirement("R-10")
def test_a_code_on_the_credit_office_s_list_is_taken_and_the_answer_says_so(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        submit(world, town.pilot_licence())
    assert refused_codes(caught.value) == [
        ("/subject/unified_code", "unified_code_check_digit")
    ]
    town.allow(world, town.PILOT)
    world.clock.advance(seconds=60)
    answer = submit(world, town.pilot_licence())
    assert "依信用办核准的例外名单受理" in answer.body.note
    record = files.find_record(world.platform, answer.body.record_id)
    assert record.subject_code == town.PILOT
    shown = Api(world, town.clerk())("GET", f"/v1/records/{record.record_id}")
    assert shown.json["notes"] == ["“主体代码”校验不通过，依信用办核准的例外名单受理"]
    subject = files.find_subject(world.platform, record.subject_id)
    assert original_of(world.platform, record, subject, full=False).proved
    as_source = licence(2, source_unit_code=town.PILOT.lower())
    assert submit(world, as_source).status == 201
    with pytest.raises(Invalid) as caught:
        submit(world, licence(3, authority_code="91350211M0000XUF46"))
    assert refused_codes(caught.value) == [("/fields/authority_code", "unified_code_check_digit")]


@pytest.mark.requirement("R-10")
def test_in_a_batch_and_a_file_too(world: World) -> None:
    town.allow(world, town.PILOT)
    assert town.submit_batch(world, [town.pilot_licence()]).accepted == 1
    line = json.dumps({**town.pilot_licence(), "fields": licence(78)["fields"]})
    posted = town.post_file(world, line.encode(), form="jsonl", record_type="")
    done = town.work_file(world, posted)
    assert (done.accepted, done.rejected) == (1, 0)


@pytest.mark.requirement("R-27")
def test_a_refused_row_about_it_is_the_same_fact_once_it_is_put_right(world: World) -> None:
    """The account counts the fact once, not the refusal and the record."""
    town.allow(world, town.PILOT)
    wrong = town.pilot_licence()
    wrong["fields"] = {**wrong["fields"], "content": ""}
    posted = town.post_file(world, json.dumps(wrong).encode(), form="jsonl", record_type="")
    done = town.work_file(world, posted)
    (result,) = jobs.results_of(world.platform, done)
    record_id = submit(world, town.pilot_licence()).body.record_id
    assert [refused.row_id for refused in result.refused] == [record_id]


# -- what must not be reported --------------------------------------------------------------------


@pytest.mark.requirement("R-27")
def test_what_must_not_be_reported_is_not_owed_in_the_account(world: World) -> None:
    secret, wrong = licence(1, is_secret=True), licence(2, content="")
    lines = "\n".join(map(json.dumps, (secret, wrong))).encode()
    done = town.work_file(world, town.post_file(world, lines, form="jsonl", record_type=""))
    (result,) = jobs.results_of(world.platform, done)
    assert done.rejected == 2 and [one.row for one in result.refused] == [2]


def pack_that_excludes() -> Pack:
    """A pack whose licences must not be of the category 'other'."""
    rule = Exclusion(
        code="secret",
        field="licence_category",
        values=("other",),
        reason="涉及国家秘密的决定不公示、不报送",
        basis=LegalBasis(document="示例规定", clause="第一条", verified=False),
    )
    known = pack()
    licences = known.types["administrative_licence"].model_copy(update={"exclusions": (rule,)})
    return known.model_copy(
        update={"types": {**known.types, "administrative_licence": licences}}
    )


@pytest.mark.requirement("R-10")
def test_what_must_not_be_reported_is_refused_with_field_and_reason(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = licence(licence_category="其他", category_note="备案")
    assert faults_of(sent, pack_that_excludes()) == [
        ("/fields/licence_category", "must_not_be_reported")
    ]
    accepted = submit(world, licence())
    monkeypatch.setattr(service, "pack_for", lambda jurisdiction, on: pack_that_excludes())
    with pytest.raises(Invalid) as caught:
        submit(world, licence(2, licence_category="other", category_note="备案"))
    (fault,) = caught.value.faults
    assert isinstance(fault, Fault)
    assert fault.message == "不得报送：涉及国家秘密的决定不公示、不报送（示例规定）"
    edit = corrections.Edit(
        town.clerk(), Scope.OWN, accepted.body.record_id, 1, "类别有误", b"{}"
    )
    wanted = CorrectionIn(
        fields={"licence_category": "other", "category_note": "备案"}, reason="类别有误"
    )
    with pytest.raises(Invalid, match="1 处"):
        corrections.correct_record(world.platform, edit, wanted)
    assert len(list(files.records_reported(world.platform, town.BUREAU))) == 1

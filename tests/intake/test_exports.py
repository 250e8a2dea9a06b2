"""Double-publicity records leave as a file in the columns of the national standard, and come back
from it unchanged; no person's name or code leaves with them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from chalicelib.access.model import Agency
from chalicelib.access.store import agency_write
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Deed, Standing
from chalicelib.creditfile.rules_standing import publicity_ended
from chalicelib.intake import exports, filework, service, uploads
from chalicelib.intake.handlers import work_job
from chalicelib.intake.store import FileForm
from chalicelib.kernel.clock import instant_text
from chalicelib.kernel.codes import SENTINEL
from chalicelib.web.model import Caller, Scope
from tests.intake import town
from tests.intake.test_counterparts import PERSON, person, trader
from tests.intake.test_older_standard import penalty
from tests.intake.town import licence, submit
from tests.support.api import Api
from tests.support.world import World, make_world
from tests.web.build import Reply

JUNE = {"first_day": "2026-06-01", "last_day": "2026-06-30"}
LICENCES = {"type": "administrative_licence", **JUNE}


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    town.settle(world)
    return world


def office(region: str = town.CITY) -> Caller:
    return replace(
        town.clerk(town.body_code(50), "office-1"),
        roles=frozenset({"credit_office"}),
        region=region,
    )


def ask(world: World, wanted: dict[str, Any], caller: Caller | None = None) -> Reply:
    return Api(world, caller or town.clerk())("POST", "/v1/exports", wanted)


def work(world: World) -> int:
    queue = world.platform.intake_queue
    return world.drain(queue, lambda job: work_job(world.platform, job))


def exported(world: World, wanted: dict[str, Any], caller: Caller | None = None) -> bytes:
    """The file of an export, worked to its end."""
    asked = ask(world, wanted, caller)
    assert asked.status == 202, asked.text
    work(world)
    path = f"/v1/exports/{asked.json['export_id']}"
    shown = Api(world, caller or town.clerk())("GET", path)
    assert (shown.json["state"], shown.json["problem"]) == ("completed", None)
    assert shown.json["link"].startswith("https://") and "Expires=300" in shown.json["link"]
    key = f"exports/{asked.json['export_id']}/export.{shown.json['format']}"
    content: bytes = world.platform.work.read(key)
    return content


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.requirement("R-10")
def test_an_agency_exports_its_own_records_of_a_period(world: World) -> None:
    submit(world, licence(1, valid_from="2026-06-10", valid_until="2099-12-31", status="1"))
    submit(world, licence(2, decided_on="2026-05-20"))
    withdrawn = submit(world, licence(3))
    edit = {"reason": "重复报送"}
    path = f"/v1/records/{withdrawn.body.record_id}/withdrawal"
    assert Api(world, town.clerk())("POST", path, edit, {"If-Match": '"1"'}).status == 200
    (row,) = table(exported(world, LICENCES))
    assert list(row)[:3] == ["XK_XDR_MC", "XK_XDR_LB", "XK_XDR_SHXYM"] and list(row)[-1] == "BZ"
    assert len(row) == 28
    assert row["XK_XDR_LB"] == "法人及非法人组织"
    assert row["XK_XDR_SHXYM"] == town.body_code(900, "91")
    assert (row["XK_JDRQ"], row["XK_YXQZI"]) == ("2026/06/10", "2099/12/31")
    assert (row["XK_XKLB"], row["XK_ZT"]) == ("普通", "有效")
    assert row["XK_XKJGDM"] == town.BUREAU


@pytest.mark.requirement("R-32")
def test_what_is_no_longer_shared_is_not_handed_on(world: World) -> None:
    repaired = submit(world, licence(1)).body.record_id
    submit(world, licence(2))
    deed = Deed("2026-06-15", "c_1", "履行完毕")
    town.stand(world, repaired, publicity_ended(Standing(), deed))
    (row,) = table(exported(world, LICENCES))
    assert row["XK_WSH"] == "示许决〔2026〕2号"


@pytest.mark.requirement("R-10")
def test_money_stays_in_ten_thousands_and_several_kinds_of_penalty_keep_apart(
    world: World,
) -> None:
    fine = penalty(fine_wan="0.2", penalty_category="罚款;没收违法所得", confiscated_wan="0.000001")
    submit(world, fine)
    wanted = {"type": "administrative_penalty", **JUNE}
    (row,) = table(exported(world, wanted))
    assert (row["CF_NR_FK"], row["CF_NR_WFFF"]) == ("0.2", "0.000001")
    assert row["CF_CFLB"] == "罚款；没收违法所得、没收非法财物"


@pytest.mark.requirement("R-10", "R-26")
def test_nothing_personal_leaves_in_a_file(world: World) -> None:
    submit(world, person(remark=f"联系人证件 {PERSON}"))
    submit(world, licence(2, legal_representative="张某某"))
    submit(world, trader(3))
    content = exported(world, LICENCES)
    assert PERSON not in content.decode() and "李某乙" not in content.decode()
    assert "张某某" not in content.decode()
    by_category = {row["XK_XDR_LB"]: row for row in table(content)}
    assert by_category["自然人"]["XK_XDR_MC"] == "***"
    assert by_category["自然人"]["XK_XDR_ZJHM"] == "***"
    assert by_category["个体工商户"]["XK_XDR_SHXYM"] == SENTINEL
    assert by_category["个体工商户"]["XK_XDR_GSZC"] == "329901600012345"


@pytest.mark.requirement("R-10")
def test_no_cell_of_a_workbook_is_a_formula(world: World) -> None:
    submit(world, licence(content="=HYPERLINK(1)"))
    content = exported(world, {**LICENCES, "format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(content))["行政许可"]
    header, row = list(sheet.iter_rows())
    cells = dict(zip([cell.value for cell in header], row, strict=True))
    assert cells["XK_NR"].value == "=HYPERLINK(1)" and cells["XK_NR"].data_type == "s"
    assert cells["XK_XDR_SHXYM"].value == town.body_code(900, "91")


@pytest.mark.requirement("R-10")
def test_no_cell_of_a_file_starts_a_formula(world: World) -> None:
    submit(world, licence(content="=HYPERLINK(1)", remark="+1"))
    (row,) = table(exported(world, LICENCES))
    assert (row["XK_NR"], row["BZ"]) == ("'=HYPERLINK(1)", "'+1")


@pytest.mark.requirement("R-10")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["administrative_licence", "administrative_penalty"])
def test_what_was_exported_comes_back_the_same_in_another_jurisdiction(
    world: World, kind: str, form: FileForm
) -> None:
    # As a file of another agency, under another city's pack, nothing of it has to be touched.
    if kind == "administrative_licence":
        sent = [licence(1, valid_until="2099-12-31", status="有效"), trader(2), licence(3)]
    else:
        sent = [penalty(), penalty(decision_number="示罚〔2026〕2号", fine_wan="12.345678")]
    for one in sent:
        assert submit(world, one).status == 201
    content = exported(world, {"type": kind, "format": form, **JUNE})
    elsewhere = replace(town.clerk(town.HOUSING, "clerk-2"), jurisdiction="nantong")
    upload, _ = uploads.start_upload(
        world.platform,
        service.reporter_of(elsewhere),
        "示例市住房局",
        record_type=kind,
        form=form,
        file_name=f"导出.{form}",
    )
    world.platform.inbox.put(upload.object_key, content, content_type="text/csv")
    world.date_object(world.platform.inbox, upload.object_key)
    uploads.commit_upload(world.platform, uploads.find_upload(world.platform, upload.upload_id))
    world.drain(
        world.platform.intake_queue, lambda job: filework.do_job(world.platform, job)
    )
    done = uploads.find_upload(world.platform, upload.upload_id)
    assert (done.state, done.accepted, done.rejected) == ("completed", len(sent), 0)

    def facts(reporter: str) -> list[tuple[str, dict[str, object]]]:
        records = files.records_reported(world.platform, reporter)
        return sorted(
            ((one.subject_id, dict(one.fields)) for one in records),
            key=lambda fact: str(fact[1]["decision_number"]),
        )

    assert facts(town.HOUSING) == facts(town.BUREAU)


def register_agencies(world: World, *codes: str) -> None:
    for code in codes:
        agency = Agency(code, "示例单位", town.CITY, "city", "", frozenset({"clerk"}))
        commit([agency_write(world.platform, agency)])


@pytest.mark.requirement("R-10")
def test_a_credit_office_exports_its_region_slice_by_slice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_agencies(world, town.BUREAU, town.HOUSING)
    for number in range(1, 6):
        submit(world, licence(number))
        submit(world, licence(number), town.clerk(town.HOUSING, "clerk-2"))
    monkeypatch.setattr(exports, "SLICE", 3)
    rows = table(exported(world, LICENCES, office()))
    assert len(rows) == 10
    assert len({(row["XK_WSH"]) for row in rows}) == 5
    one = table(exported(world, {**LICENCES, "agency": town.HOUSING}, office()))
    assert len(one) == 5


@pytest.mark.requirement("R-26")
def test_nobody_exports_what_others_reported(world: World) -> None:
    register_agencies(world, town.HOUSING)
    assert ask(world, {**LICENCES, "agency": town.HOUSING}).status == 403
    assert ask(world, {**LICENCES, "agency": town.HOUSING}, office("320100")).status == 403
    asked = ask(world, LICENCES, office())
    other = town.clerk(town.HOUSING, "clerk-2")
    path = f"/v1/exports/{asked.json['export_id']}"
    assert Api(world, other)("GET", path).status == 403
    assert Api(world, office())("GET", path).status == 200
    assert Api(world, office())("GET", path).json["link"] is None


def test_a_wish_that_cannot_be_met_names_field_and_rule(world: World) -> None:
    def codes(**changes: str) -> list[tuple[str, str]]:
        reply = ask(world, {**LICENCES, **changes})
        return [(one["pointer"], one["code"]) for one in reply.json["errors"]]

    assert codes(type="nothing") == [("/type", "unknown_type")]
    assert codes(type="honour") == [("/layout", "layout_not_offered")]
    assert codes(last_day="2026-05-01") == [("/last_day", "before_other")]


def test_too_many_rows_end_in_a_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    town.submit_batch(world, [licence(1), licence(2)])
    asked = ask(world, LICENCES)
    work(world)
    shown = Api(world, town.clerk())("GET", f"/v1/exports/{asked.json['export_id']}")
    assert (shown.json["state"], shown.json["link"]) == ("failed", None)
    assert "缩短期间" in shown.json["problem"]


def test_an_export_that_lost_its_message_is_brought_to_its_end(world: World) -> None:
    submit(world, licence())
    asked = ask(world, LICENCES)
    world.take(world.platform.intake_queue)
    world.clock.advance(hours=1)
    assert service.resend_exports(world.platform, instant_text(world.clock())) == 1
    work(world)
    export = exports.find_export(
        world.platform, town.clerk(), Scope.OWN, asked.json["export_id"]
    )
    assert export.state == "completed"
    assert service.resend_exports(world.platform, instant_text(world.clock())) == 0

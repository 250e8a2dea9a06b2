"""Anyone reports something, and gets an answer, without anybody knowing who it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.access import audit
from chalicelib.aws import calls
from chalicelib.cases import store as case_store
from tests.cases.bench import (
    AUDITOR,
    CLERK,
    CREDIT_OFFICE,
    HOUSING,
    RECORDED,
    SUPERIOR,
    Desk,
    agency_client,
    settle,
)
from tests.intake import town
from tests.leads.pictures import SECRET, in_base64, photo, scan
from tests.leads.window import ADDRESS, BROWSER, CONTACT, KEY, MATTER, Window, case_id
from tests.support.faults import state
from tests.support.world import World, make_world

pytestmark = pytest.mark.requirement("R-62", "R-65")

PICTURES = [
    {"title": "合同第一页", "data": in_base64(photo())},
    {"title": "催款函", "data": in_base64(scan())},
]


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    settle(made)
    return made


def everything(world: World) -> str:
    """All that is stored anywhere, keys and object names included."""
    client: Any = calls.client("dynamodb")
    names = client.list_tables()["TableNames"]
    items = [client.scan(TableName=name)["Items"] for name in names]
    s3: Any = calls.client("s3")
    for bucket in (world.platform.archive, world.platform.inbox, world.platform.work):
        for one in s3.list_objects_v2(Bucket=bucket.name).get("Contents", []):
            body = s3.get_object(Bucket=bucket.name, Key=one["Key"])["Body"].read()
            items.append([one["Key"], body.decode("latin-1")])
    return str(items)


# -- the whole way ------------------------------------------------------------------------------


def test_a_report_is_answered_and_brought_to_its_end_in_a_dialogue(world: World) -> None:
    window, office, superior = Window(world), Desk(world, CREDIT_OFFICE), Desk(world, SUPERIOR)
    opened = window.report("lead", fields={"matter": MATTER, "contact": CONTACT})
    assert opened.status == 201 and opened.json["body"] == "示例市住房局"
    assert opened.json["in_words"] == (
        "待转办，由信用办办理；转办期限：1个工作日，2026-06-16到期。"
    )
    code, lead = opened.json["code"], case_id(world)
    assert office.act(lead, "transfer").status == 200
    assert superior.act(lead, "reply", fields={"reply": "请补充承诺文件的文号"}).status == 200
    said = window.say(code, fields={"message": "文号是示政发12号"})
    assert said.status == 200, said.text
    assert [(turn["by"], turn["title"]) for turn in said.json["dialogue"]] == [
        ("您", "提供线索"),
        ("信用办", "转上级主管单位核实"),
        ("上级主管单位", "回复提出人"),
        ("您", "补充情况"),
    ]
    assert said.json["dialogue"][0]["said"] == [
        {"title": "反映的情况", "text": MATTER},
        {"title": "联系方式（可以不填）", "text": CONTACT},
    ]
    assert said.json["dialogue"][1]["told"] == "您提供的线索已转有关单位核实。"
    assert said.json["dialogue"][2]["said"] == [
        {"title": "回复内容", "text": "请补充承诺文件的文号"}
    ]
    clock = said.json["clocks"][0]
    # Ten working days after the 15th: 16 … 18, 22 … 26, 29, 30; 19 June is 端午.
    assert (clock["title"], clock["due_on"]) == ("核实期限", "2026-06-30")
    whys = {day["date"]: day["why"] for day in clock["days"]}
    assert "2026-06-19" in whys and "放假" in whys["2026-06-19"], whys
    ended = superior.act(lead, "explain", fields={"explanation": "补贴条件尚未成就"})
    assert ended.status == 200
    shown = window.look(code).json
    assert shown["final"] and shown["in_words"] == "已办结：不属实，已解释说明。"
    assert shown["dialogue"][-1]["told"] == "经核实：补贴条件尚未成就"
    assert shown["actions"] == [] and shown["clocks"] == []
    late = window.say(code, version=shown["version"], fields={"message": "还有"})
    assert (late.status, late.code) == (409, "case_closed")


def test_whoever_complained_says_whether_the_answer_will_do(world: World) -> None:
    window = Window(world)
    code = window.reported("complaint")
    complaint = case_id(world)
    assert Desk(world, CREDIT_OFFICE).act(complaint, "accept").status == 200
    answer = {"answer": "经查，窗口已整改"}
    assert Desk(world, SUPERIOR).act(complaint, "answer", fields=answer).status == 200
    shown = window.look(code).json
    assert [one["action"] for one in shown["actions"]] == ["satisfied", "dissatisfied"]
    assert shown["in_words"].startswith("已答复，待评价，等您答复；")
    assert shown["dialogue"][1]["told"] == "您的投诉已受理，应在2026-06-23前答复。"
    why = {"dissatisfaction": "没有说明何时解决"}
    again = window.say(code, "dissatisfied", fields=why)
    assert again.json["state"] == "redoing"
    heard = Desk(world, SUPERIOR).api("GET", f"/v1/cases/{complaint}/voice").json
    assert heard["turns"][-1]["said"] == [{"title": "不满意的原因", "text": "没有说明何时解决"}]


# -- pictures -----------------------------------------------------------------------------------


def test_pictures_reach_the_offices_clean_and_sealed(world: World) -> None:
    window = Window(world)
    code = window.reported(attachments=PICTURES)
    lead = case_id(world)
    kept = everything(world)
    for words in (SECRET, "合同第一页", MATTER, "Exif"):
        assert words not in kept and words.encode().decode("latin-1") not in kept, words
    heard = Desk(world, CREDIT_OFFICE).api("GET", f"/v1/cases/{lead}/voice").json
    (turn,) = heard["turns"]
    assert turn["said"][0]["text"] == MATTER and turn["by"] == "提出人"
    assert [one["title"] for one in turn["pictures"]] == ["合同第一页", "催款函"]
    path = f"/v1/cases/{lead}/voice/1/pictures/2"
    shown = Desk(world, SUPERIOR).api("GET", path).json
    assert shown["intact"] and shown["picture"]["media_type"] == "image/png"
    assert window.look(code).json["dialogue"][0]["attachments"] == ["合同第一页", "催款函"]
    assert Desk(world, SUPERIOR).api("GET", f"{path}9").status == 404
    more = window.say(code, fields={"message": "再附一张"}, attachments=PICTURES[:1])
    assert more.json["dialogue"][1]["attachments"] == ["合同第一页"]
    again = Desk(world, SUPERIOR).api("GET", f"/v1/cases/{lead}/voice/2/pictures/1")
    assert again.json["intact"] is True


@pytest.mark.parametrize(
    ("attachments", "pointer", "code"),
    [
        ([{"title": "合同", "data": in_base64(b"%PDF-1.7")}], "/attachments/0/data",
         "attachment_kind"),
        ([PICTURES[0], {"title": "坏", "data": in_base64(photo()[:200])}],
         "/attachments/1/data", "attachment_unreadable"),
        ([{"title": "甲", "data": "……………"}], "/attachments/0/data", "not_base64"),
        ([{"title": "", "data": "AAAA"}], "/attachments/0/title", "wrong_length"),
        (PICTURES * 3, "/attachments", "wrong_length"),
    ],
)  # fmt: skip
def test_what_cannot_be_attached_is_refused_with_the_reason_and_nothing_is_kept(
    world: World, attachments: list[dict[str, str]], pointer: str, code: str
) -> None:
    before = everything_but_limits(world)
    reply = Window(world).report(attachments=attachments)
    assert reply.status == 422
    assert (reply.json["errors"][0]["pointer"], reply.json["errors"][0]["code"]) == (pointer, code)
    assert everything_but_limits(world) == before


def everything_but_limits(world: World) -> dict[str, Any]:
    found = state(world)
    found.pop("limits")
    return found


# -- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"unified_code": town.body_code(77)}, "/unified_code", "unknown_body"),
        ({"unified_code": "110101199003077715"}, "/unified_code", "unknown_body"),
        ({"unified_code": "x"}, "/unified_code", "wrong_format"),
        ({"kind": "objection"}, "/kind", "not_reportable"),
        ({"kind": "npc_suggestion"}, "/kind", "not_reportable"),
        ({"fields": {}}, "/fields/matter", "required"),
        ({"fields": {"matter": "甲" * 4001}}, "/fields/matter", "too_long"),
        ({"fields": {"matter": "甲", "id_card": "1"}}, "/fields/id_card", "unknown_field"),
        ({"name": "李某"}, "/name", "unknown_field"),
    ],
)
def test_a_report_that_cannot_be_taken_names_field_and_rule_and_changes_nothing(
    world: World, body: dict[str, Any], pointer: str, code: str
) -> None:
    before = everything_but_limits(world)
    reply = Window(world).report(**{"attachments": PICTURES, **body})
    assert reply.status == 422, reply.text
    found = {(one["pointer"], one["code"]) for one in reply.json["errors"]}
    assert (pointer, code) in found
    assert everything_but_limits(world) == before


def test_of_a_wrong_code_nothing_is_told_and_nothing_changes(world: World) -> None:
    window = Window(world)
    code = window.reported()
    before = everything_but_limits(world)
    last = "0" if code[-1] != "0" else "1"
    answers = set()
    for wrong in (code[:-1] + last, code[:-1], code + "0", "甲", "0000", " ", code[::-1]):
        looked = window.look(wrong)
        said = window.say(wrong, version=1, fields={"message": "冒充"})
        for reply in (looked, said):
            assert (reply.status, reply.code) == (404, "unknown_receipt")
            answers.add(json.dumps({**reply.json, "instance": ""}))
    assert len(answers) == 1, "one and the same answer"
    assert everything_but_limits(world) == before


def test_codes_lead_to_their_own_case_alone(world: World) -> None:
    window = Window(world)
    one, other = window.reported(), window.reported(fields={"matter": "另一件"})
    assert one != other
    window.say(one, fields={"message": "第一件的补充"})
    assert "第一件的补充" not in window.look(other).text
    assert MATTER not in window.look(other).text
    assert window.look(other).json["version"] == 1


def test_a_code_in_the_address_is_refused(world: World) -> None:
    window = Window(world)
    code = window.reported()
    assert window("GET", f"/public/v1/leads/{code}").status == 404
    for path in ("/public/v1/leads/lookup", "/public/v1/leads/messages"):
        sent = window("POST", path, {"code": code}, query={"code": code})
        assert sent.status == 422 and sent.json["errors"][0]["pointer"] == "/query/code"


@pytest.mark.parametrize(
    ("action", "fields", "version", "status", "code"),
    [
        ("satisfied", {}, 1, 404, "unknown_case_action"),
        ("explain", {"explanation": "没有此事"}, 1, 403, "no_right_to_action"),
        ("transfer", {}, 1, 403, "no_right_to_action"),
        ("supplement", {}, 1, 422, "case_action_incomplete"),
        ("supplement", {"message": "甲"}, 2, 412, "stale_version"),
        ("supplement", {"message": "甲"}, 10**9, 422, "invalid"),
    ],
)
def test_a_step_that_is_not_theirs_changes_nothing(
    world: World, action: str, fields: dict[str, str], version: int, status: int, code: str
) -> None:
    window = Window(world)
    receipt = window.reported()
    before = everything_but_limits(world)
    sent = {"fields": fields, "version": version, "attachments": PICTURES}
    reply = window.say(receipt, action, **sent)
    assert (reply.status, reply.code) == (status, code), reply.text
    assert everything_but_limits(world) == before


# -- repeating ----------------------------------------------------------------------------------


def test_a_report_that_is_sent_again_opens_nothing_more_even_days_later(world: World) -> None:
    window = Window(world)
    first = window.report(key=KEY)
    before = everything_but_limits(world)
    world.clock.advance(days=2)
    again = window.report(key=KEY)
    assert again.json["code"] == first.json["code"] and again.status == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert everything_but_limits(world)["cases"] == before["cases"]
    other = window.report(key=KEY, fields={"matter": "另一件"})
    assert other.json["code"] != first.json["code"], "nobody owns a key: another case"
    assert window.report(key="1").code == "guessable_idempotency_key"


def test_a_message_that_is_sent_again_is_said_once(world: World) -> None:
    window = Window(world)
    code = window.reported()
    for _ in range(2):
        said = window.say(code, version=1, fields={"message": "补充"}, attachments=PICTURES[:1])
        assert said.status == 200 and said.json["version"] == 2
    other = window.say(code, version=1, fields={"message": "别的"})
    assert (other.status, other.code) == (412, "stale_version")


# -- limits -------------------------------------------------------------------------------------


def test_over_the_limit_an_address_waits_until_tomorrow_and_others_do_not(world: World) -> None:
    settings = world.platform.settings
    window = Window(world)
    for number in range(settings.leads_per_address):
        window.reported(fields={"matter": f"第{number}件"})
    before = everything_but_limits(world)
    refused = window.report()
    assert (refused.status, refused.code) == (429, "too_many_from_here")
    assert refused.headers["Retry-After"] == str(12 * 3600 + 1) and "明天" in refused.text
    assert everything_but_limits(world) == before
    assert Window(world, "192.0.2.8").report().status == 201
    world.clock.advance(hours=12)
    assert window.report().status == 201


def test_guessing_codes_ends_soon_and_keeps_nobody_from_their_own_case(world: World) -> None:
    window = Window(world)
    code = window.reported()
    for _ in range(world.platform.settings.wrong_codes_per_address):
        assert window.look("0").status == 404
    refused = window.look("0")
    assert (refused.status, refused.code) == (429, "too_many_from_here")
    # Somebody else behind the same address, who typed it right.
    assert window.look(code).status == 200
    assert Window(world, "2001:db8::1").look("0").status == 404


# -- who learns what, and who never --------------------------------------------------------------


def test_only_the_offices_of_the_case_hear_what_was_said_and_each_time_is_noted(
    world: World,
) -> None:
    Window(world).reported(attachments=PICTURES)
    path = f"/v1/cases/{case_id(world)}/voice"
    elsewhere = replace(CREDIT_OFFICE, region="329901", agency_code=town.body_code(93))
    other = agency_client(town.body_code(94), "supervisor")
    for stranger in (elsewhere, other):
        for place in (path, f"{path}/1/pictures/1"):
            assert Desk(world, stranger).api("GET", place).status == 404
    for office in (CREDIT_OFFICE, SUPERIOR):
        for place in (path, f"{path}/1/pictures/1"):
            assert Desk(world, office).api("GET", place).status == 200
    trail = audit.list_trail(world.platform, "nanjing", 50, None)
    heard = [item["client_id"] for item in trail.items if item["action"] == "hear_informant"]
    assert sorted(map(str, heard)) == sorted(2 * [SUPERIOR.client_id, CREDIT_OFFICE.client_id])


def test_whom_it_is_about_learns_neither_who_nor_what_by_any_route(world: World) -> None:
    window = Window(world)
    code = window.reported(
        "lead", fields={"matter": MATTER, "contact": CONTACT}, attachments=PICTURES
    )
    lead = case_id(world)
    office, superior = Desk(world, CREDIT_OFFICE), Desk(world, SUPERIOR)
    assert office.act(lead, "transfer").status == 200
    assert superior.act(lead, "reply", fields={"reply": "请补充李某某的合同"}).status == 200
    window.say(code, fields={"message": "只有我和局长知道的事"})
    own = agency_client(HOUSING, "clerk", "credit_office", "supervisor", "personnel")
    paths = [
        f"/v1/cases/{lead}",
        f"/v1/cases/{lead}/history",
        f"/v1/cases/{lead}/voice",
        f"/v1/cases/{lead}/voice/1/pictures/1",
        "/v1/cases",
        "/v1/letters",
        f"/v1/subjects/b_{HOUSING}",
        f"/v1/subjects/b_{HOUSING}/credit-file",
    ]
    for caller in (RECORDED, own, CLERK, AUDITOR):
        desk = Desk(world, caller)
        for path in paths:
            text = desk.api("GET", path).text
            for words in (MATTER, CONTACT, "李某某", "局长", "合同第一页", "催款函", code):
                assert words not in text, f"{caller.client_id} reads “{words}” at {path}"
        for path in paths[2:4]:
            assert desk.api("GET", path).status in (403, 404)
    # And not because it was left out: reading the case does not come upon it.
    items = list(world.platform.cases.each(f"CASE#{lead}"))
    assert not [item for item in items if item.get("sealed")]
    assert set(case_store.voice_of(world.platform, lead)) == {1, 3, 4}


def test_nothing_tells_who_it_was_in_any_table_file_key_or_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    window = Window(world)
    code = window.reported(fields={"matter": MATTER, "contact": CONTACT}, attachments=PICTURES)
    window.say(code, fields={"message": "补充"})
    window.look(code)
    window.look("0000")
    kept, lines = everything(world), capsys.readouterr().out
    plain = code.replace("-", "")
    for words in (ADDRESS, BROWSER, code, plain, MATTER, CONTACT, KEY, "合同第一页"):
        assert words not in kept, f"“{words}” is stored"
        assert words not in lines, f"“{words}” is logged"
    assert lines.count("/public/v1/leads/lookup") == 3 and case_id(world) not in lines


def test_no_answer_may_be_kept(world: World) -> None:
    window = Window(world)
    code = window.reported()
    region = {"region": "329900", "jurisdiction": "nanjing"}
    replies = [
        window.report(),
        window.report(unified_code="x"),
        window.look(code),
        window.look("0"),
        window.say(code, fields={"message": "补充"}),
        window("GET", "/public/v1/leads/kinds", query=region),
        window("GET", "/public/v1/leads/statistics", query=region),
    ]
    for reply in replies:
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Location" not in reply.headers and "Set-Cookie" not in reply.headers

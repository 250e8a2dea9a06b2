"""Whoever reports something needs no script, loses nothing typed, and is known to nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.portal import lead_forms
from tests.cases.bench import CREDIT_OFFICE, HOUSING, Desk, settle
from tests.leads.window import case_id
from tests.portal.counter import ADDRESS, KEY, MATTER, Counter, code_on, control
from tests.portal.pages import Page, hold_to_the_house
from tests.support.world import World, make_world
from tests.web.build import Reply

pytestmark = pytest.mark.requirement("R-62", "R-65")


@pytest.fixture
def world(aws: dict[str, str]) -> World:
    made = make_world(aws)
    settle(made)
    return made


@pytest.fixture
def counter(world: World) -> Counter:
    return Counter(world)


def held(reply: Reply, status: int) -> Page:
    """A page of this window: for nobody to keep, to frame or to follow."""
    assert reply.status == status, reply.text
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in reply.headers
    found = Page(reply.text)
    hold_to_the_house(found)
    return found


def test_a_body_is_chosen_by_name_or_code(counter: Counter) -> None:
    start = held(counter.get("/site/leads"), 200)
    assert {form["action"] for form in start.all("form")} >= {"/site/choose", "/site/leads"}
    wrong = counter.get("/site/leads", code="123")
    assert "应是18位" in held(wrong, 422).text and control(wrong, "code")["value"] == "123"
    unknown = counter.get("/site/leads", code="91320100MA1234567X")
    assert "没有查到这个单位" in held(unknown, 422).text
    form = counter.get("/site/leads", code=HOUSING.lower())
    assert "示例市住房局" in held(form, 200).text
    assert control(form, "unified_code")["value"] == HOUSING
    assert len(control(form, "form_key")["value"]) == 40


def test_a_place_shows_what_became_of_reports(counter: Counter) -> None:
    counter.reported()
    page = held(counter.get("/site/leads", place="nanjing"), 200)
    assert "违约失信投诉 收到1 办理中1" in page.text
    assert "办理中1" not in held(counter.get("/site/leads", place="nantong"), 200).text


def test_the_code_is_shown_once_and_sending_again_reports_nothing_more(
    world: World, counter: Counter
) -> None:
    reply = counter.report()
    held(reply, 201)
    code = code_on(reply)
    assert len(code) == 39 and HOUSING not in reply.headers.get("Location", "")
    assert code_on(counter.report()) == code, "a page that is loaded again"
    assert case_id(world)
    tracked = counter.post("/site/leads/track", code=code.lower().replace("-", " "))
    page = held(tracked, 200)
    assert "货款逾期一年未付 <b>至今</b>" in page.text, "escaped, and read as it was typed"
    assert "<b>至今" not in tracked.text


def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(counter: Counter) -> None:
    wrong = counter.report(field_matter=" ", field_contact='"><script>1</script>')
    page = held(wrong, 422)
    assert control(wrong, "field_matter")["aria-invalid"] == "true"
    assert "field_matter-fault" in control(wrong, "field_matter")["aria-describedby"]
    assert "必须填写" in page.text and "已填写的内容都还在" in page.text
    assert control(wrong, "field_contact")["value"] == '"><script>1</script>'
    assert control(wrong, "form_key")["value"] == KEY


def test_a_kind_that_is_not_offered_and_a_field_nobody_asked_for_open_nothing(
    world: World, counter: Counter
) -> None:
    page = held(counter.report(kind="npc_suggestion"), 422)
    assert "请选择要反映的是哪一类问题" in page.text and "货款逾期一年未付" in page.text
    assert "不认识的内容" in held(counter.report(field_agency="x"), 422).text
    long = held(counter.report(field_matter="长" * 4001), 422)
    assert "长" * 4001 in long.text
    assert not world.platform.cases.query_index("by_listing", "cases#nanjing").items


def test_a_body_that_is_gone_meanwhile_keeps_the_text(counter: Counter) -> None:
    reply = counter.report(unified_code="91320100MA1234567X")
    assert "没有查到这个单位" in held(reply, 422).text and "货款逾期" in reply.text
    assert control(reply, "unified_code")["aria-invalid"] == "true"


def test_the_limits_of_an_address_are_those_of_the_interface(world: World) -> None:
    settings = replace(world.platform.settings, leads_per_address=1, wrong_codes_per_address=1)
    world.platform = replace(world.platform, settings=settings)
    counter = Counter(world)
    code = counter.reported()
    over = counter.report(form_key="another-key-of-enough-length")
    assert "请明天再提交" in held(over, 429).text and "货款逾期一年未付" in over.text
    assert int(over.headers["Retry-After"]) > 3600
    assert counter.post("/site/leads/track", code="0000").status == 404
    assert counter.post("/site/leads/track", code="0001").status == 429
    assert counter.post("/site/leads/track", code=code).status == 200


def test_a_code_that_is_wrong_in_any_way_is_answered_alike(counter: Counter) -> None:
    told = {
        held(counter.post("/site/leads/track", code=code), 404).text.replace(code, "")
        for code in ("0000", "7K3D-9QHM-2X5T-R8WB-4NCE-6VYJ-1PZG-0FSA", "？？")
    }
    assert len(told) == 1
    for form in ({}, {"code": ""}, {"code": "1" * 121}):
        held(counter.post("/site/leads/track", **form), 422)


def test_questions_are_answered_and_what_was_said_twice_is_said_once(
    world: World, counter: Counter
) -> None:
    code = counter.reported()
    desk = Desk(world, CREDIT_OFFICE)
    assert desk.act(case_id(world), "reply", fields={"reply": "请补充合同编号"}).status == 200
    page = held(counter.post("/site/leads/track", code=code), 200)
    assert "请补充合同编号" in page.text and "补充情况" in page.text
    stale = counter.say(code, version="1")
    assert "现补充合同" in held(stale, 412).text, "the case has moved: what was typed is kept"
    assert "已经送达" in held(counter.say(code, version="2"), 200).text
    again = held(counter.say(code, version="2"), 200)
    assert again.text.count("现补充合同") == 1
    empty = counter.say(code, version="3", message="")
    held(empty, 422)
    assert control(empty, "supplement_field_message")["aria-invalid"] == "true"


def test_a_step_that_is_not_open_changes_nothing(counter: Counter) -> None:
    code = counter.reported()
    sent = {"code": code, "version": "1", "action": "satisfied"}
    assert counter.post("/site/leads/messages", **sent).status in (403, 404, 409, 422)
    sent = {"code": code, "version": "x", "action": "supplement", "supplement_field_message": "a"}
    held(counter.post("/site/leads/messages", **sent), 422)
    assert counter.say("0000").status == 404


def test_nothing_of_whoever_reports_is_in_the_log(
    counter: Counter, capsys: pytest.CaptureFixture[str]
) -> None:
    code = counter.reported()
    counter.post("/site/leads/track", code=code)
    counter.say(code)
    written = capsys.readouterr()
    for secret in (code, code.replace("-", ""), "货款", "现补充", ADDRESS, HOUSING, KEY):
        assert secret not in written.out + written.err
    assert MATTER[:2] not in written.out


@pytest.mark.parametrize("version", ["9" * 5_000, "--5", "-", "١", "1.5", "9" * 19])
def test_a_number_that_is_none_is_refused_like_any_other_mistake(
    counter: Counter, version: str
) -> None:
    code = code_on(counter.report())
    reply = counter.post("/site/leads/messages", code=code, version=version, action="supplement")
    assert reply.status == 422, reply.text


@pytest.mark.parametrize(
    ("typed", "taken"), [("-5", -5), ("0", 0), ("--5", "--5"), ("5" * 5_000, "5" * 5_000)]
)
def test_a_number_field_takes_numbers_and_leaves_the_rest_to_be_refused(
    typed: str, taken: int | str
) -> None:
    assert lead_forms.number_in(typed) == taken

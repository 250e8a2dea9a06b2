"""A lead from anyone becomes a record, and the record's subject gets its due: on the running
platform, through HTTP alone."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.city import AGENCY_NAME, today
from tests.e2e.client import Api, Reply, post_form, until
from tests.e2e.conftest import Run

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("registered")]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def say(line: str) -> None:
    """Tell what happens, for whoever runs this with `-s`."""
    sys.stdout.write(f"{line}\n")


@dataclass
class Desk:
    """Somebody at the API, who tells what was asked and answered (`pytest -s` shows it)."""

    name: str
    api: Api

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """A write that must succeed."""
        reply = self.api.post(path, body, **headers)
        self.tell("POST", path, body, reply)
        assert reply.status in (200, 201), reply
        return reply.json

    def act(self, case_id: str, action: str, **body: Any) -> Any:
        """Take an action in a case as it stands."""
        shown = self.api.get(f"/v1/cases/{case_id}")
        assert shown.status == 200, shown
        path = f"/v1/cases/{case_id}/actions/{action}"
        return self.post(path, body, If_Match=str(shown.headers["ETag"]))

    def paper(self, title: str, **about: str) -> str:
        """Hand in a paper; its id."""
        asked = self.api.post("/v1/papers", {"title": title, "about": about})
        assert asked.status == 201, asked
        posted = post_form(asked.json["form"], PDF)
        assert posted.status in (200, 201, 204), posted
        paper_id = str(asked.json["evidence_id"])
        kept = self.api.post(f"/v1/papers/{paper_id}/commit")
        assert kept.json["state"] == "archived", kept
        say(f"[{self.name}] 提交材料“{title}” -> {paper_id} archived")
        return paper_id

    def tell(self, method: str, path: str, body: object, reply: Reply) -> None:
        sent = "" if body is None else json.dumps(body, ensure_ascii=False)[:160]
        told = reply.json if reply.body else {}
        short = {
            name: told[name]
            for name in ("case_id", "state_title", "owner", "results", "code", "title")
            if isinstance(told, dict) and told.get(name)
        }
        say(f"[{self.name}] {method} {path} {sent}\n    {reply.status} {short}")


@pytest.fixture(scope="module")
def registered(run: Run, office: Api) -> None:
    """The government is in the register of subjects, above the market bureau that all tests of the
    run share."""
    for role, name, kind, above in (
        ("supervisor", "示例市人民政府", "government", None),
        ("clerk", AGENCY_NAME, "department", run.agency("supervisor")),
    ):
        body = {
            "kind": kind,
            "unified_code": run.agency(role),
            "name": name,
            "region": "329900",
            "level": "city",
            **({"superior": above} if above else {}),
        }
        reply = office.post("/v1/subjects", body)
        if reply.status in (200, 201):
            continue
        change = {"superior": above} if above else {}
        found = office.get(f"/v1/subjects/b_{run.agency(role)}")
        assert found.status == 200, reply
        if change and found.json["superior"] != above:
            changed = office.patch(
                f"/v1/subjects/b_{run.agency(role)}", change, If_Match=str(found.headers["ETag"])
            )
            assert changed.status == 200, changed


def seen(public: Api, record_id: str, what: str, holds: Any) -> Any:
    """The public document, once it is as expected: within a minute."""

    def look() -> Any:
        reply = public.get(f"/public/v1/records/{record_id}")
        return reply.json if reply.status == 200 and holds(reply.json) else None

    document = until(look, what, 60)
    say(f"[公众] GET /public/v1/records/{record_id} -> {what}")
    return document


@pytest.mark.requirement("R-65", "R-62", "R-30", "R-31", "R-32")
def test_a_lead_becomes_a_record_that_is_objected_to_corrected_and_repaired(
    run: Run, public: Api
) -> None:
    office = Desk("信用办", run.api("credit_office"))
    superior = Desk("上级主管单位", run.api("supervisor"))
    recorded = Desk("当事主体", run.api("subject"))
    anybody = Desk("公众", public)

    # Somebody reports, without an account; the office hands it to the body's superior.
    matter = f"合同约定的货款逾期一年未付（{secrets.token_hex(4)}）"
    lead = anybody.post(
        "/public/v1/leads", {"unified_code": run.agency("clerk"), "fields": {"matter": matter}}
    )
    code = lead["code"]
    assert run.agency("clerk") not in code
    case_id = until(lambda: _lead_of(office), "the office finds the lead")
    heard = office.api.get(f"/v1/cases/{case_id}/voice")
    assert matter in heard.body.decode(), heard
    hidden = recorded.api.get(f"/v1/cases/{case_id}/history")
    assert hidden.status == 200 and matter not in hidden.body.decode()
    assert recorded.api.get(f"/v1/cases/{case_id}/voice").status == 403
    office.act(case_id, "transfer")

    # It is true; the body refuses to correct; that becomes a record.
    due = (today() + timedelta(days=30)).isoformat()
    superior.act(case_id, "urge", fields={"findings": "货款逾期属实", "rectify_by": due})
    determined = (today() - timedelta(days=120)).isoformat()
    number = f"示信认〔{today().year}〕{secrets.token_hex(3)}号"
    recognised = superior.act(
        case_id,
        "recognise",
        fields={
            "decided_on": determined,
            "occasion": "determined",
            "document_number": number,
            "grounds": "逾期拒不支付",
        },
        evidence={"determination_document": superior.paper("认定文书", case_id=case_id)},
        record={
            "type": "commitment_breach",
            "fields": {
                "determination_number": number,
                "breach_kind": "other",
                "sphere": "procurement",
                "facts": "未按合同约定支付已验收货物的价款",
                "severity": "general",
                "determined_by": "示例市人民政府",
                "determined_by_code": run.agency("supervisor"),
                "determined_on": determined,
            },
        },
    )
    record_id = recognised["results"]["record"]
    assert public.get(f"/public/v1/records/{record_id}").status == 404

    # It is public only once both notices were delivered.
    notices = until(lambda: _case_about(superior, record_id, "two_notices"), "notices are due", 60)
    before = (today() - timedelta(days=1)).isoformat()
    superior.act(
        notices,
        "deliver_both",
        fields={
            "decision_delivered_on": before,
            "repair_delivered_on": before,
            "delivery_method": "direct",
        },
        evidence={"delivery_proof": superior.paper("送达回证", record_id=record_id)},
    )
    seen(public, record_id, "记录已公示", lambda one: not one["marks"])
    letters = recorded.api.get("/v1/letters").json["items"]
    assert any("送达" in letter["text"] for letter in letters)

    # The body objects: marked at once, with its statement; the record is corrected.
    objection = recorded.post(
        "/v1/cases/objection",
        {
            "record_id": record_id,
            "fields": {"ground": "content_wrong", "statement": "大部分价款已经付清"},
        },
    )["case_id"]
    marked = seen(public, record_id, "记录已标注“异议处理中”", lambda one: one["marks"])
    assert marked["statement"]["text"] == "大部分价款已经付清"
    office.act(objection, "accept")
    superior.act(
        objection,
        "correct",
        fields={"reason": "金额核对有误"},
        correction={"fields": {"facts": "逾期支付尾款"}, "reason": "金额核对有误"},
    )
    corrected = seen(public, record_id, "记录已更正，标注已去掉", lambda one: not one["marks"])
    assert "逾期支付尾款" in json.dumps(corrected["fields"], ensure_ascii=False)

    # It pays, commits itself, and is repaired: the record leaves the public view.
    papers = {
        "correction_proof": recorded.paper("付款凭证", record_id=record_id),
        "commitment_letter": recorded.paper("信用承诺书", record_id=record_id),
    }
    repair = recorded.post(
        "/v1/cases/repair",
        {
            "action": "apply_general",
            "record_id": record_id,
            "fields": {
                "correction": "已付清全部价款",
                "corrected_on": before,
                "committed_on": before,
            },
            "evidence": papers,
        },
    )["case_id"]
    superior.act(repair, "accept")
    superior.act(repair, "approve", fields={"opinion": "条件具备，同意修复"})
    public.once(f"/public/v1/records/{record_id}", 410, 60)
    say(f"[公众] GET /public/v1/records/{record_id} -> 410")
    kept = office.api.get(f"/v1/records/{record_id}").json
    assert kept["status"] == "active" and kept["conclusions"], kept

    # Whoever reported it learns how it ended, by the code alone.
    office.act(
        case_id,
        "report_recognition",
        fields={"reported_on": today().isoformat()},
        evidence={"government_report": office.paper("向政府的报告", case_id=case_id)},
    )
    ended = anybody.post("/public/v1/leads/lookup", {"code": code})
    assert ended["final"] is True, ended
    forged = public.post("/public/v1/leads/lookup", {"code": code[:-1] + "0"})
    assert forged.status == 404, forged
    figures = public.get("/public/v1/leads/statistics?region=329900").json
    told = json.dumps(figures, ensure_ascii=False)[:300]
    say(f"[公众] GET /public/v1/leads/statistics -> {told}")


def _lead_of(office: Desk) -> str:
    found = office.api.get("/v1/cases?kind=lead&open_only=true").json["items"]
    return str(found[0]["case_id"]) if found else ""


def _case_about(desk: Desk, record_id: str, kind: str) -> str:
    query = f"/v1/cases?whose=source_agency&kind={kind}&limit=500"
    for one in desk.api.get(query).json["items"]:
        if one["record_id"] == record_id:
            return str(one["case_id"])
    return ""

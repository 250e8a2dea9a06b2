"""Anyone reports something at the running platform, under the very roles that are deployed."""

from __future__ import annotations

import io
import urllib.request

import pytest
from PIL import Image

from tests.e2e.client import Api
from tests.e2e.conftest import Run
from tests.leads.pictures import SECRET, in_base64, photo

pytestmark = [pytest.mark.e2e, pytest.mark.requirement("R-62", "R-65")]


def test_a_lead_with_a_picture_goes_from_anyone_to_the_office_and_back(
    run: Run, public: Api, office: Api
) -> None:
    matter = {"matter": "货款逾期一年未付"}
    picture = {"title": "合同第一页", "data": in_base64(photo())}
    sent = {"unified_code": run.agency(), "fields": matter, "attachments": [picture]}
    opened = public.post("/public/v1/leads", sent)
    assert opened.status == 201, opened
    code = opened.json["code"]
    typed = {"code": code.lower().replace("-", " ")}
    shown = public.post("/public/v1/leads/lookup", typed)
    assert shown.status == 200 and shown.headers["Cache-Control"] == "no-store"
    assert shown.json["dialogue"][0]["attachments"] == ["合同第一页"]
    more = {**typed, "version": 1, "action": "supplement", "fields": {"message": "再附一张"}}
    assert (
        public.post("/public/v1/leads/messages", {**more, "attachments": [picture]}).status == 200
    )
    lead = office.get("/v1/cases").json["items"][0]["case_id"]
    heard = office.get(f"/v1/cases/{lead}/voice")
    assert heard.json["turns"][0]["said"][0]["text"] == matter["matter"], heard
    link = office.get(f"/v1/cases/{lead}/voice/2/pictures/1").json["link"]
    with urllib.request.urlopen(link, timeout=30) as answer:
        data = answer.read()
    assert SECRET.encode() not in data
    with Image.open(io.BytesIO(data)) as image:
        assert not image.getexif() and image.size == (20, 40)


def test_other_open_paths_still_lead_to_the_public_function(public: Api) -> None:
    for path in ("/public/v1", "/public/v1/leadsx", "/public/v1/leads/lookup/x"):
        assert (public.get(path).status, public.get(path).code) == (404, "no_such_path"), path
    wrong = public.post("/public/v1/leads/lookup", {"code": "0"})
    assert (wrong.status, wrong.code) == (404, "unknown_receipt")
    region = "region=329900&jurisdiction=nanjing"
    found = public.get(f"/public/v1/leads/statistics?{region}").json["kinds"]
    assert {one["kind"] for one in found} == {"lead", "breach_complaint", "complaint"}

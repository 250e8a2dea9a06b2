"""What an operator or a client meets is written down: settings, error codes, limits of answers."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import defaultdict
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

import app
from chalicelib.kernel import codes
from chalicelib.kernel.errors import GovcreditError
from chalicelib.kernel.settings import Settings
from chalicelib.web import problem
from chalicelib.web.model import Inbound, Outbound
from infra.building.functions import functions
from infra.building.gateway import gateway_resources
from tests.invariants.source import ROOT, sources
from tests.web.build import CONTEXT, Reply, event

READ_BY_OTHERS = {
    "POWERTOOLS_SERVICE_NAME": "the logger of the library",
}
"""Variables a function is told that are no setting of ours, and who reads them."""


def settings() -> dict[str, object]:
    return {field.name.upper(): field.default for field in dataclasses.fields(Settings)}


def documented() -> dict[str, str]:
    """Variable -> its line in the table of infra/README.md."""
    text = (ROOT / "infra" / "README.md").read_text("utf-8")
    section = text.partition("## Environment of the functions")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|(.+)\|$", section, re.MULTILINE)
    return {name: line for names, line in rows for name in re.findall(r"[A-Z_]+", names)}


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    assert set(documented()) == set(settings())


def test_the_table_tells_the_default_of_every_setting_that_has_one() -> None:
    for name, default in settings().items():
        if default not in ("", dataclasses.MISSING):
            assert f"`{default}`" in documented()[name], name


def test_functions_are_told_settings_and_nothing_nobody_reads() -> None:
    told = {name for function in functions().values() for name in function.environment}
    assert told - set(settings()) <= set(READ_BY_OTHERS)


# -- errors -------------------------------------------------------------------------------------


def refusals(kind: type[GovcreditError] = GovcreditError) -> set[type[GovcreditError]]:
    """Every class of refusal there is, of any room."""
    return {kind, *(found for inner in kind.__subclasses__() for found in refusals(inner))}


def gateway_codes() -> set[str]:
    content = yaml.safe_load((ROOT / "infra" / "gateway.yaml").read_text("utf-8"))
    return {answer["code"] for answer in content["responses"].values()}


def all_codes() -> set[str]:
    """Codes that stand in no literal of a refusal (tests/web/test_rooms.py holds those): of
    classes, of checks that answer a code, of pydantic's errors, of the gateway's own answers."""
    return {
        *(kind.code for kind in refusals() if kind.__module__.startswith("chalicelib.")),
        *codes.CODE_MESSAGES,
        *(code for code, _ in problem._EXPLAINED.values()),
        *gateway_codes(),
    }


@pytest.mark.parametrize("code", sorted(all_codes()))
def test_every_error_code_has_its_page(code: str) -> None:
    reply = Reply(app.public(event("GET", f"/docs/errors/{code}"), CONTEXT))
    assert reply.status == 200, f"/docs/errors/{code}"
    assert code in reply.text and "怎么办" in reply.text


def test_only_one_place_writes_problems() -> None:
    # So the body has the same shape everywhere; the gateway's own are compared in tests/infra.
    writers = {
        source.place
        for source in sources()
        if source.room != "web" and "application/problem+json" in source.path.read_text("utf-8")
    }
    assert not writers


def test_the_gateways_answers_have_the_six_members_too() -> None:
    resources: dict[str, Any] = gateway_resources(functions())
    answers = [
        resource
        for resource in resources.values()
        if resource["Type"] == "AWS::ApiGateway::GatewayResponse"
    ]
    assert len(answers) > 5
    for answer in answers:
        properties = answer["Properties"]
        members = set(json.loads(properties["ResponseTemplates"]["application/json"]))
        # What answers several statuses leaves the member out (RFC 9457: it is optional).
        several = {"status"} if properties["ResponseType"].startswith("DEFAULT_") else set()
        assert members | several == {"type", "title", "status", "detail", "instance", "errors"}


def models(base: type[BaseModel]) -> set[type[BaseModel]]:
    below = base.__subclasses__()
    return {*below, *(model for one in below for model in models(one))}


def test_no_two_models_go_by_one_name_in_the_api_document() -> None:
    modules: dict[str, set[str]] = defaultdict(set)
    for model in models(Inbound) | models(Outbound):
        if model.__module__.startswith("chalicelib."):
            modules[model.__name__].add(model.__module__)
    assert len(modules) > 100
    assert {name: where for name, where in modules.items() if len(where) > 1} == {}

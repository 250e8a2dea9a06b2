"""Requests made up from the API document: no answer but those it names, none of them a failure.

schemathesis makes them, valid and not, the same each time; the public API answers over HTTP.
"""

from __future__ import annotations

import functools
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import app
from chalicelib.web.document import packaged_document
from tests.browser.city import BREACH, ENDED, GONE, HOUSING, PERSON, RUN, SUPERVISION
from tests.browser.site import Site

EXAMPLES = 30
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPEN = [
    (spec.method, spec.path)
    for spec in (*app.public_api.specs, *app.leads_api.specs)
    if spec.path.startswith("/public/")
]

THERE = {
    "record_id": (BREACH, PERSON, GONE, ENDED),
    "code": (HOUSING,),
    "run": (RUN,),
    "case_id": (SUPERVISION,),
}
"""What there is for parameters of a path: made-up ones find nothing."""


@functools.cache
def document() -> Any:
    """The API as it is published."""
    return schemathesis.openapi.from_dict(packaged_document())


@pytest.mark.requirement("R-21")
@pytest.mark.parametrize(("method", "path"), OPEN)
def test_no_answer_is_undocumented(site: Site, method: str, path: str) -> None:
    operation = document()[path][method]
    both = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(both), pick=st.integers(0, 5))
    def each(case: Case, pick: int) -> None:
        for name in case.path_parameters or {}:
            if pick < 4 and name in THERE:
                case.path_parameters[name] = THERE[name][pick % len(THERE[name])]
        case.call_and_validate(base_url=site.base_url, checks=CHECKS)

    each()

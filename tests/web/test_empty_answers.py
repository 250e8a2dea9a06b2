"""Answers without content: the proxy integration still takes text, never null."""

from __future__ import annotations

import pytest

from tests.web.build import event, small_api


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("GET", {"If-None-Match": '"7"'}, 304), ("HEAD", {}, 200)],
    ids=["not modified", "head"],
)
def test_an_answer_without_content_has_an_empty_text(
    method: str, headers: dict[str, str], status: int
) -> None:
    answer = small_api()(event(method, "/v1/things/7", headers=headers), None)
    assert (answer["statusCode"], answer["body"]) == (status, "")

"""What questions about ratings can be refused for, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PAGES = (
    ErrorPage(
        "subject_not_reached",
        0,
        "主体不能查询",
        "没有这个编号的信用主体，或者它不在查询者的管辖范围内；两种情况答复相同。",
        "从 GET /v1/subjects 核对编号，去掉不在管辖范围内的主体。",
    ),
    ErrorPage(
        "subject_repeated",
        0,
        "主体重复",
        "同一个主体在 subject_ids 中出现了不止一次。",
        "去掉重复的编号。",
    ),
)

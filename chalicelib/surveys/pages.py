"""What surveys can refuse, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PAGES = (
    ErrorPage(
        "surveys_not_regulated",
        404,
        "本地没有社会监督的规定",
        "本地文件没有社会监督这项机制，不开展满意度调查。",
        "从 GET /v1/policy 查看本地有哪些机制。",
    ),
    ErrorPage(
        "survey_exists",
        409,
        "已有这项调查",
        "同一行政区划已有一项同日开始、名称相同而内容不同的调查。",
        "换一个名称；已经开始的调查不能修改，可以提前结束后另行开展。",
    ),
    ErrorPage(
        "survey_closed",
        409,
        "调查已经结束",
        "调查已过截止日，或者已经提前结束。",
        "不用处理。",
    ),
    ErrorPage(
        "survey_not_open",
        409,
        "现在不能答卷",
        "调查还没有开始，或者已经结束。",
        "查看调查的起止日期；已经结束的可以查看结果。",
    ),
    ErrorPage(
        "body_not_here",
        0,
        "单位不能调查",
        "没有登记这个统一社会信用代码的单位，或者它不在调查的行政区划内。",
        "从 GET /v1/subjects 核对代码和行政区划。",
    ),
    ErrorPage(
        "body_not_surveyed",
        0,
        "这次不评价这个单位",
        "答卷写明的单位不在这次调查的名单里。",
        "从调查的 bodies 中选择单位。",
    ),
    ErrorPage(
        "not_on_scale",
        0,
        "选项有误",
        "分值不是这个问题的选项。",
        "从调查的 questions 中选择分值。",
    ),
    ErrorPage(
        "survey_unclear",
        0,
        "调查设置有误",
        "截止日早于开始日或者早于今天、调查超过一年，问题、选项或者单位重复。",
        "按提示修改后重新提交；什么都没有改变。",
    ),
)

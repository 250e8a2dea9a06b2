"""What a check can be refused for, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PAGES = (
    ErrorPage(
        "unknown_scene",
        0,
        "没有这个场景",
        "场景代码有误，或者当地没有这个核查场景。",
        "从 GET /v1/check-scenes 查看可用的场景。",
    ),
    ErrorPage(
        "unknown_number",
        0,
        "核查中没有这个序号",
        "反馈的序号不在这次核查的结果中。",
        "用 GET /v1/checks/{check_id} 查看各主体的序号。",
    ),
    ErrorPage(
        "unknown_act",
        0,
        "没有这种处理方式",
        "处理方式有误。",
        "从 GET /v1/check-scenes 查看可以反馈的处理方式。",
    ),
    ErrorPage(
        "reason_required",
        0,
        "须写明理由",
        "处理与核查结论不一致，例如对结论为“限制”的主体没有采取措施。",
        "在 reason 中写明理由；这样的处理计入统计，信用办和审计可以看到件数。",
    ),
    ErrorPage(
        "feedback_incomplete",
        0,
        "反馈不完整",
        "结论要求采取措施的每个主体都要反馈处理结果。",
        "补全缺少的序号后重新提交。",
    ),
    ErrorPage(
        "name_differs",
        0,
        "名称与档案不符",
        "给出的名称或姓名与信用档案不一致，不能确定是同一个主体。",
        "核对代码和名称；确系档案有误的，请联系信用办更正。",
    ),
    ErrorPage(
        "proof_of_another_name",
        409,
        "名称与档案不符，不能出具证明",
        "给出的名称或姓名与信用档案不一致，平台不能证明说的是同一个主体。",
        "核对代码和名称；确系档案有误的，请联系信用办更正。",
    ),
    ErrorPage(
        "proof_of_another_scene",
        409,
        "场景不适用，不能出具证明",
        "这个场景不适用于这类主体，例如以职务晋升的场景询问企业；平台在该场景中对它没有结论。",
        "从 GET /v1/check-scenes 选择适用的场景，重新申请。",
    ),
    ErrorPage(
        "not_in_scene",
        0,
        "场景不适用于这类主体",
        "这个场景不适用于这类主体，例如以职务晋升的场景询问企业。",
        "从 GET /v1/check-scenes 选择适用的场景。",
    ),
    ErrorPage(
        "no_feedback",
        409,
        "不需要反馈",
        "信用证明只说明情况，没有需要反馈的处理结果。",
        "据以作出决定的，请另行核查（POST /v1/checks）。",
    ),
)

"""What each error code of intake means and what to do: served at /docs/errors/<code>."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PREFLIGHT_PAGES = [
    ErrorPage(
        "already_committed",
        409,
        "文件已经提交",
        "预检只看还没有提交的文件；提交后结果见上传任务本身。",
        "查看上传任务的进度和错误清单；要预检改正后的文件，请另申请上传。",
    ),
]
ERROR_PAGES = [
    ErrorPage(
        "record_conflict",
        409,
        "同一事项已报送过",
        "目录规定的标识字段（类型、主体、报送单位、文书号等）相同的信息已经在档，而内容不同。",
        "如果现有内容有误，用 PATCH 更正并说明理由；如果是另一件事，请核对标识字段。",
    ),
    ErrorPage(
        "not_your_record",
        403,
        "不是本单位的信用信息",
        "谁产生、谁负责：只有报送单位可以更正、撤回或调阅原件。",
        "请联系报送单位，或由信用办按程序处理。",
    ),
    ErrorPage(
        "not_your_upload",
        403,
        "不是本单位的上传任务",
        "上传任务只对报送单位和上级信用办可见。",
        "请核对上传任务编号。",
    ),
    ErrorPage(
        "already_withdrawn",
        409,
        "已经撤回",
        "撤回的信息只保留历史，不能再更正或撤回。",
        "确需恢复的，用 PATCH 注明 reinstate 为 true 并说明理由。",
    ),
    ErrorPage(
        "file_in_progress",
        409,
        "文件还在处理",
        "文件处理完之前，其中各行的结果还可能改变。",
        "等待上传任务的状态变为 completed 后再试。",
    ),
    ErrorPage(
        "file_missing",
        409,
        "还没有收到文件",
        "提交之前须先用上传表单把文件传到指定位置。",
        "按申请时返回的 form 上传文件，再提交。",
    ),
    ErrorPage(
        "nothing_changed",
        422,
        "没有需要更正的内容",
        "更正后的内容与现行版本完全相同。",
        "核对要更正的字段。",
    ),
    ErrorPage(
        "type_retired",
        409,
        "信息类型已停用",
        "现行归集目录不再包含这类信息。",
        "这类信息只能撤回，不能更正。",
    ),
    ErrorPage(
        "in_progress",
        409,
        "同一请求正在处理",
        "另一个带有相同 Idempotency-Key 的请求还没有结束。",
        "稍等片刻后原样重发。",
    ),
    ErrorPage(
        "erased",
        410,
        "个人数据已删除",
        "该主体的密钥已依法销毁，加密的个人数据无法恢复。",
        "无需处理；非个人内容仍可查阅。",
    ),
    ErrorPage(
        "subject_not_registered",
        0,
        "主体未登记",
        "这类信息只能记在已登记的主体名下。",
        "请信用办先登记该主体，再报送。",
    ),
    ErrorPage(
        "wrong_subject_kind",
        0,
        "主体类别不符",
        "目录规定了每类信息可以记在哪些主体名下。",
        "核对信息类型和主体代码。",
    ),
    ErrorPage(
        "name_mismatch",
        0,
        "名称与代码不符",
        "代码与名称须属于同一主体（全角半角和空格不影响）。",
        "核对主体代码和名称。",
    ),
    ErrorPage(
        "unknown_type",
        0,
        "没有这个信息类型",
        "目录以外的信息不得归集。",
        "在 GET /v1/catalog 中查找正确的类型代码。",
    ),
    ErrorPage(
        "not_a_reporter",
        0,
        "本单位不报送这类信息",
        "目录规定了每类信息由谁报送。",
        "请由目录规定的单位报送。",
    ),
    ErrorPage(
        "purpose_required",
        0,
        "须注明查阅用途",
        "查阅个人信息须说明用途，并留下本人可以看到的查询记录。",
        "在 Purpose-Code 请求头中填写用途代码，需要审批的在 Approval-Reference 中填写审批文号。",
    ),
]

"""What each error code of accounts means and what to do: served at /docs/errors/<code>."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

ERROR_PAGES = [
    ErrorPage(
        "no_assessment",
        404,
        "本地没有规定归集台账",
        "适用的政策包没有写明怎样考核归集工作（assessments.collection）。",
        "请信用办核对政策包；没有这项制度的地区没有归集台账。",
    ),
    ErrorPage(
        "not_your_account",
        403,
        "不是本单位的归集台账",
        "报送人员只能查看本单位的台账，信用办只能查看本行政区划内单位的台账。",
        "核对单位的统一社会信用代码。",
    ),
    ErrorPage(
        "account_not_open_yet",
        404,
        "台账还没有开放",
        "台账先由报送单位自己核对：在它确认之前，或者申报期结束之前，信用办看不到。",
        "等报送单位确认，或者在申报截止日之后再看。",
    ),
    ErrorPage(
        "not_declared",
        409,
        "还没有全部申报",
        "确认之前，每一类信息都要申报产生数；没有决定的申报 0，即零报告。",
        "补齐申报后再确认。",
    ),
    ErrorPage(
        "row_closed",
        409,
        "已经办结",
        "这条退回的信息已经因另一个理由办结，理由会保留。",
        "无需再办。",
    ),
    ErrorPage(
        "out_of_scope",
        403,
        "超出管辖范围",
        "所给的行政区划不在客户端的管辖范围内。",
        "只填写本行政区划及其下级，或者由上级信用办发起。",
    ),
    ErrorPage(
        "month",
        0,
        "月份不对",
        "月份应写作 2026-05；申报的月份应当已经开始。",
        "改正月份。",
    ),
    ErrorPage(
        "not_accounted_for",
        0,
        "不就这类信息申报",
        "归集台账只覆盖政策包列出的、由本单位报送的信息类型。",
        "对照台账中列出的类型申报。",
    ),
]

"""What stating and reviewing figures can be refused for, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PAGES = (
    ErrorPage(
        "unknown_figure",
        404,
        "没有这项填报数据",
        "本地的政策包里没有这项填报数据。",
        "从 GET /v1/evaluation-figures 查看本地有哪些填报数据。",
    ),
    ErrorPage(
        "unknown_period",
        404,
        "填报期写法不对",
        "填报期的写法与这项数据的填报周期不符。",
        "年度写 2025，半年写 2025-H1，季度写 2025-Q3，月份写 2025-07。",
    ),
    ErrorPage(
        "figure_not_stated",
        404,
        "没有这项填报",
        "这个单位这一期没有填报，或者不在客户端的管辖范围内。",
        "从 GET /v1/evaluation-figures/{code}/{period} 查看谁填报了、谁还没有填报。",
    ),
    ErrorPage(
        "not_your_figure",
        403,
        "不由本单位填报",
        "单位没有登记，或者政策包规定这项数据由别的类别的单位填报。",
        "从 GET /v1/evaluation-figures 查看由哪类单位填报；单位类别有误的请信用办更正。",
    ),
    ErrorPage(
        "not_your_review",
        403,
        "不由本单位审核",
        "政策包规定了由谁审核；任何单位都不能审核自己的填报。",
        "请负责的信用办或者上级主管单位审核。",
    ),
    ErrorPage(
        "period_not_over",
        409,
        "填报期没有结束",
        "填报期的最后一天还没有过去。",
        "期满后再填报。",
    ),
    ErrorPage(
        "figure_accepted",
        409,
        "已经审核认定",
        "这项数据已经审核认定，单位不能再改。",
        "需要更正的，请审核单位写明理由退回后重新填报。",
    ),
    ErrorPage(
        "not_to_review",
        409,
        "现在不能这样审核",
        "已经退回的要等单位重新填报；已经认定的只能退回。",
        "重新读取这项填报，查看它现在的状态。",
    ),
    ErrorPage("not_a_number", 0, "不是数字", "数值应为十进制数字。", "例如填写 92.5，不带单位。"),
    ErrorPage(
        "out_of_bounds",
        0,
        "超出范围",
        "数值不在政策包规定的上下限之间。",
        "核对数值和单位后重新填报。",
    ),
    ErrorPage(
        "too_precise",
        0,
        "小数位数太多",
        "数值的小数位数多于政策包的规定。",
        "四舍五入到规定的位数。",
    ),
    ErrorPage(
        "unknown_paper",
        0,
        "材料不能使用",
        "没有这份材料，或者还没有提交归档，或者不是就本单位提交的。",
        "先用 POST /v1/papers 就本单位（subject_id）提交材料，归档后再引用。",
    ),
)

"""What the public API's own error codes mean."""

from __future__ import annotations

from chalicelib.web.error_page import ErrorPage

PAGES = (
    ErrorPage(
        "withdrawn",
        410,
        "已不再公示",
        "这条信息曾经公示，现已撤回或期满。tombstone 只说明何时、因何不再公示，不含原来的内容。",
        "转载过这条信息的网站应当删除它；日志中的条目仍可验证。",
    ),
    ErrorPage(
        "search_too_slow",
        503,
        "检索条件过宽",
        "检索没有在限时内完成。为了让所有人都能用，平台不运行过久的检索。",
        "增加检索词、日期范围、类型等条件，或把检索词写得更长、更具体后再试。",
    ),
    ErrorPage(
        "catching_up",
        503,
        "公开数据正在装载",
        "答复这个请求的部件刚刚启动，正在装载公开数据；已装载的部分不会白费。",
        "按 Retry-After 稍候重试。",
    ),
    ErrorPage(
        "beyond_head",
        400,
        "序号超过日志",
        "after 大于公开日志的最新序号（head）。日志只增不减：序号取自别的平台，或者记录有误。",
        "从自己最后处理过的序号开始；必要时从整库下载重新开始。",
    ),
    ErrorPage(
        "no_word",
        0,
        "没有检索词",
        "检索词里没有汉字、字母或数字。",
        "写一个以上的汉字、字母或数字。",
    ),
    ErrorPage(
        "too_many_words",
        0,
        "检索词过多",
        "一次检索的词数有上限。",
        "只保留最有区别的几个词。",
    ),
    ErrorPage(
        "not_double_publicity",
        0,
        "不是双公示信息",
        "国家 2018 年数据标准只规定了行政许可和行政处罚的字段。",
        "去掉 schema 参数，或只查询行政许可、行政处罚类型。",
    ),
)

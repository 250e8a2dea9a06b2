"""What appraisals can refuse, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PAGES = (
    ErrorPage(
        "appraisals_not_regulated",
        404,
        "本地没有社会评议的规定",
        "本地文件没有社会评议这项机制，不开展评议。",
        "从 GET /v1/policy 查看本地有哪些机制。",
    ),
    ErrorPage(
        "appraisal_exists",
        409,
        "已有这轮评议",
        "同一行政区划已有一轮同日开始、名称相同而内容不同的评议。",
        "换一个名称；已经开始的评议不能修改，可以提前结束后另行开展。",
    ),
    ErrorPage(
        "appraisal_closed",
        409,
        "评议已经结束",
        "评议已过截止日，或者已经提前结束。",
        "不用处理。",
    ),
    ErrorPage(
        "appraisal_not_open",
        409,
        "现在不能评议",
        "评议还没有开始，或者已经结束。",
        "查看评议的起止日期；已经结束的可以查看结果。",
    ),
    ErrorPage(
        "unknown_category",
        404,
        "没有这一类代表",
        "这轮评议的设置里没有这一类代表。",
        "从 GET /v1/appraisals/{round_id} 查看有哪些类别。",
    ),
    ErrorPage(
        "codes_not_issuable",
        409,
        "不能发放评议码",
        "评议已经结束；或者评议已经开始，而这一类代表的评议码已经发过。",
        "评议开始以后重新发放会让同一代表评议两次，所以不能；可以提前结束后另行开展。",
    ),
    ErrorPage(
        "wrong_appraisal_code",
        403,
        "评议码不对",
        "这不是这轮评议的评议码，或者重新发放以后已经作废。",
        "核对收到的评议码；大小写、空格和连字符不影响。仍然不对的请联系信用办。",
    ),
    ErrorPage(
        "body_not_appraised",
        0,
        "这轮不评议这个单位",
        "写明的单位不在这轮评议的名单里。",
        "从评议的 bodies 中选择单位。",
    ),
    ErrorPage(
        "appraisal_unclear",
        0,
        "评议设置有误",
        "截止日早于开始日或者早于今天、评议超过一年，问题、选项、单位或者类别重复。",
        "按提示修改后重新提交；什么都没有改变。",
    ),
)

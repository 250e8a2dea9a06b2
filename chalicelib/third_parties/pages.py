"""What third-party evaluation can refuse, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

_AGAIN = "按提示修改后重新提交；什么都没有改变。"
_ROW = "修改这一行后重新签名、提交；其他各行不受影响。"

PAGES = (
    ErrorPage(
        "third_parties_not_regulated",
        404,
        "本地没有第三方评价的规定",
        "本地文件没有第三方评价这项机制，不接受指标体系和评分。",
        "从 GET /v1/policy 查看本地有哪些机制。",
    ),
    ErrorPage(
        "institution_exists",
        409,
        "机构已经登记",
        "这个统一社会信用代码的机构已经登记，种类或者公钥不同。",
        "要增加公钥，用 POST /v1/third-parties/{code}/keys。",
    ),
    ErrorPage(
        "key_not_added",
        409,
        "公钥没有增加",
        "停用的公钥不能再启用；一个机构的公钥有数量上限。",
        "另生成一对密钥，登记新的公钥。",
    ),
    ErrorPage(
        "system_exists",
        409,
        "代码已被使用",
        "这个代码已用于另一套指标体系。",
        "换一个代码；要修改自己的指标体系，用 PUT 提交新的版本。",
    ),
    ErrorPage(
        "system_withdrawn",
        409,
        "指标体系已经停用",
        "停用的指标体系不再修改，也不接受新的评分；已公布的评分不受影响。",
        "需要继续评价的，登记一套新的指标体系。",
    ),
    ErrorPage(
        "rating_withdrawn",
        409,
        "评分已经撤回",
        "这个评分已以另一理由撤回。",
        "不用处理；要重新评价，另行提交评分。",
    ),
    ErrorPage(
        "not_third_party",
        0,
        "不是第三方评价机构",
        "单位名册中没有这个单位，或者它没有第三方评价机构的角色。",
        "先用 POST /v1/agencies 登记单位，角色为 third_party。",
    ),
    ErrorPage(
        "unusable_key",
        0,
        "公钥无法使用",
        "给出的不是 P-256 曲线上的公钥。",
        "提交 JWK 形式的公钥：kty、crv、x、y，不要提交私钥。",
    ),
    *(
        ErrorPage(code, 0, title, what, _AGAIN)
        for code, title, what in (
            ("scale_reversed", "量程有误", "最低分应小于最高分。"),
            ("code_twice", "代码重复", "等级或者指标的代码有重复。"),
            ("grades_unordered", "等级次序有误", "等级应从好到差排列，界限各不相同。"),
            ("grades_incomplete", "等级不完整", "最差的等级应从量程的一端起。"),
            ("too_deep", "指标层级过多", "指标的层级超过上限。"),
            ("not_a_weight", "权重有误", "权重应为大于零的十进制数字。"),
            ("weights_do_not_add_up", "权重合计不符", "同级权重之和不等于上级（最上级为 100）。"),
            ("unknown_system", "没有这套指标体系", "本机构没有登记这个代码的指标体系。"),
            ("wrong_period", "评价周期写法不对", "周期的写法与指标体系的周期不符。"),
            ("period_not_begun", "周期还没有开始", "不能评价还没有开始的周期。"),
            ("ratings_or_file", "评分没有给出", "逐条给出和以文件给出，应选其中一种。"),
            ("no_ratings", "没有评分", "文件里没有评分。"),
            ("too_many_ratings", "评分太多", "一个文件的评分超过上限，请分几次提交。"),
            ("wrong_columns", "列名或列数不对", "首行应为规定的列名，各行列数应相同。"),
        )
    ),
    *(
        ErrorPage(code, 0, title, what, "用登记的现行密钥对返回的声明重新签名；什么都没有改变。")
        for code, title, what in (
            ("signature_malformed", "签名的形式不对", "应为紧凑形式的 JWS，算法 ES256。"),
            ("unknown_key", "公钥没有登记", "JWS 的 kid 不是本机构登记的公钥编号。"),
            ("retired_key", "公钥已停用", "签名所用的公钥已停用。"),
            ("wrong_signature", "签名不成立", "签名与公钥不符。"),
            ("statement_differs", "签名的内容不同", "签名的不是这次提交的声明。"),
        )
    ),
    *(
        ErrorPage(code, 0, title, what, _ROW)
        for code, title, what in (
            ("body_not_rated", "不评价这类单位", "指标体系不评价这类单位。"),
            ("rated_twice", "重复评分", "一次提交对同一单位有几个评分，都不采用。"),
            ("out_of_scale", "分数超出量程", "分数不在量程之内，或者小数位数过多。"),
            ("wrong_grade", "等级与分数不符", "等级应为分数所达到的等级。"),
            ("unknown_indicator", "没有这个指标", "指标体系没有这个末级指标。"),
            ("scores_do_not_add_up", "指标得分与总分不符", "各指标得分按权重合计不等于总分。"),
            ("personal_data", "含有个人信息", "说明随评分公开，不得写入个人信息。"),
        )
    ),
)

"""Pages of the codes that name a broken rule inside `errors[]`: of fields, files and rows."""

from __future__ import annotations

from chalicelib.kernel.codes import CODE_MESSAGES
from chalicelib.web.error_page import ErrorPage

# code, title, cause, remedy
_RULES: tuple[tuple[str, str, str, str], ...] = (
    ("required", "缺少必填项", "必填的字段或参数没有给出。", "补上这一项。"),
    (
        "unknown_field",
        "不认识的字段",
        "字段或参数的名称不在约定之内。",
        "检查拼写；不需要的字段请去掉。",
    ),
    ("wrong_type", "类型不对", "值的类型与约定不符。", "按说明改为要求的类型。"),
    ("wrong_format", "格式不对", "值的写法不符合约定的格式。", "按说明的格式填写。"),
    ("wrong_length", "长度不对", "文字太长、太短，或列表的项数不对。", "调整长度。"),
    ("out_of_range", "超出范围", "数值或日期不在允许的范围内。", "改为范围内的值。"),
    ("not_allowed", "不是允许的值", "值不在允许的选项之内。", "从所列选项中选择。"),
    ("invalid_value", "值不符合规则", "值不符合该字段的规则。", "按说明更正。"),
    (
        "not_a_date",
        "日期写法不对",
        "日期应写作 2026-03-01 或 2026/03/01，并且真有这一天。",
        "按原件改为这种写法。",
    ),
    ("not_text", "应为文本", "这一项应是文本。", "用引号括起来提交。"),
    ("control_character", "含有不可见字符", "文字中有控制字符。", "去掉不可见的字符。"),
    ("not_a_number", "应为数字", "这一项应是数字。", "只填数字，不带单位和千分位。"),
    (
        "number_not_exact",
        "数字不精确",
        "金额等须保持精确，JSON 的小数会产生误差。",
        "把数字加上引号，作为文本提交。",
    ),
    (
        "too_many_decimals",
        "小数位太多",
        "小数位超过目录规定的位数。",
        "核对单位，按规定的位数填写。",
    ),
    ("not_an_integer", "应为整数", "这一项应是整数。", "去掉小数部分和单位。"),
    ("not_a_choice", "不是目录中的选项", "值不在目录列出的选项之内。", "从提示列出的选项中选择。"),
    ("not_a_url", "应为网址", "这一项应是 http 或 https 开头的网址。", "填写完整的网址。"),
    ("not_a_boolean", "应为是或否", "这一项只能填是或否。", "填 true 或 false，文件中可填是或否。"),
    ("date_order", "日期先后不对", "起始日期晚于截止日期。", "对调或更正两个日期。"),
    ("in_future", "日期在将来", "这个日期不能晚于今天（北京时间）。", "核对原件上的日期。"),
    ("before_other", "日期先后不对", "这个日期早于它应当晚于的另一个日期。", "核对两个日期。"),
    ("too_long", "文字太长", "文字超过该项允许的长度。", "缩短后重新提交。"),
    ("not_an_object", "应为对象", "此处应是一个 JSON 对象。", "按接口文档的结构填写。"),
    (
        "one_code",
        "主体标识不唯一",
        "统一社会信用代码与公民身份号码必须且只能给出一个。",
        "单位填统一社会信用代码，个人填公民身份号码。",
    ),
    (
        "registration_number",
        "工商注册号写法不对",
        "没有统一社会信用代码的个体工商户以工商注册号标识，应为 13 位或 15 位。",
        "按营业执照填写工商注册号；已有统一社会信用代码的填代码。",
    ),
    ("header_unreadable", "表头无法读取", "文件的第一行不是可以读取的表头。", "核对编码和分隔符。"),
    ("no_rows", "没有数据行", "文件中只有表头，没有数据。", "补上数据行后重新上传。"),
    ("personal_number", "含有个人号码", "这一项不加密保存，不能写身份号码。", "去掉个人号码。"),
    ("missing_column", "缺少必填列", "表头中缺少必填字段或主体标识列。", "按目录补上这一列。"),
    ("unknown_column", "不认识的列", "表头中有目录里没有的字段。", "改正列名，或去掉这一列。"),
    ("duplicate_column", "列重复", "两列对应同一个字段。", "去掉其中一列。"),
    ("column_count", "列数不对", "这一行的列数与表头不同。", "检查分隔符和引号。"),
    ("row_too_long", "行太长", "这一行超过单行的长度上限。", "检查引号是否配对。"),
    ("encoding", "编码不对", "这一行不是 UTF-8 编码。", "另存为 UTF-8 编码后重新上传。"),
    ("csv_syntax", "引号没有配对", "这一行的引号没有配对，无法分列。", "补上或去掉多余的引号。"),
    ("json_syntax", "不是合法的 JSON", "这一行不是合法的 JSON。", "每行一个完整的 JSON 对象。"),
    ("json_object", "应为 JSON 对象", "每一行应是一个 JSON 对象。", "每行一个完整的 JSON 对象。"),
)

FIELD_PAGES: tuple[ErrorPage, ...] = (
    *(ErrorPage(code, 0, title, cause, remedy) for code, title, cause, remedy in _RULES),
    *(
        ErrorPage(code, 0, message, f"{message}。", "核对原件上的代码，逐位重新录入。")
        for code, message in CODE_MESSAGES.items()
    ),
    ErrorPage(
        "unknown_policy",
        404,
        "没有这个政策包",
        "所给的地区没有政策包，或在所给的日期还没有生效。",
        "核对地区名称和日期；可用的地区见 GET /v1/catalog。",
    ),
)

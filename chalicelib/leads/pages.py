"""What a request without an account can be refused for, and what to do about it."""

from __future__ import annotations

from chalicelib.web.error_pages import ErrorPage

PAGES = (
    ErrorPage(
        "too_many_from_here",
        429,
        "今天的次数已满",
        "从同一网络地址一天内可以提交、补充和填错查询码的次数有上限，用正确的查询码查看不受限制。"
        "平台不保存地址：只用当天的随机密钥算出的摘要计数，"
        "密钥次日删除，之后谁也无法还原。",
        "Retry-After 写明多少秒后可以再试；紧急的请拨打12345政务服务便民热线。",
    ),
    ErrorPage(
        "unknown_receipt",
        404,
        "没有这个查询码",
        "查询码有误。不论是少了几位、多了几位还是随意填写，回答都一样。",
        "对照抄下的查询码逐字核对；大小写、空格和连字符不影响。查询码遗失不能补发，可以另行反映。",
    ),
    ErrorPage(
        "guessable_idempotency_key",
        400,
        "Idempotency-Key 太容易猜到",
        "没有账号时，凭 Idempotency-Key 能得到同一个查询码，它应是 20 至 200 个随机的 ASCII 字符。",
        "每次反映用一个新的 UUID，重试时沿用；也可以不带。",
    ),
    ErrorPage(
        "unknown_body",
        0,
        "没有查到这个单位",
        "统一社会信用代码有误，或者这个单位没有在平台登记。",
        "用 GET /public/v1/subjects 按地区查找；确实没有的，请拨打12345反映。",
    ),
    ErrorPage(
        "not_reportable",
        0,
        "当地没有这个事项",
        "事项代码有误，或者当地的文件没有这项机制。",
        "从 GET /public/v1/leads/kinds 查看当地可以反映的事项。",
    ),
    ErrorPage(
        "not_base64",
        0,
        "附件编码不对",
        "附件内容不是有效的 base64。",
        "把图片文件的字节按 RFC 4648 第4节编码，不要带 data: 前缀和换行。",
    ),
    ErrorPage(
        "attachment_kind",
        0,
        "不能作为附件的文件",
        "只接受 JPEG 和 PNG 图片，按内容判断。PDF 等文件里会留有作者、设备等信息，"
        "平台无法替您清除干净。",
        "拍照或截图后再传。",
    ),
    ErrorPage(
        "attachment_too_large",
        0,
        "附件过大",
        "一张图片或附件合计超过了上限，上限见 GET /public/v1/leads/kinds。",
        "缩小图片，或者提交后分次补充。",
    ),
    ErrorPage(
        "attachment_too_many_pixels",
        0,
        "图片尺寸过大",
        "图片解开后的像素超过上限。",
        "缩小图片尺寸后再传。",
    ),
    ErrorPage(
        "attachment_unreadable",
        0,
        "图片无法读取",
        "文件已损坏，或者不是它声称的格式，因而无法清除其中的隐藏信息。",
        "重新保存或截图后再传。",
    ),
)

"""HTTP for anyone, without an account. The receipt code is in bodies only, and nothing on these
routes asks or keeps who is calling."""

from __future__ import annotations

from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.leads import examples, service
from chalicelib.leads.kinds import pack_of_place
from chalicelib.leads.model import (
    AttachmentLimits,
    LeadIn,
    LeadKinds,
    LeadMessageIn,
    LeadOut,
    ReceiptIn,
    ReceiptOut,
    Statistics,
)
from chalicelib.leads.pages import PAGES
from chalicelib.leads.rules_addresses import address_of
from chalicelib.leads.rules_files import LARGEST_BYTES, LARGEST_TOGETHER, MOST_FILES
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Replay, Routes

routes = Routes("社会监督", errors=PAGES)

Region = Annotated[str, Query(pattern=r"^[0-9]{6}$", description="行政区划代码")]
Jurisdiction = Annotated[
    str,
    Query(pattern=r"^([a-z][a-z0-9_]{0,63})?$", description="适用哪地的政策包；不填按行政区划"),
]

_ATTACHMENTS: Final = AttachmentLimits(
    media_types=("image/jpeg", "image/png"),
    most=MOST_FILES,
    largest_bytes=LARGEST_BYTES,
    largest_together=LARGEST_TOGETHER,
)
_REPLAYED: Final = "Idempotency-Replayed"


@routes.get(
    "/public/v1/leads/kinds",
    operation=PUBLIC,
    summary="可以反映哪些事项",
    answers={200: LeadKinds},
    examples={200: examples.KINDS},
    errors=(404,),
)
def show_kinds(region: Region, jurisdiction: Jurisdiction = "") -> Answer:
    """当地接受任何人反映的事项（失信线索、违约失信投诉、社会监督投诉等）、要填什么、多久办结、依据什么。"""
    pack = pack_of_place(request.platform(), region, jurisdiction)
    body = LeadKinds(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        kinds=service.kinds_offered(pack),
        attachments=_ATTACHMENTS,
    )
    return Answer(200, body)


@routes.post(
    "/public/v1/leads",
    operation=PUBLIC,
    summary="反映一个单位的失信问题",
    answers={201: ReceiptOut},
    examples={0: examples.LEAD, 201: examples.RECEIPT},
    errors=(413, 422, 429),
    replay=Replay.SERVICE,
)
def open_one(lead: LeadIn) -> Answer:
    """不需要账号，可以匿名；被反映的单位看不到是谁反映的、说了什么。

    返回的查询码是查看进展、补充情况的唯一凭据，只出现这一次，请抄下或截图保存。平台不保存网络地址和
    浏览器信息。重试时带上同一个 Idempotency-Key（20 个以上随机字符），得到的是同一个查询码。
    """
    key = request.header("idempotency-key")
    done = service.report(request.platform(), lead, request.raw_body(), key, _address())
    return Answer(201, done.receipt, headers={_REPLAYED: "true"} if done.repeated else {})


@routes.post(
    "/public/v1/leads/lookup",
    operation=PUBLIC,
    summary="凭查询码查看进展",
    answers={200: LeadOut},
    examples={0: examples.LOOKUP, 200: examples.SHOWN},
    errors=(404, 422, 429),
    replay=Replay.NONE,
)
def look_up(receipt: ReceiptIn) -> Answer:
    """现在到哪一步、由谁办理、哪天到期，双方说过什么，您现在可以做什么。

    查询码只放在正文里，不要放进网址。查询码有误时，不论怎么错，回答都一样。
    """
    return Answer(200, service.look_up(request.platform(), receipt.code, _address()))


@routes.post(
    "/public/v1/leads/messages",
    operation=PUBLIC,
    summary="凭查询码补充情况或评价",
    answers={200: LeadOut},
    examples={0: examples.MESSAGE, 200: examples.SHOWN},
    errors=(403, 404, 409, 412, 413, 422, 429),
    replay=Replay.NONE,
)
def send_message(message: LeadMessageIn) -> Answer:
    """进行查询结果 actions 中的一个操作：补充情况、满意、不满意……

    version 写查询时看到的版本：其间有了新的进展，会请您先看再说。重复提交不会说两遍。
    """
    after = service.answer(request.platform(), message, request.raw_body(), _address())
    return Answer(200, after)


@routes.get(
    "/public/v1/leads/statistics",
    operation=PUBLIC,
    summary="反映的问题办得怎么样",
    answers={200: Statistics},
    examples={200: examples.STATISTICS},
    errors=(404,),
)
def show_statistics(region: Region, jurisdiction: Jurisdiction = "") -> Answer:
    """该地区及其下级收到多少、办理中、已解释、已整改、已认定失信各多少；收到的恒等于后四项之和。

    各渠道收到的都计入；不点名任何单位。
    """
    platform = request.platform()
    pack = pack_of_place(platform, region, jurisdiction)
    return Answer(200, service.statistics_of(platform, pack, region))


def _address() -> str:
    """Where the request came from: handed to the limits, which keep a hash for a day; never
    logged."""
    platform = request.platform()
    return address_of(request.current().event, platform.settings.trusted_proxies)

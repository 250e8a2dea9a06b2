"""HTTP for the offices that handle what was reported: what was said, and the pictures.

Nobody else reads this: not the body complained of, whatever roles its clients have, and not those
who only look on.
"""

from __future__ import annotations

from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Path

from chalicelib.access.service import record_deed
from chalicelib.cases import service as cases
from chalicelib.cases.model import CaseFile
from chalicelib.kernel.errors import NotFound
from chalicelib.leads import dialogue, examples, pictures, presenting, store
from chalicelib.leads.model import VoiceOut, VoicePicture, VoicePictureOut, VoiceTurn
from chalicelib.leads.rules_dialogue import voiced
from chalicelib.leads.store import KeptPicture
from chalicelib.policy.case_kinds import Relation
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("案件办理")

CaseId = Annotated[str, Path(description="案件编号", max_length=64)]
Version = Annotated[int, Path(description="案件的第几步", ge=1, le=10**8)]
Number = Annotated[int, Path(description="第几张", ge=1, le=99)]

HEARS: Final[frozenset[Relation]] = frozenset({"credit_office", "superior"})
"""What one must be to a case to hear what was said in confidence."""
HEARD: Final = "hear_informant"
"""How it stands in the audit trail."""


@routes.get(
    "/v1/cases/{case_id}/voice",
    operation="cases.hear",
    summary="提出人说了什么",
    answers={200: VoiceOut},
    examples={200: examples.VOICE},
    errors=(404,),
)
def show_voice(case_id: CaseId) -> Answer:
    """提出人反映、补充的内容和所附图片的目录，以及对提出人的回复。只有办理本案的信用办和上级主管单位能看；
    被反映的单位、旁观者一律查不到；每次查看都记入审计。"""
    platform, file = request.platform(), _heard(case_id)
    key = pictures.key_of(platform, file)
    shown: dict[int, list[VoicePicture]] = {}
    for one in store.pictures_of(platform, case_id):
        shown.setdefault(one.version, []).append(_picture(one, key.unseal(one.title)))
    entries, _ = cases.page_of_entries(platform, case_id, dialogue.MOST_TURNS, None)
    turns = [
        VoiceTurn(
            version=turn.version,
            at=turn.at,
            by=turn.by,
            title=turn.title,
            said=presenting.said_out(turn.said),
            pictures=tuple(shown.get(turn.version, ())),
        )
        for turn in voiced(cases.kind_of(file), entries, dialogue.voice(platform, file))
    ]
    body = VoiceOut(case_id=case_id, version=file.case.version, turns=tuple(turns))
    return Answer(200, body, version=file.case.version)


@routes.get(
    "/v1/cases/{case_id}/voice/{version}/pictures/{number}",
    operation="cases.hear",
    summary="提出人所附的一张图片",
    answers={200: VoicePictureOut},
    examples={200: examples.VOICE_PICTURE},
    errors=(404,),
)
def show_picture(case_id: CaseId, version: Version, number: Number) -> Answer:
    """从存档取出图片，核对 SHA-256，给出五分钟内有效的下载地址；拍摄信息在收到时已经清除。"""
    platform, file = request.platform(), _heard(case_id)
    kept = store.find_picture(platform, case_id, version, number)
    if kept is None:
        raise NotFound("没有这张图片")
    found = pictures.opened(platform, file, kept)
    body = VoicePictureOut(
        picture=_picture(kept, found.title), intact=found.intact, link=found.link
    )
    return Answer(200, body)


def _heard(case_id: str) -> CaseFile:
    """The case, for whoever may hear what was said in it, noted in the audit trail first: should
    it become known who reported something, one can see who knew. Raises NotFound for everybody
    else."""
    platform, caller = request.platform(), request.caller()
    file, relations = cases.find_visible(platform, caller, request.scope(), case_id)
    if not relations & HEARS:
        raise NotFound("没有这件案件，或者与您无关")
    record_deed(platform, caller, HEARD, file.case_id, cases.kind_of(file).title, ())
    return file


def _picture(kept: KeptPicture, title: str) -> VoicePicture:
    return VoicePicture(number=kept.number, title=title, media_type=kept.media_type, size=kept.size)

"""HTTP for anyone, without an account: what can be reported here."""

from __future__ import annotations

from typing import Annotated, Final

from aws_lambda_powertools.event_handler.openapi.params import Query

from chalicelib.cases.rules_clocks import limit_in_words
from chalicelib.leads import examples, service
from chalicelib.leads.model import AttachmentLimits, LeadField, LeadKind, LeadKinds, LeadLimit
from chalicelib.leads.pages import PAGES
from chalicelib.leads.rules_files import LARGEST_BYTES, LARGEST_TOGETHER, MOST_FILES
from chalicelib.policy.case_kinds import CaseAction, CaseKind
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import PUBLIC, Routes

routes = Routes("社会监督", errors=PAGES)

Region = Annotated[str, Query(pattern=r"^[0-9]{6}$", description="被反映单位所在地的行政区划代码")]

_ATTACHMENTS: Final = AttachmentLimits(
    media_types=("image/jpeg", "image/png"),
    most=MOST_FILES,
    largest_bytes=LARGEST_BYTES,
    largest_together=LARGEST_TOGETHER,
)


@routes.get(
    "/public/v1/leads/kinds",
    operation=PUBLIC,
    summary="可以反映哪些事项",
    answers={200: LeadKinds},
    examples={200: examples.KINDS},
    errors=(404,),
)
def show_kinds(region: Region) -> Answer:
    """当地接受任何人反映的事项（失信线索、违约失信投诉、社会监督投诉等）、要填什么、多久办结、依据什么。"""
    pack = service.pack_of_region(request.platform(), region)
    body = LeadKinds(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        kinds=tuple(_kind(kind, opening) for kind, opening in service.open_kinds(pack)),
        attachments=_ATTACHMENTS,
    )
    return Answer(200, body)


def _kind(kind: CaseKind, opening: CaseAction) -> LeadKind:
    return LeadKind(
        kind=kind.code,
        title=kind.title,
        purpose=kind.purpose,
        fields=tuple(
            LeadField(
                code=field.code,
                title=field.title,
                kind=field.kind,
                required=field.required,
                max_length=field.max_length,
                choices={choice.code: choice.title for choice in field.values},
            )
            for field in opening.fields
        ),
        limits=tuple(
            LeadLimit(title=limit.title, in_words=limit_in_words(limit), basis=limit.basis)
            for limit in kind.limits
        ),
        basis=kind.basis,
    )

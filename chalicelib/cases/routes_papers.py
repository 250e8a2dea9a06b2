"""HTTP of papers: hand one in before an action, find it again, fetch the papers of a case."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from chalicelib.cases import examples, papers
from chalicelib.cases.steps import find_visible
from chalicelib.cases.views import PaperIn, PaperList
from chalicelib.evidence import service as evidence
from chalicelib.evidence.model import EvidenceOut, EvidenceProof, Matter, Thing
from chalicelib.kernel.errors import Fault, Invalid
from chalicelib.web import request
from chalicelib.web.answer import DEFAULT_LIMIT, Limit, PageToken, listing, read_page_token
from chalicelib.web.model import Answer
from chalicelib.web.routes import Routes

routes = Routes("案件材料")

CaseId = Annotated[str, Path(description="案件编号", max_length=64)]
EvidenceId = Annotated[str, Path(description="材料编号", max_length=64)]


@routes.post(
    "/v1/papers",
    operation="papers.submit",
    summary="申请提交一份案件材料",
    answers={201: EvidenceOut},
    examples={0: examples.PAPER_IN, 201: examples.PAPER_AWAITED},
    errors=(404, 409, 410, 422),
)
def hand_in_paper(paper: PaperIn) -> Answer:
    """发起、办理案件前先提交材料：返回上传表单，上传后调用 commit，再在 evidence 中写明编号。

    用 multipart/form-data 把 fields 各项和文件（字段名 file，放在最后）发到 url。接受
    PDF、OFD、JPEG、PNG，不超过 10 MiB。针对个人的材料以本人的密钥加密保存；材料只能用于所针对的
    信用信息、主体或案件。
    """
    platform, caller = request.platform(), request.caller()
    made, form = papers.hand_in(platform, caller, paper.about, paper.title)
    body = evidence.evidence_out(made, paper.title, form)
    return Answer(201, body, location=f"/v1/papers/{made.evidence_id}")


@routes.post(
    "/v1/papers/{evidence_id}/commit",
    operation="papers.submit",
    summary="提交已上传的案件材料",
    answers={200: EvidenceOut},
    examples={200: examples.PAPER},
    errors=(404, 409, 410, 422),
)
def commit_paper(evidence_id: EvidenceId) -> Answer:
    """核对文件类型和大小，锁定归档并记下 SHA-256。可以重复提交，不会重复归档。"""
    holder = papers.holder_of(request.caller())
    done = evidence.receive(request.platform(), holder, evidence_id)
    return Answer(200, evidence.evidence_out(done), version=done.version)


@routes.get(
    "/v1/papers",
    operation="papers.submit",
    summary="本单位、本人提交的案件材料",
    answers={200: PaperList},
    examples={200: examples.PAPERS},
    errors=(422,),
)
def list_papers(
    record_id: Annotated[str, Query(max_length=64, description="只列出针对这条信用信息的")] = "",
    subject_id: Annotated[str, Query(max_length=80, description="只列出针对这个主体的")] = "",
    case_id: Annotated[str, Query(max_length=64, description="只列出针对这件案件的")] = "",
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Answer:
    """按所针对的对象排列，同一对象的新的在前。针对个人的，名称只有本人看得到。"""
    platform, caller = request.platform(), request.caller()
    about = _about(("record", record_id), ("subject", subject_id), ("case", case_id))
    found, cursor = evidence.page_of_papers(
        platform, papers.holder_of(caller), about, limit, read_page_token(page_token)
    )
    titles: dict[str, str] = {}
    if caller.subject_id:
        titles = evidence.titles_of(platform, caller.subject_id, found)
    shown = [evidence.evidence_out(one, titles.get(one.evidence_id, "")) for one in found]
    return listing(shown, cursor)


@routes.get(
    "/v1/papers/{evidence_id}",
    operation="papers.submit",
    summary="核对并下载自己提交的一份材料",
    answers={200: EvidenceProof},
    examples={200: examples.PAPER_PROOF},
    errors=(404, 409, 410),
)
def show_own_paper(evidence_id: EvidenceId) -> Answer:
    """核对归档的文件，给出五分钟内有效的下载地址；针对个人的只给本人，单位可以核对是否完好。"""
    opened = papers.open_own(request.platform(), request.caller(), evidence_id)
    return Answer(200, _proof(opened))


@routes.get(
    "/v1/cases/{case_id}/papers/{evidence_id}",
    operation="cases.read",
    summary="核对并下载案件的一份材料",
    answers={200: EvidenceProof},
    examples={200: examples.PAPER_PROOF},
    errors=(404, 410),
)
def show_paper(case_id: CaseId, evidence_id: EvidenceId) -> Answer:
    """从存档取出文件，与归档时记下的 SHA-256 核对，给出五分钟内有效的下载地址。

    当事主体看不到提出人和办理单位就线索提交的材料；涉及个人的，只有办理本案的单位和本人得到名称和
    下载地址，查阅会留下本人可见的记录。
    """
    platform, caller = request.platform(), request.caller()
    file, relations = find_visible(platform, caller, request.scope(), case_id)
    opened = papers.open_paper(platform, caller, file, relations, evidence_id)
    return Answer(200, _proof(opened))


def _proof(opened: evidence.Opened) -> EvidenceProof:
    return EvidenceProof(
        evidence=evidence.evidence_out(opened.evidence, opened.title),
        intact=opened.intact,
        link=opened.link or None,
    )


def _about(*named: tuple[Thing, str]) -> str:
    given = [(thing, name) for thing, name in named if name]
    if len(given) > 1:
        message = "record_id、subject_id 和 case_id 最多给出一个"
        raise Invalid(message, faults=[Fault("/query/about", "one_matter", message)])
    return Matter(*given[0], jurisdiction="").about if given else ""

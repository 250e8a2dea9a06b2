"""HTTP of proofs."""

from __future__ import annotations

from chalicelib.checks import examples
from chalicelib.checks.bodies import CheckProofIn, CheckProofOut
from chalicelib.checks.presenting import subject_answer
from chalicelib.checks.proving import STATEMENT_TITLES, prove
from chalicelib.kernel.clock import parse_instant
from chalicelib.web import request
from chalicelib.web.model import Answer
from chalicelib.web.routes import Replay, Routes

routes = Routes("核查")


@routes.post(
    "/v1/check-proofs",
    operation="checks.ask",
    summary="出具一个主体的信用证明",
    answers={201: CheckProofOut},
    examples={0: examples.PROOF_IN, 201: examples.PROOF},
    errors=(409,),
    replay=Replay.SERVICE,
)
def make_proof(wanted: CheckProofIn) -> Answer:
    """写明谁、在什么场景、为什么用途查询，截至当日有没有生效的措施，到哪天为止有效。

    证明由平台签名，任何人可以用 /public/v1/keys 的公钥验证。个人的证明中没有公民身份号码，
    只有加盐摘要，盐值只交给查询方。查询个人留有审计记录，本人可以看到。
    """
    claim = request.idempotency_claim()
    proof = prove(request.platform(), request.caller(), wanted, claim)
    body = CheckProofOut(
        proof_id=proof.check.check_id,
        statement=proof.statement,
        statement_title=STATEMENT_TITLES[proof.statement],
        proof=proof.jws,
        salt=proof.salt or None,
        issued_at=parse_instant(proof.check.asked_at),
        valid_until=proof.valid_until,
        subject=subject_answer(proof.told),
    )
    headers = {"Idempotency-Replayed": "true"} if proof.repeated else {}
    return Answer(201, body, location=f"/v1/checks/{proof.check.check_id}", headers=headers)

"""What cases do to a record: pure steps from one standing to the next, and the version of the
record that carries it.

Doing a step twice does no more than doing it once: an action of a case may be repeated.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.creditfile.model import (
    Deed,
    Delivery,
    Mark,
    Notices,
    Record,
    Standing,
    Statement,
)


def marked(standing: Standing, mark: Mark) -> Standing:
    """With a mark; the same case's mark of the same code gives way to it."""
    others = unmarked(standing, mark.code, mark.case_id).marks
    return replace(standing, marks=(*others, mark))


def unmarked(standing: Standing, code: str, case_id: str) -> Standing:
    """Without this case's mark of that code; those of other cases stay."""
    kept = (one for one in standing.marks if (one.code, one.case_id) != (code, case_id))
    return replace(standing, marks=tuple(kept))


def with_statement(standing: Standing, statement: Statement) -> Standing:
    """With the subject's statement in place of an earlier one."""
    return replace(standing, statement=statement)


def without_statement(standing: Standing, case_id: str) -> Standing:
    """Without this case's statement; one that another case put in its place stays."""
    said = standing.statement
    return replace(standing, statement=None) if said and said.case_id == case_id else standing


def publicity_ended(
    standing: Standing, deed: Deed, *, sharing: bool = True, measures: bool = True
) -> Standing:
    """Repaired: publication ends, with it sharing and measures where it says so. What has ended
    stays ended, since its first day. What was recognised as a good-faith error ends as that: there
    was nothing to repair."""
    repaired = standing.repaired or (deed if standing.exempted is None else None)
    return replace(
        standing,
        repaired=repaired,
        sharing_ended=standing.sharing_ended or sharing,
        measures_ended=standing.measures_ended or measures,
    )


def exempted(standing: Standing, deed: Deed) -> Standing:
    """Recognised as a good-faith error, since the first time that was said."""
    return replace(standing, exempted=standing.exempted or deed)


def eased(standing: Standing, deed: Deed) -> Standing:
    """Measures lightened or waived as last decided."""
    return replace(standing, eased=deed)


def with_delivery(standing: Standing, delivery: Delivery) -> Standing:
    """With a notice delivered. Of one notice of one case only the last delivery counts."""
    mine = (delivery.notice, delivery.case_id)
    others = (one for one in standing.deliveries if (one.notice, one.case_id) != mine)
    return replace(standing, deliveries=(*others, delivery))


def taken_over(standing: Standing, older: Standing) -> Standing:
    """What a record keeps that takes another's place: what was done to either of them."""
    result = replace(
        standing,
        statement=standing.statement or older.statement,
        repaired=standing.repaired or older.repaired,
        sharing_ended=standing.sharing_ended or older.sharing_ended,
        measures_ended=standing.measures_ended or older.measures_ended,
        exempted=standing.exempted or older.exempted,
        eased=standing.eased or older.eased,
        marks=(*(one for one in older.marks if one not in standing.marks), *standing.marks),
    )
    for delivery in (*older.deliveries, *standing.deliveries):
        result = with_delivery(result, delivery)
    return result


def with_standing(record: Record, standing: Standing, *, at: str, by: str, reason: str) -> Record:
    """The next version of a record, changed in its standing alone, at the instant `at` (UTC) by the
    client `by`. What the agency sent stays as it is, its digest too: sending it again remains a
    duplicate. Why a record was withdrawn is not overwritten.

    Not for a record whose file is still being worked (`service.is_settled`): rows of the file may
    still take it from each other.
    """
    return replace(
        standing_as(record, standing),
        version=record.version + 1,
        changed_at=at,
        submitted_by=by,
        reason=record.reason if record.status == "withdrawn" else reason,
    )


def standing_as(record: Record, standing: Standing) -> Record:
    """The record with this standing. What was recognised as a good-faith error is no dishonesty
    record any more (容错), wherever dishonesty records are listed or counted."""
    dishonesty = record.dishonesty and standing.exempted is None
    return replace(record, standing=standing, dishonesty=dishonesty)


def is_archived(standing: Standing) -> bool:
    """Whether a record is only kept: repaired, or recognised as a good-faith error."""
    return standing.repaired is not None or standing.exempted is not None


def marks_shown(standing: Standing) -> tuple[Mark, ...]:
    """The marks as they are shown: what several cases say alike once, since the first of them."""
    first: dict[tuple[str, str], Mark] = {}
    for mark in sorted(standing.marks, key=lambda one: one.since):
        first.setdefault((mark.code, mark.text), mark)
    return tuple(first.values())


def delivered(record: Record, notice: str) -> tuple[str, str]:
    """(ISO date, proof) of the delivery of the `decision` or `repair` notice: as the agency states
    it with a proof, else as a case last recorded it; empty where it was not delivered."""
    notices = record.notices
    stated = {"decision": notices.decision_delivered_on, "repair": notices.repair_delivered_on}
    day = stated.get(notice, "")
    if day and notices.proof.strip():
        return day, notices.proof
    for delivery in reversed(record.standing.deliveries):
        if delivery.notice == notice:
            return delivery.delivered_on, delivery.proof
    return day, ""


def notices_of(record: Record) -> Notices:
    """Delivery of both notices, as stated by the agency and as recorded by cases."""
    decision, repair = delivered(record, "decision"), delivered(record, "repair")
    proofs = dict.fromkeys(proof for _, proof in (decision, repair) if proof)
    return Notices(decision[0], repair[0], "；".join(proofs) or record.notices.proof)

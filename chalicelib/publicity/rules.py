"""The one decision what is public (design §2.9). API, feed, files, site and reports all obey it.

    facts -> grounds against (any one withholds) -> term -> [starts_at, until) -> fields shown

Everything here fails closed: what a rule does not say is public is not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from chalicelib.kernel.clock import civil_date, day_end, day_start
from chalicelib.kernel.deadlines import add_months
from chalicelib.kernel.masking import mask_citizen_code, mask_name, scrub
from chalicelib.policy.base import PERSONS, Severity
from chalicelib.policy.model import Field, FieldValue, PublicityRuleSet, Term
from chalicelib.publicity.model import (
    Decision,
    Notice,
    PublicityFacts,
    Reason,
    State,
    Statement,
)

_SCOPES: Final = {"shared": "授权共享", "internal": "不公开"}
_SEVERITIES: Final[Mapping[Severity, str]] = {"minor": "轻微", "general": "一般", "serious": "严重"}


def decide(facts: PublicityFacts) -> Decision:
    """Whether, until when and with which fields the record is public, with the grounds."""
    against = list(_grounds_against(facts))
    found = _find_term(facts)
    if isinstance(found, Reason):
        against.append(found)
    if against or isinstance(found, Reason) or facts.settled_at is None:
        return Decision(facts.record_id, facts.version, public=False, reasons=tuple(against))
    rule_set, term = found
    last_day = _last_day(facts, term)
    until = None if last_day is None else day_end(last_day)
    starts_at = _starts_at(facts, facts.settled_at)
    if until is not None and until <= starts_at:
        reason = Reason("term_over", f"公示期已于{last_day}届满，不再公示")
        return Decision(facts.record_id, facts.version, public=False, reasons=(reason,))
    subject = facts.subject
    person = subject.kind in PERSONS
    return Decision(
        record_id=facts.record_id,
        version=facts.version,
        public=True,
        reasons=tuple(_grounds_for(facts, rule_set, term, last_day)),
        starts_at=starts_at,
        until=until,
        last_day=last_day,
        repairable_from=_repairable_from(facts, term),
        subject_name=mask_name(subject.name) if person else subject.name,
        subject_code=None if person else subject.code,
        fields=fields_shown(facts.type.fields, facts.fields),
        marks=facts.marks,
        statement=None if person else _statement_shown(facts.statement),
    )


def state_at(decision: Decision, instant: datetime) -> State:
    """What the public may see of the record at that instant; `until` itself is already over."""
    if not decision.public or decision.starts_at is None:
        return "withheld"
    if decision.until is not None and instant >= decision.until:
        return "ended"
    return "public" if instant >= decision.starts_at else "pending"


def least_term_over(facts: PublicityFacts, today: date) -> bool:
    """Whether the least publicity term, counted from the document that made the finding, is over:
    a condition of repair. Where the rules fix no least term there is nothing to serve; where they
    cannot say (no severity, no rule) the answer is no."""
    found = _find_term(facts)
    if isinstance(found, Reason):
        return facts.type.publicity_term is None
    repairable = _repairable_from(facts, found[1])
    return repairable is None or repairable <= today


def repairable_from(facts: PublicityFacts) -> date | None:
    """The first day after the least publicity term, public or not; None where there is no least
    term, and where the rules cannot say."""
    found = _find_term(facts)
    return None if isinstance(found, Reason) else _repairable_from(facts, found[1])


def fields_shown(
    catalog: tuple[Field, ...], values: Mapping[str, FieldValue]
) -> Mapping[str, FieldValue]:
    """The public fields in catalog order; personal ones masked, or left out without a mask.

    Values the catalog does not know are never shown. Free text loses citizen codes and mobile
    numbers somebody wrote into it.
    """
    shown: dict[str, FieldValue] = {}
    for entry in catalog:
        value = values.get(entry.code)
        if value is None or not entry.public:
            continue
        masked = _shown(entry, value)
        if masked is not None:
            shown[entry.code] = masked
    return MappingProxyType(shown)


def needs_notice(facts: PublicityFacts) -> bool:
    """Whether both notices must be delivered first (两书同达).

    The gate is for types that are dishonesty records whoever they are about. It never delays double
    publicity, whose penalties are dishonesty records only where they are about public bodies.
    """
    return facts.type.notice_required and facts.type.dishonesty


def _grounds_against(facts: PublicityFacts) -> Iterator[Reason]:
    yield from _against_scope(facts)
    for rule in facts.type.withholdings:
        if facts.fields.get(rule.field) in rule.values:
            yield Reason(f"withheld_{rule.code}", rule.reason)
    if facts.settled_at is None:
        yield Reason("not_settled", "所在批次尚未处理完毕，结果未定")
    if facts.withdrawn:
        yield Reason("withdrawn", "记录已撤回")
    if facts.exempted:
        yield Reason("exempted", "已认定容错免责，不作为失信记录")
    if facts.repaired:
        yield Reason("repaired", "信用修复已完成，终止公示")
    if needs_notice(facts):
        for code, name, notice in (
            ("decision_notice_missing", "决定文书", facts.decision_notice),
            ("repair_notice_missing", "信用修复告知书", facts.repair_notice),
        ):
            if notice is None or not notice.is_proved:
                yield Reason(code, f"{name}尚未送达或没有送达凭证（两书同达）")


def _against_scope(facts: PublicityFacts) -> Iterator[Reason]:
    kind, disclosure = facts.subject.kind, facts.type.disclosure
    scope = facts.type.scope_for(kind)
    if scope != "public":
        yield Reason(f"scope_{scope}", f"归集目录规定此类信息{_SCOPES[scope]}")
    elif kind in PERSONS and disclosure.persons_basis is None:
        yield Reason("person_without_basis", "公开自然人信息没有法律依据，不公开")


def _find_term(facts: PublicityFacts) -> tuple[PublicityRuleSet, Term] | Reason:
    if facts.rule is None or facts.type.publicity_term is None:
        return Reason("no_term", "归集目录没有规定公示期，不公示")
    try:
        rule_set = facts.rule.rule_set_on(facts.decided_on)
    except LookupError:
        return Reason("no_rule_set", "没有适用于该认定日期的公示规则，不公示")
    term = rule_set.term(facts.severity)
    if term is None:
        if facts.severity is None:
            return Reason("severity_missing", "尚未认定失信等级，无法确定公示期，不公示")
        return Reason("no_term", f"没有规定{_SEVERITIES[facts.severity]}失信信息的公示期，不公示")
    if not term.published:
        level = _SEVERITIES[facts.severity] + "失信信息" if facts.severity else "此类信息"
        return Reason("term_not_published", f"{level}按规定不公示")
    return rule_set, term


def _last_day(facts: PublicityFacts, term: Term) -> date | None:
    """The last public day: the rule's longest term, or the end the document states if earlier."""
    ends: list[date] = []
    if term.max_months is not None:
        ends.append(add_months(facts.decided_on, term.max_months))
    stated = facts.fields.get(facts.type.publicity_end_field or "")
    if stated is not None:
        ends.append(date.fromisoformat(str(stated)))
    # The last day a calendar can write has no 24:00; who states it means "no end".
    ends = [end for end in ends if end < date.max]
    return min(ends, default=None)


def _starts_at(facts: PublicityFacts, settled_at: datetime) -> datetime:
    instants = [settled_at, day_start(facts.decided_on)]
    if needs_notice(facts):
        instants += [
            _after_delivery(notice, settled_at)
            for notice in (facts.decision_notice, facts.repair_notice)
            if notice is not None
        ]
    return max(instants)


def _after_delivery(notice: Notice, settled_at: datetime) -> datetime:
    # A delivery reported as done happened before its report. One dated later counts when its day
    # is over: at what hour of that day it will happen is not known.
    if notice.delivered_on <= civil_date(settled_at):
        return settled_at
    return day_end(notice.delivered_on)


def _repairable_from(facts: PublicityFacts, term: Term) -> date | None:
    return None if term.min_months is None else add_months(facts.decided_on, term.min_months)


def _grounds_for(
    facts: PublicityFacts, rule_set: PublicityRuleSet, term: Term, last_day: date | None
) -> Iterator[Reason]:
    person = facts.subject.kind in PERSONS
    basis = facts.type.disclosure.persons_basis if person else facts.type.disclosure.basis
    yield Reason("scope_public", f"归集目录规定公开，依据：{basis.document if basis else ''}")
    if last_day is None:
        yield Reason("term_open", f"长期公示，依据：{rule_set.basis.document}")
    else:
        level = f"{_SEVERITIES[facts.severity]}失信，" if facts.severity else ""
        yield Reason(
            "term",
            f"{level}公示期自{facts.decided_on}起，至{last_day}24时止，"
            f"依据：{rule_set.basis.document}",
        )
    if needs_notice(facts):
        yield Reason("notices_delivered", "决定文书和信用修复告知书均已送达（两书同达）")
    for mark in facts.marks:
        yield Reason("marked", f"自{mark.since}起标注“{mark.text}”，标注不影响公示")


def _statement_shown(statement: Statement | None) -> Statement | None:
    return None if statement is None else replace(statement, text=scrub(statement.text))


def _shown(entry: Field, value: FieldValue) -> FieldValue | None:
    # A citizen code is personal whatever its entry in the catalog forgets to say.
    if entry.personal or entry.mask is not None or entry.kind == "citizen_code":
        if entry.mask == "name":
            return mask_name(str(value))
        return mask_citizen_code(str(value)) if entry.mask == "code" else None
    if isinstance(value, str) and entry.kind == "text":
        return scrub(value)
    return value

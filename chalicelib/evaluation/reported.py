"""Bodies state figures of themselves, with papers that prove them; an office reviews them.

Nothing that was not reviewed reaches an evaluation. Every version is kept; an edit names the
version it is based on, and repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from chalicelib.access.permissions import CREDIT_OFFICE
from chalicelib.access.service import Superiors, region_covers, significant_part
from chalicelib.aws.attributes import Item
from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import batch_get
from chalicelib.aws.writes import commit
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Subject
from chalicelib.evaluation import store_reported as store
from chalicelib.evaluation.model import Period
from chalicelib.evaluation.model_reported import Report, ReportState, Verdict
from chalicelib.evaluation.rules_periods import EXAMPLES, name_of, period_of
from chalicelib.evaluation.rules_reported import (
    due_on,
    may_review,
    may_state,
    periods_in,
    reviewed,
    statement_faults,
    verdict_faults,
)
from chalicelib.evidence import service as evidence
from chalicelib.evidence.model import papers_of
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
)
from chalicelib.policy.reported import ReportedFigure
from chalicelib.policy.service import pack_for, pack_version
from chalicelib.web.model import Caller, Scope


@dataclass(frozen=True, slots=True)
class Statement:
    """What a body states."""

    value: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What a review comes to."""

    verdict: Verdict
    value: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Who looks, how far the right goes, and at which region (empty: as far as it goes)."""

    caller: Caller
    scope: Scope
    region: str = ""

    def holds(self, superiors: Superiors, code: str, region: str) -> bool:
        """Whether what belongs to a body of a region lies within it."""
        return superiors.reach(self.caller, self.scope, code, region)

    def within(self) -> str:
        """The region looked at, empty for all. Raises Forbidden outside the caller's."""
        everywhere = self.scope is Scope.ALL
        wanted = self.region or ("" if everywhere else self.caller.region)
        if not everywhere and not region_covers(self.caller.region, wanted):
            raise Forbidden("只能查看本行政区划及以下的填报", code="outside_region")
        return wanted


@dataclass(frozen=True, slots=True)
class Obliged:
    """A body that has to state a figure, and what it has stated."""

    subject: Subject
    report: Report | None


def figures_for(platform: Platform, jurisdiction: str) -> list[ReportedFigure]:
    """What bodies of a jurisdiction state of themselves today."""
    pack = pack_for(jurisdiction, civil_date(platform.clock()))
    return list(pack.reported_figures.values())


def find_figure(platform: Platform, jurisdiction: str, code: str) -> ReportedFigure:
    """A figure bodies state. Raises NotFound."""
    for figure in figures_for(platform, jurisdiction):
        if figure.code == code:
            return figure
    raise NotFound("本地没有这项填报数据", code="unknown_figure")


def find_period(figure: ReportedFigure, name: str) -> Period:
    """The period of that name. Raises NotFound for one that is none of the figure."""
    try:
        return period_of(figure.period, name)
    except ValueError:
        message = f"填报期应写作 {EXAMPLES[figure.period]} 这样的形式"
        raise NotFound(message, code="unknown_period") from None


def state_figure(
    platform: Platform, caller: Caller, code: str, period: str, statement: Statement, version: int
) -> Report:
    """Take what the caller's own body states, based on a version of its report (0: none yet).

    Raises NotFound, Forbidden where the figure is none of its kind of body, Invalid, Conflict
    before the period is over and once it was accepted, PreconditionFailed for a stale version.
    """
    figure = find_figure(platform, caller.jurisdiction, code)
    days, today = find_period(figure, period), civil_date(platform.clock())
    subject = _own_body(platform, caller, figure)
    before = store.load(platform, caller.agency_code, code, period)
    if before is not None and _is_again(before, statement, version):
        return before
    if version != (0 if before is None else before.version):
        raise PreconditionFailed()
    if today <= days.last:
        raise Conflict(f"填报期到 {days.last} 才结束，请期满后填报", code="period_not_over")
    if not may_state(before):
        raise Conflict("这项数据已经审核认定，需要更正的请信用办退回", code="figure_accepted")
    faults = list(statement_faults(figure, statement.value, statement.text, statement.evidence))
    faults += _paper_faults(platform, caller.agency_code, statement.evidence)
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    report = Report(
        unified_code=subject.unified_code,
        name=subject.name,
        jurisdiction=caller.jurisdiction,
        region=subject.region,
        figure=code,
        period=period,
        pack=pack_for(caller.jurisdiction, today).version,
        value=statement.value,
        text=statement.text,
        evidence=statement.evidence,
        submitted_at=instant_text(platform.clock()),
        submitted_by=caller.client_id,
        due_on=due_on(figure, days).isoformat(),
        review_due_on=(today + timedelta(days=figure.review_days)).isoformat(),
        version=version + 1,
    )
    return _saved(platform, report, before)


def _is_again(before: Report, statement: Statement, version: int) -> bool:
    known = Statement(before.value, before.text, before.evidence)
    return before.version == version + 1 and before.state == "submitted" and known == statement


def _own_body(platform: Platform, caller: Caller, figure: ReportedFigure) -> Subject:
    subject_id = files.body_id(caller.agency_code)
    subject = files.subjects_by_id(platform, [subject_id]).get(subject_id)
    if subject is None or not subject.registered or subject.kind not in figure.about:
        raise Forbidden("这项数据不由本单位填报", code="not_your_figure")
    return subject


def _paper_faults(platform: Platform, agency: str, papers: Sequence[str]) -> Iterator[Fault]:
    """Papers that are not there, not archived, or handed in for something else."""
    about = f"subject:{files.body_id(agency)}"
    keys = [evidence.paper_key(platform, agency, paper) for paper in papers]
    found = batch_get(keys) if keys else {}
    for position, key in enumerate(keys):
        item = found.get(key)
        if item is None or not evidence.is_archived(item) or evidence.matter_of(item) != about:
            message = "没有这份材料，或者还没有提交，或者不是就本单位提交的"
            yield Fault(f"/evidence/{position}", "unknown_paper", message)


def _saved(platform: Platform, report: Report, before: Report | None) -> Report:
    try:
        commit(store.writes_of(platform, report, before))
    except ConditionFailed as error:
        raise PreconditionFailed("这项填报刚刚被修改，请重新读取") from error
    return report


def review_figure(
    platform: Platform, caller: Caller, found: Report, review: Review, version: int
) -> Report:
    """Accept what a body stated, accept another value with a reason, or return it with one. Again
    the same changes nothing. Raises Forbidden, Invalid, Conflict, PreconditionFailed."""
    figure = figure_of_report(found)
    if not _is_reviewer(platform, caller, figure, found):
        raise Forbidden("这项数据不由本单位审核", code="not_your_review")
    if found.version == version + 1 and _same_verdict(found, review):
        return found
    if found.version != version:
        raise PreconditionFailed()
    faults = list(verdict_faults(figure, review.verdict, review.value, review.reason))
    if faults:
        raise Invalid(f"有 {len(faults)} 处不符合要求", faults=faults)
    if not may_review(found, review.verdict):
        raise Conflict("这项数据现在不能这样审核", code="not_to_review")
    after = replace(
        reviewed(found, review.verdict, review.value, review.reason),
        reviewed_at=instant_text(platform.clock()),
        reviewed_by=caller.agency_code,
    )
    return _saved(platform, after, found)


def _same_verdict(found: Report, review: Review) -> bool:
    if review.verdict == "return":
        return found.state == "returned" and found.reason == review.reason
    counts = review.value if review.verdict == "amend" else found.value
    known = (found.state, found.accepted_value, found.reason)
    return known == ("accepted", counts, review.reason)


def figure_of_report(report: Report) -> ReportedFigure:
    """The figure a report is about, by the pack it was stated under."""
    return pack_version(report.jurisdiction, report.pack).reported_figures[report.figure]


def _is_reviewer(
    platform: Platform, caller: Caller, figure: ReportedFigure, report: Report
) -> bool:
    """Whoever the pack names, over the body's region or above the body; never the body itself."""
    if figure.reviewed_by not in caller.roles or caller.agency_code == report.unified_code:
        return False
    if figure.reviewed_by == CREDIT_OFFICE:
        return region_covers(caller.region, report.region)
    superiors = Superiors(platform)
    return superiors.reach(caller, Scope.BELOW, report.unified_code, report.region)


def find_visible(platform: Platform, reach: Reach, code: str, period: str, body: str) -> Report:
    """The report of a body, if it lies within reach. Raises NotFound alike where it does not, and
    where there is none."""
    report = store.load(platform, body, code, period)
    if (
        report is None
        or report.jurisdiction != reach.caller.jurisdiction
        or not reach.holds(Superiors(platform), report.unified_code, report.region)
    ):
        raise NotFound("没有这项填报", code="figure_not_stated")
    return report


def history_of(platform: Platform, report: Report) -> list[Report]:
    """The earlier versions of a report, oldest first."""
    return store.history(platform, report)


def open_paper(platform: Platform, report: Report, evidence_id: str) -> evidence.Opened:
    """A paper that proves a report, or proved an earlier version. Raises NotFound."""
    named = {paper for one in (report, *history_of(platform, report)) for paper in one.evidence}
    if evidence_id not in named:
        raise NotFound("这项填报没有这份材料")
    paper = evidence.find(platform, papers_of(report.unified_code), evidence_id)
    return evidence.open_evidence(platform, paper, in_full=True)


def list_reports(
    platform: Platform, reach: Reach, state: ReportState, limit: int, start: Item | None
) -> tuple[list[Report], Item | None]:
    """One page of the caller's own reports (smallest scope; in every state), or of those in a state
    in a region and below; of a superior those below it, and a page may then be short. Raises
    Forbidden outside the region."""
    caller = reach.caller
    if reach.scope is Scope.OWN:
        return store.page_of_own(platform, caller.agency_code, limit, start)
    within = reach.within()
    prefix = f"{state}#{significant_part(within) if within else ''}"
    found, cursor = store.page_of_region(platform, caller.jurisdiction, prefix, limit, start)
    superiors = Superiors(platform)
    seen = [one for one in found if reach.holds(superiors, one.unified_code, one.region)]
    return seen, cursor


def list_obliged(
    platform: Platform,
    reach: Reach,
    figure: ReportedFigure,
    period: str,
    limit: int,
    start: Item | None,
) -> tuple[list[Obliged], Item | None]:
    """One page of the bodies that have to state a figure for a period, with what they stated: by
    region and code. Raises Forbidden outside the region."""
    after = "" if start is None else str(start["after"])
    found = list(islice(_obliged(platform, reach, figure, after), limit + 1))
    page = found[:limit]
    keys = [(one.unified_code, figure.code, period) for one in page]
    reports = store.load_some(platform, keys) if keys else {}
    obliged = [Obliged(one, reports.get(key)) for one, key in zip(page, keys, strict=True)]
    more = len(found) > limit
    return obliged, {"after": _place(page[-1])} if more else None


def _obliged(
    platform: Platform, reach: Reach, figure: ReportedFigure, after: str
) -> Iterator[Subject]:
    """The bodies within reach behind a place; the register is read from its beginning."""
    jurisdiction, wanted = reach.caller.jurisdiction, reach.within()
    pack = pack_for(jurisdiction, civil_date(platform.clock()))
    regions = sorted(code for code in pack.regions if not wanted or region_covers(wanted, code))
    superiors = Superiors(platform)
    for subject in files.bodies(platform, jurisdiction, regions):
        if _place(subject) > after and subject.kind in figure.about:
            if reach.holds(superiors, subject.unified_code, subject.region):
                yield subject


def _place(subject: Subject) -> str:
    return f"{subject.region}#{subject.unified_code}"


def accepted_in(
    platform: Platform, figures: Sequence[ReportedFigure], codes: Sequence[str], period: Period
) -> Iterator[tuple[Report, date]]:
    """What was accepted of some figures and bodies for the periods that end in a period, with the
    last day of each. One call per 100 reports."""
    days = {
        (figure.code, name): one.last
        for figure in figures
        for one in periods_in(figure, period)
        for name in [name_of(one)]
    }
    keys = [(code, figure, name) for code in codes for figure, name in days]
    for report in (store.load_some(platform, keys) if keys else {}).values():
        if report.state == "accepted":
            yield report, days[report.figure, report.period]

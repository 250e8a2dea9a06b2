"""Told before publication: whose result is poor is told, and heard, before anybody else knows it.

    ranked ─ grade of the scheme's notice ─ hold and letter in one write ─ all told ─ run completed
    hold ─ last day over ─ released: the run has a new version, is shown anew
         ├ appeal open ─ waits, however long
         └ appeal granted ─ withheld: what is published is the result computed again

All other results are public with the run. What that gives away: while a body is told, it is missing
among those shown. So that nothing more can be read from it, no ranks of its group are public
meanwhile: a gap, or the last place alone, would say where the missing one stands; nor are its
points and grade counted anywhere, nor is shown what its peers' points take from all of them (a
percentile, a rate taken together), in which it is counted. Inside the administration nothing is
hidden from whoever may see the result: the body itself and the offices above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from chalicelib.aws.calls import ConditionFailed
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Write, commit
from chalicelib.cases import service as cases
from chalicelib.cases.model import Letter
from chalicelib.cases.service import Contest
from chalicelib.evaluation import holdstore, store
from chalicelib.evaluation.formulas import needs_peers
from chalicelib.evaluation.model_notices import Hold
from chalicelib.evaluation.runs import Body, Result, Run
from chalicelib.evaluation.scoring import pinned_scheme
from chalicelib.evaluation.tallies import Group
from chalicelib.kernel.clock import civil_date, instant_text
from chalicelib.kernel.deadlines import Deadline, Limit, deadline
from chalicelib.kernel.log import log_event
from chalicelib.policy import service as policy
from chalicelib.policy.base import PERSONS, LegalBasis
from chalicelib.policy.scheme import Scheme, SharedBy

TOLD_AT_ONCE = 40
"""Bodies told in one transaction: a hold and a letter each."""
LETTER_KIND = "evaluation_notice"


def tell(platform: Platform, run: Run, results: Iterable[Result]) -> int:
    """Hold those of the results of a run about to be completed and tell their bodies; how many.
    What is not public anyway is told of only.
    Repeated after a failure it tells those who were not. Raises ConditionFailed where another
    delivery did so at the same time."""
    scheme = pinned_scheme(run)
    notice = scheme.notice
    if notice is None:
        return 0
    concerned = [one for one in results if one.grade in notice.grades]
    known = holdstore.holds_at(platform, [(run.run_id, one.body.subject_id) for one in concerned])
    missing = [one for one in concerned if (run.run_id, one.body.subject_id) not in known]
    now = platform.clock()
    told_on = civil_date(now)
    last = _publication_deadline(run.jurisdiction, scheme, told_on)
    appeal = appeal_deadline(run.jurisdiction, scheme, told_on)
    waiting: list[Write] = []
    for result in missing:
        hold = Hold(
            run_id=run.run_id,
            subject_id=result.body.subject_id,
            told_at=instant_text(now),
            last_day=last.due_on.isoformat() if last else "",
            deadline=last.as_json() if last else {},
            state="held" if last else "told",
        )
        letter = _letter(run, result, hold, appeal)
        waiting += [holdstore.hold_put(platform, hold), *cases.letter_puts(platform, [letter])]
        if len(waiting) >= 2 * TOLD_AT_ONCE:
            commit(waiting)
            waiting = []
    if waiting:
        commit(waiting)
    return len(missing)


def _publication_deadline(jurisdiction: str, scheme: Scheme, told_on: date) -> Deadline | None:
    """The last day before publication; None where the results of the scheme are not public."""
    notice = scheme.notice
    if notice is None or scheme.disclosure != "public":
        return None
    return _counted(jurisdiction, told_on, notice.days, "告知后公布", notice.basis)


def appeal_deadline(jurisdiction: str, scheme: Scheme, told_on: date) -> Deadline | None:
    """Until when a result told on that day may be appealed; None where the scheme has no appeal."""
    if scheme.appeal is None:
        return None
    return _counted(jurisdiction, told_on, scheme.appeal.days, "提出复核", scheme.appeal.basis)


def _counted(
    jurisdiction: str, told_on: date, days: int, what: str, basis: LegalBasis
) -> Deadline:
    # Which days are days off is a fact, not a policy: the arrangement known today counts.
    calendar = policy.pack_for(jurisdiction, told_on).calendar.working_days
    unverified = "" if basis.verified else "（未核实）"
    said = f"{basis.document}{basis.clause or ''}{unverified}"
    limit = Limit(days, "working_days", f"{what}：{days}个工作日", said)
    return deadline(calendar, told_on, limit)


def _letter(run: Run, result: Result, hold: Hold, appeal: Deadline | None) -> Letter:
    whose = "您" if result.body.kind in PERSONS else "您单位"
    until = "" if appeal is None else f"有异议的，可以在{appeal.due_on}前提出复核。"
    total = format(result.total, "f")
    before = f"在{hold.last_day}（含）以前" if hold.last_day else ""
    return Letter(
        to="subject",
        recipient=f"subject:{result.body.subject_id}",
        case_id="",
        case_version=0,
        number=0,
        kind=LETTER_KIND,
        text=f"“{run.title}”（{run.period}）：{whose}的结果为{total}分，等级“{result.grade_title}”。"
        f"这个结果{before}不对外公布。{until}",
        at=hold.told_at,
        region=result.body.region,
        jurisdiction=run.jurisdiction,
        run_id=run.run_id,
    )


def publish_due(platform: Platform) -> int:
    """Release results whose last day is over, unless an appeal is open, and withhold those whose
    appeal was granted; how many. An appeal that was turned down early shortens nothing: the body
    was told the day. What fails in between, or is not completed yet, is found by the next sweep."""
    today = civil_date(platform.clock()).isoformat()
    at = instant_text(platform.clock())
    settled = 0
    for run_id, holds in _by_run(holdstore.waiting_holds(platform)):
        contests = contests_in(platform, run_id, [hold.subject_id for hold in holds])
        fates = {hold.subject_id: _fate(hold, contests, today) for hold in holds}
        for state in ("released", "withheld"):
            found = [hold for hold in holds if fates[hold.subject_id] == state]
            if found and _is_settled(platform, run_id, found, state, at):
                settled += len(found)
    return settled


def _is_settled(
    platform: Platform, run_id: str, holds: list[Hold], state: str, at: str
) -> bool:
    # One run that is not completed, or that another sweep is at, must not keep the others back.
    try:
        holdstore.settle(platform, run_id, holds, state, at)
    except ConditionFailed:
        log_event("WARNING", "holds_not_settled", run_id=run_id, state=state)
        return False
    return True


def _by_run(holds: Iterable[Hold]) -> Iterator[tuple[str, list[Hold]]]:
    run_of = attrgetter("run_id")
    for run_id, found in groupby(sorted(holds, key=run_of), key=run_of):
        yield run_id, list(found)


def _fate(hold: Hold, contests: dict[str, Contest], today: str) -> str:
    contest = contests.get(hold.subject_id)
    if contest is not None and contest.state == "open":
        return "held"
    if contest is not None and contest.state == "granted":
        return "withheld"
    return "released" if today > hold.last_day else "held"


def contests_in(
    platform: Platform, run_id: str, subject_ids: Iterable[str]
) -> dict[str, Contest]:
    """The appeals against results of a run, by subject."""
    found = cases.contests_of(platform, [(run_id, each) for each in subject_ids])
    return {subject_id: contest for (_, subject_id), contest in found.items()}


@dataclass(frozen=True, slots=True)
class Publication:
    """What of a run may be public now: whose results wait, and whose groups' ranks and
    peers' workings with them."""

    waiting: frozenset[str] = frozenset()
    """Subjects whose results are not public."""
    groups_waiting: frozenset[str] = frozenset()
    groups_opened: frozenset[str] = frozenset()
    """Groups whose ranks were not public at first and are now."""
    peers_within: tuple[SharedBy, ...] = ()
    """What peers have in common; empty where no points depend on the peers."""
    peers_waiting: frozenset[Group] = frozenset()
    peers_opened: frozenset[Group] = frozenset()
    """Peers one of whom was not public at first, and all of whom are now."""

    def ranks_of(self, group: str) -> bool:
        """Whether the ranks of a group are public."""
        return group not in self.groups_waiting

    def peers_of(self, body: Body) -> bool:
        """Whether it is public what a body's points take from its peers."""
        return _group(self.peers_within, body) not in self.peers_waiting

    def times_shown(self, result: Result) -> int:
        """Counts up when the ranks of a result's group, or what it takes from its peers, become
        public: part of a document's version."""
        ranks = result.placing is not None and result.placing.group in self.groups_opened
        return ranks + (_group(self.peers_within, result.body) in self.peers_opened)


def _group(within: tuple[SharedBy, ...], body: Body) -> Group:
    return tuple(getattr(body, name) for name in within)


def publication_of(platform: Platform, run: Run) -> Publication:
    """What of a completed run may be public now. A scheme without notice holds nothing."""
    scheme = policy.pack_version(run.jurisdiction, run.pack).schemes.get(run.scheme)
    if scheme is None or scheme.notice is None:
        return Publication()
    holds = holdstore.holds_of(platform, run.run_id)
    results = store.load_results(platform, run.run_id, holds)
    waiting = frozenset(each for each, hold in holds.items() if not hold.is_over)
    groups = {
        subject_id: result.placing.group
        for subject_id, result in results.items()
        if result.placing is not None
    }
    closed = frozenset(groups[each] for each in waiting if each in groups)
    by_peers = any(needs_peers(leaf.score) for leaf in scheme.leaves())
    within = scheme.peers_within if by_peers else ()
    peers = {each: _group(within, result.body) for each, result in results.items() if by_peers}
    apart = frozenset(peers[each] for each in waiting if each in peers)
    return Publication(
        waiting=waiting,
        groups_waiting=closed,
        groups_opened=frozenset(groups.values()) - closed,
        peers_within=within,
        peers_waiting=apart,
        peers_opened=frozenset(peers.values()) - apart,
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a result beside its digits."""

    hold: Hold | None = None
    contest: Contest | None = None

    def version(self, result: Result) -> str:
        """The version of all that is shown: the result, its publication and its appeal."""
        held = self.hold.state if self.hold else ""
        contest = self.contest.version if self.contest else 0
        return f"{result.version}-{held}-{contest}" if held or contest else str(result.version)


def beside(platform: Platform, results: Iterable[Result]) -> dict[str, Beside]:
    """What is known of some results of one run, by subject."""
    found = beside_all(platform, results)
    return {subject_id: one for (_, subject_id), one in found.items()}


def beside_all(
    platform: Platform, results: Iterable[Result]
) -> dict[tuple[str, str], Beside]:
    """What is known of results of whatever runs, by run and subject."""
    named = [(result.run_id, result.body.subject_id) for result in results]
    holds = holdstore.holds_at(platform, named)
    contests = cases.contests_of(platform, named)
    return {each: Beside(holds.get(each), contests.get(each)) for each in named}

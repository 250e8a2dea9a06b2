"""Records about officials: annual assessments, honours, discipline. None of them is ever public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from infra.local.sample.city import (
    bodies_by_code,
    body_named,
    officials,
    reporter_for,
)
from infra.local.sample.frame import SampleRecord, Window, notices, stream, subject_of

HONOURS, DISCIPLINE = 140, 36
_RESULTS = (
    *("excellent",) * 4,
    *("competent",) * 14,
    "basically_competent",
    "not_graded",
)
_HONOURS = ("人民满意的公务员", "优秀共产党员", "嘉奖", "先进工作者")
# (measure, months, conduct, facts)
_DISCIPLINE = (
    ("warning", 6, "neglect", "对应当办理的事项推诿拖延"),
    ("demerit", 12, "false_report", "未如实报告个人有关事项"),
    ("serious_demerit", 18, "dereliction", "履行监管职责不到位，造成损失"),
    ("demotion", 24, "statistics", "授意下属编造统计资料"),
    ("removal", 24, "abuse", "违反规定干预招标投标活动"),
)


def about_officials(window: Window) -> Iterator[SampleRecord]:
    """All records about officials."""
    yield from _assessments(window)
    yield from _honours(window)
    yield from _discipline(window)


def _assessments(window: Window) -> Iterator[SampleRecord]:
    """One per official and year, determined in the February after."""
    random = stream("annual_assessment")
    for person in officials():
        employer = bodies_by_code()[person.employer]
        for year in range(window.first.year - 1, window.today.year):
            result = random.choice(_RESULTS)
            day = window.weekday(date(year + 1, 2, 3) + timedelta(days=random.randrange(24)))
            if window.holds(day):
                yield SampleRecord(
                    reporter_for(employer).code,
                    "annual_assessment",
                    subject_of(person),
                    {
                        "year": year,
                        "result": result,
                        "determined_by": employer.name,
                        "determined_on": day.isoformat(),
                    },
                )


def _honours(window: Window) -> Iterator[SampleRecord]:
    random = stream("public_official_honour")
    reporter = body_named("示例市公务员管理部门")
    for number in range(1, HONOURS + 1):
        day = window.any_day(random)
        yield SampleRecord(
            reporter.code,
            "public_official_honour",
            subject_of(random.choice(officials())),
            {
                "honour_name": random.choice(_HONOURS),
                "decision_number": f"示公管奖〔{day.year}〕{number}号",
                "honour_level": random.choice(("county", "county", "city", "provincial")),
                "awarded_by": "示例市人民政府",
                "awarded_on": day.isoformat(),
            },
        )


def _discipline(window: Window) -> Iterator[SampleRecord]:
    random = stream("public_official_discipline")
    reporter = body_named("示例市监察委员会")
    for number in range(1, DISCIPLINE + 1):
        day = window.any_day(random)
        # The lighter a measure the more often: the lower of two draws.
        place = min(random.randrange(len(_DISCIPLINE)), random.randrange(len(_DISCIPLINE)))
        measure, months, conduct, facts = _DISCIPLINE[place]
        decision = f"示监政处〔{day.year}〕{number}号"
        yield SampleRecord(
            reporter.code,
            "public_official_discipline",
            subject_of(random.choice(officials())),
            {
                "decision_number": decision,
                "measure": measure,
                "conduct": conduct,
                "facts": facts,
                "decided_by": reporter.name,
                "decided_on": day.isoformat(),
                "period_months": months,
            },
            notices(window, day, decision, random),
        )

"""What bodies of government report of themselves, and what surveys say of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from infra.local.sample.city import Body, bodies, body_named, reporter_for
from infra.local.sample.frame import SampleRecord, Value, Window, stream, subject_of

HONOURS = 150
_QUARTERS = "一二三四"
# By conduct, poor to excellent: hundredths of what is due that is done on time, per-cent liked.
_ON_TIME = ((40, 65), (78, 92), (92, 99), (97, 100))
_LIKED = ((48, 68), (72, 89), (86, 94), (93, 99))
_KEPT = (45, 75, 93, 99)
"""By conduct: hundredths of the commitments that are kept."""
_COMMITMENTS = (
    ("time_limit", "一般业务两个工作日内办结", "全体办事企业和群众"),
    ("policy", "兑现企业技术改造扶持资金", "符合条件的企业"),
    ("contract", "按合同约定支付已验收项目款项", "项目承包单位"),
    ("service_quality", "窗口服务一次性告知所需材料", "全体办事企业和群众"),
    ("procurement", "验收合格后三十日内付款", "供应商"),
    ("guarantee", "按期完成老旧小区供水改造", "辖区居民"),
)
_HONOUR_NAMES = ("政务诚信建设先进单位", "优化营商环境先进单位", "政务公开先进单位", "文明单位")
_AWARDED_BY = {"county": "人民政府", "city": "示例市人民政府", "provincial": "示例省人民政府"}


def reported_of_bodies(window: Window) -> Iterator[SampleRecord]:
    """Openness reports, satisfaction, commitments and honours."""
    yield from _openness(window)
    yield from _satisfaction(window)
    yield from _commitments(window)
    yield from _honours(window)


def _openness(window: Window) -> Iterator[SampleRecord]:
    """One per body and quarter, some days after the quarter; party organs do not report."""
    random = stream("government_openness")
    for body in bodies():
        if body.kind == "party_organ":
            continue
        for year in range(window.first.year - 1, window.today.year + 1):
            for quarter in range(1, 5):
                end = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
                day = window.weekday(end + timedelta(days=random.randrange(5, 19)))
                due, asked = random.randrange(20, 160), random.randrange(0, 24)
                done = (_share(body, due, random), _share(body, asked, random))
                if window.holds(day):
                    period = f"{year}年第{_QUARTERS[quarter - 1]}季度"
                    yield _openness_report(body, period, day, (due, asked), done)


def _openness_report(
    body: Body, period: str, day: date, due: tuple[int, int], done: tuple[int, int]
) -> SampleRecord:
    return SampleRecord(
        reporter_for(body).code,
        "government_openness",
        subject_of(body),
        {
            "period": period,
            "items_due": due[0],
            "items_on_time": done[0],
            "requests_due": due[1],
            "requests_on_time": done[1],
            "reported_on": day.isoformat(),
        },
    )


def _share(body: Body, of: int, random: Random) -> int:
    low, high = _ON_TIME[body.conduct]
    return of * random.randrange(low, high + 1) // 100


def _satisfaction(window: Window) -> Iterator[SampleRecord]:
    """Two surveys a year, in June and December, by the statistics bureau."""
    random = stream("satisfaction_result")
    bureau = body_named("示例市统计局")
    for year in window.years:
        for month in (6, 12):
            for number, body in enumerate(bodies(), start=1):
                day = window.weekday(date(year, month, 12))
                percent = random.randrange(*(bound * 100 for bound in _LIKED[body.conduct]))
                respondents = random.randrange(120, 600)
                if window.holds(day):
                    yield SampleRecord(
                        bureau.code,
                        "satisfaction_result",
                        subject_of(body),
                        {
                            "survey_number": f"SAT-{year}-{month:02}-{number:03}",
                            "survey_name": f"{year}年{month}月政务服务满意度调查",
                            "conducted_by": bureau.name,
                            "respondents": respondents,
                            "satisfaction_percent": f"{percent // 100}.{percent % 100:02}",
                            "published_on": day.isoformat(),
                        },
                    )


def _commitments(window: Window) -> Iterator[SampleRecord]:
    """Six per body, over the whole window."""
    random = stream("commitment")
    for place, body in enumerate(bodies(), start=1):
        for number in range(1, 7):
            made = window.any_day(random)
            due = made + timedelta(days=random.choice((30, 60, 90)))
            kind, content, beneficiary = random.choice(_COMMITMENTS)
            fields: dict[str, Value] = {
                "commitment_number": f"CN-{place:03}-{number:02}",
                "commitment_kind": kind,
                "content": content,
                "beneficiary": beneficiary,
                "committed_on": made.isoformat(),
                "due_on": due.isoformat(),
                "responsible_unit": body.name,
                **_outcome(window, body, made, due, random),
            }
            yield SampleRecord(reporter_for(body).code, "commitment", subject_of(body), fields)


def _outcome(window: Window, body: Body, made: date, due: date, random: Random) -> dict[str, Value]:
    draw = random.randrange(100)
    done = made + timedelta(days=random.randrange(5, 30))
    if due > window.today or done > window.today:
        return {"status": "open"}
    if draw < _KEPT[body.conduct]:
        return {"status": "performed", "performed_on": done.isoformat()}
    if draw % 6 == 0:
        return {
            "status": "changed_by_law",
            "change_procedure": "因公共利益需要，经集体研究并依法定程序决定",
            "compensation": "已与相对人达成补偿协议并支付",
        }
    return {"status": "breached"}


def _honours(window: Window) -> Iterator[SampleRecord]:
    """Mostly for bodies of good conduct, by the government above."""
    random = stream("honour")
    able = [body for body in bodies() for _ in range(body.conduct * body.conduct)]
    for number in range(1, HONOURS + 1):
        body = random.choice(able)
        day = window.any_day(random)
        level = random.choice(("county", "city", "city", "provincial"))
        if body.level == "city" and level == "county":
            level = "city"
        county = body.name[:6] if level == "county" else ""
        yield SampleRecord(
            reporter_for(body).code,
            "honour",
            subject_of(body),
            {
                "honour_name": random.choice(_HONOUR_NAMES),
                "decision_number": f"示表〔{day.year}〕{number}号",
                "honour_level": level,
                "awarded_by": county + _AWARDED_BY[level],
                "awarded_on": day.isoformat(),
                "deeds": "全年承诺事项按期办结",
            },
        )

"""What changes in the parts of a pack that are plain entries: tasks, registers, areas ..."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from chalicelib.policy.base import PERSONS, Audience, Frozen
from chalicelib.policy.comparing_parts import REST, Found, Parts, compare_lists, compare_parts
from chalicelib.policy.measures import MeasureEntry
from chalicelib.policy.model import Pack
from chalicelib.policy.programme import Conduct, Register


def _plain(**titles: str) -> Parts:
    return MappingProxyType({name: (title, None) for name, title in titles.items()})


@dataclass(frozen=True, slots=True)
class _Section:
    """How a section is told: what an entry is called, whom it concerns, what its parts are."""

    noun: str
    concerns: Audience | Callable[[Frozen], Audience]
    parts: Parts
    lists: tuple[tuple[str, str], ...] = ()
    """Attribute and noun of lists that are compared entry by entry."""

    def audience(self, entry: Frozen) -> Audience:
        return self.concerns(entry) if callable(self.concerns) else self.concerns


def _kept_by(entry: Frozen) -> Audience:
    agency = isinstance(entry, Register) and entry.kept_by == "agency"
    return "bodies" if agency else "credit_office"


def _whose_conduct(entry: Frozen) -> Audience:
    person = isinstance(entry, Conduct) and set(entry.about) & PERSONS
    return "officials" if person else "bodies"


def _who_is_under(entry: Frozen) -> Audience:
    persons = isinstance(entry, MeasureEntry) and set(entry.about) <= PERSONS
    return "officials" if persons else "bodies"


_SECTIONS: Final[Mapping[str, _Section]] = MappingProxyType(
    {
        "areas": _Section(
            "重点领域",
            "bodies",
            _plain(
                title="名称", lead="牵头单位", cooperating="配合单位", demands="要求",
                types="信息类型",
            ),
        ),
        "classes": _Section(
            "信用信息分类", "credit_office", _plain(title="名称", order="次序", types="信息类型")
        ),
        "conduct": _Section(
            "失信行为情形",
            _whose_conduct,
            _plain(
                title="名称", about="适用主体", severity="失信等级", handling="处理办法",
                types="信息类型",
            ),
        ),
        "supervision": _Section(
            "信用监管类别",
            "bodies",
            _plain(
                title="名称", order="次序", about="适用主体", most_dishonesty="失信记录上限",
                measures="监管措施", warned="是否公开警示",
            ),
        ),
        "tasks": _Section(
            "任务",
            "bodies",
            _plain(
                title="名称", content="内容", lead="牵头单位", cooperating="配合单位", term="时限",
                starts_on="启动日期", due_on="完成日期", target="目标",
            ),
        ),
        "registers": _Section(
            "台账",
            _kept_by,
            _plain(
                title="名称", purpose="用途", kept_by="登记单位", key="区分各条的字段",
                due_field="期限取自", valid_until_field="有效期取自", at_least="最少条数",
                target="目标", remind_days="提前提醒天数",
            ),
            (("fields", "字段"), ("steps", "步骤")),
        ),
        "assessments": _Section(
            "归集工作考核",
            "reporters",
            _plain(
                types="信息类型", declare_by_day="每月申报日", remind_days="提前提醒天数",
                least_sample="参加排名的最少件数", late_share_called_out="点名通报的迟报比例",
                rates="比率和分值",
            ),
        ),
        "rating_bars": _Section(
            "评优限制",
            "bodies",
            _plain(
                title="名称", rating="限制", about="适用主体", counts="计入的记录",
                types="信息类型", severities="失信等级", repaired_counts="修复后是否仍受限制",
                waivers="视为减免的认定", pending="待有权机关处理的案件",
            ),
        ),
        "case_kinds": _Section(
            "案件种类",
            "bodies",
            _plain(
                title="名称", purpose="用途", about="针对的对象", hides_informant="不显示提出人",
                stops="中止事由", opened_when="由平台发起的情形",
                warned_when="由预警触发的操作",
            ),
            (("states", "状态"), ("limits", "期限"), ("actions", "操作")),
        ),
        "warning_rules": _Section(
            "预警规则",
            "bodies",
            _plain(
                title="名称", scopes="预警对象", subjects="适用主体", source="取数", metric="指标",
                window="时间窗口", min_sample="最少件数", thresholds="阈值", hysteresis="解除条件",
                confirmed_by="回测对照", case_kind="发起的案件", trade_field="区分行业的字段",
            ),
        ),
        "scenes": _Section(
            "核查场景",
            "credit_office",
            _plain(
                title="名称", order="次序", asked_by="核查单位", about="可以核查的主体",
                answers="可能的答复", feedback_days="反馈天数",
                proof_days="证明有效天数",
            ),
        ),
        "measures": _Section(
            "奖惩措施",
            _who_is_under,
            _plain(
                title="名称", kind="类别", about="适用主体", grounds="适用情形",
                scenes="场景中的作用", ends="结束时间", lifted_by="提前解除的情形",
                waivers="视为减免的认定",
            ),
        ),
        "reported_figures": _Section(
            "填报数据",
            "bodies",
            _plain(
                title="名称", purpose="口径", unit="单位", least="下限", most="上限",
                decimals="小数位数", about="填报主体", period="填报周期", due_days="期后几日内填报",
                review_days="几日内审核", evidence="须附佐证材料", text="须附自评报告",
                reviewed_by="审核方",
            ),
        ),
        "categories": _Section(
            "档案类别", "credit_office", _plain(title="名称", file="所属档案", order="次序")
        ),
        "forbidden": _Section(
            "不得归集的个人信息",
            "reporters",
            _plain(title="名称", names="字段用词", with_consent="经本人同意可以归集"),
        ),
        "regions": _Section(
            "行政区划", "credit_office", _plain(title="名称", level="级别", parent="上级区划")
        ),
    }
)  # fmt: skip


def compare_entries(before: Pack, after: Pack) -> dict[str, Iterator[Found]]:
    """Per section, every difference of its entries, told to those it concerns."""
    types = {**before.types, **after.types}
    titles = {code: record_type.title for code, record_type in types.items()}
    return {
        name: _compare_section(section, getattr(before, name), getattr(after, name), titles)
        for name, section in _SECTIONS.items()
    }


def _compare_section(
    section: _Section,
    before: Mapping[str, Frozen],
    after: Mapping[str, Frozen],
    titles: Mapping[str, str],
) -> Iterator[Found]:
    for code in dict.fromkeys((*before, *after)):
        old, new = before.get(code), after.get(code)
        if old is None and new is not None:
            yield section.audience(new), code, "added", f"新增{section.noun}“{_title(new)}”"
        elif new is None and old is not None:
            yield section.audience(old), code, "removed", f"取消{section.noun}“{_title(old)}”"
        elif old is not None and new is not None and old != new:
            texts = [text for _, text in compare_parts(old, new, section.parts, titles)]
            for attribute, noun in section.lists:
                texts += compare_lists(noun, getattr(old, attribute), getattr(new, attribute))
            whom = section.audience(new) if texts else "credit_office"
            for text in texts or [REST]:
                yield whom, code, "changed", f"{section.noun}“{_title(new)}”：{text}"


def _title(entry: Frozen) -> str:
    return str(getattr(entry, "title", "") or getattr(entry, "code", ""))

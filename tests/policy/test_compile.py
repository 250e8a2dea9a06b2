"""Layers by effective date, overriding by code, and what comes out as JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from chalicelib.kernel.errors import Misconfigured, NotFound
from chalicelib.policy import service
from chalicelib.policy.compile import PACKS, BrokenPolicy, build_all, compile_all, digest_of
from chalicelib.policy.loading import pack_from, whole
from chalicelib.policy.model import Pack
from tests.policy.builders import UNREAD, Tree, base, bend, compiled, write

CITY = {"pack": {"title": "某市", "document": {**UNREAD, "document": "市文件"}}}


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    write(folder, "national/2024-01-01", base())
    return folder


@pytest.mark.requirement("R-73")
def test_a_city_overrides_attribute_by_attribute_and_field_by_field(
    packs: Path, tmp_path: Path
) -> None:
    own = {
        "types": {
            "decision": {
                "title": "市级决定",
                "fields": {
                    "percent": {"disabled": True},
                    "number": {"max_length": 9},
                    "extra": {"title": "补充", "max_length": 5, "example": "a"},
                },
            }
        },
        "regions": {"999900": {"title": "某市", "level": "city"}},
    }
    write(packs, "city/2025-06-01", {**CITY, **own})
    found = compiled(packs, tmp_path / "out")
    pack = found["city", "2025-06-01"]
    decision = pack.types["decision"]
    assert decision.title == "市级决定"
    assert decision.category == "lawful"
    number, gone, extra = (decision.field(c) for c in ("number", "percent", "extra"))
    assert number is not None and (number.max_length, number.required) == (9, True)
    assert gone is None
    assert extra is not None
    assert pack.document.document == "市文件"
    assert found["national", "2024-01-01"].types["decision"].title == "测试信息"


@pytest.mark.requirement("R-73")
@pytest.mark.parametrize("rules", ["exclusions", "withholdings"])
def test_a_city_s_own_ground_stands_beside_those_of_the_nation(
    tmp_path: Path, rules: str
) -> None:
    def ground(value: str) -> Tree:
        rule = {"field": "severity", "values": [value], "reason": value, "basis": UNREAD}
        return {"types": {"decision": {rules: {value: rule}}}}

    write(tmp_path, "national/2024-01-01", base())
    write(tmp_path, "national/2024-02-01", ground("minor"))
    write(tmp_path, "city/2025-06-01", {**CITY, **ground("serious")})
    decision = compiled(tmp_path, tmp_path / "out")["city", "2025-06-01"].types["decision"]
    assert [one.code for one in getattr(decision, rules)] == ["minor", "serious"]


@pytest.mark.requirement("R-73")
def test_an_entry_can_be_switched_off(packs: Path, tmp_path: Path) -> None:
    write(packs, "city/2025-06-01", {**CITY, "schemes": {"yearly": {"disabled": True}}})
    found = compiled(packs, tmp_path / "out")
    assert found["city", "2025-06-01"].schemes == {}
    assert found["national", "2024-01-01"].schemes.keys() == {"yearly"}


def dormant() -> Tree:
    """A base with a type that belongs to a mechanism the law does not have."""
    tree = base()
    tree["mechanisms"] = {"ledger": {"title": "台账", "state": "off", "basis": UNREAD}}
    entry = {**tree["types"]["decision"], "mechanism": "ledger", "title": "台账信息"}
    tree["types"]["ledger_entry"] = entry
    return tree


ON = {"mechanisms": {"ledger": {"state": "own"}}}


@pytest.mark.requirement("R-73")
def test_what_belongs_to_a_mechanism_comes_with_it(packs: Path, tmp_path: Path) -> None:
    write(packs, "national/2024-01-01", dormant())
    write(packs, "with/2025-06-01", {**CITY, **ON})
    write(packs, "without/2025-06-01", CITY)
    found = compiled(packs, tmp_path / "out")
    has = {name: "ledger_entry" in pack.types for (name, _), pack in found.items()}
    assert has == {"national": False, "with": True, "without": False}
    assert found["with", "2025-06-01"].mechanisms["ledger"].title == "台账"


@pytest.mark.requirement("R-73")
def test_a_city_may_not_write_rules_for_a_mechanism_it_does_not_have(packs: Path) -> None:
    write(packs, "national/2024-01-01", dormant())
    write(packs, "city/2025-06-01", {**CITY, "types": {"ledger_entry": {"title": "本地台账"}}})
    (problem,) = build_all(packs)[1]
    assert (problem.file, problem.path) == ("city/2025-06-01/all.yaml", "types.ledger_entry")
    assert "台账" in problem.reason


def test_what_waits_in_the_base_is_checked_all_the_same(packs: Path) -> None:
    write(packs, "national/2024-01-01", bend(dormant(), "types.ledger_entry.category", "fun"))
    assert [p.path for p in build_all(packs)[1]] == ["types.ledger_entry.category"]


def test_switching_off_what_is_used_or_unknown_is_a_problem(packs: Path) -> None:
    write(packs, "city/2025-06-01", {**CITY, "types": {"decision": {"disabled": True}}})
    assert {p.path for p in build_all(packs)[1]} == {
        "schemes.yearly.indicators.first.source.types",
        "schemes.yearly.indicators.second.source.types",
    }
    write(packs, "city/2025-06-01", {**CITY, "types": {"nothing": {"disabled": True}}})
    assert [p.path for p in build_all(packs)[1]] == ["types.nothing"]


@pytest.mark.requirement("R-01")
def test_versions_follow_both_the_base_and_the_city(packs: Path, tmp_path: Path) -> None:
    write(packs, "city/2025-06-01", {**CITY, "types": {"decision": {"title": "市级"}}})
    write(packs, "national/2026-01-01", {"types": {"decision": {"update_frequency": "weekly"}}})
    found = compiled(packs, tmp_path / "out")
    seen = {
        version: (pack.types["decision"].title, pack.types["decision"].update_frequency)
        for (jurisdiction, version), pack in found.items()
        if jurisdiction == "city"
    }
    assert seen == {
        "2024-01-01": ("测试信息", "daily"),
        "2025-06-01": ("市级", "daily"),
        "2026-01-01": ("市级", "weekly"),
    }
    assert found["city", "2024-01-01"].title == "某市"


@pytest.mark.requirement("R-01")
def test_the_version_in_force_on_a_day(
    packs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions = {"999900": {"title": "某市", "level": "city"}}
    write(packs, "city/2025-06-01", {**CITY, "regions": regions})
    compile_all(tmp_path / "out", packs_dir=packs)
    monkeypatch.setenv("POLICY_DIR", str(tmp_path / "out"))
    for day, version in [
        (date(2024, 1, 1), "2024-01-01"),
        (date(2025, 5, 31), "2024-01-01"),
        (date(2025, 6, 1), "2025-06-01"),
        (date(2030, 1, 1), "2025-06-01"),
    ]:
        assert service.pack_for("city", day).version == version
    assert service.versions_of("city") == ("2024-01-01", "2025-06-01")
    assert service.jurisdictions() == ("city", "national")
    assert service.pack_version("city", "2024-01-01").version == "2024-01-01"
    for missing in (
        lambda: service.pack_for("city", date(2023, 12, 31)),
        lambda: service.pack_for("elsewhere", date(2025, 1, 1)),
        lambda: service.pack_version("city", "2020-01-01"),
        lambda: service.jurisdiction_of("not a region"),
        lambda: service.jurisdiction_of("٩٩٩٩٠٠"),
    ):
        with pytest.raises(NotFound):
            missing()
    assert service.jurisdiction_of("999900") == "city"
    assert service.jurisdiction_of("999901") == "city"
    assert service.jurisdiction_of("110000") == "national"


def test_an_unfinished_build_is_a_misconfiguration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICY_DIR", str(tmp_path / "empty"))
    with pytest.raises(Misconfigured):
        service.pack_for("national", date(2026, 1, 1))


def test_broken_packs_write_nothing(packs: Path, tmp_path: Path) -> None:
    write(packs, "national/2024-01-01", bend(base(), "types.decision.category", "fun"))
    with pytest.raises(BrokenPolicy) as caught:
        compile_all(tmp_path / "out", packs_dir=packs)
    assert caught.value.problems[0].path == "types.decision.category"
    assert not (tmp_path / "out").exists()


def test_compiling_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        compile_all(tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_the_digest_moves_with_the_content(packs: Path, tmp_path: Path) -> None:
    first = compiled(packs, tmp_path / "one")["national", "2024-01-01"]
    write(packs, "national/2024-01-01", bend(base(), "types.decision.title", "另一个"))
    second = compiled(packs, tmp_path / "two")["national", "2024-01-01"]
    assert first.digest == digest_of(first)
    assert first.digest != second.digest


def test_fast_loading_gives_what_validation_gives(tmp_path: Path) -> None:
    compile_all(tmp_path, packs_dir=PACKS)
    files = sorted(tmp_path.glob("*@*.json"))
    assert files
    for file in files:
        document = json.loads(file.read_text("utf-8"))
        loaded, validated = pack_from(document), Pack.model_validate(document)
        assert loaded == validated
        assert whole(loaded).model_dump(mode="json") == validated.model_dump(mode="json")
        assert digest_of(whole(loaded)) == loaded.digest


def test_an_entry_is_built_when_it_is_asked_for_and_only_once(tmp_path: Path) -> None:
    (pack,) = compile_all(tmp_path, packs_dir=_one_pack(tmp_path))
    document = pack.model_dump(mode="json")
    document["types"]["broken"] = {"never": "read"}
    loaded = pack_from(document)
    assert set(loaded.types) == {"decision", "broken"}
    assert loaded.types["decision"] is loaded.types["decision"]
    assert loaded.types["decision"] == pack.types["decision"]
    assert "nothing" not in loaded.types
    with pytest.raises(KeyError):
        loaded.types["nothing"]


def _one_pack(tmp_path: Path) -> Path:
    write(tmp_path / "own", "national/2024-01-01", base())
    return tmp_path / "own"


def test_yaml_surprises_are_switched_off(packs: Path, tmp_path: Path) -> None:
    (packs / "national/2024-01-01/more.yaml").write_text(
        "mechanisms:\n"
        "  gate: {title: on, state: off, basis: {document: 012, verified: false}}\n",
        "utf-8",
    )
    gate = compiled(packs, tmp_path / "out")["national", "2024-01-01"].mechanisms["gate"]
    assert (gate.title, gate.state, gate.basis.document) == ("on", "off", "012")


@pytest.mark.requirement("R-01")
def test_the_catalog_is_what_r_01_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_all(tmp_path)
    monkeypatch.setenv("POLICY_DIR", str(tmp_path))
    catalog = service.catalog_of(service.pack_for("nanjing", date(2026, 5, 6)))
    assert catalog.version == "2024-09-13"
    order = [category.code for category in catalog.categories]
    assert [t.category for t in catalog.types] == sorted(
        (t.category for t in catalog.types), key=order.index
    )
    for entry in catalog.model_dump(mode="json")["types"]:
        for needed in ("reported_by", "about", "fields", "disclosure", "retention", "legal_basis"):
            assert entry[needed], (entry["code"], needed)

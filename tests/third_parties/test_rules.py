"""Which systems are sound, which ratings fit, what a signature covers, how far two rankings lie
apart."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.errors import Invalid
from chalicelib.third_parties.model import (
    Grade,
    Indicator,
    RatingSystem,
    Row,
    Scale,
    SigningKey,
)
from chalicelib.third_parties.rules import (
    KnownBody,
    first_day_of,
    grade_of,
    period_fault,
    periods_within,
    row_faults,
    system_faults,
)
from chalicelib.third_parties.rules_divergence import divergence
from chalicelib.third_parties.rules_files import rows_in
from chalicelib.third_parties.rules_signing import (
    NotSigned,
    check_signature,
    row_bytes,
    statement_bytes,
    thumbprint,
    tree_of,
)
from chalicelib.tlog.merkle import leaf_hash
from chalicelib.tlog.model import Unproven
from chalicelib.tlog.proofs import check_inclusion
from tests.third_parties.builders import KEY, OTHER_KEY, jwk_of, kid_of, signed, statement_of

pytestmark = pytest.mark.requirement("R-63")

TREE = (
    Indicator(
        "deeds", "守信", "60", (Indicator("kept", "承诺", "40"), Indicator("paid", "付款", "20"))
    ),
    Indicator("voice", "口碑", "40"),
)
HIGH = Scale("0", "100", 1, "higher")
GRADES = (Grade("a", "好", "80"), Grade("b", "中", "60"), Grade("c", "差", "0"))
SYSTEM = RatingSystem(
    code="city_trust",
    institution="12990100MB0000070X",
    institution_name="示例大学",
    institution_kind="university",
    jurisdiction="nanjing",
    region="320100",
    title="政务诚信指数",
    method="问卷与公开信息各半",
    scale=HIGH,
    grades=GRADES,
    indicators=TREE,
    kinds=("department",),
    period="year",
    created_at="2026-06-15T04:00:00.000Z",
)
CODE = "11990100MB0000019L"
BODIES = {CODE: KnownBody("department", "nanjing", "320100", "示例局")}
WHOLE = {"kept": "90", "paid": "60", "voice": "80"}  # 36 + 12 + 32


def codes(row: Row, system: RatingSystem = SYSTEM) -> list[tuple[str, str]]:
    found = row_faults(system, [row], BODIES).get(0, [])
    return [(fault.pointer, fault.code) for fault in found]


def test_a_rating_that_fits_is_taken() -> None:
    assert codes(Row(CODE, "80", "a")) == []
    assert codes(Row(CODE, "80.0", "a", WHOLE, "说明")) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unified_code": "11990100MB0000020A"}, ("/unified_code", "unknown_body")),
        ({"score": "100.1"}, ("/score", "out_of_scale")),
        ({"score": "79.55"}, ("/score", "out_of_scale")),
        ({"score": "1e2"}, ("/score", "out_of_scale")),
        ({"grade": "b"}, ("/grade", "wrong_grade")),
        ({"grade": ""}, ("/grade", "wrong_grade")),
        ({"indicators": {**WHOLE, "voice": "70"}}, ("/score", "scores_do_not_add_up")),
        ({"indicators": {**WHOLE, "voice": "101"}}, ("/indicators/voice", "out_of_scale")),
        ({"indicators": {"kept": "90", "paid": "60"}}, ("/indicators/voice", "required")),
        ({"indicators": {**WHOLE, "deeds": "80"}}, ("/indicators/deeds", "unknown_indicator")),
        ({"note": "请致电 13800138000"}, ("/note", "personal_data")),
    ],
)
def test_a_rating_that_does_not_fit_is_refused_where_it_does_not(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert codes(replace(Row(CODE, "80", "a", WHOLE), **changes)) == [expected]


def test_bodies_of_another_kind_or_place_and_doubled_rows_are_refused() -> None:
    row = Row(CODE, "80", "a")
    assert codes(row, replace(SYSTEM, kinds=("government",))) == [
        ("/unified_code", "body_not_rated")
    ]
    assert codes(row, replace(SYSTEM, jurisdiction="jiangxi")) == [
        ("/unified_code", "unknown_body")
    ]
    found = row_faults(SYSTEM, [row, replace(row, score="90")], BODIES)
    assert [fault.code for faults in found.values() for fault in faults] == ["rated_twice"] * 2


def test_on_a_scale_where_less_is_better_grades_go_the_other_way() -> None:
    risk = replace(
        SYSTEM,
        scale=Scale("1", "5", 0, "lower"),
        grades=(Grade("low", "低", "2"), Grade("high", "高", "5")),
    )
    assert system_faults(risk.scale, risk.grades, TREE) == []
    assert [grade_of(risk, Decimal(score)) for score in (1, 2, 3, 5)] == ["low", "low"] + [
        "high"
    ] * 2


@pytest.mark.parametrize(
    ("scale", "grades", "tree", "expected"),
    [
        (HIGH, GRADES, TREE, []),
        (Scale("100", "0", 1, "higher"), (), TREE, [("/scale", "scale_reversed")]),
        (Scale("x", "100", 1, "higher"), (), TREE, [("/scale/lowest", "not_a_number")]),
        (HIGH, GRADES[::-1], TREE, [("/grades", "grades_unordered")]),
        (HIGH, GRADES[:2], TREE, [("/grades", "grades_incomplete")]),
        (HIGH, (), TREE[:1], [("/indicators", "weights_do_not_add_up")]),
        (HIGH, (), (replace(TREE[0], children=TREE[0].children[:1]), TREE[1]),
         [("/indicators/0/children", "weights_do_not_add_up")]),
        (HIGH, (), (TREE[0], replace(TREE[1], code="kept")), [("/indicators", "code_twice")]),
        (HIGH, (), (TREE[0], replace(TREE[1], weight="-40")), [("/indicators", "not_a_weight")]),
    ],
)  # fmt: skip
def test_a_system_is_sound_or_says_where_it_is_not(
    scale: Scale,
    grades: tuple[Grade, ...],
    tree: tuple[Indicator, ...],
    expected: list[tuple[str, str]],
) -> None:
    found = system_faults(scale, grades, tree)
    assert [(fault.pointer, fault.code) for fault in found] == expected


def test_periods_are_named_by_their_kind_and_must_have_begun() -> None:
    today = date(2026, 6, 15)
    assert first_day_of("year", "2025") == date(2025, 1, 1)
    assert first_day_of("half_year", "2025-H2") == date(2025, 7, 1)
    assert first_day_of("quarter", "2025-Q3") == date(2025, 7, 1)
    assert first_day_of("month", "2025-12") == date(2025, 12, 1)
    assert period_fault("year", "2026", today) is None
    for kind, name, code in (
        ("year", "2027", "period_not_begun"),
        ("quarter", "2026-Q3", "period_not_begun"),
        ("year", "2025-07", "wrong_period"),
        ("month", "2025-13", "wrong_period"),
    ):
        fault = period_fault(kind, name, today)  # type: ignore[arg-type]
        assert fault is not None and fault.code == code


@given(st.sampled_from(["year", "half_year", "quarter", "month"]), st.dates(date(2020, 1, 1)))
def test_the_periods_of_a_kind_fill_a_year_without_a_gap(kind: Any, day: date) -> None:
    year = min(day.year, 2090)
    found = list(periods_within(kind, date(year, 1, 1), date(year, 12, 31)))
    firsts = [first_day_of(kind, name) for name, _ in found]
    assert [last + timedelta(days=1) for _, last in found] == [*firsts[1:], date(year + 1, 1, 1)]
    # One that lies within only in part is none of them.
    assert len(list(periods_within(kind, date(year, 1, 2), date(year, 12, 31)))) == len(found) - 1


def test_a_file_says_the_same_as_the_rows_it_holds() -> None:
    rows = [Row(CODE, "80", "a", {"kept": "90"}, "一，二"), Row("X", "7")]
    table = (
        "\ufeffunified_code,score,grade,note,indicators.kept\r\n"
        f'{CODE},80,a,"一，二",90\r\n'
        "X,7,,,\r\n"
    )
    lines = (
        f'{{"unified_code":"{CODE}","score":"80","grade":"a","note":"一，二",'
        '"indicators":{"kept":"90"}}\n\n{"unified_code":"X","score":"7"}\n'
    )
    assert rows_in("csv", table) == rows_in("jsonl", lines) == rows


@pytest.mark.parametrize(
    ("form", "content", "code"),
    [
        ("csv", "", "wrong_columns"),
        ("csv", "unified_code,score,phone\nX,7,1\n", "wrong_columns"),
        ("csv", "unified_code,score\nX\n", "wrong_columns"),
        ("csv", 'unified_code,score\n"X,7\n', "csv_syntax"),
        ("csv", "unified_code,score\n", "no_ratings"),
        ("jsonl", "[]\n", "not_json"),
        ("jsonl", "[" * 100_000, "not_json"),
        ("jsonl", '{"unified_code":"X","score":"7","note":"\\ud800"}\n', "not_json"),
        ("jsonl", '{"unified_code":"X","score":"7","score":"9"}\n', "not_json"),
        ("jsonl", '{"unified_code":"X","score":7}\n', "not_text"),
        ("jsonl", '{"unified_code":"X","score":"7","extra":"1"}\n', "not_wanted"),
        ("jsonl", '{"unified_code":"X","score":"7","indicators":["7"]}\n', "not_text"),
        ("jsonl", '{"unified_code":"X","score":"7"}\n' * 5001, "too_many_ratings"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(form: Any, content: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rows_in(form, content)
    assert {fault.code for fault in refused.value.faults} == {code}


# -- signatures -----------------------------------------------------------------------------------

SENT: Mapping[str, str] = {"system": "city_trust", "period": "2025", "reference": "一"}
KEYS = [SigningKey(kid_of(KEY), jwk_of(KEY), "")]


@settings(max_examples=25)
@given(st.lists(st.text(max_size=5), min_size=1, max_size=40), st.data())
def test_every_rating_leads_to_the_signed_root_and_no_other_does(
    notes: list[str], data: st.DataObject
) -> None:
    rows = [Row(CODE, str(index), note=note) for index, note in enumerate(notes)]
    root, proofs = tree_of(rows)
    at = data.draw(st.integers(0, len(rows) - 1))
    steps = [bytes.fromhex(step) for step in proofs[at]]
    check_inclusion(leaf_hash(row_bytes(rows[at])), at, len(rows), steps, bytes.fromhex(root))
    changed = leaf_hash(row_bytes(replace(rows[at], score="x")))
    with pytest.raises(Unproven):
        check_inclusion(changed, at, len(rows), steps, bytes.fromhex(root))


def test_a_signature_holds_for_its_statement_and_key_alone() -> None:
    statement = statement_of(SENT, [Row(CODE, "80", "a")])
    payload = statement_bytes(statement)
    jws = signed(payload)
    assert check_signature(jws, statement, KEYS).kid == kid_of(KEY)
    retired = [replace(KEYS[0], retired_at="2026-06-15T04:00:00.000Z")]
    forged = signed(payload, OTHER_KEY, kid=kid_of(KEY))
    for code, text, stated, keys in (
        ("statement_differs", jws, replace(statement, period="2024"), KEYS),
        ("unknown_key", signed(payload, OTHER_KEY), statement, KEYS),
        ("retired_key", jws, statement, retired),
        ("wrong_signature", forged, statement, KEYS),
        ("signature_malformed", "nothing", statement, KEYS),
        ("signature_malformed", signed(payload, crit=["exp"]), statement, KEYS),
    ):
        with pytest.raises(NotSigned) as refused:
            check_signature(text, stated, keys)
        assert refused.value.code == code


def test_the_id_of_a_key_is_its_thumbprint() -> None:
    jwk = jwk_of(KEY)
    plain = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    digest = hashlib.sha256(plain.encode()).digest()
    assert thumbprint({**jwk, "kid": "else"}).encode() == urlsafe_b64encode(
        digest
    ).rstrip(b"=")


# -- divergence -----------------------------------------------------------------------------------

SCORES = st.dictionaries(
    st.sampled_from([f"c{number}" for number in range(30)]),
    st.integers(0, 20).map(Decimal),
    max_size=25,
)


@given(SCORES, SCORES)
def test_differences_lie_within_bounds_and_turn_with_the_sides(
    official: dict[str, Decimal], rated: dict[str, Decimal]
) -> None:
    there, back = divergence(official, rated), divergence(rated, official)
    assert {gap.code for gap in there.gaps} == official.keys() & rated.keys()
    assert [-gap.difference for gap in there.gaps] == [gap.difference for gap in back.gaps]
    assert there.spearman == back.spearman
    for gap in there.gaps:
        assert 0 <= gap.official <= 100 and 0 <= gap.third_party <= 100
        assert abs(gap.official - gap.third_party + gap.difference) <= Decimal("0.01")
    sizes = [abs(gap.difference) for gap in there.gaps]
    assert sizes == sorted(sizes, reverse=True)
    if there.spearman is not None:
        assert -1 <= there.spearman <= 1


@given(SCORES)
def test_the_same_order_does_not_diverge_whatever_the_scale(official: dict[str, Decimal]) -> None:
    grown = {code: score * 7 + 300 for code, score in official.items()}
    turned = {code: -score for code, score in official.items()}
    for rated, higher in ((grown, True), (turned, False)):
        found = divergence(official, rated, higher_is_better=higher)
        assert all(gap.difference == 0 for gap in found.gaps)
        assert found.spearman == (1 if len(set(official.values())) > 1 else None)
    assert divergence(official, turned).spearman in (None, -1)


def test_three_bodies_by_hand() -> None:
    official = {"x": Decimal(90), "y": Decimal(80), "z": Decimal(70), "only": Decimal(1)}
    rated = {"x": Decimal(2), "y": Decimal(3), "z": Decimal(1), "other": Decimal(1)}
    found = divergence(official, rated)
    assert [(gap.code, str(gap.difference)) for gap in found.gaps] == [
        ("x", "-33.33"),
        ("y", "33.33"),
        ("z", "0.00"),
    ]
    # 1 - 6 * 2 / (3 * 8)
    assert (str(found.spearman), str(found.mean_difference)) == ("0.5000", "22.22")
    assert (found.only_official, found.only_third_party) == (1, 1)

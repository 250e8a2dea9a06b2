"""The deeds of disclosure that must survive any single failure."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.aws.writes import commit
from chalicelib.cases import service as cases
from chalicelib.cases.contests import contest_put
from chalicelib.cases.service import Contest
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Notices
from chalicelib.disclosure import case_results, handlers, runs, upkeep
from chalicelib.evaluation.work import work as evaluate
from chalicelib.kernel.clock import instant_text
from chalicelib.third_parties import service as third_parties
from chalicelib.third_parties import submitting
from tests.cases import bench
from tests.cases.test_results import ELSEWHERE, criticised
from tests.disclosure.builders import (
    AGENCY,
    BODY,
    UPLOAD_DONE,
    about_person,
    breach,
    change,
    drain,
    finish_file,
    from_file,
    next_version,
    policy_folder,
    record,
    run_change,
    run_evaluation,
    store_body,
    store_person,
    store_record,
    work,
)
from tests.evaluation import town
from tests.support.faults import join
from tests.support.world import World
from tests.third_parties import campus

EVENTS = Path(__file__).parents[2] / "events"


_TOLD: list[dict[str, object]] = []
"""What the stream tells of a case's result, or of an appeal."""


def _begin(world: World) -> None:
    os.environ["POLICY_DIR"] = policy_folder()
    store_body(world, AGENCY, "示例市甲局")
    _fix_published_key(world)


def _fix_published_key(world: World) -> None:
    # A new receipt key differs from world to world; what is published of it must not.
    keys = world.platform.keys
    item = keys.get("KEYRING")
    assert item is not None
    keys.put({**item, "public_jwks": {"keys": [{"kid": "key_1", "kty": "EC", "x": "1", "y": "2"}]}})


def _join(name: str, prepare: Callable[[World], object], act: Callable[[World], object]) -> None:
    def prepared(world: World) -> None:
        _begin(world)
        prepare(world)

    join(name, prepared, act)


def _store(world: World) -> None:
    store_record(world, record(world))
    store_record(world, about_person(world, store_person(world)))


def _work_stored(world: World) -> None:
    work(world, change(record(world)), change(record(world, "r_p")))


def _withdraw(world: World) -> None:
    first = store_record(world, record(world))
    work(world, change(first))
    next_version(world, first, status="withdrawn")


def _wait(world: World) -> None:
    store_record(world, breach(world, notices=Notices("2026-06-02", "2026-06-20", "回证")))


def _file(world: World) -> None:
    ids = ["r_1", "r_2", "r_3"]
    for record_id in ids:
        store_record(world, from_file(record(world, record_id)))
    finish_file(world, [ids[:2], ids[2:]])


def _work_file(world: World) -> None:
    work(world, UPLOAD_DONE)
    drain(world)


def _evaluated(world: World) -> None:
    work(world, change(store_record(world, record(world, occurred_on="2025-09-01", reporter=BODY))))
    store_body(world)
    world.run_id = run_evaluation(world)  # type: ignore[attr-defined]


def _work_run(world: World) -> None:
    work(world, run_change(world.run_id))  # type: ignore[attr-defined]
    drain(world)


def _marked(world: World) -> None:
    _evaluated(world)
    _work_run(world)
    after = next_version(world, files.find_record(world.platform, "r_1"), status="withdrawn")
    evaluate(world.platform, change(after), town.all_finished)


def _contested(world: World) -> None:
    _evaluated(world)
    _work_run(world)
    at = instant_text(world.clock())
    run_id = world.run_id  # type: ignore[attr-defined]
    contest = Contest(run_id, files.body_id(BODY), "c_1", "open", "正在复核", at, at)
    commit([contest_put(world.platform, contest, None)])
    _TOLD[:] = [runs.contest_change(contest)]


def _work_contest(world: World) -> None:
    work(world, *_TOLD)


def _near_the_end(world: World) -> None:
    work(world, change(store_record(world, record(world, fields={"ends_on": "2026-06-17"}))))
    _withdraw_another(world)
    _wait(world)
    work(world, change(record(world, "r_b")))
    world.clock.advance(days=6)
    world.platform.public.put({"pk": "SWEEP", "sk": "-", "through": "2026-06-14"})


def _withdraw_another(world: World) -> None:
    first = store_record(world, record(world, "r_2"))
    work(world, change(first))
    work(world, change(next_version(world, first, status="withdrawn")))


def _end_terms(world: World) -> None:
    upkeep.end_terms(world.platform)
    drain(world)


def _lost(world: World) -> None:
    store_record(world, record(world))
    store_body(world)
    world.clock.advance(minutes=10)


def _find_lost(world: World) -> None:
    upkeep.reconcile(world.platform)
    drain(world)
    assert upkeep.reconcile(world.platform) == 0


def _corrected_long_ago(world: World) -> None:
    upkeep.reconcile(world.platform)
    world.clock.advance(hours=1)
    next_version(world, store_record(world, record(world)))
    drain(world)
    world.clock.advance(hours=5)


def _rebuild(world: World) -> None:
    upkeep.rebuild(world.platform)


def _asked_to_rebuild(world: World) -> None:
    _store(world)
    _rebuild(world)


def stream_event(world: World) -> dict[str, Any]:
    """The sample of a stream event, from this world's table."""
    text = (EVENTS / "stream_records.json").read_text("utf-8")
    event: dict[str, Any] = json.loads(
        text.replace("table/RecordsTable", f"table/{world.platform.records.name}")
    )
    return event


def _forward(world: World) -> None:
    handlers.forward_changes(world.platform, stream_event(world))
    drain(world)


def _work_chunk(world: World) -> None:
    work(world, {"upload_id": "u_1", "chunk": 1})


def _work_slice(world: World) -> None:
    work(world, {"run_id": world.run_id, "after": ""})  # type: ignore[attr-defined]


def _work_reporter(world: World) -> None:
    work(world, {"reporter": AGENCY, "from": ""})


SUBJECT_CHANGED = {
    "table": "records",
    "key": f"SUBJECT#b_{BODY}",
    "version": 1,
    "entity": "subject",
}

_join("disclosure:record", _store, _work_stored)
_join("disclosure:withdrawal", _withdraw, lambda world: work(world, change(record(world))))
_join("disclosure:pending", _wait, lambda world: work(world, change(record(world, "r_b"))))
_join("disclosure:upload", _file, _work_file)
_join(
    "disclosure:subject",
    store_body,
    lambda world: work(world, SUBJECT_CHANGED),
)
_join("disclosure:evaluation_run", _evaluated, _work_run)
_join(
    "disclosure:keyring",
    lambda world: None,
    lambda world: work(
        world, {"table": "keys", "key": "KEYRING", "version": 1, "entity": "keyring"}
    ),
)
_join("disclosure:evaluation_run_marked", _marked, _work_run)
_join("disclosure:result_contest", _contested, _work_contest)
_join("sweep:ended", _near_the_end, _end_terms)
_join("sweep:behind", _lost, _find_lost)
_join("sweep:left_behind", _corrected_long_ago, _find_lost)
_join("disclosure:chunk", _file, _work_chunk)
_join("disclosure:run", _evaluated, _work_slice)
_join("disclosure:reporter", _store, _work_reporter)
_join("sweep:rebuild", _store, _rebuild)
_join("disclosure:rebuild", _asked_to_rebuild, drain)
_join("stream:forward", _store, _forward)



def _criticism(world: World) -> str:
    """A public criticism."""
    bench.settle(world)
    case_id = criticised(world, files.body_id(bench.HOUSING))
    _tell(world, case_id)
    return case_id


def _tell(world: World, case_id: str) -> None:
    result = cases.find_result(world.platform, case_id)
    assert result is not None
    _TOLD[:] = [case_results.change_of(result)]


def _taken_back(world: World) -> None:
    """A criticism that was public is revoked."""
    case_id = _criticism(world)
    _work_criticism(world)
    desk = bench.Desk(world, ELSEWHERE)
    assert desk.act(case_id, "revoke_criticism", fields={"reason": "事实有误"}).status == 200
    _tell(world, case_id)


def _work_criticism(world: World) -> None:
    work(world, *_TOLD)


join("disclosure:case_result", _criticism, _work_criticism)
join("disclosure:case_result_taken_back", _taken_back, _work_criticism)


def _told(world: World) -> None:
    """What the stream tells of the rating of a bureau."""
    rating = third_parties.find_rating(world.platform, campus.INDEX, "2025", bench.HOUSING)
    assert rating is not None
    _TOLD[:] = [third_parties.change_of(rating)]


def _rated(world: World) -> None:
    campus.submitted(world)
    _told(world)


def _rating_taken_back(world: World) -> None:
    _rated(world)
    _work_criticism(world)
    rating = third_parties.find_rating(world.platform, campus.INDEX, "2025", bench.HOUSING)
    assert rating is not None
    submitting.withdraw_rating(world.platform, rating, 1, "抽样有误")
    _told(world)


join("disclosure:third_party_rating", _rated, _work_criticism)
join("disclosure:third_party_rating, taken back", _rating_taken_back, _work_criticism)

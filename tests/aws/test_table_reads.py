"""Reading many items at once, whole or in part."""

from __future__ import annotations

from chalicelib.aws.table import batch_get
from tests.support.faults import counting
from tests.support.world import World, make_world


def _world(aws: dict[str, str]) -> World:
    world = make_world(aws)
    for number in range(120):
        world.platform.records.put(
            {"pk": f"A#{number}", "sk": "-", "name": f"甲{number}", "kind": "x", "version": number}
        )
    return world


def test_items_are_read_whole_a_hundred_a_call(aws: dict[str, str]) -> None:
    table = _world(aws).platform.records
    keys = [table.key(f"A#{number}") for number in range(121)]
    with counting() as made:
        found = batch_get([*keys, *keys])
    assert len(made) == 2
    assert set(found) == set(keys[:120])
    assert found[keys[7]] == {"pk": "A#7", "sk": "-", "name": "甲7", "kind": "x", "version": 7}


def test_only_the_named_attributes_are_read(aws: dict[str, str]) -> None:
    table = _world(aws).platform.records
    key = table.key("A#7")
    assert batch_get([key], names=("name", "absent")) == {
        key: {"pk": "A#7", "sk": "-", "name": "甲7"}
    }

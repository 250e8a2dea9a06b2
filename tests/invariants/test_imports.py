"""Who may know whom: the folder list read as a map, held against every import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.invariants.source import ROOMS, Import, Source, sources

BASEMENT = ("kernel", "tlog", "aws", "pictures", "web")
"""What every room stands on; the others are entered by their doors only."""

DOORS = ("service", "rules", "model")

SIDE_DOORS = {
    "chalicelib.cases.rules_clocks": "limits in words",
    "chalicelib.policy.base": "what a pack is made of",
    "chalicelib.policy.case_effects": "what actions of a case do, as data",
    "chalicelib.policy.case_kinds": "the model of kinds of case",
    "chalicelib.policy.fields": "how a value is read: the rules of a field",
    "chalicelib.policy.measures": "the model of scenes and measures of a pack",
    "chalicelib.policy.figures": "which figures an evaluation may count, as data",
    "chalicelib.policy.programme": "the model of registers, tasks and assessments of a pack",
    "chalicelib.policy.reported": "the model of figures bodies report of themselves",
    "chalicelib.policy.scheme": "the model of evaluation schemes",
    "chalicelib.policy.warnings": "the model of warning rules",
    "chalicelib.access.permissions": "names of roles",
    "chalicelib.creditfile.rules_standing": "what cases do to a record",
    "chalicelib.creditfile.rules_supervision": "which dishonesty records are in force",
    "chalicelib.evaluation.runs": "the model of runs and results",
    "chalicelib.replica.building": "the file of the public world, made from the feed",
    "chalicelib.replica.answering": "how long an answer of the public world may be kept",
    "chalicelib.replica.catalog": "which types double publicity is of",
    "chalicelib.replica.figures": "counts of what is public",
    "chalicelib.replica.queries": "questions to the public world: records",
    "chalicelib.replica.queries_bodies": "questions to the public world: bodies",
    "chalicelib.replica.queries_ratings": "questions to the public world: third parties",
    "chalicelib.replica.queries_results": "questions to the public world: evaluations",
    "chalicelib.snapshots.rules_views": "snapshots as the public is told of them",
    "chalicelib.replica.schema": "the tables of the public world, as data",
}
"""Further modules others may use, and why; each as pure as a model."""

PURE = ("rules", "model")
OUTSIDE = ("boto3", "botocore", "chalice", "os", "socket", "time", "urllib", "random", "secrets")


def every_import() -> Iterator[tuple[Source, Import]]:
    for source in sources():
        for entry in source.imports:
            yield source, entry


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "chalicelib" and len(parts) > 1 else ""


def test_every_folder_is_a_room_of_the_list() -> None:
    assert {source.room for source in sources("chalicelib")} - {""} <= set(ROOMS)


def test_a_room_uses_only_those_before_it() -> None:
    upward = [
        f"{source.place}:{entry.line}: {entry.module}"
        for source, entry in every_import()
        if source.room and room_of(entry.module)
        if ROOMS.index(room_of(entry.module)) > ROOMS.index(source.room)
    ]
    assert not upward, "\n".join(upward)


def test_a_room_is_entered_by_its_doors() -> None:
    through_the_window = []
    for source, entry in every_import():
        room = room_of(entry.module)
        if not source.room or room in ("", source.room, *BASEMENT) or entry.module in SIDE_DOORS:
            continue
        if entry.module.split(".")[2:3] not in [[door] for door in DOORS]:
            through_the_window.append(f"{source.place}:{entry.line}: {entry.module}")
    assert not through_the_window, "\n".join(through_the_window)


def test_every_side_door_is_used_and_pure() -> None:
    used = {
        entry.module
        for source, entry in every_import()
        if source.room not in ("", room_of(entry.module))
    }
    assert set(SIDE_DOORS) <= used
    for source in sources():
        if source.module in SIDE_DOORS:
            assert not foreign_to_pure(source), source.place


def foreign_to_pure(source: Source) -> list[str]:
    """What a pure module must not import."""
    return [
        f"{source.place}:{entry.line}: {entry.module}"
        for entry in source.imports
        if not entry.is_for_types
        and (entry.module.split(".")[0] in OUTSIDE or room_of(entry.module) == "aws")
    ]


def test_rules_and_models_are_pure() -> None:
    pure = [source for source in sources() if source.module.split(".")[-1].split("_")[0] in PURE]
    assert len(pure) > 10
    found = [line for source in pure for line in foreign_to_pure(source)]
    assert not found, "\n".join(found)


def test_nothing_goes_in_a_circle() -> None:
    graph = {
        source.module: {
            entry.module
            for entry in source.imports
            if entry.module.startswith("chalicelib.") and not entry.is_for_types
        }
        for source in sources()
    }
    finished: set[str] = set()
    for start in graph:
        walk(graph, start, (), finished)


def walk(
    graph: dict[str, set[str]], module: str, path: tuple[str, ...], finished: set[str]
) -> None:
    assert module not in path, " -> ".join([*path[path.index(module) :], module])
    if module in finished:
        return
    for further in sorted(graph.get(module, ())):
        walk(graph, further, (*path, module), finished)
    finished.add(module)


@pytest.mark.parametrize(
    ("package", "allowed"), [("boto3", "aws"), ("botocore", "aws"), ("chalice", "")]
)
def test_aws_and_chalice_are_met_in_one_place(package: str, allowed: str) -> None:
    met = [
        f"{source.place}:{entry.line}"
        for source, entry in every_import()
        if entry.module.split(".")[0] == package
        if source.room != allowed or (not allowed and source.place != "app.py")
    ]
    assert not met, f"{package} in {met}"


def test_only_the_document_builder_imports_by_name() -> None:
    # It needs all routes, which only app.py has; it runs when packaging.
    by_name = {
        source.place for source in sources() if "import_module(" in source.path.read_text("utf-8")
    }
    assert by_name == {"chalicelib/web/openapi.py"}


def test_app_only_composes() -> None:
    (app,) = sources("app.py")
    handlers = [entry.module for entry in app.imports if entry.module.endswith(".handlers")]
    assert handlers
    for entry in app.imports:
        assert not entry.module.endswith((".store", ".rules")), entry.module

"""The functions of `infra/functions.yaml`: what Chalice and the template must say about each."""

from __future__ import annotations

from dataclasses import dataclass

from infra.building.sources import INFRA, Json, Node, SourceError, load_yaml, node


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function. `timeout` is seconds or the name of a template parameter."""

    name: str
    memory: int
    timeout: int | str
    environment: tuple[str, ...]
    reserved: tuple[str, str] | None
    storage: int | str | None = None
    """MiB of /tmp, or the name of a template parameter; None: Lambda's own 512."""

    @property
    def logical_id(self) -> str:
        """The logical id Chalice derives from the name."""
        return "".join(part.capitalize() for part in self.name.split("_"))


def functions() -> dict[str, Function]:
    """Every function by name. Raises SourceError for an incomplete entry or an unknown variable."""
    document = load_yaml(INFRA / "functions.yaml")
    known = environment_values()
    found = {}
    for name, entry in node(document["functions"], "functions").items():
        function = _function(name, node(entry, name))
        unknown = set(function.environment) - set(known)
        if unknown:
            raise SourceError(
                f"functions.yaml: {name} asks for unknown variables {sorted(unknown)}"
            )
        found[name] = function
    return found


def environment_values() -> Node:
    """What each environment variable means in the template."""
    return node(load_yaml(INFRA / "functions.yaml")["values"], "values")


def common_environment() -> Node:
    """The variables every function gets."""
    return node(load_yaml(INFRA / "functions.yaml")["common"], "common")


def _function(name: str, entry: Node) -> Function:
    unknown = set(entry) - {"memory", "timeout", "environment", "reserved", "storage"}
    if unknown:
        raise SourceError(f"functions.yaml: {name} has unknown settings {sorted(unknown)}")
    memory, timeout, environment = entry["memory"], entry["timeout"], entry["environment"]
    storage = entry.get("storage")
    if (
        not isinstance(memory, int)
        or not isinstance(timeout, int | str)
        or not isinstance(environment, list)
        or not isinstance(storage, int | str | None)
    ):
        raise SourceError(f"functions.yaml: {name} needs memory, timeout and environment")
    reserved = _reserved(name, entry.get("reserved"))
    return Function(name, memory, timeout, tuple(map(str, environment)), reserved, storage)


def _reserved(name: str, value: Json) -> tuple[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise SourceError(f"functions.yaml: {name}.reserved is [condition, parameter]")
    return str(value[0]), str(value[1])

"""What the walks through the documents ask of a pack, in few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chalicelib.policy.base import PERSONS, Frozen, LegalBasis
from chalicelib.policy.model import Field, Pack


def field_of(pack: Pack, record_type: str, code: str) -> Field:
    """A field of a record type; fails if there is none."""
    found = pack.types[record_type].field(code)
    assert found is not None, f"{record_type}.{code}"
    return found


def titles(pack: Pack, record_type: str, code: str) -> set[str]:
    """The titles a clerk can choose from."""
    return {choice.title for choice in field_of(pack, record_type, code).values}


def own_clause(pack: Pack, mechanism: str) -> str:
    """Where the document has a mechanism of its own."""
    found = pack.mechanisms[mechanism]
    assert found.state == "own", f"{mechanism} is {found.state}"
    return found.basis.clause


def cites(pack: Pack, record_type: str, clause: str) -> bool:
    """Whether a type names this clause of the pack's document among its bases."""
    return any(
        clause in basis.clause.split("、")
        for basis in pack.types[record_type].legal_basis
        if basis.verified and basis.document in documents_of(pack)
    )


def documents_of(pack: Pack) -> set[str]:
    """How the pack's document is called: by title or by number."""
    return {pack.document.document, pack.document.clause}


def inside_only(pack: Pack) -> Iterator[str]:
    """Types about persons that would show something of them."""
    for code, record_type in pack.types.items():
        if set(record_type.about) & PERSONS and record_type.disclosure.persons != "internal":
            yield code


def bases_of(value: object) -> Iterator[LegalBasis]:
    """Every basis anywhere in a value."""
    if isinstance(value, LegalBasis):
        yield value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from bases_of(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from bases_of(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from bases_of(item)


def uncited(pack: Pack) -> list[str]:
    """Entries of the document's own parts that do not cite the document and a clause that was
    read, or mechanisms that neither cite it nor leave the matter to the base."""
    own = documents_of(pack)
    found = [
        f"{section}.{code}"
        for section in ("areas", "conduct", "tasks")
        for code, entry in getattr(pack, section).items()
        if entry.basis.document not in own or not entry.basis.clause or not entry.basis.verified
    ]
    found += [
        f"mechanisms.{code}"
        for code, mechanism in pack.mechanisms.items()
        if mechanism.state != "base"
        and (mechanism.basis.document not in own or not mechanism.basis.verified)
    ]
    return found

"""The items of measures in the MEASURES table, and no other module's business.

| item | where | range | read by |
|---|---|---|---|
| standing | BODY#<subject_id> or PERSON#<keyed digest of the citizen code> | - | who it is about |

The measures of a standing are one text (JSON): whoever checks a hundred subjects reads a hundred
of them, and text is read fastest. A person is found by the code that a check names and by nothing
else.
"""

from __future__ import annotations

import json
from typing import Any, cast

from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.writes import Key
from chalicelib.creditfile import service as files
from chalicelib.creditfile.model import Identification
from chalicelib.measures.model import InForce, Measure, Standing
from chalicelib.policy.base import LegalBasis

_TEXTS = ("subject_id", "subject_kind", "jurisdiction", "region", "pack", "as_of")


def standing_key(platform: Platform, identification: Identification) -> Key:
    """Where the standing of whom it names lies; whether there is one is another question."""
    if identification.is_person:
        mac = files.code_mac(platform.keyring, identification.citizen_code)
        return platform.measures.key(f"PERSON#{mac}")
    return body_key(platform, files.known_id(identification))


def body_key(platform: Platform, subject_id: str) -> Key:
    """Where the standing of a subject that is no person lies."""
    return platform.measures.key(f"BODY#{subject_id}")


def standing_from(item: Item) -> Standing:
    """The standing an item holds."""
    texts = {name: str(item[name]) for name in _TEXTS}
    given = json.loads(str(item["measures"]))
    return Standing(
        **texts,
        version=cast(int, item["version"]),
        measures=tuple(measure_from(one) for one in given),
    )


def measures_text(measures: tuple[Measure, ...]) -> str:
    """Measures as they are kept in a standing: one and the same text for the same measures."""
    return json.dumps(
        [measure_value(one) for one in measures], ensure_ascii=False, separators=(",", ":")
    )


def measure_value(measure: Measure) -> dict[str, object]:
    """A measure as plain values."""
    basis = measure.basis
    return {
        "code": measure.code,
        "title": measure.title,
        "kind": measure.kind,
        "what": measure.what,
        "ground": measure.ground,
        "ground_kind": measure.ground_kind,
        "reason": measure.reason,
        "starts_on": measure.starts_on,
        "until": measure.until,
        "lifted_by": list(measure.lifted_by),
        "basis": [basis.document, basis.clause, basis.verified, basis.note],
        "scenes": {code: [one.effect, one.text] for code, one in measure.scenes.items()},
    }


def measure_from(value: dict[str, Any]) -> Measure:
    """The inverse of `measure_value`: what this room wrote is not validated again."""
    document, clause, verified, note = value["basis"]
    basis = LegalBasis.model_construct(
        document=document, clause=clause, verified=verified, note=note
    )
    scenes = {code: InForce(effect, text) for code, (effect, text) in value["scenes"].items()}
    return Measure(
        **{**value, "lifted_by": tuple(value["lifted_by"]), "basis": basis, "scenes": scenes}
    )

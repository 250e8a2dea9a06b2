"""Checks as their routes need them: a request examined, asked, read again, fed back on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.access.service import allowed_codes, region_covers
from chalicelib.aws.attributes import Item
from chalicelib.aws.platform import Platform
from chalicelib.aws.table import Page
from chalicelib.aws.writes import Condition
from chalicelib.checks import store
from chalicelib.checks.asking import Kept, Wish, ask
from chalicelib.checks.bodies import AskedIn, AskedSubjectIn, CheckIn
from chalicelib.checks.model import Asked, Check, Name
from chalicelib.checks.rules import identification_of, personal_faults
from chalicelib.kernel.clock import civil_date
from chalicelib.kernel.errors import Fault, Invalid, NotFound
from chalicelib.kernel.ids import id_text
from chalicelib.policy.measures import Scene
from chalicelib.policy.model import Pack
from chalicelib.policy.service import pack_for
from chalicelib.web.idempotency import IdempotencyClaim
from chalicelib.web.model import Caller, Scope

_FILTERS: Final = {
    "given": "#feedback_at <> :none",
    "due": "#feedback_at = :none AND #due_on >= :today",
    "overdue": "#feedback_at = :none AND #due_on <> :none AND #due_on < :today",
}


def check(
    platform: Platform, caller: Caller, body: CheckIn, claim: IdempotencyClaim | None
) -> Kept:
    """Answer a request; the same under the same Idempotency-Key is answered alike. Raises Invalid
    (then nothing was looked up or noted), Conflict, Unavailable."""
    return ask(platform, caller, examined(platform, caller, body), name_of(platform, claim))


def examined(platform: Platform, caller: Caller, body: CheckIn) -> Wish:
    """What is asked, once nothing is wrong with it. Raises Invalid, pointing at each fault."""
    faults: list[Fault] = []
    asked = examined_subjects(platform, body.subjects, faults)
    return wish_of(platform, caller, body, asked, faults)


def wish_of(
    platform: Platform, caller: Caller, body: AskedIn, asked: Sequence[Asked], faults: list[Fault]
) -> Wish:
    """What is asked about those subjects, with what is wrong with the rest added to `faults`.
    Raises Invalid where there is any."""
    pack = pack_for(caller.jurisdiction, civil_date(platform.clock()))
    scene = pack.scenes.get(body.scene)
    if scene is None:
        faults.append(unknown_scene(pack))
    faults += personal_faults({"/purpose": body.purpose, "/reference": body.reference})
    if faults or scene is None:
        raise Invalid("核查请求不符合要求，没有核查任何主体", faults=faults)
    return Wish(
        pack=pack,
        scene=scene,
        purpose=body.purpose,
        reference=body.reference,
        asked=tuple(asked),
    )


def examined_subjects(
    platform: Platform, subjects: Sequence[AskedSubjectIn], faults: list[Fault]
) -> list[Asked]:
    """Whom a request names; what is wrong with its codes and references is added to `faults`."""
    found = [
        examined_subject(platform, one, at + 1, f"/subjects/{at}", faults)
        for at, one in enumerate(subjects)
    ]
    return [one for one in found if one is not None]


def examined_subject(
    platform: Platform, given: AskedSubjectIn, number: int, pointer: str, faults: list[Fault]
) -> Asked | None:
    """Whom one entry of a request names; None where its code is wrong."""
    codes = (given.unified_code, given.citizen_code, given.registration_number)
    today = civil_date(platform.clock())
    named = identification_of(codes, given.name, today, allowed_codes(platform), pointer)
    if given.reference:
        faults += personal_faults({f"{pointer}/reference": given.reference})
    if isinstance(named, Fault):
        faults.append(named)
        return None
    return Asked(number, named, given.reference)


def scene_of(platform: Platform, caller: Caller, code: str) -> tuple[Pack, Scene]:
    """A scene of the caller's pack. Raises Invalid."""
    pack = pack_for(caller.jurisdiction, civil_date(platform.clock()))
    scene = pack.scenes.get(code)
    if scene is None:
        raise Invalid("没有这个场景", faults=[unknown_scene(pack)])
    return pack, scene


def unknown_scene(pack: Pack) -> Fault:
    """The fault of a scene nobody knows."""
    known = "、".join(pack.scenes)
    return Fault("/scene", "unknown_scene", f"没有这个场景；“{pack.title}”有：{known}")


def name_of(platform: Platform, claim: IdempotencyClaim | None, purpose: str = "check") -> Name:
    """What a check is called: by its Idempotency-Key where it has one, so that a retry finds it,
    however late."""
    if claim is None:
        return Name(platform.ids.new("k"))
    place = platform.keyring.mac(purpose, claim.key.pk)
    return Name(id_text("k", place), claim.body_mac)


def find(platform: Platform, caller: Caller, check_id: str) -> Check:
    """One of the caller's own checks; nobody else's exists for it. Raises NotFound."""
    found = store.load_check(platform, check_id)
    if found.client_id != caller.client_id:
        raise NotFound("没有这次核查")
    return found


def page_of(
    platform: Platform, caller: Caller, feedback: str, limit: int, start: Item | None
) -> Page:
    """One page of the caller's checks, by where their feedback stands if asked for."""
    where = None
    if feedback:
        today = civil_date(platform.clock()).isoformat()
        expression = _FILTERS[feedback]
        values = {"none": "", "today": today}
        where = Condition(
            expression, {name: value for name, value in values.items() if f":{name}" in expression}
        )
    return store.page_of_checks(platform, caller.client_id, where, limit, start)


@dataclass(frozen=True, slots=True)
class Reach:
    """What an office may see of others' checks: of which region (empty: of all)."""

    region: str

    def covers(self, item: Item) -> bool:
        """Whether figures or a late check belong to it."""
        return not self.region or region_covers(self.region, str(item["region"]))


def reach_of(caller: Caller, scope: Scope) -> Reach:
    """How far the caller sees what others asked."""
    return Reach("" if scope is Scope.ALL else caller.region)

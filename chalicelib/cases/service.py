"""What other rooms ask of cases: which kinds there are, open one, take a step, read."""

from __future__ import annotations

from chalicelib.cases.acting import Joined, Taken, judged, personal_of, take
from chalicelib.cases.arising import look_again
from chalicelib.cases.clockwork import send_due
from chalicelib.cases.contests import ENTITY as CONTEST_ENTITY
from chalicelib.cases.contests import contest_of, contests_of, contests_since
from chalicelib.cases.duties import duties_of, parts_in
from chalicelib.cases.kinds import find_kind, kinds_of
from chalicelib.cases.model_results import CaseResult, Contest
from chalicelib.cases.opening import (
    Around,
    Target,
    frame_of,
    framed,
    look_around,
    open_case,
    start,
)
from chalicelib.cases.presenting import Reader, calendar_for, clocks_out, kind_of
from chalicelib.cases.resultstore import ENTITY as RESULT_ENTITY
from chalicelib.cases.resultstore import find_result, results_since
from chalicelib.cases.rules_duties import Duty
from chalicelib.cases.scene import (
    Contesting,
    Doer,
    Establishing,
    Scene,
    Wish,
    read_scene,
    scene_of,
)
from chalicelib.cases.steps import act, find_file, find_visible, step
from chalicelib.cases.store import (
    bars_in,
    case_key,
    changed_since,
    file_from,
    page_of_entries,
    standing_in,
    voice_of,
)
from chalicelib.cases.store_letters import letter_puts, page_of_letters
from chalicelib.cases.tallies import tallies_of
from chalicelib.cases.views import ClockOut

__all__ = [
    "CONTEST_ENTITY",
    "RESULT_ENTITY",
    "Around",
    "CaseResult",
    "ClockOut",
    "Contest",
    "Contesting",
    "Doer",
    "Duty",
    "Establishing",
    "Joined",
    "Reader",
    "Scene",
    "Taken",
    "Target",
    "Wish",
    "act",
    "bars_in",
    "calendar_for",
    "case_key",
    "changed_since",
    "clocks_out",
    "contest_of",
    "contests_of",
    "contests_since",
    "duties_of",
    "file_from",
    "find_file",
    "find_kind",
    "find_result",
    "find_visible",
    "frame_of",
    "framed",
    "judged",
    "kind_of",
    "kinds_of",
    "letter_puts",
    "look_again",
    "look_around",
    "open_case",
    "page_of_entries",
    "page_of_letters",
    "parts_in",
    "personal_of",
    "read_scene",
    "results_since",
    "scene_of",
    "send_due",
    "standing_in",
    "start",
    "step",
    "take",
    "tallies_of",
    "voice_of",
]

"""How evidence is shown."""

from __future__ import annotations

from chalicelib.aws.bucket import PresignedPost
from chalicelib.evidence.model import Evidence, EvidenceForm, EvidenceOut
from chalicelib.evidence.rules import LARGEST_BYTES, POST_SECONDS


def evidence_out(
    evidence: Evidence, title: str = "", form: PresignedPost | None = None
) -> EvidenceOut:
    """A file of evidence. `title` is that of a sealed one, for whoever may know it."""
    return EvidenceOut(
        evidence_id=evidence.evidence_id,
        record_id=evidence.id_of("record"),
        subject_id=evidence.id_of("subject"),
        case_id=evidence.id_of("case"),
        title=title or (None if evidence.sealed else evidence.title),
        state=evidence.state,
        media_type=evidence.media_type or None,
        size=evidence.size or None,
        sha256=None if evidence.sealed else evidence.sha256 or None,
        received_at=evidence.received_at or None,
        form=None
        if form is None
        else EvidenceForm(
            url=form.url,
            fields=form.fields,
            largest_bytes=LARGEST_BYTES,
            valid_seconds=POST_SECONDS,
        ),
    )

"""The platform's resources in one bundle, handed to every use case.

A function's environment names what that function may use; the rest stays empty, and its role would
refuse it anyway.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from chalicelib.aws.attributes import Item
from chalicelib.aws.bucket import Bucket
from chalicelib.aws.calls import ConditionFailed, invoke
from chalicelib.aws.logkey import create_log_key, open_log_key
from chalicelib.aws.queue import Queue
from chalicelib.aws.table import Table
from chalicelib.aws.writes import ABSENT
from chalicelib.kernel.clock import Clock, system_clock
from chalicelib.kernel.errors import Misconfigured
from chalicelib.kernel.ids import Ids, RandomIds
from chalicelib.kernel.keyring import Keyring, keyring_from_bytes, new_keyring
from chalicelib.kernel.log import set_level
from chalicelib.kernel.settings import Settings, read_settings
from chalicelib.tlog.note import NoteSigner, VerifierKey

_KEYRING = "KEYRING"
_SEALED_FOR = {"purpose": "govcredit-keyring"}


@dataclass(frozen=True)
class Platform:
    """Clock, ids, settings and every AWS resource by its name in the design."""

    settings: Settings
    clock: Clock = system_clock
    ids: Ids = field(default_factory=RandomIds)

    @functools.cached_property
    def records(self) -> Table:
        """Subjects, records and their versions."""
        return Table(self.settings.records_table)

    @functools.cached_property
    def intake(self) -> Table:
        """Uploads, their chunks, kept answers of idempotent writes."""
        return Table(self.settings.intake_table)

    @functools.cached_property
    def access(self) -> Table:
        """The register of agencies and clients."""
        return Table(self.settings.access_table)

    @functools.cached_property
    def audit(self) -> Table:
        """The audit trail."""
        return Table(self.settings.audit_table)

    @functools.cached_property
    def registers(self) -> Table:
        """Entries of the registers that supervise themselves."""
        return Table(self.settings.registers_table)

    @functools.cached_property
    def cases(self) -> Table:
        """Cases, their events, and the letters they send."""
        return Table(self.settings.cases_table)

    @functools.cached_property
    def evaluation(self) -> Table:
        """Evaluation runs, chunks and results."""
        return Table(self.settings.evaluation_table)

    @functools.cached_property
    def public(self) -> Table:
        """What the public may see, and nothing else."""
        return Table(self.settings.public_table)

    @functools.cached_property
    def keys(self) -> Table:
        """The sealed keyring, and the sealed key of the log."""
        return Table(self.settings.keys_table)

    @functools.cached_property
    def limits(self) -> Table:
        """How often whom nobody knows has called today; never backed up."""
        return Table(self.settings.limits_table)

    @functools.cached_property
    def measures(self) -> Table:
        """Who is under which measure now, one item per subject, and how it came to that."""
        return Table(self.settings.measures_table)

    @functools.cached_property
    def checks(self) -> Table:
        """What business systems asked, were told and did; subscriptions and deliveries."""
        return Table(self.settings.checks_table)

    @functools.cached_property
    def monitoring(self) -> Table:
        """Values of warning rules day by day, and the warnings they raised."""
        return Table(self.settings.monitoring_table)

    @functools.cached_property
    def archive(self) -> Bucket:
        """Locked originals."""
        return Bucket(self.settings.archive_bucket)

    @functools.cached_property
    def inbox(self) -> Bucket:
        """Files as agencies upload them, until they are worked."""
        return Bucket(self.settings.inbox_bucket)

    @functools.cached_property
    def work(self) -> Bucket:
        """Derived files: chunk results, error files."""
        return Bucket(self.settings.work_bucket)

    @functools.cached_property
    def publication(self) -> Bucket:
        """The log and the snapshots, as anybody may have them."""
        return Bucket(self.settings.publication_bucket)

    @functools.cached_property
    def intake_queue(self) -> Queue:
        """Work on uploaded files."""
        return Queue(self.settings.intake_queue)

    @functools.cached_property
    def accounts_queue(self) -> Queue:
        """Months of agencies to be counted."""
        return Queue(self.settings.accounts_queue)

    @functools.cached_property
    def cases_queue(self) -> Queue:
        """Cases that time is to move."""
        return Queue(self.settings.cases_queue)

    @functools.cached_property
    def disclosure_queue(self) -> Queue:
        """Changes to be projected for the public."""
        return Queue(self.settings.disclosure_queue)

    @functools.cached_property
    def evaluation_queue(self) -> Queue:
        """Chunks of evaluation runs."""
        return Queue(self.settings.evaluation_queue)

    @functools.cached_property
    def sequencer_queue(self) -> Queue:
        """Documents to be numbered."""
        return Queue(self.settings.sequencer_queue)

    @functools.cached_property
    def snapshots_queue(self) -> Queue:
        """Snapshots to be built."""
        return Queue(self.settings.snapshots_queue)

    @functools.cached_property
    def measures_queue(self) -> Queue:
        """Subjects whose measures are to be worked out again."""
        return Queue(self.settings.measures_queue)

    @functools.cached_property
    def checks_queue(self) -> Queue:
        """Files to be checked, and answers that changed, to be delivered."""
        return Queue(self.settings.checks_queue)

    @functools.cached_property
    def monitoring_queue(self) -> Queue:
        """Chunks of a look at the warning rules."""
        return Queue(self.settings.monitoring_queue)

    @functools.cached_property
    def keyring(self) -> Keyring:
        """The opened keyring, once per worker. Raises Misconfigured before `setup` has run."""
        item = self.keys.get(_KEYRING)
        if item is None:
            raise Misconfigured("平台尚未初始化：请先运行 setup")
        return self._unseal(item)

    def create_keyring(self) -> Keyring:
        """Make the keyring, or open the one that is there: safe to repeat."""
        found = self.keys.get(_KEYRING)
        if found is not None:
            return self._unseal(found)
        keyring = new_keyring(self.ids)
        answer = invoke(
            "kms",
            "encrypt",
            "sealing_key",
            KeyId=self.settings.sealing_key_id,
            Plaintext=keyring.to_bytes(),
            EncryptionContext=_SEALED_FOR,
        )
        item: Item = {
            "pk": _KEYRING,
            "sk": "-",
            "entity": "keyring",
            "version": 1,
            "sealed": bytes(answer["CiphertextBlob"]),
            "public_jwks": _jwks_value(keyring),
        }
        try:
            self.keys.put(item, ABSENT)
        except ConditionFailed as error:
            found = error.items[0]
            if found is None:
                raise
            return self._unseal(found)
        return keyring

    @functools.cached_property
    def log_signer(self) -> NoteSigner:
        """The key the log is signed with, opened once per worker; the sequencer's alone. Raises
        Misconfigured before `setup` has run."""
        return open_log_key(self.keys, self.settings)

    def create_log_key(self) -> VerifierKey:
        """Make the key the log is signed with, or find the one that is there: safe to repeat."""
        return create_log_key(self.keys, self.settings, self.ids)

    def _unseal(self, item: Item) -> Keyring:
        answer = invoke(
            "kms",
            "decrypt",
            "sealing_key",
            KeyId=self.settings.sealing_key_id,
            CiphertextBlob=item["sealed"],
            EncryptionContext=_SEALED_FOR,
        )
        return keyring_from_bytes(answer["Plaintext"])


def _jwks_value(keyring: Keyring) -> Item:
    return {"keys": [dict(key) for key in keyring.public_jwks()["keys"]]}


@functools.cache
def current_platform() -> Platform:
    """This worker's platform, from its environment, made at first use."""
    settings = read_settings()
    set_level(settings.log_level)
    return Platform(settings)

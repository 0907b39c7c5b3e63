"""Jobs: work that a worker does later, and the files of a partner, uploaded or made by jobs.

The state of a job lives in the database; a broker only says that there is work.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, BinaryIO, Final, Protocol
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.errors import NotFoundError, Refusal
from services.kernel.context import Principal
from services.kernel.permissions import Permission

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"

SEND_MAIL = "mail.send"
"""The job that sends a mail (services/people/mail.py), whose id is the mail's."""

IMPORT, UNDO = "import.run", "import.undo"
"""The jobs that import uploaded files, and take an import back (imports.py)."""

RENDER = "report.render"
"""The job that renders a report (services/reporting/report.py); its payload names the report."""

WHAT_IF = "whatif.run"
"""The job that answers a what-if (services/scheme/whatif.py)."""

Needs = Sequence[Permission]

OF_IMPORTS: Final[Needs] = (Permission.IMPORT_FILES,)
"""What is sent, and what is said of its rows, may hold whatever is recorded of everybody."""

OF_WHAT_IFS: Final[Needs] = (Permission.REQUEST_REPORTS, Permission.READ_FIGURES)

OF_FIGURES: Final[Needs] = (*OF_WHAT_IFS, Permission.READ_TRAINEES)
"""What shows figures and whom they were counted from."""

JOB_NEEDS: Final[Mapping[str, Needs]] = {
    IMPORT: OF_IMPORTS,
    UNDO: OF_IMPORTS,
    RENDER: (Permission.REQUEST_REPORTS,),
    WHAT_IF: OF_WHAT_IFS,
}
"""What it takes to follow a job, by its kind, each over everything. Mails, and what head office
asked for, are followed by other ways alone."""


class JobState(StrEnum):
    """The state of a job. Cancelling: it was asked for, and the worker has yet to stop. Undone: it
    was over, and all that it recorded was taken back."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One job. kind: its name. done of total: steps, 0 of 0 before it knows.

    attempts: how often it was begun. result: what came of it, JSON-like (`file_id`: text). error:
    the code of the refusal or failure with which it ended, or of the last attempt.
    """

    tenant_id: UUID
    id: UUID
    kind: str
    state: JobState
    payload: dict[str, Any]
    done: int = 0
    total: int = 0
    attempts: int = 0
    result: dict[str, Any] | None = None
    error: str | None = None
    error_params: dict[str, Any] = {}
    created_at: datetime
    updated_at: datetime

    @property
    def is_over(self) -> bool:
        return not self.is_cancellable and self.state is not JobState.CANCELLING

    @property
    def is_cancellable(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)

    @property
    def came_to_nothing(self) -> bool:
        """Whether it is over with no result that stands, so that the same may be asked for anew."""
        return self.state in (JobState.FAILED, JobState.CANCELLED, JobState.UNDONE)


class JobQueue(Protocol):
    """The port of kept jobs; adapter in infra/work/jobs.py."""

    async def create_job(
        self, tenant_id: UUID, kind: str, payload: dict[str, Any], *, job_id: UUID | None = None
    ) -> Job:
        """job_id: makes a repeated request answer with the first job and its payload."""

    async def get_job(self, tenant_id: UUID, job_id: UUID) -> Job | None: ...

    async def list_jobs(
        self, tenant_id: UUID, kinds: Collection[str], *, before: UUID | None, most: int
    ) -> list[Job]:
        """The jobs of these kinds, the last made first. before: only those made
        before that one."""

    async def cancel_job(self, tenant_id: UUID, job_id: UUID) -> Job:
        """A queued job is never begun; a running one is cancelling until its worker has stopped,
        and what it wrote stays. Asking again changes nothing. Raises NotFoundError `job_unknown`,
        Refusal `job_over`."""


class NewFile(msgspec.Struct, frozen=True):
    """A file to be stored. needs: what it takes to read it, each over everything. id: makes storing
    again the same as storing once."""

    name: str
    media_type: str
    content: BinaryIO
    needs: Needs
    id: UUID = msgspec.field(default_factory=uuid7)


class StoredFile(msgspec.Struct, frozen=True):
    """One file. name: as people see it. sha256: hexadecimal. size: bytes. needs: of NewFile."""

    id: UUID
    name: str
    media_type: str
    sha256: str
    size: int
    needs: Needs
    created_at: datetime


class FileStore(Protocol):
    """The port of stored files; adapter in infra/work/files.py."""

    async def store_file(self, tenant_id: UUID, new: NewFile) -> StoredFile:
        """Keeps a file and answers it; where its id is known, the one that came first."""

    async def get_file(self, tenant_id: UUID, file_id: UUID) -> StoredFile | None: ...


async def own_file(principal: Principal, files: FileStore, file_id: UUID | None) -> StoredFile:
    """A file that somebody may read. Raises NotFoundError `file_unknown`, also of one that they may
    not, and of another partner's."""
    file = await files.get_file(principal.tenant, file_id) if file_id else None
    if file is None or not _may_read(principal, file.needs):
        raise NotFoundError("file_unknown")
    return file


async def find_job(principal: Principal, jobs: JobQueue, job_id: UUID) -> Job | None:
    """A job that somebody may follow; None where they may not, as of another partner's."""
    job = await jobs.get_job(principal.tenant, job_id)
    return job if job and may_follow(principal, job.kind) else None


async def own_job(principal: Principal, jobs: JobQueue, job_id: UUID) -> Job:
    """The same. Raises NotFoundError `job_unknown` in the place of None."""
    if (job := await find_job(principal, jobs, job_id)) is None:
        raise NotFoundError("job_unknown", field="id", id=str(job_id))
    return job


def may_follow(principal: Principal, kind: str) -> bool:
    """Whether somebody may read what comes of jobs of a kind; of one without a row nobody may."""
    return kind in JOB_NEEDS and _may_read(principal, JOB_NEEDS[kind])


def _may_read(principal: Principal, needs: Needs) -> bool:
    return all(principal.may_everywhere(Permission(one)) for one in needs)


async def cancel_job(principal: Principal, jobs: JobQueue, job_id: UUID) -> Job:
    """Answers the job as it is now. Raises NotFoundError `job_unknown`, Refusal `job_over` where it
    is over and was not cancelled."""
    await own_job(principal, jobs, job_id)
    return await jobs.cancel_job(principal.tenant, job_id)


async def cancel_if_under_way(principal: Principal, jobs: JobQueue, job: Job) -> None:
    """Cancels a job, unless it is over, perhaps since somebody looked. Raises NotFoundError
    `job_unknown`."""
    if job.is_over:
        return
    try:
        await cancel_job(principal, jobs, job.id)
    except Refusal as refusal:
        if refusal.code != "job_over":
            raise

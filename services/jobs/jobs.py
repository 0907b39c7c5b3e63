"""Jobs: work that a worker does later, and the files of a partner, uploaded or made by jobs.

The state of a job lives in the database; a broker only says that there is work.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Any, BinaryIO, Protocol
from uuid import UUID, uuid5

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.bounds import Text, check
from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from services.importing.mapping import load_mapping
from services.kernel.context import Principal
from services.kernel.permissions import Permission, require

IMPORT = "import.run"
"""The job that imports uploaded files."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"

MOST_FILES = 8
LONGEST_NAME = 200
LARGEST_MAPPING = 256 << 10


class JobState(StrEnum):
    """The state of a job. Cancelling: it was asked for, and the worker has yet to stop."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


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
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def is_cancellable(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)


class JobQueue(Protocol):
    """The port of kept jobs; adapter in infra/work/jobs.py."""

    async def create_job(
        self, tenant_id: UUID, kind: str, payload: dict[str, Any], *, job_id: UUID | None = None
    ) -> Job:
        """job_id: makes a repeated request answer with the first job and its payload."""

    async def get_job(self, tenant_id: UUID, job_id: UUID) -> Job | None: ...

    async def cancel_job(self, tenant_id: UUID, job_id: UUID) -> Job:
        """A queued job is never begun; a running one is cancelling until its worker has stopped,
        and what it wrote stays. Asking again changes nothing. Raises NotFoundError `job_unknown`,
        Refusal `job_over`."""


class NewFile(msgspec.Struct, frozen=True):
    """A file to be stored. id: makes storing again the same as storing once."""

    name: str
    media_type: str
    content: BinaryIO
    id: UUID = msgspec.field(default_factory=uuid7)


class StoredFile(msgspec.Struct, frozen=True):
    """One file. name: as people see it. sha256: hexadecimal. size: bytes."""

    id: UUID
    name: str
    media_type: str
    sha256: str
    size: int
    created_at: datetime


class FileStore(Protocol):
    """The port of stored files; adapter in infra/files.py."""

    async def store_file(self, tenant_id: UUID, new: NewFile) -> StoredFile:
        """Keeps a file and answers it; where its id is known, the one that came first."""


Inspect = Callable[[BinaryIO, str], None]
"""Looks at a file's size and first bytes; raises Refusal (`file_too_large`, …) with its name."""


class Imports:
    """Uploaded files, kept and imported by a job."""

    def __init__(self, files: FileStore, jobs: JobQueue, inspect: Inspect) -> None:
        self._files = files
        self._jobs = jobs
        self._inspect = inspect

    async def request_import(
        self,
        principal: Principal,
        uploads: Sequence[NewFile],
        *,
        sheet: str | None = None,
        mapping: str | None = None,
        dry_run: bool = False,
    ) -> Job:
        """Keeps the files and makes the job that imports them. sheet: only this. mapping: TOML.
        Refuses `text_too_long` and `text_invalid` of a sheet's name."""
        require(principal, Permission.IMPORT_FILES)
        if not uploads:
            raise Refusal("file_missing")
        if len(uploads) > MOST_FILES:
            raise Refusal("too_many_files", most=MOST_FILES)
        if mapping is not None:
            if len(mapping.encode()) > LARGEST_MAPPING:
                raise Refusal("mapping_invalid", reason=f"> {LARGEST_MAPPING >> 10} KiB")
            load_mapping(mapping, partner="")
        order = ImportOrder(
            files=[],
            actor=principal.actor,
            role=str(principal.role),
            zone=principal.zone,
            sheet=sheet,
            mapping=mapping,
            dry_run=dry_run,
        )
        check(order)
        named = [msgspec.structs.replace(one, name=shown_name(one.name)) for one in uploads]
        for one in named:
            self._inspect(one.content, one.name)
        tenant = principal.tenant
        stored = [await self._files.store_file(tenant, one) for one in named]
        payload = msgspec.structs.replace(order, files=[file.id for file in stored])
        return await self._jobs.create_job(tenant, IMPORT, msgspec.to_builtins(payload))

    async def carry_out(self, principal: Principal, checked: Job) -> Job:
        """Imports the files of a check, as this person; asking twice imports once. Refuses
        `import_unchecked`."""
        require(principal, Permission.IMPORT_FILES)
        if run := await self._jobs.get_job(principal.tenant, run_of(checked)):
            return run
        return await self._again(principal, checked, run_of(checked), dry_run=False)

    async def check_sheet(self, principal: Principal, checked: Job, sheet: str) -> Job:
        """Checks one sheet alone of the files of a check; asking twice checks once, unless nothing
        came of it. Refuses `import_unchecked`."""
        require(principal, Permission.IMPORT_FILES)
        job_id = uuid5(checked.id, f"only {sheet}")
        while check := await self._jobs.get_job(principal.tenant, job_id):
            if check.is_cancellable or check.state is JobState.DONE:
                return check
            job_id = uuid5(job_id, "again")
        return await self._again(principal, checked, job_id, sheet=sheet)

    async def _again(self, principal: Principal, checked: Job, job_id: UUID, **other: Any) -> Job:
        """A job with the files of a check and what is other in its order, as this person."""
        order = msgspec.convert(checked.payload, ImportOrder)
        if not order.dry_run or checked.state is not JobState.DONE:
            raise Refusal("import_unchecked")
        person = {
            "actor": principal.actor,
            "role": str(principal.role),
            "zone": principal.zone,
        }
        again = msgspec.structs.replace(order, **person, **other)
        check(again)
        payload = msgspec.to_builtins(again)
        return await self._jobs.create_job(principal.tenant, IMPORT, payload, job_id=job_id)


def run_of(checked: Job) -> UUID:
    """The id of the import that follows a check; it follows from the check's."""
    return uuid5(checked.id, "carry out")


async def cancel_job(principal: Principal, jobs: JobQueue, job_id: UUID) -> Job:
    """Answers the job as it is now. Raises PermissionRefusedError, NotFoundError `job_unknown`,
    Refusal `job_over` where it is done or has failed."""
    require(principal, Permission.REQUEST_REPORTS)
    return await jobs.cancel_job(principal.tenant, job_id)


class ImportOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """The payload of an import's job; its rows are recorded by the one who uploaded."""

    files: list[UUID]
    actor: str
    role: str
    zone: str
    sheet: Annotated[str | None, Text(LONGEST_NAME)] = None
    mapping: str | None = None
    dry_run: bool = False


def shown_name(name: str) -> str:
    """A sender's file name without folders and control characters, never empty."""
    last = PurePath(name.replace("\\", "/")).name
    kept = tidy("".join(c for c in last if c.isprintable()))
    return kept[-LONGEST_NAME:] or "file"

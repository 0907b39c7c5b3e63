"""Imports: uploaded files, which a job checks, imports, and takes back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, BinaryIO
from uuid import UUID, uuid5

import msgspec

from domain.kernel.aggregate import require_reason
from domain.kernel.bounds import check
from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from services.importing.mapping import ChangeDay, SheetTitle, load_mapping
from services.importing.mending import Mend
from services.importing.teaching import TeachWord
from services.jobs.behalf import Behalf, on_behalf
from services.jobs.jobs import (
    IMPORT,
    JSON,
    OF_IMPORTS,
    UNDO,
    FileStore,
    Job,
    JobQueue,
    JobState,
    NewFile,
)
from services.kernel import fields
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.words.texts import FIRST_LANGUAGE

MOST_FILES = 8
LONGEST_NAME = 200
LARGEST_MAPPING = 256 << 10

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
        sheets: Sequence[str] = (),
        changed_on: date | None = None,
        mapping: str | None = None,
        language: str = FIRST_LANGUAGE,
        dry_run: bool = False,
    ) -> Job:
        """Keeps the files and makes the job that imports them. sheets: only these. changed_on: of
        every sheet, see ChangeDay. mapping: TOML. language: of the report as a workbook. Refuses
        `text_too_long` and `text_invalid` of a sheet's name, `day_out_of_range`."""
        principal.require_everything(Permission.IMPORT_FILES)
        if not uploads:
            raise Refusal("file_missing")
        if len(uploads) > MOST_FILES:
            raise Refusal("too_many_files", most=MOST_FILES)
        if mapping is not None:
            if len(mapping.encode()) > LARGEST_MAPPING:
                raise Refusal("mapping_invalid", reason=f"> {LARGEST_MAPPING >> 10} KiB")
            load_mapping(mapping, partner="")
        order = order_of(
            principal,
            [one.name for one in uploads],
            sheets=sheets,
            changed_on=changed_on,
            mapping=mapping,
            language=language,
            dry_run=dry_run,
        )
        named = [
            msgspec.structs.replace(one, name=name)
            for one, name in zip(uploads, order.names, strict=True)
        ]
        for one in named:
            self._inspect(one.content, one.name)
        tenant = principal.tenant
        stored = [await self._files.store_file(tenant, one) for one in named]
        payload = msgspec.structs.replace(order, files=[file.id for file in stored])
        return await self._jobs.create_job(tenant, IMPORT, msgspec.to_builtins(payload))

    async def carry_out(self, principal: Principal, checked: Job) -> Job:
        """Imports the files of a check, as this person; asking twice imports once, unless that came
        to nothing: rows that are recorded all the same are found recorded. Refuses
        `import_unchecked`."""
        principal.require_everything(Permission.IMPORT_FILES)
        if run := await self.run_of(principal, checked):
            return run
        if checked.state is not JobState.DONE:
            raise Refusal("import_unchecked")
        _, job_id = await self._last_attempt(principal, _run_of(checked))
        return await self._again(principal, checked, job_id, dry_run=False)

    async def run_of(self, principal: Principal, checked: Job) -> Job | None:
        """The import that follows a check; None where there is none, or it came to nothing."""
        run = await self.last_run_of(principal, checked)
        return None if run is None or run.came_to_nothing else run

    async def last_run_of(self, principal: Principal, checked: Job) -> Job | None:
        """The last import that followed a check, whatever came of it."""
        return (await self._last_attempt(principal, _run_of(checked)))[0]

    async def check_anew(
        self,
        principal: Principal,
        checked: Job,
        mends: Sequence[Mend] = (),
        sheets: Sequence[str] = (),
        changed_on: Mapping[str, date | None] = MappingProxyType({}),
        words: Sequence[TeachWord] = (),
    ) -> Job:
        """Checks the files of a check anew, whatever came of it, with mended cells beside those
        mended before; asking twice for the same checks once. sheets: only these. changed_on: by
        sheet, see ChangeDay, in place of the check's. words: to be remembered where the sheets
        can be read by them, in place of the check's. Refuses
        `import_unchecked`, `day_out_of_range`, and what a cell cannot say."""
        principal.require_everything(Permission.IMPORT_FILES)
        order = _require_checked(checked)
        other: dict[str, Any] = {"sheets": list(sheets)} if sheets else {}
        other["words"] = list(words)
        if changed_on:
            kept = [one for one in order.changed_on if one.sheet not in changed_on]
            given = [ChangeDay(on, sheet) for sheet, on in changed_on.items()]
            other["changed_on"] = [*kept, *given]
        for one in (*mends, msgspec.structs.replace(order, **other)):
            check(one)
        said = msgspec.json.encode((mends, sorted(sheets), sorted(changed_on.items()), words))
        anew, job_id = await self._last_attempt(
            principal, uuid5(checked.id, f"anew {said.decode()}")
        )
        if anew and anew.is_cancellable:
            return anew
        if mends:
            new = NewFile("mends.json", JSON, BytesIO(msgspec.json.encode(mends)), OF_IMPORTS)
            file = await self._files.store_file(principal.tenant, new)
            other["mends"] = [*order.mends, file.id]
        return await self._again(principal, checked, job_id, **other)

    async def undo(self, principal: Principal, imported: Job, reason: str) -> Job:
        """Takes all back that an import recorded; it can be asked for again until nothing is left.
        Refuses `import_not_over`, `reason_missing`."""
        principal.require_everything(Permission.IMPORT_FILES)
        order = msgspec.convert(imported.payload, ImportOrder)
        if order.dry_run or not imported.is_over:
            raise Refusal("import_not_over")
        require_reason(reason)
        undoing, job_id = await self._last_attempt(principal, undo_of(imported))
        if undoing and (undoing.is_cancellable or await self.is_undone(imported)):
            return undoing
        undo = UndoOrder(
            **on_behalf(principal), imported=imported.id, names=order.names, reason=reason
        )
        check(undo)
        payload = msgspec.to_builtins(undo)
        return await self._jobs.create_job(principal.tenant, UNDO, payload, job_id=job_id)

    async def undoing(self, principal: Principal, imported: Job) -> Job | None:
        """The last attempt to take an import back, if there is one."""
        return (await self._last_attempt(principal, undo_of(imported)))[0]

    async def is_undone(self, imported: Job) -> bool:
        """Whether an import is undone by now; asked after its undoing, it agrees with that."""
        now = await self._jobs.get_job(imported.tenant_id, imported.id)
        return now is not None and now.state is JobState.UNDONE

    async def _last_attempt(self, principal: Principal, first: UUID) -> tuple[Job | None, UUID]:
        """The last job of those that are made one after the other, and the id of the next."""
        last, job_id = None, first
        while attempt := await self._jobs.get_job(principal.tenant, job_id):
            last, job_id = attempt, _next(job_id)
        return last, job_id

    async def earlier(self, principal: Principal, before: UUID | None, most: int) -> list[Job]:
        """The partner's checks and imports, and what was taken back, the last first. before: only
        those made before that one."""
        principal.require_everything(Permission.IMPORT_FILES)
        kinds = (IMPORT, UNDO)
        return await self._jobs.list_jobs(principal.tenant, kinds, before=before, most=most)

    async def _again(self, principal: Principal, checked: Job, job_id: UUID, **other: Any) -> Job:
        """A job with the files of a check and what is other in its order, as this person."""
        order = _require_checked(checked)
        again = msgspec.structs.replace(order, **on_behalf(principal), **other)
        check(again)
        payload = msgspec.to_builtins(again)
        return await self._jobs.create_job(principal.tenant, IMPORT, payload, job_id=job_id)


def undo_of(imported: Job) -> UUID:
    """The id of the first attempt to take an import back."""
    return uuid5(imported.id, "undo")


def _next(job_id: UUID) -> UUID:
    """The id of the attempt after one."""
    return uuid5(job_id, "again")


def _run_of(checked: Job) -> UUID:
    """The id of the import that follows a check; it follows from the check's."""
    return uuid5(checked.id, "carry out")


class ImportOrder(Behalf, frozen=True, kw_only=True, omit_defaults=True):
    """The payload of an import's job. names: of the files, as people see them. mends: files of what
    cells say instead, since that is about people and stands in no job. words: as of import_file."""

    files: list[UUID] = msgspec.field(default_factory=list)
    names: list[str] = msgspec.field(default_factory=list)
    sheets: list[SheetTitle] = msgspec.field(default_factory=list)
    changed_on: list[ChangeDay] = msgspec.field(default_factory=list)
    mends: list[UUID] = msgspec.field(default_factory=list)
    words: list[TeachWord] = msgspec.field(default_factory=list)
    mapping: str | None = None
    language: str = FIRST_LANGUAGE
    dry_run: bool = False


def order_of(
    principal: Principal,
    files: Sequence[str],
    *,
    sheets: Sequence[str],
    changed_on: date | None,
    **other: Any,
) -> ImportOrder:
    """The order to import files, by their senders' names, as somebody gives it at a door. Refuses
    `text_too_long` and `text_invalid` of a sheet's name, `day_out_of_range`."""
    order = ImportOrder(
        **on_behalf(principal),
        names=told_apart([shown_name(one) for one in files]),
        sheets=list(sheets),
        changed_on=[ChangeDay(changed_on)] if changed_on else [],
        **other,
    )
    check(order)
    return order


class UndoOrder(Behalf, frozen=True, kw_only=True):
    """The payload of the job that takes an import back; names: of its files."""

    imported: UUID
    names: list[str]
    reason: fields.Reason


def _require_checked(checked: Job) -> ImportOrder:
    """The order of a check that is over. Refuses `import_unchecked`."""
    order = msgspec.convert(checked.payload, ImportOrder)
    if not order.dry_run or not checked.is_over:
        raise Refusal("import_unchecked")
    return order


def shown_name(name: str) -> str:
    """A sender's file name without folders and control characters, never empty."""
    last = PurePath(name.replace("\\", "/")).name
    kept = tidy("".join(c for c in last if c.isprintable()))
    return kept[-LONGEST_NAME:] or "file"


def told_apart(names: Sequence[str]) -> list[str]:
    """Names of files, of which each further one of a name has a number (`名单 (2).csv`), since a
    cell is known by its file's name."""
    apart = dict[str, None]()
    for name in names:
        chosen, number, path = name, 1, PurePath(name)
        while chosen in apart:
            number += 1
            end = f" ({number}){path.suffix}"
            chosen = path.stem[: LONGEST_NAME - len(end)] + end
        apart[chosen] = None
    return list(apart)

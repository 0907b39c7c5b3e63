"""Every kind of job that a worker knows; a new one is added here."""

from collections.abc import Mapping
from types import MappingProxyType

from infra.app import App
from infra.work import import_job, report_job, whatif_job
from infra.work.job_runner import JobKind
from services.jobs.jobs import IMPORT
from services.reporting.report import RENDER
from services.scheme.head_office import FOR_HEAD_OFFICE
from services.scheme.whatif import WHAT_IF

KINDS: Mapping[str, JobKind[App]] = MappingProxyType(
    {
        RENDER: JobKind(report_job.perform, report_job.failed),
        IMPORT: JobKind(import_job.perform),
        WHAT_IF: JobKind(whatif_job.perform),
        FOR_HEAD_OFFICE: JobKind(
            whatif_job.perform_for_head_office, whatif_job.failed_for_head_office
        ),
    }
)

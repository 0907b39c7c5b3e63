"""A report on a month of newcomers: asked for, then rendered to a file or not (S54)."""

from datetime import date
from typing import Any
from uuid import UUID

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent, payload_fields
from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.planning.calendar import CIVIL_DAYS

LANGUAGES = ("zh-CN", "en")
"""In which a report can be written; the first is what is written unless asked otherwise."""

NEWCOMER_FIGURES = "newcomer_figures"
"""The one kind of report."""


class Report(Aggregate):
    """A report that was requested, with its file or its failure."""

    TOPIC = "report"

    class Requested(DomainCreated):
        """The report was asked for.

        It is pinned to the state of the log at this event, and to the evening of `happened_by`, so
        that whoever renders it, and whenever, renders the same. month: YYYY-MM.
        """

        TOPIC = "report.requested"
        month: str
        happened_by: date
        language: str = LANGUAGES[0]
        kind: str = NEWCOMER_FIGURES

    class Rendered(DomainEvent):
        """The file was made. sha256: hexadecimal. pinned_position: what it knew of the log.

        figures: KPI slug -> the figure of the month that it shows; None where it was not noted.
        calendar_version: which working days were loaded (domain/planning/calendar.py). provisional:
        slugs of those figures that could still change on that evening; None where it was not noted.
        went_live: how many of the month's newcomers had been on the post.
        """

        TOPIC = "report.rendered"
        file_id: UUID
        sha256: str
        pinned_position: int
        scheme_versions: tuple[int, ...]
        figures: dict[str, Ratio] | None = None
        calendar_version: str = CIVIL_DAYS
        provisional: tuple[str, ...] | None = None
        went_live: int = 0

    class RenderingFailed(DomainEvent):
        """The file could not be made, and is not tried again. code: that of the refusal."""

        TOPIC = "report.rendering_failed"
        code: str

    @classmethod
    def request(cls, report_id: str, *, month: str, today: date, language: str) -> "Report":
        """Requests the report of a month that has begun. today: the partner's local day.

        Refuses `month_invalid`, `month_in_future`, `language_unknown`.
        """
        wanted = Month.parse(month, "month")
        if wanted > Month.of(today):
            raise Refusal("month_in_future", field="month", month=wanted)
        if language not in LANGUAGES:
            raise Refusal(
                "language_unknown", field="language", language=language, languages=list(LANGUAGES)
            )
        return cls._create(
            cls.Requested, id=report_id, month=month, happened_by=today, language=language
        )

    def record_rendered(self, **facts: Any) -> None:
        """Records the file; a second one changes nothing. `facts` are the fields of Rendered."""
        if self.file_id is None:
            self.trigger_event(self.Rendered, **facts)

    def record_rendering_failed(self, code: str) -> None:
        """Records the failure, unless a file is there or it has failed before."""
        if self.file_id is None and self.failure is None:
            self.trigger_event(self.RenderingFailed, code=code)

    def stated(self) -> dict[str, Any]:
        """The fields of SubmittedFigures, as this report states them.

        Refuses `report_not_rendered`, `report_without_figures`.
        """
        if self.rendered is None:
            raise Refusal("report_not_rendered", field="report_id")
        if self.rendered.figures is None:
            raise Refusal("report_without_figures", field="report_id")
        rendered = {name: getattr(self.rendered, name) for name in payload_fields(self.Rendered)}
        return {"report_id": self.id, "happened_by": self.happened_by, **rendered}

    @property
    def file_id(self) -> UUID | None:
        """The file, once it is there."""
        return self.rendered.file_id if self.rendered else None

    def __init__(self, month: str, happened_by: date, language: str, kind: str) -> None:
        self.month = Month.parse(month)
        self.happened_by = happened_by
        self.language = language
        self.kind = kind
        self.rendered: Report.Rendered | None = None
        self.failure: str | None = None

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Report.Rendered():
                self.rendered = event
            case Report.RenderingFailed(code=code):
                self.failure = code

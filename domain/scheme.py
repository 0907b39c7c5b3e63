"""The KPI scheme (KPI考核细则) of a partner: versioned parameters with an effective month.

A period is always scored by the version in force then (spec/kpi.md).
"""

from typing import Any

from eventsourcing.domain import event

from domain.aggregate import Aggregate, DomainCreated
from domain.errors import Refusal
from domain.kpi.scheme import Parameters, Version
from domain.values import Month


class Scheme(Aggregate):
    """All versions of one partner's scheme."""

    TOPIC = "scheme"

    class Started(DomainCreated):
        """The partner keeps a scheme; decisions.md's defaults hold until a version is in force."""

        TOPIC = "scheme.started"

    class Published(Aggregate.Event):
        """A version was published. `effective_from`: YYYY-MM; see domain/kpi/scheme.py."""

        TOPIC = "scheme.published"
        scheme_version: int
        effective_from: str
        window_days: int
        leaver_cutoff: str
        rounding: str
        kpi_month: str
        regolive: str

    @classmethod
    def start(cls, scheme_id: str) -> "Scheme":
        return cls._create(cls.Started, id=scheme_id)

    def publish(self, *, effective_from: str, **parameters: Any) -> None:
        """Refuses `month_invalid`, `scheme_overlaps`, `window_days_invalid`, `choice_unknown`."""
        month = str(Month.parse(effective_from))
        if month in self.effective_months:
            raise Refusal("scheme_overlaps", effective_from=month)
        Parameters(**parameters)
        self.trigger_event(
            self.Published,
            scheme_version=len(self.effective_months) + 1,
            effective_from=month,
            **parameters,
        )

    @event(Started)
    def __init__(self) -> None:
        self.effective_months: list[str] = []

    @event(Published)
    def _published(self, effective_from: str) -> None:
        self.effective_months.append(effective_from)


def version_of(published: Scheme.Published) -> Version:
    """The version as the figures look it up."""
    fields = Parameters.__struct_fields__
    return Version(
        number=published.scheme_version,
        effective_from=Month.parse(published.effective_from),
        parameters=Parameters(**{field: getattr(published, field) for field in fields}),
    )

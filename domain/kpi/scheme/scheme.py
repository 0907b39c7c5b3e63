"""The KPI scheme (KPI考核细则) of a partner: parameters and lines, versioned by effective month.

A period is always scored by the version in force then (spec/kpi.md).
"""

from typing import Any, Required, TypedDict, Unpack

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent, FreeText
from domain.kernel.values import Month
from domain.kpi.catalog import UNITS
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Line, check_lines
from domain.kpi.scheme.versions import HEAD_OFFICE, PARTNER, Parameters, Scheme, Version


class StatedVersion(TypedDict, total=False):
    """What is stated of a version; the rest is as Version says. `effective_from`: YYYY-MM.

    lines: None for those of the source. origin: who set it; the actor is whoever gave it out.
    """

    effective_from: Required[str]
    parameters: Parameters
    lines: tuple[Line, ...] | None
    origin: str
    mandatory: bool
    reason: str | None


class KpiScheme(Aggregate):
    """All versions of one partner's scheme, head office's among them."""

    TOPIC = "scheme"

    class Started(DomainCreated):
        """The partner keeps a scheme; the defaults hold until a version is in force."""

        TOPIC = "scheme.started"

    class Published(DomainEvent):
        """A version was published. See Version."""

        TOPIC = "scheme.published"
        scheme_version: int
        effective_from: str
        parameters: Parameters
        lines: tuple[Line, ...] | None = None
        origin: str = PARTNER
        mandatory: bool = False
        reason: FreeText | None = None

    @classmethod
    def start(cls, scheme_id: str) -> "KpiScheme":
        return cls._create(cls.Started, id=scheme_id)

    def publish(self, *, instead_of: int | None = None, **stated: Unpack[StatedVersion]) -> None:
        """Publishes a version. instead_of: the number of the one that holds in its month until
        then, as it was seen; None where nobody says it.

        Refuses `scheme_overlaps`, `scheme_set_by_head_office`, `scheme_restated`, and what
        `checked` refuses.
        """
        version = checked(**stated)
        self.scheme.published(version, instead_of=instead_of)
        number = len(self.scheme.versions) + 1
        stated |= {"parameters": version.parameters, "reason": version.reason or None}
        self.trigger_event(self.Published, scheme_version=number, **stated)

    def has_adopted(self, effective_from: str) -> bool:
        """Whether head office's version from this month (YYYY-MM) on is here: it has but one."""
        month = Month.parse(effective_from)
        return any(
            v.effective_from == month and v.origin == HEAD_OFFICE for v in self.scheme.versions
        )

    def __init__(self) -> None:
        self.scheme = Scheme()

    def evolve(self, event: DomainEvent) -> None:
        if isinstance(event, KpiScheme.Published):
            self.scheme = Scheme((*self.scheme.versions, version_of(event)))


def checked(**stated: Unpack[StatedVersion]) -> Version:
    """A valid version, not numbered yet. Refuses `month_invalid`, and what check_lines refuses."""
    lines = stated.get("lines")
    if lines is not None:
        check_lines(lines, UNITS)
    return _version(**stated)


def version_of(published: KpiScheme.Published) -> Version:
    """The version that an event published, as figures look it up."""
    return _version(
        number=published.scheme_version,
        effective_from=published.effective_from,
        parameters=published.parameters,
        lines=published.lines,
        origin=published.origin,
        mandatory=published.mandatory,
        reason=published.reason,
    )


def _version(number: int = 0, **stated: Unpack[StatedVersion]) -> Version:
    month, lines = Month.parse(stated["effective_from"], "effective_from"), stated.get("lines")
    known: dict[str, Any] = {**stated, "effective_from": month}
    known["lines"] = CHANNEL_TRAINER if lines is None else lines
    return Version(number, **known)

"""The scheme (KPI考核细则), versioned: which parameters and lines score which month.

Values and look-up only; versions are published by the aggregate in `domain/kpi/scheme/scheme.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_type_hints

from msgspec import Meta, Struct
from msgspec.structs import replace

from domain.kernel.bounds import OWN_REFUSAL, check, choices_of, unwrapped
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Line

PARTNER, HEAD_OFFICE = "partner", "head_office"
"""Who set a version."""


class Parameters(Struct, frozen=True):
    """How figures are scored; a parameter that is left out is as its default says.

    The only place where a parameter and its default are declared: events, commands, drafts, inputs
    and outputs of the schema follow from it. Refuses `window_days_invalid`, `class_size_invalid`,
    `days_invalid`, `choice_unknown`.
    """

    window_days: Annotated[
        int,
        OWN_REFUSAL,
        Meta(ge=1, le=366, description="Days of a newcomer's window; the go-live is day 1 (T8)."),
    ] = 30
    leaver_cutoff: Annotated[
        Literal["window_close", "report_time"],
        Meta(description="Up to when leaving takes a newcomer out of the order rate (T9)."),
    ] = "window_close"
    rounding: Annotated[
        Literal["truncate", "half_up"],
        Meta(description="How figures are rounded where they are shown (T21)."),
    ] = "truncate"
    kpi_month: Annotated[
        Literal["went_live", "window_close"],
        Meta(description="Which month a newcomer belongs to (T10)."),
    ] = "went_live"
    regolive: Annotated[
        Literal["first", "latest"],
        Meta(description="Which go-live opens the window."),
    ] = "first"
    leaver_rule: Annotated[
        Literal["excluded", "counted"],
        Meta(description="Whether who left by the cut-off counts in the order rate's numerator."),
    ] = "excluded"
    denominator: Annotated[
        Literal["went_live", "employed"],
        Meta(description="Of the order rate and of the average orders."),
    ] = "went_live"
    trial_denominator: Annotated[
        Literal["judged", "entered"],
        Meta(description="Of the trial pass rate (T11)."),
    ] = "judged"
    summary_days: Annotated[
        int,
        OWN_REFUSAL,
        Meta(ge=0, le=366, description="Days within which a class is summed up (S33)."),
    ] = 3
    moved_days: Annotated[
        int,
        OWN_REFUSAL,
        Meta(ge=0, le=366, description="Days a class may move and still keep to the plan (S34)."),
    ] = 1
    class_size: (
        Annotated[
            int,
            OWN_REFUSAL,
            Meta(
                ge=1,
                le=999,
                description="People a class is meant for, where set (T7); no KPI uses it yet.",
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        check(self)
        for field in _NUMBERS:
            if (given := getattr(self, field)) is not None:
                _check_number(field, given)


@cache
def _hints() -> Mapping[str, Any]:
    return get_type_hints(Parameters, include_extras=True)


def bounds_of(field: str) -> tuple[int, int]:
    """The least and the most that a parameter may be, which is a number."""
    _, marks = unwrapped(_hints()[field])
    meta = next(mark for mark in marks if isinstance(mark, Meta))
    return int(meta.ge or 0), int(meta.le or 0)


def _check_number(field: str, given: int) -> None:
    least, most = bounds_of(field)
    if not least <= given <= most:
        if field == "window_days":
            raise Refusal("window_days_invalid", field=field, window_days=given)
        if field == "class_size":
            raise Refusal("class_size_invalid", field=field, size=given, most=most)
        raise Refusal("days_invalid", field=field, days=given, most=most)


CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {field: choices for field, hint in _hints().items() if (choices := choices_of(hint))}
)
"""What each named choice may be; the first is the default."""

_NUMBERS = tuple(field for field in _hints() if field not in CHOICES)


SHORTEST_MONTH = 28
"""Days."""


class Version(Struct, frozen=True):
    """Parameters and lines that are in force from a month on, until a later version's month.

    Number 0, without a month, stands for the defaults that hold before anything is published: the
    scheme of the source. origin: PARTNER or HEAD_OFFICE. mandatory: head office's version leaves
    the partner no version of its own while it is the last of head office's. reason: why, where it
    may change submitted figures.
    """

    number: int = 0
    effective_from: Month | None = None
    parameters: Parameters = Parameters()
    lines: tuple[Line, ...] = CHANNEL_TRAINER
    origin: str = PARTNER
    mandatory: bool = False
    reason: str | None = None


class Reach(Struct, frozen=True):
    """Months from one to another; None: there is no first, or no last."""

    first: Month | None
    last: Month | None

    def __contains__(self, month: Month) -> bool:
        return (self.first is None or self.first <= month) and (
            self.last is None or month <= self.last
        )


class Scheme(Struct, frozen=True):
    """All versions of a partner's scheme, in any order. Refuses `scheme_overlaps`.

    The partner's and head office's versions overlap only with their own kind: of two from one
    month, head office's is in force.
    """

    versions: tuple[Version, ...] = ()

    def __post_init__(self) -> None:
        seen: set[tuple[Month | None, str]] = set()
        for version in self.versions:
            month = version.effective_from
            if (month, version.origin) in seen:
                raise Refusal("scheme_overlaps", field="effective_from", effective_from=month)
            seen.add((month, version.origin))

    def published(self, version: Version, *, instead_of: int | None = None) -> "Scheme":
        """The scheme with one version more. instead_of: the number of the one that holds in its
        month, as it was seen. Refuses `scheme_overlaps`, `scheme_restated`, and for a partner's
        version `scheme_set_by_head_office`."""
        month = version.effective_from
        if month and version.origin == PARTNER and (theirs := self._set_for_all(month)):
            raise Refusal(
                "scheme_set_by_head_office",
                field="effective_from",
                effective_from=month,
                since=theirs.effective_from,
            )
        more = Scheme((*self.versions, version))
        if month and instead_of is not None and instead_of != self.in_force(month).number:
            raise Refusal("scheme_restated", field="instead_of", month=month)
        return more

    def each(self, said: Callable[[Version], Version]) -> "Scheme":
        """The scheme with what is said instead of each version, the defaults too."""
        is_complete = any(version.effective_from is None for version in self.versions)
        versions = self.versions if is_complete else (Version(), *self.versions)
        return Scheme(tuple(map(said, versions)))

    def saying(self, version: Version) -> "Scheme":
        """The scheme as if every version, the defaults too, said what one says."""
        return self.each(
            lambda one: replace(one, parameters=version.parameters, lines=version.lines)
        )

    def in_force(self, month: Month) -> Version:
        """The version that scores a month.

        Head office's mandatory one; or that with the latest effective month up to the month; or
        else the defaults.
        """
        return self._set_for_all(month) or max(self._until(month), key=effective, default=Version())

    def last_month_of(self, first: Month) -> Month | None:
        """The last month that a version from a month on scores; None where no later one ends it."""
        later = [v.effective_from for v in self.versions if v.effective_from]
        following = min((month for month in later if month > first), default=None)
        return following.next(-1) if following else None

    def reach_of(self, more: Version) -> Reach:
        """The months whose figures may change by one version more, which has its month: those that
        it scores, and those between which it moves newcomers.

        A window ends, and with it the month may, up to its length after the go-live; by `regolive`
        the go-live itself may be any later one. The trial pass rate of earlier months, asked about
        on an evening, follows the version of the evening.
        """
        first = more.effective_from
        if first is None:
            raise ValueError("the version has no month")
        last = self.last_month_of(first)
        was, now = pair = (self.in_force(first).parameters, more.parameters)
        if was.regolive != now.regolive:
            last = None
        elif last and any(one.kpi_month == "window_close" for one in pair):
            last = last.next(1 + max(one.window_days for one in pair) // SHORTEST_MONTH)
        return Reach(first if was.trial_denominator == now.trial_denominator else None, last)

    def rounding_of(self, numbers: Sequence[int]) -> str:
        """How the figures that versions scored are rounded: as the last of them says, or as the
        defaults do, which are no version of anybody's."""
        known = {version.number: version.parameters for version in self.versions}
        return known.get(numbers[-1] if numbers else 0, Parameters()).rounding

    def _until(self, month: Month) -> list[Version]:
        return [v for v in self.versions if v.effective_from is None or v.effective_from <= month]

    def _set_for_all(self, month: Month) -> Version | None:
        """Head office's last version up to the month, if it is mandatory."""
        theirs = [version for version in self._until(month) if version.origin == HEAD_OFFICE]
        last = max(theirs, key=effective, default=None)
        return last if last is not None and last.mandatory else None


def effective(version: Version) -> tuple[int, int, bool]:
    """Orders versions by the month from which they are in force, head office's last."""
    month = version.effective_from
    theirs = version.origin == HEAD_OFFICE
    return (month.year, month.month, theirs) if month else (0, 0, theirs)

"""The scheme (KPI考核细则), versioned: which parameters and lines score which month.

Values and look-up only; versions are published by the aggregate in `domain/kpi/scheme/scheme.py`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct

from domain.kernel.bounds import OWN_REFUSAL, choices_of
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Line

WindowDays = Annotated[
    int,
    OWN_REFUSAL,
    Meta(description="Days of a newcomer's window, the go-live day being day 1 (T8)."),
]
LeaverCutoff = Annotated[
    Literal["window_close", "report_time"],
    OWN_REFUSAL,
    Meta(description="Up to when leaving takes a newcomer out of the order rate (T9)."),
]
Rounding = Annotated[
    Literal["truncate", "half_up"],
    OWN_REFUSAL,
    Meta(description="How figures are rounded where they are shown (T21)."),
]
KpiMonth = Annotated[
    Literal["went_live", "window_close"],
    OWN_REFUSAL,
    Meta(description="Which month a newcomer belongs to (T10)."),
]
Regolive = Annotated[
    Literal["first", "latest"],
    OWN_REFUSAL,
    Meta(description="Which go-live opens the window."),
]
LeaverRule = Annotated[
    Literal["excluded", "counted"],
    OWN_REFUSAL,
    Meta(description="Whether who left by the cut-off counts in the order rate's numerator."),
]
Denominator = Annotated[
    Literal["went_live", "employed"],
    OWN_REFUSAL,
    Meta(description="Of the order rate and of the average orders."),
]
TrialDenominator = Annotated[
    Literal["judged", "entered"],
    OWN_REFUSAL,
    Meta(description="Of the trial pass rate (T11)."),
]
SummaryDays = Annotated[
    int, OWN_REFUSAL, Meta(description="Days within which a class is summed up in writing (S33).")
]
MovedDays = Annotated[
    int,
    OWN_REFUSAL,
    Meta(description="Days by which a class may move and still keep to the plan (S34)."),
]

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "leaver_cutoff": choices_of(LeaverCutoff),
        "rounding": choices_of(Rounding),
        "kpi_month": choices_of(KpiMonth),
        "regolive": choices_of(Regolive),
        "leaver_rule": choices_of(LeaverRule),
        "denominator": choices_of(Denominator),
        "trial_denominator": choices_of(TrialDenominator),
    }
)
"""What each named choice may be; the first is the default of decisions.md."""

LONGEST_WINDOW_DAYS = 366
LONGEST_DELAY_DAYS = 366

PARTNER, HEAD_OFFICE = "partner", "head_office"
"""Who set a version."""


class Parameters(Struct, frozen=True):
    """How figures are scored; the defaults are those of decisions.md.

    window_days: days, the go-live day being day 1 (T8). leaver_cutoff: up to when leaving takes a
    newcomer out of the order rate (T9). rounding: of what is shown, never of what is compared
    (T21). kpi_month: which month a newcomer belongs to (T10). regolive: which go-live opens the
    window. leaver_rule: whether who left by the cut-off drops out of the order rate's numerator.
    denominator: of the order rate and the average orders. trial_denominator: of the trial pass
    rate (T11). summary_days: within which a class is summed up in writing (S33). moved_days: by
    how many a class may move and still keep to the plan (S34). Refuses `window_days_invalid`,
    `days_invalid` and `choice_unknown`.
    """

    window_days: WindowDays = 30
    leaver_cutoff: LeaverCutoff = "window_close"
    rounding: Rounding = "truncate"
    kpi_month: KpiMonth = "went_live"
    regolive: Regolive = "first"
    leaver_rule: LeaverRule = "excluded"
    denominator: Denominator = "went_live"
    trial_denominator: TrialDenominator = "judged"
    summary_days: SummaryDays = 3
    moved_days: MovedDays = 1

    def __post_init__(self) -> None:
        if not 1 <= self.window_days <= LONGEST_WINDOW_DAYS:
            raise Refusal("window_days_invalid", field="window_days", window_days=self.window_days)
        for field in ("summary_days", "moved_days"):
            days = getattr(self, field)
            if not 0 <= days <= LONGEST_DELAY_DAYS:
                raise Refusal("days_invalid", field=field, days=days, most=LONGEST_DELAY_DAYS)
        for field, choices in CHOICES.items():
            given = getattr(self, field)
            if given not in choices:
                raise Refusal(
                    "choice_unknown", field=field, name=field, given=given, choices=list(choices)
                )


class Version(Struct, frozen=True):
    """Parameters and lines that are in force from a month on, until a later version's month.

    Number 0, without a month, stands for the defaults that hold before anything is published: the
    scheme of the source. origin: PARTNER or HEAD_OFFICE. mandatory: head office's version leaves
    the partner no version of its own while it is the last of head office's.
    """

    number: int = 0
    effective_from: Month | None = None
    parameters: Parameters = Parameters()
    lines: tuple[Line, ...] = CHANNEL_TRAINER
    origin: str = PARTNER
    mandatory: bool = False


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
                raise Refusal("scheme_overlaps", field="effective_from", effective_from=str(month))
            seen.add((month, version.origin))

    @classmethod
    def always(cls, parameters: Parameters) -> "Scheme":
        """One set of parameters for every month."""
        return cls((Version(parameters=parameters),))

    def published(self, version: Version) -> "Scheme":
        """The scheme with one version more. Refuses `scheme_overlaps`, and for a partner's
        version `scheme_set_by_head_office`."""
        month = version.effective_from
        if month is not None and version.origin == PARTNER:
            set_for_all = self._set_for_all(month)
            if set_for_all is not None:
                since = str(set_for_all.effective_from)
                raise Refusal(
                    "scheme_set_by_head_office",
                    field="effective_from",
                    effective_from=str(month),
                    since=since,
                )
        return Scheme((*self.versions, version))

    def in_force(self, month: Month) -> Version:
        """What head office made mandatory; or the version with the latest effective month up to
        the month; or else the defaults."""
        known = [v for v in self.versions if v.effective_from is None or v.effective_from <= month]
        return self._set_for_all(month) or max(known, key=effective, default=Version())

    def _set_for_all(self, month: Month) -> Version | None:
        """Head office's last version up to the month, if it is mandatory."""
        theirs = [
            version
            for version in self.versions
            if version.origin == HEAD_OFFICE
            and version.effective_from is not None
            and version.effective_from <= month
        ]
        last = max(theirs, key=effective, default=None)
        return last if last is not None and last.mandatory else None


def effective(version: Version) -> tuple[int, int, bool]:
    """Orders versions by the month from which they are in force, head office's last."""
    month = version.effective_from
    theirs = version.origin == HEAD_OFFICE
    return (month.year, month.month, theirs) if month else (0, 0, theirs)

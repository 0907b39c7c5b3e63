"""The scheme (KPI考核细则), versioned: which parameters and lines score which month.

Values and look-up only; versions are published by the aggregate in `domain/kpi/scheme/scheme.py`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.scheme.channel_trainer import CHANNEL_TRAINER
from domain.kpi.scheme.lines import Line

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "leaver_cutoff": ("window_close", "report_time"),
        "rounding": ("truncate", "half_up"),
        "kpi_month": ("went_live", "window_close"),
        "regolive": ("first", "latest"),
        "leaver_rule": ("excluded", "counted"),
        "denominator": ("went_live", "employed"),
        "trial_denominator": ("judged", "entered"),
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

    window_days: int = 30
    leaver_cutoff: str = "window_close"
    rounding: str = "truncate"
    kpi_month: str = "went_live"
    regolive: str = "first"
    leaver_rule: str = "excluded"
    denominator: str = "went_live"
    trial_denominator: str = "judged"
    summary_days: int = 3
    moved_days: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.window_days <= LONGEST_WINDOW_DAYS:
            raise Refusal("window_days_invalid", window_days=self.window_days)
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
                raise Refusal("scheme_overlaps", effective_from=str(month))
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
                raise Refusal("scheme_set_by_head_office", effective_from=str(month), since=since)
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

"""The parameters of the figures (KPI考核细则), versioned: which rules score which month.

Values and look-up only; versions are published by the aggregate in `domain/scheme.py`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from domain.errors import Refusal
from domain.values import Month

CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "leaver_cutoff": ("window_close", "report_time"),
        "rounding": ("truncate", "half_up"),
        "kpi_month": ("went_live", "window_close"),
        "regolive": ("first", "latest"),
    }
)
"""What each named choice may be; the first is the default of decisions.md."""

LONGEST_WINDOW_DAYS = 366


class Parameters(Struct, frozen=True):
    """How figures are scored; the defaults are those of decisions.md.

    window_days: days, the go-live day being day 1 (T8). leaver_cutoff: up to when leaving takes a
    newcomer out of the order rate (T9). rounding: of what is shown, never of what is compared
    (T21). kpi_month: which month a newcomer belongs to (T10). regolive: which go-live opens the
    window. Refuses `window_days_invalid` and `choice_unknown`.
    """

    window_days: int = 30
    leaver_cutoff: str = "window_close"
    rounding: str = "truncate"
    kpi_month: str = "went_live"
    regolive: str = "first"

    def __post_init__(self) -> None:
        if not 1 <= self.window_days <= LONGEST_WINDOW_DAYS:
            raise Refusal("window_days_invalid", window_days=self.window_days)
        for field, choices in CHOICES.items():
            given = getattr(self, field)
            if given not in choices:
                raise Refusal("choice_unknown", field=field, given=given, choices=list(choices))


class Version(Struct, frozen=True):
    """Parameters that are in force from a month on, until a later version's month.

    Number 0, without a month, stands for the defaults that hold before anything is published.
    """

    number: int = 0
    effective_from: Month | None = None
    parameters: Parameters = Parameters()


class Scheme(Struct, frozen=True):
    """All versions of a partner's scheme, in any order. Refuses `scheme_overlaps`."""

    versions: tuple[Version, ...] = ()

    def __post_init__(self) -> None:
        months: set[Month | None] = set()
        for version in self.versions:
            if version.effective_from in months:
                raise Refusal("scheme_overlaps", effective_from=str(version.effective_from))
            months.add(version.effective_from)

    @classmethod
    def always(cls, parameters: Parameters) -> "Scheme":
        """One set of parameters for every month."""
        return cls((Version(parameters=parameters),))

    def published(self, version: Version) -> "Scheme":
        """The scheme with one version more. Refuses `scheme_overlaps`."""
        return Scheme((*self.versions, version))

    def in_force(self, month: Month) -> Version:
        """The version with the latest effective month up to the month, or else the defaults."""
        known = [v for v in self.versions if v.effective_from is None or v.effective_from <= month]
        return max(known, key=effective, default=Version())


def effective(version: Version) -> tuple[int, int]:
    """Orders versions by the month from which they are in force."""
    month = version.effective_from
    return (month.year, month.month) if month else (0, 0)

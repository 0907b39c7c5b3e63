"""A draft of a scheme (试算): what it would change, laid over every version there is.

What the draft does not state stays as each version says, so that a comparison shows the effect of
what was changed and of nothing else. It is nobody's version and no event.
"""

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from domain.kpi.catalog import BY_SLUG
from domain.kpi.scheme.lines import Lines, check_lines
from domain.kpi.scheme.versions import (
    Denominator,
    KpiMonth,
    LeaverCutoff,
    LeaverRule,
    MovedDays,
    Parameters,
    Regolive,
    Rounding,
    Scheme,
    SummaryDays,
    TrialDenominator,
    Version,
    WindowDays,
)


class Draft(Struct, frozen=True, omit_defaults=True):
    """None: as it is. The parameters are those of Parameters; lines: instead of all lines.

    Refuses what Parameters and check_lines refuse.
    """

    window_days: WindowDays | None = None
    leaver_cutoff: LeaverCutoff | None = None
    rounding: Rounding | None = None
    kpi_month: KpiMonth | None = None
    regolive: Regolive | None = None
    leaver_rule: LeaverRule | None = None
    denominator: Denominator | None = None
    trial_denominator: TrialDenominator | None = None
    summary_days: SummaryDays | None = None
    moved_days: MovedDays | None = None
    lines: Annotated[Lines | None, Meta(description="If given, instead of all lines.")] = None

    def __post_init__(self) -> None:
        self._over(Version())
        if self.lines is not None:
            check_lines(self.lines, BY_SLUG)

    def over(self, scheme: Scheme) -> Scheme:
        """The scheme as if every version said what the draft states, the defaults too."""
        versions = scheme.versions
        if all(version.effective_from is not None for version in versions):
            versions = (Version(), *versions)
        return Scheme(tuple(map(self._over, versions)))

    def _over(self, version: Version) -> Version:
        stated = {field: value for field, value in asdict(self).items() if value is not None}
        lines = stated.pop("lines", version.lines)
        parameters = Parameters(**asdict(version.parameters) | stated)
        return replace(version, parameters=parameters, lines=lines)

"""A draft of a scheme (试算): what it would change, laid over every version there is.

What the draft does not state stays as each version says, so that a comparison shows the effect of
what was changed and of nothing else. It is nobody's version and no event.
"""

from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.kpi.catalog import BY_SLUG
from domain.kpi.scheme.lines import Line, check_lines
from domain.kpi.scheme.versions import Parameters, Scheme, Version


class Draft(Struct, frozen=True, omit_defaults=True):
    """None: as it is. The parameters are those of Parameters; lines: instead of all lines.

    Refuses what Parameters and check_lines refuse.
    """

    window_days: int | None = None
    leaver_cutoff: str | None = None
    rounding: str | None = None
    kpi_month: str | None = None
    regolive: str | None = None
    leaver_rule: str | None = None
    denominator: str | None = None
    trial_denominator: str | None = None
    summary_days: int | None = None
    moved_days: int | None = None
    lines: tuple[Line, ...] | None = None

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

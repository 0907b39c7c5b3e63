"""The partner's KPI scheme: publishing a version, and adopting head office's."""

import msgspec

from domain.kernel.errors import TakenError
from domain.kpi.scheme.lines import Line
from domain.kpi.scheme.scheme import Scheme
from domain.kpi.scheme.versions import HEAD_OFFICE
from services.kernel.work import Work

SCHEME = "scheme"


class PublishScheme(msgspec.Struct, frozen=True):
    """A version from a month (YYYY-MM) on; defaults of decisions.md. lines: None for those of the
    source."""

    effective_from: str
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
    lines: tuple[Line, ...] | None = None


class AdoptScheme(PublishScheme, frozen=True):
    """A version that head office sets for all partners. mandatory: see
    domain/kpi/scheme/versions.py."""

    mandatory: bool = False


async def publish_scheme(work: Work, command: PublishScheme) -> str:
    """Answers the scheme's stream id; see Scheme.publish for the refusals."""
    scheme = await kept_scheme(work)
    scheme.publish(**msgspec.structs.asdict(command))
    return scheme.id


async def adopt_scheme(work: Work, command: AdoptScheme) -> str:
    """Answers the scheme's stream id; what was adopted is adopted again without a trace."""
    scheme = await kept_scheme(work)
    if not scheme.has_adopted(command.effective_from):
        scheme.publish(origin=HEAD_OFFICE, **msgspec.structs.asdict(command))
    return scheme.id


async def kept_scheme(work: Work) -> Scheme:
    """The partner's scheme, started if it was not. Refuses `scheme_changed` if it was meanwhile."""
    scheme = await work.find(Scheme, SCHEME, SCHEME)
    if scheme is None:
        scheme = Scheme.start(f"{Scheme.TOPIC}-{work.ctx.principal.tenant}")
        work.add(scheme)
        work.claim(SCHEME, SCHEME, scheme.id, taken=lambda: TakenError("scheme_changed"))
    return scheme

"""The partner's KPI scheme: publishing a version."""

import msgspec

from domain.errors import TakenError
from domain.scheme import Scheme
from services.work import Work

SCHEME = "scheme"


class PublishScheme(msgspec.Struct, frozen=True):
    """A version of the parameters from a month (YYYY-MM) on; defaults of decisions.md."""

    effective_from: str
    window_days: int = 30
    leaver_cutoff: str = "window_close"
    rounding: str = "truncate"
    kpi_month: str = "went_live"
    regolive: str = "first"


async def publish_scheme(work: Work, command: PublishScheme) -> str:
    """Answers the scheme's stream id; see Scheme.publish for the refusals."""
    scheme_id = f"{Scheme.TOPIC}-{work.ctx.principal.tenant}"
    scheme = await work.find(Scheme, SCHEME, SCHEME)
    if scheme is None:
        scheme = Scheme.start(scheme_id)
        work.add(scheme)
        work.claim(SCHEME, SCHEME, scheme_id, taken=lambda: TakenError("scheme_changed"))
    scheme.publish(**msgspec.structs.asdict(command))
    return scheme_id

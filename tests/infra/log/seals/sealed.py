"""What the tests of seals share."""

from datetime import timedelta

from infra.bootstrap import App
from infra.log.log_check import LogDifference
from infra.log.log_sealer import ANSWERS_KEPT, LogSealer
from infra.log.log_seals import SealKey
from services.kernel.context import Principal

BLOCK = 4


def sealer(app: App, block: int = BLOCK, answers_kept: timedelta = ANSWERS_KEPT) -> LogSealer:
    return LogSealer(app.db, app.settings.data, lambda: key_of(app), block, answers_kept)


def key_of(app: App) -> SealKey:
    return SealKey(app.settings.seal_keys[0])


async def found(app: App, principal: Principal) -> list[tuple[str, str, int, int]]:
    """What verifying says of a log: the kind and thing of each finding, from where to where."""
    verified = await app.log_verifier.verify(principal.tenant)
    return [said(finding) for finding in verified.findings]


def said(finding: LogDifference) -> tuple[str, str, int, int]:
    return (finding.kind, finding.thing, finding.first, finding.last)

"""When something is recorded that changes submitted figures, then a restatement is recorded.

Each vintage of a submission answers for what was recorded after the position that it is pinned to,
up to that of the next vintage. Most stretches touch no submitted day, and no past is read for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.aggregate import Recorded, topics_of
from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group
from domain.kpi.kpi import Kpi
from domain.kpi.proof.restatement import can_touch, restatements
from domain.kpi.scheme.scheme import KpiScheme, version_of
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.newcomer import Newcomer
from domain.reporting.report import Report
from domain.reporting.submission import Submission, SubmittedFigures
from services.kernel.beside import beside
from services.kernel.context import Context
from services.kernel.ports import History
from services.reactors.reactor import Reaction, Reactor, Stretch
from services.reporting.submission import RecordRestatement

FACTS = topics_of((*newcomer.FOLD, KpiScheme.Published))
"""What may change submitted figures: a version of the scheme that reaches their month, too."""
SUBMITTED = topics_of((Submission.Submitted, Submission.SubmittedAgain))
VINTAGE_EVENTS = SUBMITTED | {Submission.Restated.TOPIC}


class PinnedVintage(msgspec.Struct):
    """Submitted figures, and the positions between which they are still to be restated.

    position: of the submission itself. restated_until: everything up to it was restated or
    is in the figures. until: the next vintage's pin; None for the last. month: empty where only
    its report says it.
    """

    submitted: SubmittedFigures
    month: str
    position: int
    restated_until: int
    number: int = 1
    until: int | None = None

    @property
    def kpis(self) -> tuple[Kpi, ...]:
        return tuple(kpi for kpi in CATALOG if kpi.slug in self.submitted.figures)

    def span(self, stretch: Stretch) -> tuple[int, int]:
        """The positions to look between now; a new vintage starts at its pin."""
        seen = stretch.after if self.position <= stretch.after else self.submitted.pinned_position
        until = stretch.until if self.until is None else min(self.until, stretch.until)
        return max(seen, self.restated_until), until


async def _restate(ctx: Context, history: History, stretch: Stretch) -> Sequence[Reaction]:
    past = _Past(ctx, history, stretch)
    reactions = []
    for vintage in await past.vintages():
        after, until = vintage.span(stretch)
        events = await past.events(after, until)
        day, month = vintage.submitted.happened_by, Month.parse(vintage.month)
        if not any(can_touch(one.event, day, month) for one in events):
            continue
        found = await beside(restatements, await past.state(vintage, after), events, vintage.kpis)
        if found:
            last = max(cause.position for one in found for cause in one.causes)
            because = next(one for one in events if one.position == last)
            submission_id = vintage.submitted.originator_id
            command = RecordRestatement(submission_id, vintage.number, until, found)
            key = f"{submission_id}:{vintage.number}"
            reactions.append(Reaction(because, command, key))
    return reactions


def _vintages(events: Iterable[Recorded]) -> list[PinnedVintage]:
    """Those that are known: what was passed over is none of the events."""
    made = defaultdict[str, dict[int, PinnedVintage]](dict)
    for recorded in events:
        event = recorded.event
        known = made[event.originator_id]
        if isinstance(event, Submission.Restated):
            if event.vintage in known:
                known[event.vintage].restated_until = event.until
        elif isinstance(event, Submission.Submitted):
            known[1] = PinnedVintage(event, event.month, recorded.position, event.pinned_position)
        elif isinstance(event, Submission.SubmittedAgain):
            pin, number, month = event.pinned_position, event.vintage, ""
            if known:
                before = known[max(known)]
                before.until, month = pin, before.month
            known[number] = PinnedVintage(event, month, recorded.position, pin, number)
    return [vintage for known in made.values() for vintage in known.values()]


class _Past:
    """The tenant's past, each part of it read once and only where it is needed."""

    def __init__(self, ctx: Context, history: History, stretch: Stretch) -> None:
        self._tenant_id = ctx.principal.tenant
        self._zone = ZoneInfo(ctx.principal.zone)
        self._history = history
        self._stretch = stretch
        self._newcomers: dict[int, list[Newcomer]] = {}
        self._published: list[Recorded] | None = None

    async def vintages(self) -> list[PinnedVintage]:
        """Those that are known, each with its month: the first one says it, which a history may
        lack, else the report."""
        found = _vintages(await self._all(VINTAGE_EVENTS))
        if without := [vintage for vintage in found if not vintage.month]:
            asked = [one.event for one in await self._all({Report.Requested.TOPIC})]
            reports = [event for event in asked if isinstance(event, Report.Requested)]
            months = {report.originator_id: report.month for report in reports}
            for vintage in without:
                vintage.month = months[vintage.submitted.report_id]
        return found

    async def events(self, after: int, until: int) -> Sequence[Recorded]:
        """The facts between two positions; none where they cross."""
        if after >= until:
            return ()
        if after < self._stretch.after:
            return await self._history.events(self._tenant_id, after, until, FACTS)
        here = [one for one in self._stretch.events if after < one.position <= until]
        return [one for one in here if one.event.TOPIC in FACTS]

    async def state(self, vintage: PinnedVintage, position: int) -> Basis:
        """The submitted group and day with the facts as they were known at a position."""
        if position not in self._newcomers:
            everybody = await self._history.newcomers(self._tenant_id, position)
            self._newcomers[position] = everybody
        if self._published is None:
            self._published = await self._all({KpiScheme.Published.TOPIC})
        known = [one.event for one in self._published if one.position <= position]
        versions = [version_of(one) for one in known if isinstance(one, KpiScheme.Published)]
        scheme = Scheme(tuple(versions))
        evidence = Evidence(self._newcomers[position], scheme=scheme, zone=self._zone)
        group = Group(month=Month.parse(vintage.month))
        day = vintage.submitted.happened_by
        return Basis(evidence, day, group, today=day)

    async def _all(self, topics: Set[str]) -> list[Recorded]:
        """From the beginning of the log to the end of the stretch."""
        return await self._history.events(self._tenant_id, 0, self._stretch.until, topics)


WHEN_A_FACT_IS_RECORDED_THEN_RESTATE = Reactor(
    name="when_a_fact_is_recorded_then_restate",
    topics=FACTS | SUBMITTED,
    react=_restate,
)

"""Changes of a figure after it was submitted, and the events that caused them.

The day and the group stay those of the submission; only what is known grows, versions of the
scheme among it. Events are applied one by one, and each answers for the change it makes where it
stands, so that the contributions add up to new minus old whatever the events are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.aggregate import Correction, DomainEvent, Happening, Recorded, Withdrawal
from domain.kernel.values import Month, Ratio
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.kpi.scheme.scheme import KpiScheme, version_of
from domain.kpi.scheme.versions import Scheme, Version
from domain.kpi.subjects.newcomer import Newcomer, evolve, key
from domain.kpi.subjects.newcomer_state import state_of
from domain.kpi.subjects.newcomers import has_entered, members_of
from domain.kpi.subjects.window import cohort_of, manager_of


class Cause(Struct, frozen=True):
    """An event that touched the figure, and what it added to numerator and denominator.

    trainee_id: whose event it was; empty for a version of the scheme. Both may be 0: a second valid
    order changes what is behind an order rate and not the rate.
    """

    position: int
    topic: str
    trainee_id: str
    numerator: int
    denominator: int

    @property
    def moved(self) -> bool:
        """Whether it added anything."""
        return bool(self.numerator or self.denominator)


class Restatement(Struct, frozen=True):
    """A figure before and after its causes, which are in the order of the log.

    kpi: slug. The causes add up to the difference even where old and new are equal.
    """

    kpi: str
    old: Ratio
    new: Ratio
    causes: tuple[Cause, ...]


def restatements(
    before: Basis, events: Iterable[Recorded], kpis: Sequence[Kpi]
) -> tuple[Restatement, ...]:
    """The changes that events made to submitted figures: one per KPI touched, in the order given.

    before: the submitted group and day, with the scheme and everybody's facts before the events;
    managers in all of it by ids, as events name them. kpis: figures of newcomers that have a
    source.
    """
    replay = _Replay(before, kpis)
    old = replay.totals()
    causes: defaultdict[int, list[Cause]] = defaultdict(list)
    for recorded in events:
        event = recorded.event
        if isinstance(event, KpiScheme.Published):
            trainee_id, changes = "", replay.score_by(version_of(event))
        elif (of := key(event)) is not None:
            trainee_id, changes = of, replay.apply(of, recorded)
        else:
            continue
        if can_touch(event, before.day, before.group.month):
            for kpi, added in changes.items():
                causes[kpi].append(Cause(recorded.position, event.TOPIC, trainee_id, *added))
    new = replay.totals()
    return tuple(
        Restatement(kpis[kpi].slug, old[kpi], new[kpi], tuple(causes[kpi]))
        for kpi in sorted(causes)
    )


def joined(earlier: Sequence[Restatement], later: Sequence[Restatement]) -> tuple[Restatement, ...]:
    """The restatements of two stretches of the log as those of one."""
    found = {one.kpi: one for one in earlier}
    for one in later:
        was = found.get(one.kpi)
        causes = (*was.causes, *one.causes) if was else one.causes
        found[one.kpi] = Restatement(one.kpi, was.old if was else one.old, one.new, causes)
    return tuple(found.values())


def can_touch(event: DomainEvent, happened_by: date, month: Month | None) -> bool:
    """Whether the event may change a figure of that day and month. Most of daily life cannot.

    What happens changes no figure of the days before its own; a correction may change any day's. A
    version of the scheme says who is in the month, and how its figures are scored, by the months of
    go-lives up to the day, by that of the day and by the month itself.
    """
    if isinstance(event, KpiScheme.Published) and month is not None:
        return Month.parse(event.effective_from) <= max(Month.of(happened_by), month)
    if isinstance(event, Happening) and not isinstance(event, Correction | Withdrawal):
        return event.day <= happened_by
    return True


class _Line(Struct, frozen=True):
    """What one newcomer adds to a KPI, and the events behind it where it adds anything."""

    numerator: int = 0
    denominator: int = 0
    events: tuple[int, ...] = ()


_Lines = tuple[_Line, ...]
"""Of one newcomer, one for each KPI."""

_Changes = dict[int, tuple[int, int]]
"""Index of a KPI that was touched -> what was added to its numerator and denominator."""


class _Replay:
    """The members' lines while the events pass by."""

    def __init__(self, before: Basis, kpis: Sequence[Kpi]) -> None:
        self._before = before
        self._windows = before.windows
        self._kpis = kpis
        self._newcomers = {who.trainee_id: who for who in before.evidence.newcomers}
        self._batches = self._of_batches()
        self._lines = {who.trainee_id: self._lines_of(who) for who in members_of(before)}

    def totals(self) -> list[Ratio]:
        """The figures after the events so far, in the order of the KPIs."""
        found = []
        for index, kpi in enumerate(self._kpis):
            lines = [one[index] for one in self._lines.values()]
            over = sum(line.denominator for line in lines) if kpi.denominator else 1
            found.append(Ratio(sum(line.numerator for line in lines), over))
        return found

    def score_by(self, version: Version) -> _Changes:
        """The changes by one version more of the scheme: to everybody, and to who is in the
        group."""
        known = self._before.evidence
        scheme = Scheme((*known.scheme.versions, version))
        whole = replace(known, newcomers=list(self._newcomers.values()), scheme=scheme)
        self._before = replace(self._before, evidence=whole)
        self._windows = self._before.windows
        self._batches = self._of_batches()
        after = {who.trainee_id: self._lines_of(who) for who in members_of(self._before)}
        return self._changes({*self._lines, *after}, after)

    def apply(self, trainee_id: str, recorded: Recorded) -> _Changes:
        """The changes by one event: to its newcomer, and to the batch where that or its group
        changes, also of somebody who is no newcomer yet."""
        was = self._newcomers.pop(trainee_id, None)
        now = evolve(was, recorded.event, recorded.position, recorded.recorded_at)
        if now is not None:
            self._newcomers[trainee_id] = now
        if was is None or now is None or self._place(was) != self._place(now):
            return self._moved(trainee_id, was, now)
        after = {trainee_id: self._lines_of(now)} if trainee_id in self._lines else {}
        return self._changes({trainee_id}, after)

    def _moved(self, who: str, was: Newcomer | None, now: Newcomer | None) -> _Changes:
        touched = {who}
        if was is not None:
            left = self._batches[self._batch(was)]
            touched |= left
            left.discard(who)
        if now is not None:
            joined = self._batches[self._batch(now)]
            joined.add(who)
            touched |= joined
        members = [self._newcomers[one] for one in touched if one in self._newcomers]
        whole = replace(self._before.evidence, newcomers=members)
        after = {}
        for member in members_of(replace(self._before, evidence=whole)):
            known = None if member is now else self._lines.get(member.trainee_id)
            after[member.trainee_id] = known or self._lines_of(member)
        return self._changes(touched, after)

    def _changes(self, touched: set[str], after: Mapping[str, _Lines]) -> _Changes:
        """The lines of those touched become these, or go."""
        changes: _Changes = {}
        nothing: _Lines = (_Line(),) * len(self._kpis)
        for one in touched:
            olds = self._lines.pop(one, nothing)
            news = after.get(one, nothing)
            if one in after:
                self._lines[one] = news
            for index, (old, new) in enumerate(zip(olds, news, strict=True)):
                if old != new:
                    numerator, denominator = changes.get(index, (0, 0))
                    changes[index] = (
                        numerator + new.numerator - old.numerator,
                        denominator + new.denominator - old.denominator,
                    )
        return changes

    def _place(self, who: Newcomer) -> tuple[str, str | None, Month | None, bool]:
        """All that says to which groups a newcomer belongs; of who is in none yet, the batch."""
        day, window = self._before.day, self._windows.of(who)
        batch = cohort_of(who, window, day)
        if window is None and not has_entered(who, day):
            return batch, None, None, True
        month = window.month if window else Month.of(who.entered_on)
        return batch, manager_of(who, window, day), month, window is None

    def _of_batches(self) -> defaultdict[str, set[str]]:
        """The ids of everybody, by batch."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for who in self._newcomers.values():
            found[self._batch(who)].add(who.trainee_id)
        return found

    def _batch(self, who: Newcomer) -> str:
        return cohort_of(who, self._windows.of(who), self._before.day)

    def _lines_of(self, who: Newcomer) -> _Lines:
        state = state_of(who, self._windows.of(who), self._windows)
        lines: list[_Line] = []
        for kpi in self._kpis:
            share = kpi.share(state)
            lines.append(_Line(*share, tuple(kpi.events(state)) if any(share) else ()))
        return tuple(lines)

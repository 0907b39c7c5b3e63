"""In which order the rows of an import are decided, and which of them twice."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from services.importing.read_sheet import Entry, RowPlace
from services.importing.sheets import KINDS

RowKey = tuple[str, str]


class RowStep(msgspec.Struct, frozen=True):
    """One time that a row is decided. name: of a second or third time, which ends the key of the
    row. held: the facts that come in a later step."""

    row: RowPlace
    name: str = ""
    held: tuple[str, ...] = ()

    @property
    def is_let_in(self) -> bool:
        """Whether it is for what a later kind of sheet lets in."""
        return self.name == LET_IN

    @property
    def ends_row(self) -> bool:
        """Whether all that the row states was decided with it."""
        return not self.held and not self.is_let_in


WHOLE, LET_IN = ":whole", ":again"
"""The names of later steps: with all facts of the row; and once more, see SheetKind.let_in."""


def steps(entries: dict[RowPlace, Entry]) -> Iterator[RowStep]:
    """The steps in the order in which they are begun; after a later kind of sheet once more the
    rows of which that may let in what is refused at first."""
    for slug in KINDS:
        its = {row: one for row, one in entries.items() if one.kind.slug == slug}
        yield from _by_day(its)
        let_in = [kind.slug for kind in KINDS.values() if kind.let_in and kind.let_in.by == slug]
        known = {key for one in its.values() for key in keys(one)} if let_in else set()
        for row, one in entries.items() if known else ():
            if one.kind.slug in let_in and not known.isdisjoint(keys(one)):
                yield RowStep(row, LET_IN)


def keys(entry: Entry) -> list[RowKey]:
    """Those whose rows are carried out in their order."""
    return entry.kind.keys(entry.command) if entry.command else []


def _by_day(entries: dict[RowPlace, Entry]) -> list[RowStep]:
    """Of what rows open the earliest first, and the rows of one person by the days since which
    their facts hold, first those that say none."""
    last: dict[RowKey, date] = {}
    opened: dict[RowPlace, date] = {}
    since: dict[RowPlace, dict[str, date]] = {}
    of_one = defaultdict[RowKey, list[RowPlace]](list)
    for row, entry in entries.items():
        its, command = keys(entry), entry.command
        on = entry.kind.opened_on(command) if command else date.min
        opened[row] = max(on, *(last.get(key, date.min) for key in its)) if its else on
        last |= dict.fromkeys(its, opened[row])
        if command and (days := entry.kind.since(command)):
            since[row] = days
            for key in its:
                of_one[key].append(row)
    early = {row: fact for lines in of_one.values() for row, fact in _crossed(lines, since)}
    turns = list[tuple[date, list[date], RowStep]]()
    for row, on in opened.items():
        days = since.get(row, {})
        turn = sorted(days.values(), reverse=True)
        if (fact := early.get(row)) is None:
            turns.append((on, turn, RowStep(row)))
        else:
            held = tuple(one for one in days if one != fact)
            turns += [(on, [days[fact]], RowStep(row, held=held)), (on, turn, RowStep(row, WHOLE))]
    return [step for *_, step in sorted(turns, key=lambda one: one[:2])]


def _crossed(
    lines: list[RowPlace], since: Mapping[RowPlace, Mapping[str, date]]
) -> Iterator[tuple[RowPlace, str]]:
    """The lines of one person whose days cross those of another, each with its earlier fact: that
    of the other line lies between its own two days, so that neither line comes first as a whole."""
    days = defaultdict[str, list[date]](list)
    for row in lines:
        for fact, on in since[row].items():
            days[fact].append(on)
    for its in days.values():
        its.sort()
    for row in lines:
        fact, first = min(since[row].items(), key=lambda one: one[1])
        later = bisect_right(days[fact], first)
        if later < len(days[fact]) and days[fact][later] <= max(since[row].values()):
            yield row, fact

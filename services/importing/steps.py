"""In which order the rows of an import are decided, and which of them twice."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter

import msgspec

from domain.kernel.values import number_key
from services.importing.read_sheet import Entry, RowPlace
from services.importing.sheets import KINDS

RowKey = tuple[str, str]


class RowStep(msgspec.Struct, frozen=True, gc=False):
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

_FIRST = ""
"""The stay of who is not said to have come back."""


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
    their facts hold, first those that say none. Who came back goes after the stay before, wherever
    it stands in the file; of rows that say otherwise of one stay the first in the file decides.
    Later stays are told apart by their cohorts."""
    last: dict[tuple[RowKey, str], date] = {}
    opened: dict[RowPlace, date] = {}
    since: dict[RowPlace, dict[str, date]] = {}
    of_one = defaultdict[RowKey, list[RowPlace]](list)
    for row, entry in entries.items():
        its, command = keys(entry), entry.command
        on = entry.kind.opened_on(command) if command else date.min
        who = entry.kind.identity(command) if command else None
        stay = number_key(who.cohort) if who and who.is_again else _FIRST
        before = [last.get((key, one), date.min) for key in its for one in (_FIRST, stay)]
        opened[row] = max([on, *before])
        last |= {(key, stay): opened[row] for key in its}
        if command and (days := entry.kind.since(command)):
            since[row] = days
            for key in its:
                of_one[key].append(row)
    turns = {
        row: (on, sorted(since.get(row, {}).values(), reverse=True)) for row, on in opened.items()
    }
    early = dict[RowPlace, str]()
    for lines in of_one.values():
        # One that goes early may go before others that have an earlier day of the same fact.
        while late := dict(_late(lines, turns, since, early)):
            early |= late
    dated = list[tuple[tuple[date, list[date]], RowStep]]()
    for row, turn in turns.items():
        if (fact := early.get(row)) is None:
            dated.append((turn, RowStep(row)))
        else:
            held = tuple(one for one in since[row] if one != fact)
            first = (opened[row], [since[row][fact]])
            dated += [(first, RowStep(row, held=held)), (turn, RowStep(row, WHOLE))]
    return [step for _, step in sorted(dated, key=itemgetter(0))]


def _late(
    lines: Sequence[RowPlace],
    turns: Mapping[RowPlace, tuple[date, list[date]]],
    since: Mapping[RowPlace, Mapping[str, date]],
    early: Mapping[RowPlace, str],
) -> Iterator[tuple[RowPlace, str]]:
    """Of the lines of one person those that would say a fact after another said a later day of it
    in the same stay; each with that fact. early: the facts that go by their own days already."""
    said = list[tuple[tuple[date, list[date]], RowPlace, str]]()
    for row in lines:
        stay, _ = turns[row]
        for fact, on in since[row].items():
            is_early = early.get(row) == fact
            said.append(((stay, [on]) if is_early else turns[row], row, fact))
    latest: dict[tuple[date, str], date] = {}
    for (stay, _), row, fact in sorted(said, key=itemgetter(0)):
        on = since[row][fact]
        if on < latest.get((stay, fact), date.min) and row not in early:
            yield row, fact
        latest[stay, fact] = max(on, latest.get((stay, fact), date.min))

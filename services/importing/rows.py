"""Carries out one row of a sheet, and says what became of each fact that it states."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from services.execute import Done, execute
from services.importing.comparing import ALREADY_RECORDED
from services.importing.facts import RowFact, RowFacts
from services.importing.read_sheet import Entry
from services.importing.report import FactName, FactReport, Fate, Fault, Outcome, RowReport
from services.kernel.context import Context


async def carry_out(
    entry: Entry,
    complete: Callable[[Any], msgspec.Struct],
    context: Callable[[msgspec.Struct | None], Context],
) -> RowReport:
    """Decides a row again without each fact that is refused, until the others stand together.

    complete: adds to its command what only all rows say. context: for that, or for what is left of
    it. Raises what the log raises when it cannot be reached.
    """
    faults, kind, command = list(entry.faults), entry.kind, entry.command
    is_whole = command is not None and kind.undivided(command, entry.unread)
    facts = RowFacts(kind.facts, entry.unread, is_whole=is_whole)
    if command is None or facts.is_refused:
        return _refused(entry, faults, facts)
    command = complete(command)
    while True:
        standing = facts.standing(command)
        try:
            done = await execute(context(standing if facts.refused else None), standing)
        except Refusal as refused:
            if facts.leave(refused.field, refused.code, command):
                continue
            fault = Fault(entry.place_of(refused.field), refused.code, refused.params)
            faults += [fault] if fault not in faults else []
            if not facts.refuse(refused.field):
                return _refused(entry, faults, facts)
        else:
            return _written(entry, done, faults, facts, facts.left(command))


def _refused(entry: Entry, faults: list[Fault], facts: RowFacts) -> RowReport:
    """A row that is refused for what it is about: all else is left for that."""
    about = _about(entry)
    left = [FactReport(name, Fate.LEFT, about) for name, _ in _stated(entry, facts)]
    return RowReport(entry.place, entry.kind.slug, Outcome.REFUSE, faults, facts=left)


def _written(
    entry: Entry, done: Done, faults: list[Fault], facts: RowFacts, left: Mapping[str, str]
) -> RowReport:
    answer, outcome = done.answer, Outcome(done.answer["outcome"])
    notes = [
        Fault(entry.place_of(note["at"]), note["code"], note["params"])
        for note in answer.get("notes", ())
    ]
    report = RowReport(entry.place, entry.kind.slug, outcome, faults, notes, done.events)
    reason = answer.get("reason")
    if reason and not (faults and reason == ALREADY_RECORDED):
        skipped = Fault(entry.place, reason, answer.get("params", {}))
        return msgspec.structs.replace(report, reasons=[skipped, *faults])
    if not faults:
        return report
    return msgspec.structs.replace(
        report,
        outcome=Outcome.PART if done.events else Outcome.REFUSE,
        facts=list(_fates(entry, outcome, answer.get("new", ()), facts, left)),
    )


def _fates(
    entry: Entry,
    outcome: Outcome,
    new: Collection[str],
    facts: RowFacts,
    left: Mapping[str, str],
) -> Iterator[FactReport]:
    """new: the facts that were not recorded before, beside what the row is about."""
    created = outcome is Outcome.CREATE
    yield FactReport(_about(entry), Fate.RECORDED if created else Fate.KNOWN)
    names = {fact.name: _name(entry, fact) for fact in entry.kind.facts}
    for name, fact in _stated(entry, facts):
        if fact.name in left:
            yield FactReport(name, Fate.LEFT, names[left[fact.name]])
        else:
            yield FactReport(name, Fate.RECORDED if fact.name in new else Fate.KNOWN)


def _stated(entry: Entry, facts: RowFacts) -> Iterator[tuple[FactName, RowFact]]:
    """The facts that the row states and that are not refused themselves."""
    for fact in entry.kind.facts:
        if entry.states(fact) and fact.name not in facts.refused:
            yield _name(entry, fact), fact


def _about(entry: Entry) -> FactName:
    return FactName(entry.kind.slug)


def _name(entry: Entry, fact: RowFact) -> FactName:
    columns = (entry.columns[field] for field in fact.fields if field in entry.columns)
    return FactName(fact.name, next((column.heading for column in columns), None))

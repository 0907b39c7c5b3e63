"""Carries out one row of a sheet, and says what became of each fact that it states."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from services.execute import Done, execute
from services.importing.closed import with_closed, without_closed
from services.importing.facts import RowFact, RowFacts
from services.importing.read_sheet import Entry
from services.importing.report import (
    ALREADY_RECORDED,
    FactName,
    FactReport,
    Fate,
    Fault,
    Outcome,
    RowReport,
)
from services.kernel.context import Context
from services.words.params import kept

REFUSED = "refused"
"""In the answer of a row: what was refused of it, so that whoever takes the run up again says so
too, whatever would be refused by then."""

UNKNOWN = "unknown"
"""In the answer of a row: the fields that name somebody whom nobody knew when the run began, which
whoever takes it up again cannot see any more."""


async def carry_out(
    entry: Entry, ctx: Context, unknown: Sequence[str] = (), held: Sequence[str] = ()
) -> RowReport:
    """Decides a row again without each fact that is refused, until the others stand together.

    unknown: see RowReport. held: the facts that are carried out in a later step. Raises what the
    log raises when it cannot be reached, or lacks a key.
    """
    facts, command = _facts(entry), entry.command
    if command is None or facts.is_refused:
        return _refused(entry, entry.faults, facts)
    refused: list[dict[str, Any]] = []
    while True:
        standing = facts.standing(command, held)
        known = [_known(command, one) for one in refused]
        said: dict[str, Sequence[Any]] = {REFUSED: known, UNKNOWN: unknown}
        try:
            besides = {name: its for name, its in said.items() if its}
            done = await execute(ctx, standing, whole=command, besides=besides)
        except Refusal as bad:
            of = {"field": bad.field, "also": [*bad.also], "code": bad.code}
            refused.append(of | kept(bad.params))
            if not facts.refuse(bad.field, bad.code, bad.params, command):
                return _refused(entry, _faults(entry, refused, facts), facts)
        else:
            return _written(entry, command, done, await _told(ctx, command, done))


def in_two_steps(first: RowReport, again: RowReport) -> RowReport:
    """What became of a row that was decided again: with facts that waited for other lines, or since
    what was refused could be let in by then."""
    if not again.events and (not again.is_refused or again.reasons == first.reasons):
        return first
    recorded = {one.fact.name for one in first.facts if one.fate is Fate.RECORDED} | {*first.new}
    is_created = first.outcome is Outcome.CREATE or first.kind in recorded
    recorded |= {first.kind} if is_created else set()
    facts = [
        msgspec.structs.replace(one, fate=Fate.RECORDED)
        if one.fate is Fate.KNOWN and one.fact.name in recorded
        else one
        for one in again.facts
    ]
    events = first.events + again.events
    whole = Outcome.CREATE if is_created else Outcome.CHANGE
    part = Outcome.PART if events else Outcome.REFUSE
    return msgspec.structs.replace(
        again,
        outcome=part if again.reasons else whole,
        notes=[*first.notes, *(note for note in again.notes if note not in first.notes)],
        events=events,
        facts=facts,
        new=[*first.new, *again.new],
        unknown=[*first.unknown, *again.unknown],
    )


def _facts(entry: Entry) -> RowFacts:
    """The facts of a row of which nothing was decided yet."""
    kind, command = entry.kind, entry.command
    is_whole = command is not None and kind.undivided(command, entry.unread)
    return RowFacts(kind.facts, entry.unread, is_whole=is_whole)


def _faults(entry: Entry, refused: Sequence[Mapping[str, Any]], facts: RowFacts) -> list[Fault]:
    """Those of the row's cells, and what was refused of it and not left, each once."""
    faults = list(entry.faults)
    for one in refused:
        also = entry.mendable(one["field"], one["also"])
        place, types = entry.place_of(one["field"]), one.get("types", {})
        fault = Fault(place, one["code"], one["params"], also, types)
        if not facts.is_left_for(one["field"], one["code"]):
            missing = one["params"].get("missing", ())
            said = (fault, *entry.unmet(one["field"], one["code"], missing))
            faults += [other for other in said if other not in faults]
    return faults


def _refused(entry: Entry, faults: list[Fault], facts: RowFacts) -> RowReport:
    """A row that is refused for what it is about: all else is left for that."""
    kind, whole = entry.kind.slug, _about(entry)
    left = [FactReport(name, Fate.LEFT, whole) for name, _ in _stated(entry, facts)]
    return RowReport(entry.place, kind, Outcome.REFUSE, faults, facts=left, about=entry.about)


def _known(command: msgspec.Struct, refused: Mapping[str, Any]) -> dict[str, Any]:
    """What was refused of a row, as its answer keeps it."""
    params = without_closed(command, refused["field"], refused["params"])
    return {**refused, "params": params}


async def _told(ctx: Context, command: msgspec.Struct, done: Done) -> dict[str, Any]:
    """The answer of a row with what it leaves out."""
    answer, of = dict(done.answer), (done.stream_id, done.position)
    for part, at in ((REFUSED, "field"), ("notes", "at")):
        if said := answer.get(part):
            answer[part] = [
                {**one, "params": await with_closed(ctx, command, of, one[at], one["params"])}
                for one in said
            ]
    return answer


def _written(
    entry: Entry, command: msgspec.Struct, done: Done, answer: Mapping[str, Any]
) -> RowReport:
    """answer: that of `done`, as it is told."""
    outcome = Outcome(answer["outcome"])
    refused, facts = answer.get(REFUSED, ()), _facts(entry)
    for one in refused:
        facts.refuse(one["field"], one["code"], one["params"], command)
    faults = _faults(entry, refused, facts)
    notes = [
        Fault(entry.place_of(note["at"]), note["code"], note["params"], types=note.get("types", {}))
        for note in answer.get("notes", ())
    ]
    new, unknown = answer.get("new", []), answer.get(UNKNOWN, [])
    report = RowReport(
        entry.place,
        entry.kind.slug,
        outcome,
        faults,
        notes,
        done.events,
        new=new,
        unknown=unknown,
        about=entry.about,
    )
    reason = answer.get("reason")
    if reason and not (faults and reason == ALREADY_RECORDED):
        params, types = answer.get("params", {}), answer.get("types", {})
        skipped = Fault(entry.place, reason, params, types=types)
        return msgspec.structs.replace(report, reasons=[skipped, *faults])
    if not faults:
        return report
    return msgspec.structs.replace(
        report,
        outcome=Outcome.PART if done.events else Outcome.REFUSE,
        facts=list(_fates(entry, outcome, new, facts, facts.left(command))),
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

"""What a group counts for along evenings, going over each subject once.

What one adds is the same from one of its turns (`Subject.turns`) to the next: it is looked at on
these evenings alone, by what looks at it on any evening, and the differences are added up.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from domain.kpi.evidence import Basis, Evening
from domain.kpi.subject import Subject
from domain.kpi.subjects.measure import Measure
from domain.kpi.tally import Extent, Sums, extent_of, sums_of

Addend = tuple[Extent | None, tuple[int, ...]] | None
"""In which term one subject is, and what it adds to each of the measures; None: it is not there."""


def sweep(
    subject: Subject,
    measures: Sequence[Measure],
    basis: Basis,
    evenings: Sequence[Evening],
    after: Collection[int],
) -> Iterator[Sums]:
    """The sums of the basis's group on each of the evenings, which follow one another.

    after: days after which something is settled (`Kpi.days`).
    """
    differences = _differences(subject, measures, basis, evenings, after)
    totals, extents = [0] * len(measures), Counter[Extent | None]()
    for evening, difference in zip(evenings, differences, strict=True):
        for addend, count in difference.items():
            if addend is not None:
                extent, added = addend
                totals = [total + count * one for total, one in zip(totals, added, strict=True)]
                extents[extent] += count
        standing = (extent for extent, count in extents.items() if count)
        yield sums_of(totals, measures, standing, evening.windows)


def _differences(
    subject: Subject,
    measures: Sequence[Measure],
    basis: Basis,
    evenings: Sequence[Evening],
    after: Collection[int],
) -> list[Counter[Addend]]:
    """How often each addend is there more (or less) than on the evening before."""
    found = [Counter[Addend]() for _ in evenings]
    first, last = evenings[0].day, evenings[-1].day
    turns_of = subject.turns(basis, first, after)
    counts = [measure.of for measure in measures]

    def addend_of(one: object, evening: Evening) -> Addend:
        placed = subject.on(one, evening)
        if placed is None or not basis.contains(placed[1]):
            return None
        state, _ = placed
        return extent_of(state.term), tuple([count(state) for count in counts])

    for one in subject.everything(basis.evidence):
        was = None
        for day in sorted({first, *(day for day in turns_of(one) if first < day <= last)}):
            number = (day - first).days
            now = addend_of(one, evenings[number])
            if now != was:
                found[number][was] -= 1
                found[number][now] += 1
                was = now
    return found

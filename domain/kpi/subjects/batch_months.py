"""The month that a batch is in on any evening, by which those of it count who are not live.

It is that of most of its go-lives by then, of two equal ones the earlier.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from operator import itemgetter

from domain.kernel.values import Month
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.window import DAY, Windows


class BatchMonths:
    """Of all batches of these newcomers; windows: of whichever evening."""

    def __init__(self, newcomers: Iterable[Newcomer], windows: Windows) -> None:
        counted = Counter(
            (newcomer.cohort_on(live.on), live.on, first, last)
            for newcomer in newcomers
            for live, first, last in windows.lives_of(newcomer)
        )
        self._changes: dict[str, list[tuple[date, Month, int]]] = {}
        for (code, first_day, first, last), people in counted.items():
            month = windows.from_day(first_day).month
            changes = self._changes.setdefault(code, [])
            changes.append((first, month, people))
            if last != date.max:
                changes.append((last + DAY, month, -people))
        self._found: dict[str, tuple[list[date], list[Month | None]]] = {}

    def of(self, code: str, evening: date) -> Month | None:
        """The month of a batch; None before its first go-live."""
        turns, months = self._along(code)
        return months[bisect(turns, evening)]

    def turns(self, code: str) -> list[date]:
        """The evenings from which the batch is in another month."""
        turns, _ = self._along(code)
        return turns

    def _along(self, code: str) -> tuple[list[date], list[Month | None]]:
        """Those evenings, and the months before the first, between them and after the last."""
        if code not in self._found:
            live = Counter[Month]()
            turns, months = list[date](), list[Month | None]([None])
            changes = sorted(self._changes.get(code, ()))
            for evening, its in groupby(changes, key=itemgetter(0)):
                for _, month, people in its:
                    live[month] += people
                some = (month for month in live if live[month])
                most = min(some, key=lambda month: (-live[month], month), default=None)
                if most != months[-1]:
                    turns.append(evening)
                    months.append(most)
            self._found[code] = turns, months
        return self._found[code]

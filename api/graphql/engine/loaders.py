"""What one operation reads at one moment: each thing once, and with all others of its kind at once.

Loaders ask the reader of the moment (services/reading/lists.py) with one question for all that are
wanted in the same turn of the loop.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec
from strawberry.dataloader import DataLoader

from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated
from domain.kpi.subjects.newcomer import Newcomer
from projections.kernel.group_count import GroupCount
from projections.kernel.listing import Listing
from projections.kernel.paging import Page
from projections.trainees.timeline import TimelineRow, list_events_by_position
from services.kernel.context import Principal
from services.reading.figures import FigureReader
from services.reading.lists import Read, Reader
from services.reading.question import Question

K = TypeVar("K")
V = TypeVar("V")
R = TypeVar("R", bound=msgspec.Struct)


class Loaders:
    """One per operation and moment. question: about the figures of everybody, at the moment."""

    def __init__(
        self,
        reader: Reader,
        read: Read,
        figures: FigureReader,
        principal: Principal,
        question: Question,
    ) -> None:
        self.reader, self.question = reader, question
        self._read, self._figures, self._principal = read, figures, principal
        self._known: dict[Any, DataLoader[Any, Any]] = {}

    def row(self, listing: Listing[R]) -> DataLoader[str, R | None]:
        """The list's rows by id."""
        return self._kept(listing.name, lambda ids: self.reader.by_id(listing, ids))

    def counts(self, tally: GroupCount) -> DataLoader[str, Any]:
        """How many rows of a group have which value, by group."""
        return self._kept(tally, lambda groups: self.reader.tally(tally, groups))

    @cached_property
    def newcomer_by_trainee(self) -> DataLoader[str, Newcomer | None]:
        """The facts that a person's figures are counted from."""
        return loader(self.reader.newcomers)

    def first_events(self, size: int) -> DataLoader[str, Page[TimelineRow] | None]:
        """The first page of a timeline, by stream."""
        return self._kept(size, lambda ids: self.reader.timelines(ids, size))

    @cached_property
    def event_by_position(self) -> DataLoader[int, TimelineRow | None]:
        """An event of the log, which is the same at every moment."""
        tenant, found = self._principal.tenant, list_events_by_position
        return loader(lambda at: self._read(lambda c: found(c, tenant, positions=list(at))))

    @cached_property
    def rounding_by_version(self) -> DataLoader[int, str | None]:
        """How figures are rounded by a version of the scheme, by its number."""

        async def read(_: Sequence[int]) -> dict[int, str]:
            rows = await self.reader.scheme_versions()
            return {row.number: row.parameters.rounding for row in rows}

        return loader(read)

    @cached_property
    def figures_by_cohort(self) -> DataLoader[str, tuple[Evaluated, int]]:
        """The figures of a cohort by its code, and the position that they show."""
        source, principal, asked = self._figures, self._principal, self.question

        async def load(codes: list[str]) -> Sequence[tuple[Evaluated, int]]:
            # One board answers for all of them; a cohort without newcomers is asked for itself, and
            # in the past a single one, whose people's streams are read at once.
            known: dict[str, tuple[Evaluated, int]] = {}
            if asked.known_by is None or len(codes) > 1:
                answer = await source.answer(principal, asked, NEWCOMER_FIGURES, ("cohort",))
                groups = answer.ways["cohort"]
                known = {code: (groups[code], answer.position) for code in codes if code in groups}
            for code in codes:
                if code not in known:
                    narrowed = asked.narrowed("cohort", code)
                    alone = await source.answer(principal, narrowed, NEWCOMER_FIGURES)
                    known[code] = (alone.whole, alone.position)
            return [known[code] for code in codes]

        return DataLoader(load_fn=load)

    def _kept(
        self, key: Any, read: Callable[[Sequence[Any]], Awaitable[dict[Any, V]]]
    ) -> DataLoader[Any, V | None]:
        if key not in self._known:
            self._known[key] = loader(read)
        return self._known[key]


def loader(
    read: Callable[[Sequence[K]], Awaitable[dict[K, V]]],
) -> DataLoader[K, V | None]:
    """A loader over a query that answers by key; None for a key that it leaves out."""

    async def load(keys: list[K]) -> Sequence[V | None]:
        found = await read(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)

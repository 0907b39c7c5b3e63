"""A kind of thing that KPIs count, such as newcomers or classes; each declared in `subjects/`.

A KPI names its subject and its measures read the subject's states; evaluation, breakdowns, series,
comparisons, doors and reports know nothing else of it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Union

from msgspec import Struct

from domain.kpi.group import Keys

if TYPE_CHECKING:
    from domain.kpi.evidence import Basis, Evening, Evidence
    from domain.kpi.subjects.window import Window


class Span(Struct, frozen=True):
    """The days in which what one subject counts for may still change.

    final_on: the last day that can, None where nothing says yet. version: number of the scheme's
    version that scores it.
    """

    first_day: date
    final_on: date | None
    version: int


Term = Union["Window", Span]
"""A newcomer's is the window."""


class State(Protocol):
    """One subject on the evening of a day: what every measure is read from.

    subject_id: unique among its kind. trainee_id: None for what is no trainee. label: what people
    call it. cohort_code: of its batch, empty where it has none. term: None while it has not begun.
    origin_events: places in the log of the events that made it be there.
    """

    @property
    def subject_id(self) -> str: ...
    @property
    def trainee_id(self) -> str | None: ...
    @property
    def label(self) -> str: ...
    @property
    def cohort_code(self) -> str: ...
    @property
    def term(self) -> Term | None: ...
    @property
    def origin_events(self) -> tuple[int, ...]: ...


S = TypeVar("S", bound=State)


class OfSubject(Struct, Generic[S], frozen=True):
    """Something said of one subject. state: the subject, on the day."""

    state: S

    @property
    def subject_id(self) -> str:
        return self.state.subject_id

    @property
    def trainee_id(self) -> str | None:
        """The trainee's id; None for a subject that is no trainee."""
        return self.state.trainee_id

    @property
    def label(self) -> str:
        """Employee number, or the code of what is no person."""
        return self.state.label

    @property
    def cohort_code(self) -> str:
        return self.state.cohort_code


class Subject(Struct, frozen=True):
    """One kind of subject.

    slug: stored and in addresses, never reused. everything: all of a partner's evidence that is one
    on any evening. on: one of that on an evening, with all groups that it belongs to; None where it
    is not there. turns: says of one all days after a first one up to a basis's on whose evenings
    that may be otherwise than on the evening before, other days too; and those on which so many
    days of its term are over, for KPIs that are settled then.
    """

    slug: str
    everything: Callable[["Evidence"], Iterable[Any]]
    on: Callable[[Any, "Evening"], tuple[State, Keys] | None]
    turns: Callable[["Basis", date, Iterable[int]], Callable[[Any], Iterable[date]]]

    def of(self, basis: "Basis") -> Sequence[tuple[State, Keys]]:
        """The states of a group, each made once for a basis."""

        def made() -> list[tuple[State, Keys]]:
            evening = basis.evening
            found = [self.on(one, evening) for one in self.everything(basis.evidence)]
            placed = [one for one in found if one is not None]
            if basis.is_of_everybody:
                return placed
            return [one for one in placed if basis.contains(one[1])]

        return basis.once(self, made)

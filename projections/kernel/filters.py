"""The filters of lists: each is one condition, in SQL and on rows in memory."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.kernel.errors import Refusal
from domain.kernel.values import Month, is_storable, search_key, typed_key

V = TypeVar("V")

SPACES = " \u3000"
"""What may stand around a separator, the ideographic space too."""

Groups = Mapping[Any, Collection[str]]
"""By a row's column: the values that rows of another list have which belong to it."""


@dataclass(frozen=True, kw_only=True)
class Filter(ABC, Generic[V]):
    """A condition on a column that holds where the caller's value is met.

    description: of the argument. kind: the argument's type (`str`, `bool`, `Month`, a Literal). of:
    where the argument is the id of another thing, the kind of that thing. shown_as: the column with
    what people call that thing. folded: from the argument to what is compared; None where it says
    nothing.
    """

    column: str
    description: str
    kind: Any = str
    of: str | None = None
    shown_as: str | None = None
    folded: Callable[[V], Any] | None = None

    def value(self, given: V | None) -> Any:
        """The value to compare with the column; None: no condition. Refuses `text_invalid`."""
        if isinstance(given, str) and not is_storable(given):
            raise Refusal("text_invalid")
        return given if given is None or self.folded is None else self.folded(given)

    def params(self, value: Any) -> tuple[Any, ...]:
        """The values of the condition's parameters."""
        return (value,)

    @property
    def shown_in(self) -> str:
        """The column with what people see of it."""
        return self.column

    @property
    def texts(self) -> str:
        """The SQL of all that rows have in the column, to be chosen from."""
        return self.column

    @property
    def texts_shown(self) -> str:
        """The same as people see it."""
        return self.texts

    def texts_of(self, row: Any, groups: Groups) -> Sequence[Any]:
        """What is to be chosen from of a row in memory. groups: as for `matches`."""
        return (getattr(row, self.column),)

    @abstractmethod
    def sql(self, value: Any, place: int) -> str:
        """The condition, with parameters from `$place` on; the tenant is `$1`."""

    @abstractmethod
    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        """Whether a row in memory meets the condition."""


@dataclass(frozen=True, kw_only=True)
class Equals(Filter[Any]):
    """The column is the value."""

    def sql(self, value: Any, place: int) -> str:
        return f"{self.column} = ${place}"

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        return bool(getattr(row, self.column) == value)


@dataclass(frozen=True, kw_only=True)
class KnownText(Equals):
    """The column is one of the texts that rows have in it, as it was typed."""


@dataclass(frozen=True, kw_only=True)
class AmongTexts(KnownText):
    """The column holds such texts, one or several; who wrote a text with a separator in it may
    have meant one: it is offered and found as a whole and by its parts. between: the separator."""

    between: str

    @property
    def texts(self) -> str:
        column, its = self.column, f"unnest({self._apart} || {self.column}) as its (text)"
        given = f"select distinct text from {its} where btrim(text, '{SPACES}') <> ''"  # noqa: S608
        # Nearly all hold one text, which is not taken apart.
        is_one = f"strpos({column}, '{self.between}') = 0"
        return f"unnest(case when {is_one} then array[{column}] else array({given}) end)"

    def texts_of(self, row: Any, groups: Groups) -> Sequence[Any]:
        whole = getattr(row, self.column) or ""
        texts = {whole, *whole.split(self.between)}
        return [text for text in texts if text.strip(SPACES)]

    def sql(self, value: Any, place: int) -> str:
        return f"(${place} = {self.column} or ${place} = any({self._apart}))"

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        return super().matches(row, value, groups) or value in self.texts_of(row, groups)

    @property
    def _apart(self) -> str:
        return f"string_to_array({self.column}, '{self.between}')"


CODE = Equals(column="code_key", description="The code, however it is spelt.", folded=typed_key)
"""What is found by the code that people name it by."""

OF_COHORT = Equals(
    column="cohort_id", of="Cohort", shown_as="cohort_code", description="The cohort's id."
)
"""What belongs to a cohort."""

OF_TRAINEE = Equals(
    column="trainee_id", of="Trainee", shown_as="employee_no", description="The trainee's id."
)
"""What belongs to a trainee."""


@dataclass(frozen=True, kw_only=True)
class Contains(Filter[str]):
    """The column's text has the value in it."""

    def sql(self, value: Any, place: int) -> str:
        return f"strpos({self.column}, ${place}) > 0"

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        return value in getattr(row, self.column)


def _searched(text: str) -> str | None:
    return search_key(text) or None


@dataclass(frozen=True, kw_only=True)
class Searched(Contains):
    """What people type is among the words that find the row (kernel/pinyin.py)."""

    column: str = "search"
    folded: Callable[[str], Any] | None = _searched


@dataclass(frozen=True, kw_only=True)
class InMonth(Filter[Month]):
    """The column's day lies in the month; no day lies in none."""

    kind: Any = Month

    def params(self, value: Any) -> tuple[Any, ...]:
        return (value.first_day, value.last_day)

    def sql(self, value: Any, place: int) -> str:
        return f"{self.column} >= ${place} and {self.column} <= ${place + 1}"

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        day = getattr(row, self.column)
        return day is not None and bool(value.first_day <= day <= value.last_day)

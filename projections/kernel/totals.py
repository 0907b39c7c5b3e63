"""What the rows of a list amount to, by where they stand."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from domain.kernel.bounds import Choice, Money


class GroupTotal(msgspec.Struct, frozen=True):
    """The rows with one value of the choice: how many, the sum of what they say, and how many of
    them say nothing."""

    status: Choice
    count: int
    amount: Money
    without_amount: int

    def __add__(self, other: "GroupTotal") -> "GroupTotal":
        return GroupTotal(
            self.status,
            self.count + other.count,
            self.amount + other.amount,
            self.without_amount + other.without_amount,
        )


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of a list amount to. by: a choice, to each of which a total belongs. of: the
    column that is summed up."""

    by: str
    of: str

    @property
    def sql(self) -> str:
        """What is selected of the rows in groups, as GroupTotal has it."""
        return f"{self.by}, count(*), coalesce(sum({self.of}), 0), count(*) - count({self.of})"

    def of_rows(self, rows: Iterable[Any]) -> list[GroupTotal]:
        """What rows in memory amount to."""
        read, groups = attrgetter(self.by, self.of), defaultdict[str, list[Decimal | None]](list)
        for row in rows:
            by, amount = read(row)
            groups[by].append(amount)
        return [_total(by, amounts) for by, amounts in sorted(groups.items())]


def _total(by: str, amounts: list[Decimal | None]) -> GroupTotal:
    stated = [one for one in amounts if one is not None]
    return GroupTotal(by, len(amounts), sum(stated, Decimal(0)), len(amounts) - len(stated))

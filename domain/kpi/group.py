"""The groups that figures are counted of: a month, a batch, a manager, a training manager."""

from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.values import Month

By = Literal["month", "cohort", "manager", "training_manager"]
Way = Literal["all"] | By
"""Into which groups a series goes: "all" is everything, under the key WHOLE."""

BYS: tuple[By, ...] = ("month", "cohort", "manager", "training_manager")
WHOLE = ""


class Keys(NamedTuple):
    """The groups that one subject belongs to on one evening, in the order of BYS.

    cohort: code. manager, training_manager: ids of people. None: of that kind it belongs to no
    group. plan: the code of the batch of whose plan it is; None of who is in the batch.
    """

    month: Month
    cohort: str | None
    manager: str | None
    training_manager: str | None
    plan: str | None = None


class Group(Struct, frozen=True):
    """A condition on the subjects that are counted; a field that is None sets none.

    cohort: code. manager (主管) and training_manager (of the batch, S14): ids of people.
    """

    month: Month | None = None
    cohort: str | None = None
    manager: str | None = None
    training_manager: str | None = None

    def contains(self, keys: Keys) -> bool:
        """Whether a subject of these groups is in this one."""
        month, cohort, manager, training_manager, _ = keys
        return (
            self.month in (None, month)
            and self.cohort in (None, cohort)
            and self.manager in (None, manager)
            and self.training_manager in (None, training_manager)
        )

    def narrowed(self, by: By, key: str) -> "Group":
        """The group within this one that a key names; months as YYYY-MM."""
        return replace(self, **{by: Month.parse(key) if by == "month" else key})


EVERYBODY = Group()


class Within(Struct, frozen=True):
    """A condition on whose subjects somebody may know: those of any of these managers (主管), and
    of any of these batches, by their codes. plans: batches of which they may know the classes, and
    nobody in them."""

    managers: frozenset[str] = frozenset()
    cohorts: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()

    def contains(self, keys: Keys) -> bool:
        """Whether a subject of these groups is within."""
        is_of_people = keys.manager in self.managers or keys.cohort in self.cohorts
        return is_of_people or keys.plan in self.plans

    def holds(self, by: By, key: str) -> bool:
        """Whether a group is within: all of it, or of a batch the plan."""
        return key in {"manager": self.managers, "cohort": self.cohorts | self.plans}.get(by, ())

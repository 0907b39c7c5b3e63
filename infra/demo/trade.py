"""The material of the demo: the words of trade.toml, and chance from a fixed seed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import ClassVar

import msgspec

from domain.people.posts import PostOfStaff
from services.kernel.context import Role
from services.kernel.fields import Post

FOLDER = Path(__file__).parent
SEED = 20260701

SINCE = date(2016, 10, 1)
"""A day before anything that the demo tells of."""


class Colleague(msgspec.Struct, frozen=True):
    """Somebody of the staff who has a role. class_number: which class of a batch it is for."""

    name: str
    role: Role
    post: PostOfStaff | None = None
    class_number: int | None = None
    since: date = SINCE


class DemoDepartment(msgspec.Struct, frozen=True):
    """A department. people: who else works there."""

    code: str
    name: str
    head: str
    people: list[str]


class DemoPartner(msgspec.Struct, frozen=True):
    """A made-up partner. letters: how its numbers begin. skill: 1 is the trade's usual.

    managers: the newcomers' supervisors. manager, deputy: who answers for the batches. staff: who
    has a role besides the manager. lets_in_trainee: whether a trainee has, too.
    """

    code: str
    name: str
    letters: str
    skill: float
    managers: list[str]
    manager: str
    deputy: str
    trial_required: bool = False
    staff: list[Colleague] = []
    lets_in_trainee: bool = False
    departments: list[DemoDepartment] = []


class Office(msgspec.Struct, frozen=True):
    """A regional office of the opportunities in crm/."""

    code: str
    name: str
    manager: str


class Beginner(Office, frozen=True):
    """A partner of which nothing is recorded yet."""


class DemoProduct(msgspec.Struct, frozen=True):
    name: str
    price: Decimal


class DemoHeadOffice(msgspec.Struct, frozen=True):
    """The people of head office, by the usual role first."""

    staff: list[Colleague]
    code: ClassVar[str] = "head-office"
    name: ClassVar[None] = None


Demo = DemoPartner | Office | DemoHeadOffice


class DemoTexts(msgspec.Struct, frozen=True):
    """The names, products and texts of the histories. classes: the topics of each class of a batch,
    in order."""

    surnames: list[str]
    given: list[str]
    trial_passed: list[str]
    trial_failed: list[str]
    leaving: list[str]
    checking: list[str]
    complaints: list[str]
    voiding: list[str]
    special_posts: list[Post]
    classes: list[list[str]]
    replanning: list[str]
    summaries: list[str]
    products: list[DemoProduct]


class Trade(msgspec.Struct, frozen=True):
    """The whole file."""

    partners: list[DemoPartner]
    offices: list[Office]
    beginners: list[Beginner]
    head_office: DemoHeadOffice
    words: DemoTexts

    @property
    def everybody(self) -> list[Demo]:
        """The organisations of the demo, head office last."""
        return [*self.partners, *self.offices, *self.beginners, self.head_office]


def read_trade() -> Trade:
    """Reads trade.toml."""
    return msgspec.toml.decode((FOLDER / "trade.toml").read_bytes(), type=Trade, strict=False)


def seeded(*what: object) -> Random:
    """A random generator that follows from the seed and these names alone."""
    return Random(f"{SEED} {what}")  # noqa: S311 - a fixed seed is the point

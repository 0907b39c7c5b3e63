"""What a page of figures looks at, and the frame that all such pages share.

Everything on one page is read from one state of the log: the evidence as it was known, on one
evening, of one group.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from api.figures import Question
from api.kpis import KpiSource
from api.web.kit.choice import Choice, choice_of, named, sign
from api.web.kit.pages import PageRequest, Pages
from api.web.kit.reader import Reader
from api.web.kit.wording import Wording
from domain.kernel.values import Month
from domain.kpi.evaluation import Evidence
from domain.kpi.proof.comparison import ComparedState
from domain.kpi.subjects.groups import Board, board_of
from services.kernel.permissions import Permission, require

PagesHere = NamedDependency[SkipValidation[Pages]]
ReaderHere = NamedDependency[SkipValidation[Reader]]
KpisHere = NamedDependency[SkipValidation[KpiSource]]

FILTERS = ("month", "cohort", "manager", "training_manager")


class Sight(Struct, frozen=True):
    """today: the partner's. position: which state of the log it shows."""

    choice: Choice
    moment: ComparedState
    today: date
    position: int

    @property
    def day(self) -> date:
        """The evening that is looked at."""
        return self.moment.day


class Filter(Struct, frozen=True):
    """One thing to choose. options: what stands in the address and what people read.

    is_required: whether one of the options must be chosen.
    """

    name: str
    options: tuple[tuple[str, str], ...]
    chosen: str | None
    is_required: bool


async def look_at(request: PageRequest, reader: Reader, kpis: KpiSource) -> Sight:
    """What the address asks for.

    Refuses `permission_refused`, `month_invalid`, `day_invalid`, `instant_invalid`.
    """
    require(reader.principal, Permission.READ_FIGURES)
    choice = choice_of(request.query_params)
    asked = Question(choice.on or reader.today, known_by=choice.known_by(reader.principal.zone))
    known = await kpis.known(reader.principal, asked)
    return sight_of(choice, known.evidence, reader.today, known.position)


def sight_of(choice: Choice, evidence: Evidence, today: date, position: int = 0) -> Sight:
    """The same where the evidence is at hand. Refuses `month_invalid`."""
    day = choice.on or today
    return Sight(choice, ComparedState(evidence, day, choice.group(evidence, day)), today, position)


def everybody(sight: Sight) -> Board:
    """All groups of all newcomers, whatever was chosen."""
    evidence = sight.moment.evidence
    return board_of(evidence.newcomers, evidence.windows(sight.day))


def filters(
    sight: Sight,
    whole: Board,
    wording: Wording,
    names: Sequence[str] = FILTERS,
    required: Collection[str] = (),
) -> list[Filter]:
    """What can be chosen, the latest months and batches first. whole: of everybody."""
    choice = sight.choice
    options = {
        "month": [(str(month), wording.month(month)) for month in reversed(whole.by_month)],
        "cohort": [(code, code) for code in reversed(whole.by_cohort)],
        "manager": [(sign(name), name) for name in whole.by_manager],
        "training_manager": [
            (sign(name), name) for name in sight.moment.evidence.training_managers(sight.day)
        ],
    }
    if choice.month and choice.month not in dict(options["month"]):
        # What is looked at can be seen in the form, even where nobody was there yet.
        options["month"].insert(0, (choice.month, wording.month(Month.parse(choice.month))))
    if choice.cohort and choice.cohort not in whole.by_cohort:
        options["cohort"].insert(0, (choice.cohort, choice.cohort))
    found = []
    for name in names:
        wanted = getattr(choice, name)
        chosen = next((value for value, text in options[name] if wanted in (value, text)), None)
        found.append(Filter(name, tuple(options[name]), chosen, name in required))
    return found


def show(
    request: PageRequest,
    pages: Pages,
    reader: Reader,
    sight: Sight,
    place: str,
    filters: list[Filter],
    kept: str = "",
    **values: Any,
) -> Response[str]:
    """The page, or for htmx only what changes in it.

    place: names template and words. kept: of the address's query, beside the choice.
    """
    zone = reader.principal.zone
    return pages.render(
        request,
        "_refreshed.html" if request.htmx else "sight.html",
        zone=zone,
        reader=reader,
        sight=sight,
        choice=sight.choice,
        known_by=sight.choice.known_by(zone),
        place=place,
        path=request.url.path,
        filters=filters,
        kept=kept,
        swapped=bool(request.htmx),
        **values,
    )


def title_of(sight: Sight, wording: Wording) -> str:
    """The group that is looked at, in words."""
    group, answers = sight.moment.group, sight.choice.training_manager
    if answers:
        answers = named(answers, sight.moment.evidence.training_managers(sight.day))
    parts = [
        wording.month(group.month) if group.month else None,
        group.cohort and f"{wording.t('filter.cohort')} {group.cohort}",
        group.manager and f"{wording.t('filter.manager')} {group.manager}",
        answers and f"{wording.t('filter.training_manager')} {answers}",
    ]
    return " · ".join(part for part in parts if part) or wording.t("members.everybody")


def head_month(sight: Sight, whole: Board) -> Month | None:
    """Last month (S54), or the latest month before it that has newcomers, or the first after."""
    known = list(whole.by_month)
    running = Month.of(sight.day)
    return max((month for month in known if month < running), default=known[-1] if known else None)

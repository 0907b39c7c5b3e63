"""What a page of figures looks at, and the frame that all such pages share.

Everything on one page is read from one state of the log: the evidence as it was known, on one
evening, of one group.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Struct

from api.web.kit.choice import Choice, choice_of, sign
from api.web.kit.pages import PageRequest, Pages
from api.web.kit.reader import Reader
from api.web.kit.wording import Wording
from domain.kernel.values import Month
from domain.kpi.evaluation import Evaluated, evaluate_every_way
from domain.kpi.evidence import Evidence
from domain.kpi.group import EVERYBODY, Group, Way
from domain.kpi.kpi import Kpi
from domain.kpi.proof.comparison import ComparedState
from services.kernel.permissions import Permission, require
from services.reading.question import Question

PagesHere = NamedDependency[SkipValidation[Pages]]
ReaderHere = NamedDependency[SkipValidation[Reader]]

Groups = Mapping[Way, Mapping[str, Evaluated]]
"""Way -> key -> figures."""

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


async def look_at(request: PageRequest, reader: Reader) -> Sight:
    """What the address asks for.

    Refuses `permission_refused`, `month_invalid`, `day_invalid`, `instant_invalid`.
    """
    require(reader.principal, Permission.READ_FIGURES)
    choice = choice_of(request.query_params)
    asked = Question(choice.on or reader.today, known_by=choice.known_by(reader.principal.zone))
    known = await reader.app.figures.basis(reader.principal, asked)
    return sight_of(choice, known.evidence, reader.today, known.position)


def sight_of(choice: Choice, evidence: Evidence, today: date, position: int = 0) -> Sight:
    """The same where the evidence is at hand. Refuses `month_invalid`."""
    day = choice.on or today
    return Sight(choice, ComparedState(evidence, day, choice.group(evidence, day)), today, position)


def groups(sight: Sight, kpis: Sequence[Kpi] = (), within: Group = EVERYBODY) -> Groups:
    """All groups within a group, whatever was chosen, with their figures."""
    return evaluate_every_way(kpis, sight.moment.evidence, sight.day, within)


def filters(
    sight: Sight,
    whole: Groups,
    wording: Wording,
    names: Sequence[str] = FILTERS,
    required: Collection[str] = (),
) -> list[Filter]:
    """What can be chosen, the latest months and batches first. whole: of everybody."""
    choice = sight.choice
    options = {
        "month": [(key, wording.month(Month.parse(key))) for key in reversed(list(whole["month"]))],
        "cohort": [(code, code) for code in reversed(list(whole["cohort"]))],
        "manager": [(sign(name), name) for name in whole["manager"]],
        "training_manager": [
            (sign(name), name) for name in sight.moment.evidence.training_managers(sight.day)
        ],
    }
    if choice.month and choice.month not in dict(options["month"]):
        # What is looked at can be seen in the form, even where nobody was there yet.
        options["month"].insert(0, (choice.month, wording.month(Month.parse(choice.month))))
    if choice.cohort and choice.cohort not in whole["cohort"]:
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
    group = sight.moment.group
    answers = group.training_manager
    parts = [
        wording.month(group.month) if group.month else None,
        group.cohort and f"{wording.t('filter.cohort')} {group.cohort}",
        group.manager and f"{wording.t('filter.manager')} {group.manager}",
        answers and f"{wording.t('filter.training_manager')} {answers}",
    ]
    return " · ".join(part for part in parts if part) or wording.t("members.everybody")


def head_month(sight: Sight, whole: Groups) -> Month | None:
    """Last month (S54), or the latest month before it that has newcomers, or the first after."""
    known = [Month.parse(key) for key in whole["month"]]
    running = Month.of(sight.day)
    return max((month for month in known if month < running), default=known[-1] if known else None)

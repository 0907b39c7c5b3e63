"""`chudan figures`: every figure of the catalog for a group, as the doors answer it."""

from datetime import date, datetime

import rich_click as click
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from api.cli.lines import language, word
from api.cli.running import app_command, echo_json, partner_option, printed_as
from api.cli.usage import Whole
from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.kpi import Kpi
from domain.kpi.rounding import shown
from infra.bootstrap import App
from services.reading.evaluations import FigureAnswer
from services.reading.moment import Question
from services.reporting.workbook.tables import versions
from services.words.texts import read_texts

UNBOUNDED = 1_000
"""Columns of what is no terminal: nothing is cut there."""


@app_command("figures", "figures --partner CD01 --month 2026-06")
@partner_option()
@click.option("--month", metavar="YYYY-MM", help=word("usage.option.month"))
@click.option("--cohort", metavar="CODE", help=word("usage.option.cohort"))
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD", help=word("usage.option.on")
)
@click.option("--known-by", type=Whole(0), metavar="N", help=word("usage.option.known_by"))
@printed_as("table", "json")
async def figures(
    app: App,
    partner: str,
    month: str | None,
    cohort: str | None,
    on: datetime | None,
    known_by: int | None,
    form: str,
) -> None:
    """Prints every figure of the catalog for a group."""
    found = await app.accounts.partner(partner)
    about = Question(date.min, date.min, month=month, cohort=cohort)
    asked = await app.times.question(found.operator, on.date() if on else None, known_by, about)
    if known_by is None:
        # Read models that no projector has brought so far are not believed.
        asked = replace(asked, known_by=await app.log.position(found.operator.tenant))
    day = asked.happened_by
    answer = await app.figures.answer(found.operator, asked)
    if form == "json":
        shown_figures = list(answer.whole.figures.values())
        echo_json({"happened_by": day, "position": answer.position, "figures": shown_figures})
    else:
        console = Console()
        if not console.is_terminal:
            console.width = UNBOUNDED
        of = " · ".join(filter(None, (found.name, month, cohort)))
        console.print(_table(answer, day, of))


def _table(answer: FigureAnswer, day: date, of: str) -> Table:
    """of: whose and of which group the figures are."""
    found = answer.whole
    table = Table(title=word("figures.title", of=of, day=day, position=answer.position))
    for name in ("kpi", "value", "fraction", "range", "state"):
        table.add_column(word(f"figures.{name}"))
    for kpi in CATALOG:
        table.add_row(*_row(kpi, answer))
    named = versions(found, read_texts(language()))
    table.caption = word("figures.scheme", versions=named)
    return table


def _row(kpi: Kpi, answer: FigureAnswer) -> tuple[str, str, str, str, str]:
    figure, rounding = answer.whole.figures[kpi.slug], answer.whole.rounding
    name = word(kpi.name_id)
    if not figure.has_source:
        return name, word("none"), "", "", word("figures.no_source")
    if not figure.ratio.denominator:
        return name, word("none"), "", "", word(f"state.none.{kpi.counted}")

    def said(ratio: Ratio) -> str:
        return shown(ratio, kpi.unit, rounding) or word("none")

    return (
        name,
        said(figure.ratio),
        f"{figure.ratio.numerator}/{figure.ratio.denominator}" if kpi.shows_fraction else "",
        " – ".join(map(said, figure.bounds or ())),
        word("figures.final" if figure.is_final else "figures.provisional"),
    )

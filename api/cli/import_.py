"""`chudan import`: rosters, results, order sheets and lists of leavers, row by row."""

import asyncio
import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click
from msgspec.structs import asdict

from api.cli.bars import progress_bar
from api.cli.lines import language, word
from api.cli.running import app_command, echo_json, partner_option, printed_as
from api.errors import sentence
from domain.kernel.errors import Refusal
from infra.bootstrap import App, import_workbook, read_workbook, tune_garbage_collector
from services.importing import maps
from services.importing.mapping import Mapping, load_mapping
from services.importing.report import Fault, ImportReport, Outcome, Place, RowReport
from services.importing.run import import_file
from services.importing.telling import told_facts
from services.importing.workbook import Workbook, joined
from services.jobs.imports import order_of
from services.words.params import plain
from services.words.texts import read_texts


@app_command("import", "import roster.xlsx --partner CD01 --dry-run")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@partner_option()
@click.option("--sheet", "sheets", metavar="S", multiple=True, help=word("usage.option.sheet"))
@click.option(
    "--changed-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help=word("usage.option.changed_on"),
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path),
    metavar="M.toml",
    help=word("usage.option.map"),
)
@click.option("--as", "called", metavar="NAME", help=word("usage.option.as"))
@click.option("--dry-run", is_flag=True, help=word("usage.option.dry_run"))
@printed_as("text", "json")
async def import_command(
    app: App,
    files: tuple[Path, ...],
    partner: str,
    sheets: tuple[str, ...],
    changed_on: datetime | None,
    map_file: Path | None,
    called: str | None,
    dry_run: bool,
    form: str,
) -> None:
    """Imports files, and says what became of their rows."""
    tune_garbage_collector()
    tenant = await app.accounts.partner(partner)
    mapping = _mapping(map_file, called or tenant.code) if map_file else None
    order = order_of(
        tenant.operator,
        [file.name for file in files],
        sheets=sheets,
        changed_on=changed_on and changed_on.date(),
        language=language(),
        dry_run=dry_run,
    )
    stop = _stopping()
    named = zip(files, order.names, strict=True)
    workbook = joined([await read_unless_stopped(file, name, stop) for file, name in named])
    with progress_bar() as progress:
        bar = progress.add_task(word("import.progress_bar"), total=None)
        how: dict[str, Any] = {
            "mapping": mapping,
            "progress": lambda done, total: progress.update(bar, completed=done, total=total),
            "stop": stop,
        }
        if dry_run:
            report = await import_file(
                app.context(tenant.operator),
                workbook,
                only_sheets=order.sheets,
                changed_on=order.changed_on,
                dry_run=True,
                people=app.recorded_people(tenant.operator),
                **how,
            )
        else:
            report = await import_workbook(app, tenant.operator, workbook, order, **how)
    if form == "json":
        echo_json(_document(report))
    else:
        click.echo(_text(report))
    if report.stopped:
        rest = sum(one.rows for one in report.sheets) - len(report.rows)
        raise Refusal("import_stopped", done=len(report.rows), rest=rest)
    if report.refused:
        code = "import_rows_would_be_refused" if dry_run else "import_rows_refused"
        if report.counts[Outcome.REFUSE] == len(report.rows) and not dry_run:
            code = "import_no_row_taken"
        raise Refusal(code, refused=len(report.refused), rows=len(report.rows))


async def read_unless_stopped(file: Path, name: str, stop: asyncio.Event) -> Workbook:
    """The workbook, unless somebody stops first: the terminal stops its reader as well. name: as it
    is shown; what has none of its own (`/`) is shown as it was typed."""
    try:
        workbook = await read_workbook(file, name=name if file.name else None)
    except Refusal:
        if not stop.is_set():
            raise
    if stop.is_set():
        raise Refusal("import_not_begun")
    return workbook


def _stopping() -> asyncio.Event:
    """Set by the first Ctrl-C; the second one breaks off."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def asked() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, asked)
    return stop


def _mapping(file: Path, partner: str) -> Mapping:
    shipped = Path(maps.__path__[0]) / file.name
    chosen = file if file.is_file() or file.parent != Path() else shipped
    try:
        text = chosen.read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        raise Refusal("file_not_found", file=str(file)) from missing
    except IsADirectoryError as folder:
        raise Refusal("file_is_folder", file=str(file)) from folder
    except UnicodeDecodeError as bad:
        raise Refusal("text_encoding_unknown", file=str(file)) from bad
    return load_mapping(text, partner=partner)


def _text(report: ImportReport) -> str:
    shown = [
        row
        for row in report.rows
        if report.dry_run or row.outcome in (Outcome.REFUSE, Outcome.PART, Outcome.CHANGE)
    ]
    lines = [line for row in shown for line in _row_lines(row, is_planned=report.dry_run)]
    lines += [] if report.dry_run else _passed_over(report.rows)
    lines += [f"{word('import.note')} {_cell(one.place)}  {_why(one)}" for one in report.notes]
    counts = "  ".join(f"{_outcome(one)} {count}" for one, count in report.counts.items())
    last = word("import.counts", counts=counts, events=report.events, position=report.position)
    if report.is_empty:
        last += "\n" + word("import.empty")
    if again := report.refused_again:
        last += "\n" + word("import.refused_again", count=again)
    if report.dry_run:
        last += "\n" + word("import.nothing_recorded")
    return "\n".join([*lines, last])


def _passed_over(rows: Sequence[RowReport]) -> list[str]:
    """Why rows were skipped or merged: a line for each reason, with the first of its rows."""
    alike: dict[tuple[str, str], list[Fault]] = {}
    for row in rows:
        if row.outcome in (Outcome.SKIP, Outcome.MERGE):
            for one in row.reasons[:1]:
                alike.setdefault((row.outcome, one.code), []).append(one)
    return [
        f"{_outcome(outcome):<7} "
        + word("import.alike", count=len(its), cell=_cell(its[0].place), why=_why(its[0]))
        for (outcome, _), its in alike.items()
    ]


def _row_lines(row: RowReport, *, is_planned: bool) -> list[str]:
    outcome = f"{_outcome(row.outcome):<7}"
    if not row.reasons:
        return [f"{outcome} {_cell(row.place)}"]
    reasons = [
        f"{outcome} {_cell(one.place)}  {one.place.heading or ''}  {_why(one)}"
        for one in row.reasons
    ]
    facts = told_facts(row, read_texts(language()), is_planned=is_planned)
    return reasons + [f"{'':<7} {_cell(row.place)}  {one}" for one in facts]


def _outcome(outcome: str) -> str:
    return word(f"import.outcome.{outcome}")


def _cell(place: Place) -> str:
    if place.row is None:
        return place.sheet
    return f"{place.sheet}!{place.column or ''}{place.row}"


def _why(fault: Fault) -> str:
    return sentence(fault.code, fault.params, language())


def _document(report: ImportReport) -> dict[str, Any]:
    return {
        **asdict(report),
        "file": ", ".join(report.files),
        "counts": report.counts,
        "events": report.events,
        "notes": [_at(one.place) | _reason(one) for one in report.notes],
        "sheets": [
            {name: value for name, value in asdict(sheet).items() if name != "notes"}
            for sheet in report.sheets
        ],
        "rows": [_row(row) for row in report.rows],
    }


def _row(row: RowReport) -> dict[str, Any]:
    return {
        **_at(row.place),
        "kind": row.kind,
        "outcome": row.outcome,
        "events": row.events,
        "reasons": [_reason(one) for one in row.reasons],
        "facts": row.facts,
    }


def _at(place: Place) -> dict[str, Any]:
    return {"file": place.file, "sheet": place.sheet, "row": place.row}


def _reason(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "message": _why(fault),
        "column": fault.place.column,
        "heading": fault.place.heading,
        "params": plain(fault.params),
    }

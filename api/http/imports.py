"""The address for uploads: keeps the files and answers the job that imports them."""

from functools import partial
from io import BytesIO
from typing import Any, BinaryIO, cast

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.params import FromPath
from litestar.response import Stream
from litestar.status_codes import HTTP_202_ACCEPTED

from api.auth import guard_change, language_of, system, tenant_member
from api.http.downloads import MEDIA_TYPES, download_headers, occasion_of, streamed, written
from api.needs import needs
from api.requests import LARGEST_UPLOAD
from domain.kernel.errors import NotFoundError, Refusal
from services.importing.template import (
    FILLED,
    SheetStyle,
    filled_csv,
    write_filled,
    write_template,
)
from services.importing.vocabulary import taught_words
from services.jobs.jobs import OF_IMPORTS, XLSX, NewFile
from services.kernel.beside import beside
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.reading.moment import day_of
from services.words.texts import LOCALES, read_texts

ALL = "all"
"""Instead of a kind of sheet: a workbook with a sheet of each."""

YES, NO = ("true", "1", "on", "yes"), ("false", "0", "off", "no", "")


@post(
    "/imports",
    status_code=HTTP_202_ACCEPTED,
    request_max_body_size=LARGEST_UPLOAD,
    opt=needs(Permission.IMPORT_FILES, everything=True),
)
async def imports(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
    """multipart/form-data: `file` (one or several xlsx or csv), `dry_run`, `sheet` (one or several;
    else all), `changed_on` (the day on which changed what differs from the record and can change),
    `map` (TOML, as a file or as text). Answers the job's id; GraphQL's `job` and
    `jobProgress` follow it.

    Refuses `not_signed_in`, `permission_refused`, `csrf_refused`, and what Imports refuses.
    """
    principal = tenant_member(request)
    guard_change(request)
    form = await request.form()
    job = await system(request).imports.request_import(
        principal,
        uploads(form),
        sheets=await texts(form, "sheet"),
        changed_on=day_of(await _text(form, "changed_on")),
        mapping=await _text(form, "map"),
        language=language_of(request),
        dry_run=_flag(await _text(form, "dry_run")),
    )
    content = {"job": str(job.id), "state": str(job.state)}
    return Response(content, status_code=HTTP_202_ACCEPTED)


def uploads(form: FormMultiDict) -> list[NewFile]:
    """The files of a form's field `file`."""
    return [
        NewFile(part.filename, part.content_type, cast(BinaryIO, part.file), OF_IMPORTS)
        for part in form.getall("file", [])
        if isinstance(part, UploadFile)
    ]


@get("/imports/template", opt=needs(Permission.IMPORT_FILES))
async def import_template(request: Request[Any, Any, Any]) -> Response[bytes]:
    """An empty workbook with the headings that are read, the partner's own first. `language`: zh-CN
    or en; else the request's.

    Refuses `not_signed_in`, `permission_refused`.
    """
    principal = tenant_member(request)
    style, file = await _style(request, principal), BytesIO()
    await beside(write_template, style, file)
    headers = download_headers(style.texts("import.template.file"), "template.xlsx")
    return Response(file.getvalue(), media_type=XLSX, headers=headers)


@get(
    "/imports/filled/{name:str}",
    opt=needs(Permission.IMPORT_FILES, Permission.READ_TRAINEES, everything=True),
)
async def import_filled(request: Request[Any, Any, Any], name: FromPath[str]) -> Stream:
    """`/imports/filled/<kind of sheet>.<csv or xlsx>`, or `all.xlsx`: the template filled with what
    is recorded, which can be imported again. `language` as of the template.

    Refuses `not_signed_in`, `permission_refused`, `everything_needed`, `export_unknown`.
    """
    principal = tenant_member(request)
    word, _, ending = name.rpartition(".")
    known = {**{slug: [kind] for slug, kind in FILLED.items()}, ALL: list(FILLED.values())}
    kinds = known.get(word, [])
    if not kinds or ending not in MEDIA_TYPES or (ending == "csv" and len(kinds) > 1):
        raise NotFoundError("export_unknown", name=name[:100], lists=list(known))
    app, style = system(request), await _style(request, principal)
    position = await app.log.position(principal.tenant)
    people = app.people(principal, position)
    if ending == "csv":
        pieces = filled_csv(style, kinds[0], people)
    else:
        t = style.texts
        occasion = await occasion_of(app, principal, t)
        of_when = (t("export.partner"), occasion.partner), (t("filter.position"), position)
        said = [*of_when, *occasion.told(t)]
        pieces = written(partial(write_filled, style, kinds, people, said))
    named = style.texts("import.filled.file" if word == ALL else f"import.kind.{word}")
    return await streamed(pieces, ending, f"{named}.{ending}", name)


async def _style(request: Request[Any, Any, Any], principal: Principal) -> SheetStyle:
    """In the language asked for, with the partner's own words."""
    asked = request.query_params.get("language")
    texts = read_texts(asked if asked in LOCALES else language_of(request))
    return SheetStyle(await taught_words(system(request).context(principal)), texts)


async def _text(form: FormMultiDict, name: str) -> str | None:
    """A field's text, of several the first; None where it was left out or left empty. Refuses
    what `texts` does."""
    return next(iter(await texts(form, name)), None)


async def texts(form: FormMultiDict, name: str) -> list[str]:
    """The texts of a field, without empty ones.

    Refuses `text_invalid`, and `file_missing` where the only file came in this field.
    """
    found = []
    for part in form.getall(name, []):
        if isinstance(part, UploadFile):
            if "file" not in form:
                raise Refusal("file_missing", field="file")
            try:
                found.append((await part.read()).decode("utf-8-sig"))
            except UnicodeDecodeError as error:
                raise Refusal("text_invalid", field=name) from error
        else:
            found.append(str(part))
    return [text for text in found if text]


def _flag(text: str | None) -> bool:
    """A flag of the form; refuses `choice_unknown`, so that a typing error writes nothing."""
    word = (text or "").strip().lower()
    if word not in YES + NO:
        raise Refusal(
            "choice_unknown", field="dry_run", name="dry_run", given=text, choices=["true", "false"]
        )
    return word in YES

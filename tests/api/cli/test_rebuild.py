"""`chudan rebuild` as a person runs it, beside running servers."""

import json

from infra.bootstrap import App
from projections import PROJECTIONS
from projections.teaching.cohorts import COHORTS
from tests.api.cli.terminal import chudan
from tests.carrying import carry_out, new_partner
from tests.read_models import folded, plant, stored
from tests.situation import BEGINNING


async def rebuild(app: App, *arguments: str, language: str = "C.UTF-8") -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    return await chudan(app.settings.environment, "rebuild", *arguments, language=language)


async def test_one_partner_gets_one_read_model_anew(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, BEGINNING)
    partner = next(p for p in await app.accounts.list_partners() if p.tenant_id == principal.tenant)
    status, output, errors = await rebuild(app, "cohorts", "--partner", partner.code)
    assert (status, json.loads(output)) == (
        0,
        [
            {
                "projection": COHORTS.table,
                "partners": 1,
                "done_before": 0,
                "events": await app.log.position(principal.tenant),
                "failed": [],
            }
        ],
    )
    assert "making read models" in errors
    assert await stored(app, principal.tenant, COHORTS) == await folded(
        app, principal.tenant, COHORTS
    )


async def test_of_one_that_fails_it_says_where_why_and_what_next(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, BEGINNING)
    planted = await app.log.position(principal.tenant) + 1
    await plant(app, principal.tenant, "cohort.opened", '{"name": 7}')
    partner = next(p for p in await app.accounts.list_partners() if p.tenant_id == principal.tenant)
    status, output, errors = await rebuild(app, "cohorts", "--partner", partner.code)
    error = "ValidationError (cohort.opened $.name)"
    (failed,) = json.loads(output)[0]["failed"]
    assert (status, failed) == (1, {"partner": partner.code, "position": planted, "error": error})
    said = errors.splitlines()[-1]
    assert f"{COHORTS.table} of {partner.code}, position {planted}: {error}." in said
    assert f"`chudan verify --partner {partner.code}" in said


async def test_says_in_one_line_which_read_models_there_are(app: App) -> None:
    status, output, errors = await rebuild(app, "horoscopes")
    assert (status, output) == (1, "")
    assert errors.splitlines() == [
        "chudan: There is no read model called horoscopes. Known: "
        + ", ".join(projection.name for projection in PROJECTIONS)
        + "."
    ]


async def test_help_shows_an_example(app: App) -> None:
    status, output, _ = await rebuild(app, "--help")
    assert status == 0
    assert "chudan rebuild newcomers --partner CD01" in output

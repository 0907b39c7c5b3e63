"""`chudan projection` as a person runs it, and what else says that a read model is incomplete."""

import json

from infra.bootstrap import App, examine
from infra.readside.projector import catch_up
from projections import PROJECTIONS
from tests.api.cli.terminal import chudan
from tests.carrying import carry_out, new_partner
from tests.read_models import head, plant
from tests.situation import BEGINNING

OF_TRAINEES = [one for one in PROJECTIONS if "trainee.went_live" in one.topics]


async def test_what_is_parked_or_passed_over_is_said_everywhere(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, BEGINNING)
    await plant(app, tenant, "trainee.went_live", '{"on": "never"}')
    await catch_up(app, tenant)
    position = await head(app, tenant)
    code = next(p.code for p in await app.accounts.list_partners() if p.tenant_id == tenant)

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await chudan(app.settings.environment, *arguments, "--partner", code)

    status, output, _ = await run("projection", "list")
    told = [(one["projection"], one["position"], one["error"]) for one in json.loads(output)]
    assert status == 0
    assert sorted(told) == sorted(
        (one.checkpoint, position, "ValidationError") for one in OF_TRAINEES
    )
    problem = next(one.problem for one in await examine(app.settings) if one.check == "read_models")
    assert problem is not None
    assert {one.checkpoint for one in OF_TRAINEES} <= set(problem.params["models"])
    status, _, errors = await run("verify")
    assert status == 1
    assert errors.splitlines()[-1].startswith("chudan: Read models that lack something recorded: ")

    first, *others = OF_TRAINEES
    wanted = ["--position", str(position), "--reason", "记录已损坏"]
    status, _, errors = await run("projection", "retry", first.name, *wanted)
    assert status == 1
    assert f"{first.name} is parked at position {position} after all" in errors
    status, output, _ = await run("projection", "skip", first.name, *wanted)
    assert (status, output) == (0, f"{code}: {first.name} goes on.\n")
    left = await app.list_parked(tenant)
    assert sorted(one.consumer for one in left) == sorted(one.checkpoint for one in others)

    _, output, _ = await run("projection", "list")
    (skips,) = (one for one in json.loads(output) if one["state"] == "skips")
    assert (skips["projection"], skips["reason"]) == (first.checkpoint, "记录已损坏")
    assert (skips["position"], skips["until"]) == (position, position)
    status, output, errors = await run("verify")
    assert status == 1 and first.checkpoint.rpartition("_v")[0] in errors
    assert f"{code}: {first.name}: commands passed over: 1; " in output
    status, _, errors = await run("projection", "retry", first.name, *wanted)
    assert status == 1
    assert f"{first.name} cannot be made with the command at position {position}" in errors

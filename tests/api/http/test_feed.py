"""The tenant's events, replayable from any position."""

from tests.api.door import Door


async def page(door: Door, **params: int) -> dict:  # type: ignore[type-arg]
    response = await door.http.get("/feed", params=params, headers=door.headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_answers_events_in_bounded_pages(door: Door) -> None:
    for number in range(3):
        await door.changed("openCohort", code=f"B{number}", name="班", openedOn="2026-05-01")
    first = await page(door, after=0, limit=2)
    assert [event["position"] for event in first["events"]] == [1, 2]
    assert (first["next"], first["hasMore"]) == (2, True)
    second = await page(door, after=first["next"], limit=200)
    assert [event["event"] for event in second["events"]] == ["cohort.opened"] * 2
    assert second["events"][0]["payload"]["opened_on"] == "2026-05-01"
    assert (second["next"], second["hasMore"]) == (4, False)
    assert await page(door, after=4) == {"events": [], "next": 4, "hasMore": False}
    assert await page(door, after=0, limit=2) == first


async def test_refuses_what_is_no_page(door: Door) -> None:
    for params, code in (
        ({"limit": 501}, "page_size_invalid"),
        ({"after": -1}, "position_invalid"),
    ):
        response = await door.http.get("/feed", params=params, headers=door.headers)
        assert (response.status_code, response.json()["code"]) == (422, code)
    assert (await door.http.get("/feed")).status_code == 401

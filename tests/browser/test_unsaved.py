"""What was entered and not saved, in a real browser: nothing of it goes without a word."""

import asyncio

from playwright.async_api import Dialog, Page, Route, expect

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.browser.conftest import Opens, Visitor
from tests.browser.story import PASSWORD, Told, join
from tests.situation import batch_opened, enrolled

FORM = "/cohorts/new"
SAVE = 'main form button:has-text("保存")'


async def begun(visitor: Visitor, told: Told) -> Page:
    """The form of a cohort, filled in and not sent."""
    page = visitor.page
    await visitor.log_in(told)
    await expect(page).to_have_url(f"{visitor.site}/")
    await page.goto(f"{visitor.site}{FORM}")
    await page.fill("main [name=code]", "B-9")
    await page.fill("main [name=name]", "二期")
    return page


async def log_in_there(page: Page, told: Told) -> None:
    """Fills in the log-in that stands in a form's place."""
    await expect(page.locator("main [name=email]")).to_be_focused()
    await page.fill("main [name=email]", told.email)
    await page.fill("main [name=password]", PASSWORD)
    await page.locator("main button[type=submit]").first.click()


async def stays(page: Page, link: str, name: str = "code", entered: str = "B-9") -> None:
    """Follows a link, is asked, and stays; what was entered is there."""
    here = page.url
    asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def no(dialog: Dialog) -> None:
        asked.set_result(dialog.type)
        await dialog.dismiss()

    page.once("dialog", no)
    await page.get_by_role("link", name=link, exact=True).click(no_wait_after=True)
    assert await asyncio.wait_for(asked, 20) == "beforeunload"
    await expect(page.locator(f"main [name={name}]")).to_have_value(entered)
    assert page.url == here


async def test_a_half_filled_form_is_left_only_after_a_question(visit: Opens, app: App) -> None:
    page = await begun(await visit(errors_expected=True), await join(app, "ASKED"))
    await stays(page, "English")
    await stays(page, "学员")
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("status")).to_contain_text("已保存")


async def test_a_half_filled_form_of_a_token_is_left_only_after_a_question(
    visit: Opens, app: App
) -> None:
    visitor = await visit(errors_expected=True)
    await visitor.log_in(await join(app, "ASKED-TOO"))
    await expect(visitor.page).to_have_url(f"{visitor.site}/")
    await visitor.page.goto(f"{visitor.site}/myself/tokens")
    await visitor.page.fill("main [name=label]", "报表程序")
    await stays(visitor.page, "English", "label", "报表程序")


async def test_a_form_that_came_back_is_left_only_after_a_question(visit: Opens, app: App) -> None:
    page = await begun(await visit(errors_expected=True), await join(app, "CAME-BACK"))
    await page.fill("main [name=opened_on]", "昨天")
    await page.locator(SAVE).first.click()
    await expect(page.locator("[data-field=opened_on] .error")).to_be_visible()
    await stays(page, "English")


async def test_a_choice_that_was_taken_back_is_left_only_after_a_question(
    visit: Opens, app: App
) -> None:
    told = await join(app, "TAKEN-BACK")
    await told.does(batch_opened("A1", on=told.live_on), enrolled("E1", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    visitor = await visit(errors_expected=True)
    page = visitor.page
    await visitor.log_in(told)
    await expect(page).to_have_url(f"{visitor.site}/")
    await page.goto(f"{visitor.site}/trainees/{row.trainee_id}/correct-enrolment?fact=1")
    await expect(page.locator("main [name=post]")).not_to_have_value("")
    await page.select_option("main [name=post]", "")
    await stays(page, "English", "post", "")


async def test_a_form_that_nobody_touched_and_a_filter_are_left_without_a_question(
    visit: Opens, told: Told
) -> None:
    visitor = await visit()
    page = visitor.page
    await visitor.log_in(told)
    await expect(page).to_have_url(f"{visitor.site}/")
    await page.goto(f"{visitor.site}{FORM}")
    await expect(page.locator(SAVE).first).to_be_visible()
    asked = list[str]()
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.goto(f"{visitor.site}/cohorts")
    await page.fill("[type=search]", "B")
    await page.get_by_role("link", name="中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert asked == []


async def test_a_form_whose_session_is_over_is_gone_on_with_after_the_log_in(
    visit: Opens, app: App
) -> None:
    told = await join(app, "OVER")
    visitor = await visit(errors_expected=True)
    page = await begun(visitor, told)
    await page.context.clear_cookies(name="chudan_session")
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    await expect(page.locator(".notice")).to_contain_text("尚未保存")
    await expect(page.locator("header")).not_to_contain_text(told.name)
    await log_in_there(page, told)
    await expect(page.get_by_role("alert")).to_contain_text("尚未保存")
    await expect(page.locator("main [name=code]")).to_have_value("B-9")
    await expect(page).to_have_url(f"{visitor.site}{FORM}")
    await expect(page.locator("header")).to_contain_text(told.name)
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("status")).to_contain_text("已保存")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("新建批次")


async def test_without_scripts_too_a_form_is_gone_on_with_after_the_log_in(
    visit: Opens, app: App
) -> None:
    told = await join(app, "OVER-PLAIN")
    visitor = await visit(java_script_enabled=False, errors_expected=True)
    page = await begun(visitor, told)
    await page.context.clear_cookies(name="chudan_session")
    await page.locator(SAVE).first.click()
    await log_in_there(page, told)
    await page.get_by_role("button", name="回到表单").click()
    await expect(page.locator("main [name=code]")).to_have_value("B-9")
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("status")).to_contain_text("已保存")


async def test_a_form_that_was_opened_before_another_log_in_is_saved_at_the_second_press(
    visit: Opens, app: App
) -> None:
    told = await join(app, "IN-AGAIN")
    visitor = await visit(errors_expected=True)
    page = await begun(visitor, told)
    other = await visitor.another_window()
    await other.page.goto(f"{visitor.site}/")
    await other.page.get_by_role("button", name="退出").click()
    await other.log_in(told)
    await expect(other.page).to_have_url(f"{visitor.site}/")
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("alert")).to_contain_text("尚未保存")
    await expect(page.locator("main [name=code]")).to_have_value("B-9")
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("status")).to_contain_text("已保存")


async def test_a_form_that_a_broken_server_answers_keeps_what_was_entered_and_says_so(
    visit: Opens, app: App
) -> None:
    page = await begun(await visit(errors_expected=True), await join(app, "BROKEN"))

    async def broken(route: Route) -> None:
        await route.fulfill(status=502, content_type="text/html", body="<h1>Bad Gateway</h1>")

    await page.route(f"**{FORM}", broken)
    await page.locator(SAVE).first.click()
    await expect(page.locator("#trouble")).to_be_visible()
    await expect(page.locator("main [name=code]")).to_have_value("B-9")
    await stays(page, "English")
    await page.unroute(f"**{FORM}")
    await page.locator(SAVE).first.click()
    await expect(page.get_by_role("status")).to_contain_text("已保存")

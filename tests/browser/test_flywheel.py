"""The dashboard in a real browser: charts over their tables, the login and its buttons, a slate replayed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from app.models.registry import Registry
from benchmarks.bulk import run_visits
from seed_data.population import Population
from seed_data.templates import load_templates
from tests.browser.conftest import BROWSER, LiveSite, OpenPage

pytestmark = BROWSER


@pytest.fixture(scope="module")
def grown_site(live_site: LiveSite) -> LiveSite:
    """The site after some visits, from which a second version was learned."""
    run_visits(live_site.app.extensions["flywheel"], Population(load_templates()), range(40_000, 40_060), pages=1)
    outcome = live_site.app.test_cli_runner().invoke(args=["trainer", "--once"])
    assert outcome.exit_code == 0, outcome.output
    assert len(Registry(live_site.settings).versions()) == 2
    live_site.app.extensions["flywheel"].board.refresh()
    return live_site


def log_in(page: Page) -> None:
    page.goto("/flywheel/login?next=/flywheel/models")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("You are logged in.").wait_for()


@pytest.mark.usefixtures("grown_site")
def test_a_chart_is_drawn_and_its_table_folds_away(open_page: OpenPage) -> None:
    page = open_page("/flywheel")
    chart = page.locator("#growth figure")
    chart.locator("canvas").wait_for()
    assert not chart.get_by_role("table").is_visible()
    chart.get_by_text("The figures as a table").click()
    assert chart.get_by_role("row").count() >= 3


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.usefixtures("grown_site")
def test_the_growth_chart_says_in_words_where_another_kind_of_model_took_over(
    open_page: OpenPage, scripts: bool
) -> None:
    page = open_page("/flywheel", scripts=scripts)
    changes = page.locator("#growth-changes li")
    assert changes.count() == 1
    assert "Two stages in place of popularity, from event 124,475 on, with version 1" in changes.inner_text()
    described_by = str(page.locator("#growth .plot").get_attribute("aria-describedby"))
    assert "growth-changes" in described_by.split(), "who hears the chart hears what its lines say"
    changes.get_by_text("By what evidence").click()
    assert "Passed: rank gain" in changes.inner_text()


@pytest.mark.parametrize("width", [1440, 390])
def test_whoever_has_come_is_not_told_that_nobody_has(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width, height=844)
    page.locator("[data-shelf='for-you'] .card > a").first.click()
    page.goto("/flywheel")
    worth = page.locator("#answers section").first.inner_text()
    assert "better than popularity at naming what comes next" in worth
    assert "nobody" not in worth


@pytest.mark.usefixtures("grown_site")
def test_a_chart_is_read_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/flywheel")
    plot = page.locator("#growth .plot")
    plot.locator("canvas").wait_for()
    plot.focus()
    page.keyboard.press("Home")
    assert "version 1, two stages" in page.locator("#growth .readout").inner_text()
    page.keyboard.press("ArrowRight")
    assert "version 2" in page.locator("#growth .readout").inner_text()


@pytest.mark.usefixtures("grown_site")
def test_without_scripts_the_figures_are_tables(open_page: OpenPage) -> None:
    page = open_page("/flywheel", scripts=False)
    assert page.locator("#growth table").is_visible()
    assert not page.locator("#pause").is_visible()
    page.get_by_role("link", name="Models", exact=True).click()
    page.locator("#versions table").wait_for()


@pytest.mark.usefixtures("grown_site")
def test_updates_are_paused_and_stay_paused(open_page: OpenPage) -> None:
    page = open_page("/flywheel")
    page.get_by_role("button", name="Pause updates").click()
    page.reload()
    assert page.get_by_role("button", name="Go on updating").is_visible()


def test_the_page_follows_the_site_without_a_reload(open_page: OpenPage, grown_site: LiveSite) -> None:
    page = open_page("/flywheel")
    before = page.locator("#taken").inner_text()
    page.evaluate("window.kept = true")
    now = before
    while now == before:  # the text names the second
        grown_site.app.extensions["flywheel"].board.refresh()
        now = grown_site.app.test_client().get("/flywheel").text.partition("Figures of ")[2][:8]
        now = before if now in before else now
    page.wait_for_function("before => document.querySelector('#taken').textContent !== before", arg=before)
    assert page.evaluate("window.kept"), "the page was not loaded again"


def test_a_version_is_promoted_and_rolled_back(open_page: OpenPage, grown_site: LiveSite) -> None:
    registry = Registry(grown_site.settings)
    champion = registry.champion()
    assert champion is not None
    other = 3 - champion.version
    page = open_page("/flywheel/models")
    assert not page.get_by_role("button", name="Promote").count()
    log_in(page)
    page.get_by_role("button", name=f"Promote version {other}").click()
    page.get_by_text(f"Version {other} is in use now.").wait_for()
    assert registry.champion() == registry.get(other)
    page.get_by_role("button", name="Roll back").click()
    page.get_by_role("status").first.wait_for()
    assert "by the dashboard" not in page.content()
    assert "the dashboard" in page.locator("#steps").inner_text()


def test_a_visitor_learns_why_they_saw_something(open_page: OpenPage) -> None:
    page = open_page("/")
    page.locator('[data-shelf="for-you"] .card > a').first.click()
    page.locator("details.technical > summary").click()
    page.get_by_role("link", name="The whole row as it was logged").click()
    page.get_by_role("heading", name="Why you saw this").wait_for()
    assert page.get_by_text("clicked", exact=True).count() == 1
    assert page.get_by_role("row").count() > 5
    page.goto("/about")
    page.get_by_role("link", name="Why did I see this?").click()
    page.get_by_role("row").first.wait_for()
    assert page.get_by_role("row").count() > 1

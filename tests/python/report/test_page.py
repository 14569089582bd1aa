"""The brief's page in a real headless Chromium."""

import os
import re
import shutil
from datetime import date
from pathlib import Path

import clarion as cl
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DATA = os.environ.get("CLARION_DATA")
HOSTILE = "<script>document.title='owned'</script>"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sample_brief():
    return cl.brief(
        cl.sample.portfolio(),
        audiences=cl.sample.audiences(),
        history=cl.sample.history(),
        catalog=cl.sample.catalog(),
        policy=cl.sample.policy(),
    )


class Page:
    """A page with what it logged and what it asked the network for."""

    def __init__(self, browser, path, **options):
        self.logged, self.requested = [], []
        self.page = browser.new_page(**options)
        self.page.on("console", lambda message: self.logged.append(message.text))
        self.page.on("pageerror", lambda problem: self.logged.append(str(problem)))
        self.page.on("request", lambda request: self.requested.append(request.url))
        self.page.goto(path.as_uri())

    def visible(self, selector):
        return self.page.locator(f"{selector}:visible").count()


@pytest.fixture(scope="module")
def page_path(sample_brief, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "brief.html"
    path.write_text(sample_brief.to_html(), encoding="utf-8")
    return path


@pytest.fixture
def opened(chromium, page_path):
    opened = Page(chromium, page_path, viewport={"width": 1280, "height": 900})
    yield opened
    opened.page.close()


def test_renders_without_network_or_console_errors(opened, page_path):
    assert opened.page.title() == "Pre-launch brief"
    assert opened.logged == []
    # Chromium reports the data: URL of the empty icon; nothing may leave the file otherwise.
    assert {url for url in opened.requested if not url.startswith("data:")} == {page_path.as_uri()}
    for section in ("calendar", "strategies", "kpis", "risks", "roadmap", "team", "records"):
        assert opened.visible(f"section#{section}") == 1, section
    assert opened.page.locator("svg.gantt .row").count() == 15
    assert opened.page.locator("svg.gantt .link").count() > 0
    assert opened.page.locator("svg .cell").count() > 0
    assert opened.page.locator("svg .load").count() > 0


def test_every_finding_of_the_brief_is_on_the_page(opened, sample_brief):
    text = opened.page.content()
    for layer in (
        sample_brief.strategies,
        sample_brief.kpis,
        sample_brief.risks,
        sample_brief.roadmap,
        sample_brief.team,
    ):
        assert len(layer) > 0
        for finding in layer:
            assert finding.code in text


def test_severity_filter(opened):
    page = opened.page
    total = page.locator(".finding").count()
    page.select_option("select[name=severity]", "warning")
    kept = page.locator(".finding:not([hidden])")
    assert 0 < kept.count() < total
    assert {kept.nth(i).get_attribute("data-severity") for i in range(kept.count())} == {"warning"}
    assert page.inner_text("#shown") == f"{kept.count()} of {total} findings"
    page.select_option("select[name=severity]", "")
    assert page.locator(".finding:not([hidden])").count() == total


def test_layer_and_text_filters(opened):
    page = opened.page
    page.select_option("select[name=layer]", "team")
    assert opened.visible("section#team") == 1
    assert opened.visible("section#risks") == 0
    page.select_option("select[name=layer]", "")
    page.fill("input[name=text]", "black friday")
    kept = page.locator(".finding:not([hidden])")
    assert kept.count() > 0
    assert all("black friday" in text.lower() for text in kept.all_text_contents())


SECTIONS = {
    "": ["first", "calendar", "strategies", "kpis", "risks", "roadmap", "team", "records"],
    "owner": ["first", "calendar", "strategies", "kpis", "risks", "roadmap", "team", "records"],
    "approver": ["first", "strategies", "risks", "team", "calendar", "records"],
    "channel_manager": ["risks", "first", "calendar", "roadmap", "kpis", "records"],
}


@pytest.mark.parametrize("role", ["owner", "approver", "channel_manager"])
def test_role_views(opened, sample_brief, role):
    page = opened.page
    calendar = sample_brief.to_dict()["calendar"]
    people = sorted({row[role] for row in calendar} - {""})
    page.select_option("select[name=role]", role)
    offered = page.locator("select[name=person] option").all_text_contents()
    assert offered == ["everyone", *people]
    total = page.locator(".finding:not([hidden])").count()
    page.select_option("select[name=person]", people[0])
    kept = page.locator(".finding:not([hidden])")
    assert 0 < kept.count() < total
    for i in range(kept.count()):
        named = [calendar[int(at)] for at in kept.nth(i).get_attribute("data-c").split()]
        assert people[0] in {row[role] for row in named}
    own = [row for row in calendar if row[role] == people[0]]
    assert page.inner_text("#mine").startswith(f"{people[0]}: {len(own)} campaign")
    page.locator("#calendar summary").click()
    assert page.locator("#calendar tbody tr:visible").count() == len(own)
    assert page.locator("svg.gantt .row:not(.dim)").count() == len(own)


@pytest.mark.parametrize("role", SECTIONS)
def test_what_a_role_sees_and_in_which_order(opened, role):
    page = opened.page
    page.select_option("select[name=role]", role)
    shown = page.locator("section:visible").evaluate_all("found => found.map((item) => item.id)")
    assert shown == SECTIONS[role]
    seen = {
        name for name in ("lanes", "heat", "grid", "whisker") if page.locator(WHERE[name]).first.is_visible()
    }
    wanted = {
        "owner": {"heat", "whisker"},
        "approver": {"grid", "whisker"},
        "channel_manager": {"lanes", "heat"},
    }
    assert seen == wanted.get(role, set(WHERE))
    # Nothing in the list of what to settle leads to where the role does not look.
    for link in page.locator("ol.first li:visible a").all():
        assert page.locator(link.get_attribute("href")).evaluate("item => !item.closest('section').hidden")


WHERE = {
    "lanes": "#risks .wide svg:has(.lane)",
    "heat": "#risks .wide svg.heat",
    "grid": "#risks .grid svg",
    "whisker": "#strategies svg.whisker",
}


def test_what_to_settle_first_leads_with_money(opened):
    page = opened.page
    stakes = page.locator("ol.first li:visible .stake").all_text_contents()
    amounts = [float(text.split()[0].removeprefix("$").replace(",", "")) for text in stakes]
    assert len(amounts) >= 3 and amounts == sorted(amounts, reverse=True)
    page.locator("ol.first a").first.click()
    assert page.locator(".finding:target").is_visible()


def test_a_search_opens_what_it_finds(opened):
    page = opened.page
    assert page.locator("#team .finding:visible").count() < 5
    page.fill("input[name=text]", "ownership tier")
    assert page.locator("#team .finding:visible").count() == 15
    page.fill("input[name=text]", "")
    assert page.locator("#team .finding:visible").count() < 5
    page.fill("input[name=text]", "no such words anywhere")
    assert page.locator(".finding:visible").count() == 0
    assert page.locator("#first .none").is_visible()


def test_kpis_come_by_campaign_with_the_minor_ones_on_demand(opened):
    page = opened.page
    primary = page.locator("#kpis tr.primary:visible").count()
    assert primary > 0 and page.locator("#kpis tr.secondary:visible").count() == 0
    page.locator("#kpis input[type=checkbox]").check()
    assert page.locator("#kpis tr.secondary:visible").count() > primary
    text = page.locator("#kpis tbody", has_text="Winter Clearance Flash Sale").inner_text()
    assert "Sell-through" in text and "%" in text


def test_the_keyboard_reaches_everything(opened):
    page = opened.page
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    assert {"role", "person", "severity", "layer", "text"} - set(reached) <= {
        "person"
    }  # nobody to choose yet
    assert {"A", "SUMMARY"} <= set(reached)
    assert page.locator("svg.chart:not([aria-label])").count() == 0
    assert page.locator("[tabindex]:not([aria-label])").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(chromium, page_path, scheme):
    page = Page(chromium, page_path, color_scheme=scheme)
    pairs = [(".lead", "body"), (".note", "body"), (".tile span", ".tile"), (".warning .badge", None), (".info .badge", None),
             (".tile.warning b", ".tile"), (".tile.good b", ".tile"), (".more > summary", "body")]  # fmt: skip
    for text, ground in pairs:
        front = page.page.locator(text).first.evaluate("item => getComputedStyle(item).color")
        back = page.page.locator(ground or text).first.evaluate(
            "item => getComputedStyle(item).backgroundColor"
        )
        assert contrast(front, back) >= 4.5, (text, front, back)
    page.page.close()


def contrast(front, back):
    """Of WCAG 2: 4.5 and more is readable."""

    def luminance(colour):
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(front), luminance(back)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_finding_opens_to_its_evidence(opened):
    card = opened.page.locator("section#risks .finding").first
    assert card.locator(".body").is_hidden()
    card.locator("summary").click()
    assert card.locator(".body").is_visible()
    assert card.locator(".body table tr").count() > 0


def test_fits_a_phone_and_follows_the_colour_scheme(chromium, page_path):
    phone = Page(chromium, page_path, viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.visible("svg.gantt") == 0 and phone.visible("svg.months") == 1
    right = phone.page.locator("svg:visible, td:visible, p:visible").evaluate_all(
        "found => Math.max(...found.map((item) => item.getBoundingClientRect().right))"
    )
    assert right <= 390
    dark = phone.page.evaluate("getComputedStyle(document.body).backgroundColor")
    phone.page.click("#theme")
    assert phone.page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    phone.page.close()


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_prints_on_a_few_pages(chromium, page_path):
    paper = Page(chromium, page_path, color_scheme="dark")
    paper.page.click("#theme")
    paper.page.click("#theme")  # dark by choice
    pdf = paper.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
    assert 4 <= pages_of(pdf) <= 10
    paper.page.emulate_media(media="print")
    assert paper.page.locator("nav.filters").is_hidden()
    assert paper.page.locator("svg.gantt").is_visible()
    assert paper.page.locator("#risks .finding .do").first.is_visible()
    assert paper.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    # What a reader opened is printed too.
    paper.page.emulate_media(media="screen")
    paper.page.locator("#risks .finding summary").first.click()
    paper.page.emulate_media(media="print")
    assert paper.page.locator("#risks .finding .body").first.is_visible()
    paper.page.close()


def test_an_approver_prints_less(chromium, page_path):
    paper = Page(chromium, page_path)
    whole = pages_of(paper.page.pdf(format="A4"))
    paper.page.select_option("select[name=role]", "approver")
    assert pages_of(paper.page.pdf(format="A4")) < whole
    paper.page.close()


@pytest.mark.parametrize("campaigns", [200])
def test_a_large_portfolio_stays_readable(chromium, tmp_path, campaigns):
    plan = cl.Portfolio._of(cl._core.simulate_portfolio(campaigns=campaigns), catalog=cl.sample.catalog())
    brief = cl.brief(plan, history=cl.sample.history(), catalog=cl.sample.catalog())
    path = brief.write(tmp_path / "brief.html")
    assert path.stat().st_size < 6_000_000
    for width in (390, 1280):
        opened = Page(chromium, path, viewport={"width": width, "height": 844})
        assert opened.logged == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
        assert opened.page.evaluate("document.documentElement.scrollHeight") < 40_000
        assert opened.visible(".finding") < 60
    assert pages_of(opened.page.pdf(format="A4")) <= 15
    opened.page.close()


@pytest.mark.skipif(not DATA, reason="CLARION_DATA is not set: the complete-journey data are not at hand")
def test_campaigns_without_budgets_and_with_one_name(chromium, tmp_path):
    folder = Path(DATA) / "complete-journey"
    columns = {"id": "campaign_id", "name": "campaign_type", "start": "start_date", "end": "end_date"}
    plan = cl.Portfolio.read(folder / "campaign_descriptions.csv.gz", columns=columns)
    path = cl.brief(plan, today=date(2017, 1, 1)).write(tmp_path / "brief.html")
    opened = Page(chromium, path)
    assert opened.logged == []
    names = opened.page.locator("svg.gantt .row .label").all_text_contents()
    assert len(set(names)) == len(names) == 27
    assert "none with a budget" in opened.page.inner_text(".tiles")
    assert opened.page.locator("#risks .grid").count() == 0
    headings = opened.page.locator("h3:visible")
    for i in range(headings.count()):
        box = headings.nth(i).evaluate("item => item.nextElementSibling !== null")
        assert box, headings.nth(i).inner_text()
    opened.page.close()


def test_text_of_the_user_is_escaped(chromium, tmp_path):
    fields = cl.sample.portfolio().to_frame("pyarrow").to_pylist()
    for column in (
        "name",
        "owner",
        "region",
        "approver",
        "channel_manager",
        "group",
        "tags",
        "audience",
        "products",
    ):
        fields[0][column] = [HOSTILE] if column in ("tags", "audience", "products") else HOSTILE
    fields[1]["name"] = '"><img src=x onerror="document.title=\'owned\'">'
    fields[1]["channel"] = fields[2]["channel"] = HOSTILE
    fields[2]["owner"] = "O'Neil & Söhne"
    fields[3]["id"] = HOSTILE
    fields[4]["start"] = HOSTILE
    plan = cl.Portfolio.read(fields)
    policy = cl._core.Policy()
    policy.channels = [*policy.channels, cl._core.Channel(HOSTILE, capacity=1)]
    path = tmp_path / "brief.html"
    path.write_text(cl.brief(plan, policy=policy).to_html(), encoding="utf-8")
    assert HOSTILE not in path.read_text(encoding="utf-8")
    opened = Page(chromium, path)
    assert opened.page.title() == "Pre-launch brief"
    assert opened.logged == []
    assert opened.page.locator("script").count() == 2
    assert opened.page.locator("img").count() == 0
    assert HOSTILE in opened.page.text_content("section#calendar")
    assert HOSTILE in opened.page.text_content("section#records")
    opened.page.select_option("select[name=role]", "owner")
    opened.page.select_option("select[name=person]", HOSTILE)
    assert opened.visible(".finding") > 0
    assert HOSTILE in opened.page.inner_text("#mine")
    opened.page.close()


def test_only_the_page_s_own_script_may_run(opened):
    """Were a text ever left unescaped, the policy of the page would still hold its script back."""
    opened.page.evaluate(
        "() => { const more = document.createElement('script'); more.textContent = \"document.title = 'owned'\";"
        " document.body.append(more); }"
    )
    assert opened.page.title() == "Pre-launch brief"
    assert any("Content Security Policy" in text for text in opened.logged)

"""The brief's page in a real headless Chromium."""

import shutil

import clarion as cl
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
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


@pytest.mark.parametrize("role", ["owner", "approver", "channel_manager"])
def test_role_views(opened, sample_brief, role):
    page = opened.page
    people = sorted({row[role] for row in sample_brief.to_dict()["calendar"]} - {""})
    page.select_option("select[name=role]", role)
    offered = page.locator("select[name=person] option").all_text_contents()
    assert offered == ["everyone", *people]
    total = page.locator(".finding:not([hidden])").count()
    page.select_option("select[name=person]", people[0])
    kept = page.locator(".finding:not([hidden])")
    assert 0 < kept.count() < total
    key = {"owner": "data-owners", "approver": "data-approvers", "channel_manager": "data-managers"}[role]
    assert all(people[0] in kept.nth(i).get_attribute(key) for i in range(kept.count()))


def test_a_finding_opens_to_its_evidence(opened):
    card = opened.page.locator("section#risks .finding").first
    assert card.locator(".body").is_hidden()
    card.locator("summary").click()
    assert card.locator(".body").is_visible()
    assert card.locator(".body table tr").count() > 0


def test_fits_a_phone_and_follows_the_colour_scheme(chromium, page_path):
    phone = Page(chromium, page_path, viewport={"width": 390, "height": 844}, color_scheme="dark")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    dark = phone.page.evaluate("getComputedStyle(document.body).backgroundColor")
    phone.page.click("#theme")
    assert phone.page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    phone.page.close()


def test_prints_with_every_finding_open(chromium, page_path, tmp_path):
    paper = Page(chromium, page_path)
    pdf = paper.page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
    paper.page.emulate_media(media="print")
    assert paper.page.locator("nav.filters").is_hidden()
    paper.page.close()


def test_text_of_the_user_is_escaped(chromium, tmp_path):
    fields = cl.sample.portfolio().to_frame("pyarrow").to_pylist()
    for column in ("name", "owner", "region", "channel_manager"):
        fields[0][column] = HOSTILE
    fields[1]["name"] = '"><img src=x onerror="document.title=\'owned\'">'
    fields[2]["owner"] = "O'Neil & Söhne"
    path = tmp_path / "brief.html"
    path.write_text(cl.brief(cl.Portfolio.read(fields)).to_html(), encoding="utf-8")
    opened = Page(chromium, path)
    assert opened.page.title() == "Pre-launch brief"
    assert opened.logged == []
    assert opened.page.locator("script").count() == 2
    assert opened.page.locator("img").count() == 0
    assert HOSTILE in opened.page.text_content("section#calendar")
    opened.page.select_option("select[name=role]", "owner")
    opened.page.select_option("select[name=person]", HOSTILE)
    assert opened.visible(".finding") > 0
    opened.page.close()

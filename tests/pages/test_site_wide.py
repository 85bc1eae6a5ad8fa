"""Parts that belong to the whole site: 404, sitemap, search, theme, print, zoom."""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from conftest import ROOT, SITE, Visit, page_names

from lessons_lib.site.pages import base_url

DOCUMENTS = [name for name in page_names() if name not in ("404.html", "search.html")]


def test_missing_page_works_at_any_depth(browser):
    """GitHub Pages serves 404.html under the address that was asked for."""
    visit = Visit(browser)
    base = urlsplit(base_url())

    def serve(route):
        path = urlsplit(route.request.url).path.removeprefix(base.path)
        file = SITE / path
        route.fulfill(path=file if file.is_file() else SITE / "404.html")

    visit.context.route(f"{base_url()}**", serve)
    visit.errors.clear()
    visit.tab.goto(f"{base_url()}no/such/place.html")
    tab = visit.tab
    assert "does not exist" in tab.inner_text("h1")
    assert tab.evaluate("getComputedStyle(document.querySelector('.top')).position") == (
        "sticky"
    ), "the style was not found"
    links = tab.evaluate("[...document.querySelectorAll('a')].map((node) => node.href)")
    inside = [link.removeprefix(base_url()) for link in links if base_url() in link]
    assert len(inside) > 3
    assert [link for link in inside if not (SITE / link).is_file()] == []
    tab.click("article a")
    assert tab.url == f"{base_url()}index.html"
    visit.context.close()


def test_sitemap_names_every_document():
    tree = ElementTree.parse(SITE / "sitemap.xml")
    named = {node.text.removeprefix(base_url()) for node in tree.iter() if node.text}
    expected = {name for name in DOCUMENTS if name != "index.html"} | {""}
    assert {name for name in named if name.strip() or name == ""} == expected


@pytest.mark.parametrize("name", DOCUMENTS)
def test_page_describes_itself(name):
    head = (SITE / name).read_text(encoding="utf-8").split("</head>")[0]
    title = re.search(r"<title>(.+?)</title>", head)[1]
    assert title.count("From Neuron to Diffusion") == 1
    description = re.search(r'name="description" content="([^"]*)"', head)
    assert description, "the page needs a first paragraph"
    assert 30 <= len(description[1]) <= 250
    assert "$" not in description[1]
    assert "\\" not in description[1]
    assert f'rel="canonical" href="{base_url()}' in head


def test_preview_picture_and_icon_exist():
    head = (SITE / "index.html").read_text(encoding="utf-8").split("</head>")[0]
    picture = re.search(r'property="og:image" content="([^"]+)"', head)[1]
    assert (SITE / picture.removeprefix(base_url())).stat().st_size < 100_000
    assert (SITE / "_static" / "favicon.svg").exists()


def test_search_finds_sections_from_a_folder(fresh):
    tab = fresh.open("index.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("weighted sum")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("[data-results] li")
    assert "sections for “weighted sum”" in tab.inner_text("[data-count]")
    assert tab.evaluate("document.querySelectorAll('[data-results] mark').length") > 1
    tab.click("[data-results] li a")
    assert tab.url.partition("#")[2]
    assert tab.query_selector(f"[id='{tab.url.partition('#')[2]}']")
    assert fresh.errors == []


def test_search_says_when_nothing_is_found(fresh):
    tab = fresh.open("search.html", "?q=xylophone%3Cb%3E")
    assert "No section holds “xylophone<b>”" in tab.inner_text("[data-count]")
    assert fresh.errors == []


def test_theme_is_chosen_by_keyboard_and_remembered(fresh):
    tab = fresh.open("index.html")
    theme = "document.documentElement.dataset.theme"
    background = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(background)
    tab.focus(".theme-button")
    tab.keyboard.press("Enter")
    assert "light" in tab.get_attribute(".theme-button", "aria-label")
    tab.keyboard.press("Enter")
    assert tab.evaluate(theme) == "dark"
    assert tab.evaluate(background) != light
    tab.goto((SITE / DOCUMENTS[0]).as_uri())
    assert tab.evaluate(theme) == "dark"
    tab.focus(".theme-button")
    tab.keyboard.press("Enter")
    assert tab.evaluate(theme) == "light", "the system's theme is light here"


def test_plots_are_drawn_for_the_dark_page(fresh):
    name = next((n for n in DOCUMENTS if 'class="lesson-figure plot"' in
                 (SITE / n).read_text(encoding="utf-8")), None)
    if name is None:
        pytest.skip("no lesson with a plot is built")
    tab = fresh.open(name)
    style = "getComputedStyle(document.querySelector('.lesson-figure.plot')).filter"
    assert tab.evaluate(style) == "none"
    fresh.tab.emulate_media(color_scheme="dark")
    tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert "invert" in tab.evaluate(style)


def test_contents_open_on_a_telephone_without_a_script(browser):
    context = browser.new_context(
        viewport={"width": 390, "height": 800}, java_script_enabled=False
    )
    tab = context.new_page()
    tab.goto((SITE / DOCUMENTS[0]).as_uri())
    assert not tab.is_visible("#contents")
    tab.click(".contents-button")
    assert tab.is_visible("#contents")
    tab.keyboard.press("Escape")
    assert not tab.is_visible("#contents")
    context.close()


def test_skip_link_leads_to_the_text(fresh):
    tab = fresh.open(DOCUMENTS[0])
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"


def test_print_shows_the_text_alone(fresh):
    tab = fresh.open(DOCUMENTS[0])
    tab.emulate_media(media="print")
    assert not tab.is_visible(".top")
    assert not tab.is_visible("#contents")
    assert tab.is_visible("h1")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_text_at_200_percent_fits(browser, name):
    visit = Visit(browser, 720)  # 1440 pixels at 200 %
    tab = visit.open(name)
    width = tab.evaluate("document.documentElement.scrollWidth")
    assert width <= 720
    tab.add_style_tag(content="html { font-size: 212.5% !important }")  # text alone
    assert tab.evaluate("document.documentElement.scrollWidth") <= 720
    visit.context.close()


def test_code_can_be_copied(fresh):
    fresh.context.grant_permissions(["clipboard-read", "clipboard-write"])
    name = next((n for n in DOCUMENTS if 'class="highlight"' in
                 (SITE / n).read_text(encoding="utf-8")), None)
    if name is None:
        pytest.skip("no page with code is built")
    tab = fresh.open(name)
    button = tab.locator(".copy:visible").first  # some code is folded
    code = button.evaluate("node => node.closest('.highlight').querySelector('pre').textContent")
    button.focus()
    tab.keyboard.press("Enter")
    tab.locator(".copy:visible", has_text="Copied").wait_for()
    assert tab.evaluate("navigator.clipboard.readText()") == code.strip()


def test_a_demo_with_a_large_state_starts_when_it_comes_near(desk, site):
    pages = [
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if "data-fnd-src=" in path.read_text(encoding="utf-8")
    ]
    assert pages, "a lesson carries a trained network"
    for name in pages:
        tab = desk.open(name)
        assert not any("/states/" in url for url in desk.loaded)
        demo = tab.locator("[data-fnd-demo]:has(> [data-fnd-src])").first
        root = demo.element_handle()
        demo.scroll_into_view_if_needed()
        tab.wait_for_function("(root) => root.querySelector('.fnd-body')", arg=root)
        assert any("/states/" in url for url in desk.loaded)
        assert desk.errors == []


def test_a_part_shows_its_lessons_in_the_order_of_the_contents(site):
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for part in re.findall(r"file: (\w+)/index", toc):
        page = (site / part / "index.html").read_text(encoding="utf-8")
        path = re.search(r'<ol class="path">.*?</ol>', page, re.S)[0]
        shown = re.findall(r'<a href="([^"]+)\.html">', path)
        assert shown == [
            name for name in re.findall(rf"file: {part}/(\w+)", toc) if name != "index"
        ]
        assert path.count("minutes") == len(shown), "each lesson says how long it takes"

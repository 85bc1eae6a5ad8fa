"""Every built page in a real browser: both themes, two widths, no network."""

import gzip
import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from conftest import SITE, page_names

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FIRST_LOAD_KB, WHOLE_PAGE_KB = 250, 1500
PICTURES = {".webp", ".png", ".svg", ".jpg"}
# The 404 page links from the root of the public address: test_site_wide.py reads it.
PAGES = [name for name in page_names() if name != "404.html"]

# What is measured in the page, all at once.
MEASURE = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const short = (node) => node.outerHTML.slice(0, 150);
  const size = (node) => node.getBoundingClientRect();
  return {
    formulas: all("math").length,
    undrawn: all("math").filter((node) => node.checkVisibility()
      && !(size(node).width > 1 && size(node).height > 1)).map(short),
    has_font: document.fonts.check('16px "STIX Two Math"'),
    undescribed: all("main img").filter((node) => !(node.alt || "").trim()).map(short),
    unsized: all("img.lesson-figure").filter((node) =>
      !(node.hasAttribute("width") && node.hasAttribute("height"))).map(short),
    pictures: [...new Set([...document.images].map((node) => node.src))],
    links: [...new Set(all("a[href], link[rel=icon]").map((node) => node.href))],
  };
}"""

WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((node) => node.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map((node) => node.outerHTML.slice(0, 150));
}"""

# Thousands of coloured words in code would cost axe seconds: test_look.py proves the
# contrast of their few colours.
THIN_OUT = """() => {
  for (const pre of document.querySelectorAll("pre")) pre.textContent = pre.textContent;
  for (const math of document.querySelectorAll("math"))
    math.replaceWith(math.getAttribute("alttext") || "formula");
}"""


def violations(tab):
    """Return what axe finds: rule, place and remedy."""
    tab.evaluate(f"window.axe || (() => {{ {AXE} }})()")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"resultTypes": ["violations"], "runOnly": rules, "preload": False}
    tab.evaluate(THIN_OUT)
    found = tab.evaluate(f"axe.run(document, {json.dumps(options)})")["violations"]
    return [
        f"{v['id']}: {node['html'][:160]} {node['failureSummary'][:240]}"
        for v in found
        for node in v["nodes"][:3]
    ]


_seen = {}


def look_over(visit, name):
    """Open a page once and return everything that the tests ask of it."""
    if (visit, name) in _seen:
        return _seen[visit, name]
    tab = visit.open(name)
    theme = tab.evaluate("document.documentElement.dataset.theme")
    other = {"light": "dark", "dark": "light"}[theme]
    tab.evaluate("document.fonts.ready.then(() => true)")
    facts = tab.evaluate(MEASURE)
    facts["theme"], facts["loaded"] = theme, set(visit.loaded)
    facts["wider"] = {theme: tab.evaluate(WIDER)}
    for colours in (other, theme):
        tab.emulate_media(color_scheme=colours)
        tab.wait_for_function(f"document.documentElement.dataset.theme === '{colours}'")
        facts["wider"][colours] = tab.evaluate(WIDER)
    facts["violations"] = violations(tab)
    facts["errors"] = list(visit.errors)
    _seen[visit, name] = facts
    return facts


@pytest.mark.parametrize("name", PAGES)
def test_page_is_clean_on_a_wide_light_screen(desk, name):
    facts = look_over(desk, name)
    assert facts["theme"] == "light"
    assert facts["wider"] == {"light": [], "dark": []}
    assert facts["errors"] == []
    assert facts["violations"] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_is_clean_on_a_dark_telephone(phone, name):
    facts = look_over(phone, name)
    assert facts["theme"] == "dark"
    assert facts["wider"] == {"light": [], "dark": []}
    assert facts["errors"] == []
    assert facts["violations"] == []


@pytest.mark.parametrize("name", PAGES)
def test_formulas_are_drawn_with_the_local_font(desk, name):
    facts = look_over(desk, name)
    assert facts["undrawn"] == []
    if facts["formulas"]:
        assert facts["has_font"]
        assert any(url.endswith("stix-two-math.woff2") for url in facts["loaded"])


@pytest.mark.parametrize("name", PAGES)
def test_pictures_have_alternative_text_and_keep_their_place(desk, name):
    facts = look_over(desk, name)
    assert facts["undescribed"] == []
    assert facts["unsized"] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_is_light(desk, name):
    facts = look_over(desk, name)
    loaded = [path_of(url) for url in facts["loaded"]]
    first = sum(
        len(gzip.compress(path.read_bytes()))
        for path in loaded
        if path.suffix not in PICTURES
    )
    pictures = sum(
        path_of(url).stat().st_size
        for url in facts["pictures"]
        if url.startswith("file:")
    )
    assert first <= FIRST_LOAD_KB * 1000, f"{first / 1000:.0f} kB without figures"
    assert first + pictures <= WHOLE_PAGE_KB * 1000, f"{pictures / 1000:.0f} kB figures"


@pytest.mark.parametrize("name", PAGES)
def test_links_inside_the_book_lead_somewhere(desk, name):
    broken = []
    for link in look_over(desk, name)["links"]:
        anchor = unquote(urlparse(link).fragment)
        if link.startswith("file:") and not (
            path_of(link).is_file() and (not anchor or anchor in ids_of(path_of(link)))
        ):
            broken.append(link)
    assert broken == []


def path_of(url):
    return Path(unquote(urlparse(url).path))


@cache
def ids_of(path):
    """Return the ids of a page."""
    return set(re.findall(r'\sid="([^"]+)"', path.read_text(encoding="utf-8")))


def test_there_are_pages():
    assert "index.html" in PAGES
    assert len(PAGES) > 3, f"only {PAGES} in {SITE}"

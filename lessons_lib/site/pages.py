"""What every page of the site shows around its text: contents, links, description."""

from __future__ import annotations

import json
import re
from functools import cache
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

from docutils import nodes
from sphinx.application import Sphinx

from lessons_lib.site.address import ROOT, read_repository, repository_url, site_url

DESCRIPTION_LENGTH = 180
QUESTION = re.compile(r"""^\s*(quiz|predict)\(\s*["']([\w.]+)["']""", re.MULTILINE)
CHALLENGE = re.compile(r"""name:\s*["']([a-z]\w*\.\w+)["'],\s*text:""")
# The script of a demo, plain or compressed, with the key under which pages share it.
DEMO_SCRIPT = re.compile(
    r'<script>(?:\(\(\)=>\{const key=|window\.fndDemos\?\.\[)"([^"]+)".*?</script>', re.S
)
# What screen readers stumble over in the HTML of docutils and myst-nb.
MENDED = {
    # The label would hide the words that are seen: "Show the code".
    '<summary aria-label="Toggle hidden content">': "<summary>",
    # An empty corner of a table heads nothing.
    '<th class="head"><p></p></th>': "<td></td>",
}


def base_url() -> str:
    """Return the address under which the book is published."""
    owner, name, _ = read_repository()
    return site_url(owner, name)


def contents(app: Sphinx) -> list[tuple[str, list[str]]]:
    """Return the parts of the book: caption and names of pages, in reading order."""
    site_map = app.env.external_site_map
    return [
        (tree.caption or "", [str(item) for item in tree.items])
        for tree in site_map.root.subtrees
    ]


@cache
def questions(docname: str) -> tuple[str, ...]:
    """Return the names under which a lesson's questions and goals are remembered.

    They are the keys in the reader's progress, such as ``quiz:neuron.line``.
    """
    path = ROOT / "book" / f"{docname}.ipynb"
    if not path.exists():
        return ()
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    keys = [f"{kind}:{name}" for kind, name in QUESTION.findall(code)]
    demos = ROOT / "lessons_lib" / "demos"
    for script in sorted(demos.glob("*.js")):
        if re.search(rf"\b{script.stem}\(", code):
            names = CHALLENGE.findall(script.read_text(encoding="utf-8"))
            keys += [f"challenge:{name}" for name in names]
    return tuple(dict.fromkeys(keys))


def add_context(app: Sphinx, pagename: str, templatename: str, context: dict, doctree):
    """Give the templates what they show."""
    owner, name, branch = read_repository()
    repository = repository_url(owner, name)
    title = re.sub(r"<[^>]+>", "", context.get("title") or "")
    parts = [
        (caption, [_entry(app, docname) for docname in docnames])
        for caption, docnames in contents(app)
    ]
    context.update(
        parts=parts,
        author=app.config.author,
        plain_title=title,
        base_url=base_url(),
        repository=repository,
        description=_description(doctree),
        is_lesson=context.get("page_source_suffix") == ".ipynb",
        body=_mended(context.get("body", "")),
        part=next((c for c, docs in contents(app) if pagename in docs), ""),
    )
    if doctree is not None:
        source = f"book/{pagename}{context['page_source_suffix']}"
        context["edit_url"] = f"{repository}/edit/{branch}/{source}"
        query = f"title={quote(title)}%3A%20&body={quote(f'Page: {source}')}%0A%0A"
        context["issue_url"] = f"{repository}/issues/new?{query}"
    if pagename == "404":  # shown at any depth, so its links begin at the root
        root = urlsplit(base_url()).path
        context["pathto"] = lambda target, resource=False: root + (
            target if resource else f"{target}.html"
        )


def _entry(app: Sphinx, docname: str) -> tuple[str, str, tuple[str, ...], bool]:
    """Return a line of the contents: page, title, progress keys, is it a lesson."""
    is_lesson = app.env.doc2path(docname).endswith(".ipynb")
    return docname, app.env.titles[docname].astext(), questions(docname), is_lesson


def _mended(body: str) -> str:
    for old, new in MENDED.items():
        body = body.replace(old, new)
    return share_scripts(body)


def share_scripts(body: str) -> str:
    """Keep one copy of each demo's script: it also mounts the demos that follow it."""
    seen: set[str] = set()

    def once(match: re.Match[str]) -> str:
        key = match[1]
        if key not in seen:
            seen.add(key)
            return match[0]
        return f'<script>window.fndDemos?.["{key}"]?.()</script>'

    return DEMO_SCRIPT.sub(once, body)


def _description(doctree: nodes.document | None) -> str:
    """Return the first sentences of a page, for search engines and previews."""
    if doctree is None:
        return ""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if "launch" in paragraph["classes"] or len(text) < 30:
            continue
        if any(True for _ in paragraph.findall(nodes.math)):
            text = re.sub(r"\\[a-z]+|[{}$]", "", text)
        if len(text) > DESCRIPTION_LENGTH:
            text = text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.") + " …"
        return text
    return ""


def extra_pages(app: Sphinx):
    """Yield the pages that no document stands for."""
    yield "search", {"title": "Search"}, "search.html"
    yield "404", {"title": "Page not found"}, "404.html"


def write_sitemap(app: Sphinx, error: Exception | None) -> None:
    """Write ``sitemap.xml`` with every page of the book."""
    if error or app.builder.format != "html":
        return
    pages = [""] + [f"{d}.html" for d in sorted(app.env.found_docs) if d != "index"]
    body = "".join(f"<url><loc>{escape(base_url() + p)}</loc></url>\n" for p in pages)
    (app.outdir / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{body}</urlset>\n",
        encoding="utf-8",
    )
    # GitHub Pages would otherwise leave out folders that begin with an underscore.
    (app.outdir / ".nojekyll").touch()

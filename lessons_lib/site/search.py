"""The search index: one script with the text of every section.

A script tag loads it from a folder as well, where a page may not fetch files.
"""

from __future__ import annotations

import json

from docutils import nodes
from sphinx.application import Sphinx

SKIPPED = (nodes.literal_block, nodes.raw, nodes.title, nodes.section, nodes.comment)


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write ``_static/searchdata.js``: [page, anchor, page title, heading, text]."""
    if error or app.builder.format != "html":
        return
    entries = []
    for docname in sorted(app.env.found_docs):
        title = app.env.titles[docname].astext()
        doctree = app.env.get_doctree(docname)
        for section in doctree.findall(nodes.section):
            heading = section.next_node(nodes.title).astext()
            entries.append(
                [docname, section["ids"][0], title, heading, section_text(section)]
            )
    data = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    path = app.outdir / "_static" / "searchdata.js"
    path.write_text(f"window.searchData={data};\n", encoding="utf-8")


def section_text(section: nodes.Element) -> str:
    """Return the words of a section without those of its subsections and its code."""
    words = []

    def collect(node: nodes.Node) -> None:
        if isinstance(node, SKIPPED) or "cell_output" in getattr(
            node, "attributes", {}
        ).get("classes", ()):
            return
        if isinstance(node, nodes.TextElement):
            words.append(node.astext())
            return
        for child in node.children:
            collect(child)

    for child in section.children:
        collect(child)
    return " ".join(" ".join(words).split())

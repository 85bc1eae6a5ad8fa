"""Two directives for the plain pages of the book (lessons use neither).

`{demo} placement_test foundations` shows a demo, `{path} foundations`
the lessons of a part in their order, with promise and time as the lessons state them.
"""

from __future__ import annotations

import posixpath
import re
from html import escape

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lessons_lib import demos
from lessons_lib.site.address import ROOT
from lessons_lib.site.notebooks import title_and_promise

TIME = re.compile(r"\*\*Time:\*\*\s*([^.]*)\.")


class DemoDirective(SphinxDirective):
    """Show a demo on a Markdown page: its function, then arguments as words."""

    required_arguments = 1
    optional_arguments = 9

    def run(self) -> list[nodes.Node]:
        """Return the demo's HTML."""
        name, *arguments = self.arguments
        if name not in demos.__all__:
            raise self.error(f"demo must be one of {demos.__all__}, got {name!r}")
        html = getattr(demos, name)(*arguments).html()
        return [nodes.raw("", f'<div class="output text_html">{html}</div>', format="html")]


class PathDirective(SphinxDirective):
    """Show the lessons of a part as a path, in the order of the contents."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return an ordered list of links."""
        folder = self.arguments[0]
        names = [
            str(item)
            for tree in self.env.external_site_map.root.subtrees
            for item in tree.items
            if str(item).startswith(f"{folder}/")
            and (ROOT / "book" / f"{item}.ipynb").exists()
        ]
        if not names:
            raise self.error(f"path must name a part with lessons, got {folder!r}")
        here = posixpath.dirname(self.env.docname) or "."
        items = "".join(_item(name, here) for name in names)
        return [nodes.raw("", f'<ol class="path">{items}</ol>', format="html")]


def _item(name: str, here: str) -> str:
    """Return one lesson of the path: title, promise, time."""
    path = ROOT / "book" / f"{name}.ipynb"
    title, promise = title_and_promise(path)
    text = "\n".join(cell.source for cell in nbformat.read(path, 4).cells[:12])
    time = TIME.search(text)
    address = posixpath.relpath(f"{name}.html", here)
    promise = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", promise)
    return (
        f'<li><a href="{escape(address)}">{escape(title)}</a>'
        f"<p>{escape(promise)}</p>"
        + (f"<p><small>{escape(time[1])}</small></p>" if time else "")
        + "</li>"
    )

"""What the build changes in a lesson between the notebook and the page."""

from __future__ import annotations

import posixpath
import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from lessons_lib.site.address import read_repository, site_url
from lessons_lib.site.notebooks import CHECK_MARK

QUESTION_CALL = re.compile(r"\s*(quiz|predict)\([^()]*\)\s*")

logger = logging.getLogger(__name__)


def make_links_relative(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Point links to pages of this book at the page beside, so that it reads offline.

    Lessons write the public address, because a relative link is dead in Colab.
    """
    owner, name, _ = read_repository()
    base = site_url(owner, name)
    for link in doctree.findall(nodes.reference):
        address = link.get("refuri", "")
        if not address.startswith(base):
            continue
        page, _, anchor = address.removeprefix(base).partition("#")
        target = (page or "index.html").removesuffix(".html")
        if target not in app.env.found_docs:
            logger.warning(
                "the link to %s leads to a page that is not in the book", address,
                location=link,
            )  # fmt: skip
            continue
        relative = posixpath.relpath(target, posixpath.dirname(docname) or ".")
        link["refuri"] = f"{relative}.html" + (f"#{anchor}" if anchor else "")
        link["internal"] = True


def add_running_time(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Turn the launch links into buttons and say how long the cells took here."""
    launch = next(
        (
            link.parent
            for link in doctree.findall(nodes.reference)
            if "colab.research" in link.get("refuri", "")
        ),
        None,
    )
    if launch is None:
        return
    launch["classes"].append("launch")
    launch.children = [
        child for child in launch.children if isinstance(child, nodes.reference)
    ]
    record = getattr(app.env, "nb_metadata", {}).get(docname, {}).get("exec_data")
    record = record or app.env.metadata.get(docname, {}).get("exec_data") or {}
    if record.get("runtime") is not None:
        text = f"All cells ran in {record['runtime']:.0f} s on one CPU core"
        launch += nodes.inline("", text, classes=["running-time"])


def hide_question_calls(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out the code of cells that only ask a question: the question follows."""
    for box in list(doctree.findall(nodes.container)):
        if "cell_input" in box["classes"] and QUESTION_CALL.fullmatch(box.astext()):
            box.parent.remove(box)


def hide_check_marks(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave out the comment that marks a cell for nbval: readers need it not."""
    for block in doctree.findall(nodes.literal_block):
        code = block.astext()
        if code.startswith(CHECK_MARK):
            code = code.removeprefix(CHECK_MARK).lstrip("\n")
            block.rawsource = code
            block.children = [nodes.Text(code)]

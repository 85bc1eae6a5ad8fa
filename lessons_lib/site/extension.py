"""The Sphinx extension of the book: its pages, mathematics, links and figures."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder

from lessons_lib.site import directives, figures, lesson, mathml, pages, search

THEME = Path(__file__).parent / "theme"

# Settings that Jupyter Book hands to extensions which this book does without.
UNUSED_SETTINGS = ("comments_config", "copybutton_exclude", "thebe_config")


def prepare(app: Sphinx, config) -> None:
    """Set the public address, from which canonical links and the 404 page follow."""
    config.html_baseurl = pages.base_url()


def keep_own_files(app: Sphinx) -> None:
    """Leave out the styles and scripts that other extensions bring along."""
    app.config.html_static_path = ["_static"]
    app.builder.search = False  # lessons_lib.site.search instead of Sphinx's


def setup(app: Sphinx) -> dict:
    """Register the extension."""
    for name in UNUSED_SETTINGS:
        if name not in app.config:
            app.add_config_value(name, None, "")
    app.add_html_theme("book", str(THEME))
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(mathml.visit_math, None),
        block_renderers=(mathml.visit_displaymath, None),
    )
    StandaloneHTMLBuilder.supported_image_types.append("image/webp")
    app.add_directive("demo", directives.DemoDirective)
    app.add_directive("path", directives.PathDirective)
    app.add_node(
        nodes.image, override=True, html=(figures.visit_image, figures.depart_image)
    )
    app.connect("config-inited", prepare)
    app.connect("builder-inited", keep_own_files, priority=900)
    app.connect("doctree-resolved", lesson.make_links_relative)
    app.connect("doctree-resolved", lesson.add_running_time)
    app.connect("doctree-resolved", lesson.hide_question_calls)
    app.connect("doctree-resolved", lesson.hide_check_marks)
    app.connect("html-page-context", pages.add_context)
    app.connect("html-page-context", figures.frames_to_files)
    app.connect("html-page-context", figures.states_to_files)
    app.connect("html-collect-pages", pages.extra_pages)
    app.connect("build-finished", pages.write_sitemap)
    app.connect("build-finished", search.write_index)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

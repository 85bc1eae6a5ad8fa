"""Put the figures of lessons into the page as WebP with alternative text."""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import re
from base64 import b64decode
from html import escape
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from myst_nb.core.render import MimeRenderPlugin
from PIL import Image

from lessons_lib.download import write_atomically
from lessons_lib.site import address

WEBP = {"lossless": True, "quality": 80, "method": 4}
KEPT = address.ROOT / "_build" / "pictures"
# Wider figures scroll in their box on a telephone: shrunk, their labels are illegible.
WIDE = 640
LARGE_STATE = 60_000  # characters; a trained network has more, everything else less
STATE = re.compile(r"(<script type=\"application/json\" data-fnd-state)>([^<]+)</script>")
EMBEDDED = re.compile(r"data:image/webp;base64,([A-Za-z0-9+/=]+)")


class FigureRenderer(MimeRenderPlugin):
    """Render ``image/png`` outputs of `lessons_lib.plotting.show` and of others.

    myst-nb finds it through the entry point in ``pyproject.toml``.
    """

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Return an image node for a PNG output, None for every other output."""
        if inline or data.mime_type != "image/png":
            return None
        shown = data.output_metadata.get("image/png", {})
        picture = _to_webp(b64decode(data.content))
        name = hashlib.sha256(picture).hexdigest()[:20] + ".webp"
        uri = renderer.write_file([name], picture, overwrite=False, exists_ok=True)
        # A plot takes the colours of the dark page, a picture of data keeps its own.
        kind = "photo" if shown.get("photo") else "plot"
        node = nodes.image(
            uri=uri, alt=shown.get("alt", ""), classes=["lesson-figure", kind]
        )
        for side in ("width", "height"):
            if side in shown:
                node[side] = str(shown[side])
        return [node]


def _to_webp(png: bytes) -> bytes:
    """Return a picture as lossless WebP: plots have few colours and sharp edges.

    It is kept for the next build, of whose time compressing took half.
    """
    kept = KEPT / f"{hashlib.sha256(repr(WEBP).encode() + png).hexdigest()}.webp"
    if not kept.exists():
        buffer = io.BytesIO()
        Image.open(io.BytesIO(png)).convert("RGB").save(buffer, "webp", **WEBP)
        write_atomically(kept, buffer.getvalue())
    return kept.read_bytes()


def visit_image(self, node) -> None:
    """Write an image that keeps its place while it loads and shrinks with the page."""
    uri = node["uri"]
    size = {side: node[side] for side in ("width", "height") if side in node}
    if uri in self.builder.images:
        if not size:
            size = _pixels(Path(self.builder.srcdir) / uri)
        name = quote(self.builder.images[uri])
        uri = posixpath.join(self.builder.imgpath, name)
    classes = list(node.get("classes", []))
    if int(size.get("width", 0)) > WIDE:
        classes.append("wide")
    attributes = {
        "src": uri, "alt": node.get("alt", ""), **size,
        "class": " ".join(classes),
        "loading": "lazy", "decoding": "async",
    }  # fmt: skip
    text = " ".join(f'{key}="{escape(str(value))}"' for key, value in attributes.items())
    self.body.append(f"<img {text}>")


def depart_image(self, node) -> None:
    """Do nothing: an image has no end tag."""


def _pixels(path: Path) -> dict[str, int]:
    """Return width and height of a bitmap, nothing for a vector picture."""
    if not path.exists() or path.suffix == ".svg":
        return {}
    with Image.open(path) as picture:
        return {"width": picture.width, "height": picture.height}


def frames_to_files(app, pagename, templatename, context, doctree) -> None:
    """Put the frames of `explore` into files beside the figures: a page opens light."""

    def put(match: re.Match[str]) -> str:
        picture = b64decode(match[1])
        name = f"_images/{hashlib.sha256(picture).hexdigest()[:20]}.webp"
        return _write(app, pagename, name, picture)

    if "fnd-frames" in context.get("body", ""):
        context["body"] = EMBEDDED.sub(put, context["body"])


def states_to_files(app, pagename, templatename, context, doctree) -> None:
    """Put the weights that a demo carries into a file, loaded when it comes near.

    The file is a script, because a page in a folder may not read other files.
    """

    def put(match: re.Match[str]) -> str:
        if len(match[2]) < LARGE_STATE:
            return match[0]
        name = f"_static/states/{hashlib.sha256(match[2].encode()).hexdigest()[:20]}.js"
        code = (
            f"for (const data of document.querySelectorAll('[data-fnd-src$=\"{name}\"]'))"
            "{delete data.dataset.fndSrc;data.textContent=" + json.dumps(match[2]) + "}"
        )
        address = _write(app, pagename, name, code.encode())
        return f'{match[1]} data-fnd-src="{address}"></script>'

    if "data-fnd-state" in context.get("body", ""):
        context["body"] = STATE.sub(put, context["body"])


def _write(app, pagename: str, name: str, content: bytes) -> str:
    """Write a file of the site; return its address as seen from a page."""
    path = Path(app.outdir) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return posixpath.relpath(name, posixpath.dirname(pagename) or ".")

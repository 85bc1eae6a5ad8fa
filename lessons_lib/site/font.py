"""Make the font for mathematics: ``python -m lessons_lib.site.font STIX.woff2``.

The source is STIX Two Math 2.12 from the npm package ``@fontsource/stix-two-math`` 5.3.0
(``files/stix-two-math-latin-400-normal.woff2``), SIL Open Font License. The result is kept
in ``book/_static/fonts``; run this again only to add signs. It needs ``fonttools`` and
``brotli``, which the book itself does not.
"""

from __future__ import annotations

import sys

from lessons_lib.site.address import ROOT

TARGET = ROOT / "book" / "_static" / "fonts" / "stix-two-math.woff2"
ROOT_SIGN = 0x221A

# Latin, Greek, accents, letter-like signs, arrows, operators, fences, alphabets.
SIGNS = """
0020-007E 00A0 00AC 00B1 00B7 00D7 00F7 00AF 00A8 00B0 0131 0237 0300-0304
0306-0308 030A 030C 0332 0338 0391-03A9 03B1-03C9 03D1 03D5 03D6 03F0 03F1
03F5 2013 2014 2016 2018 2019 201C 201D 2020-2022 2026 2032 2033 203E 2044
2057 2061-2064 20D6 20D7 20EE 20EF 2102 210A-2113 2115 2118-211D 2124 2126
2128 212C-2134 2135 2145-2149 2190-2199 21A6 21A9 21AA 21BC-21CC 21D0-21D5
2200-222C 2234 2235 223C 2243 2245 2248 224D 2254 2260-2262 2264-226B 2272
2273 227A 227B 2282-2288 2291-2297 2299 22A2-22A5 22A8 22C0-22C5 22C6 22EE
22EF 22F1 2308-230B 23B4 23B5 23DC-23DF 25A1 25CB 25CF 2605 2713 27C2 27E8
27E9 27F5-27FA 27FC 2A00-2A02 2A7D 2A7E 2AAF 2AB0 1D400-1D433 1D434-1D467
1D468-1D49B 1D49C-1D4CF 1D538-1D56B 1D6A8-1D6E1 1D6E2-1D714 1D715-1D71B 1D6A4
1D6A5 1D71C-1D755 1D5A0-1D5D3 1D7CE-1D7EB 02C6 02C7 02DC
"""


def make(source: str) -> None:
    """Cut the font down to `SIGNS` with everything they stretch into."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True)
    options.layout_features = ["ssty", "dtls", "flac", "kern", "mark", "mkmk", "ccmp"]
    font = TTFont(source)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=subset.parse_unicodes(",".join(SIGNS.split())))
    cutter.subset(font)
    narrow_roots(font)
    font.flavor = "woff2"
    font.save(TARGET)


def narrow_roots(font) -> None:
    """Make the tall root signs as narrow as the smallest.

    Chromium keeps room for the widest form beside every root, which leaves a gap.
    """
    from fontTools.pens.transformPen import TransformPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    variants = font["MATH"].table.MathVariants
    base = font.getBestCmap()[ROOT_SIGN]
    root = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(base)]
    names = [record.VariantGlyph for record in root.MathGlyphVariantRecord]
    names += [part.glyph for part in root.GlyphAssembly.PartRecords]
    glyphs, outlines, widths = font.getGlyphSet(), font["glyf"], font["hmtx"]
    target = widths[base][0]
    for name in dict.fromkeys(names):
        width = widths[name][0]
        if width > target:
            pen = TTGlyphPen(glyphs)
            glyphs[name].draw(TransformPen(pen, (target / width, 0, 0, 1, 0, 0)))
            outlines[name] = pen.glyph()
            outlines[name].recalcBounds(outlines)
            widths[name] = (target, outlines[name].xMin)


if __name__ == "__main__":
    make(sys.argv[1])

"""Join the ES modules of a demo into one classic script, without a bundler.

Three small steps: keep the declarations of each module that are really used, turn the
module into a function that returns its exports, and drop comments and spaces. The
modules follow a few rules, and `bundle` says which one was broken:

- `import { a, b as c } from "./other.js";` and `export` directly before `function`,
  `const`, `let` or `class` are the only forms;
- every declaration at the top level starts in column 0, declares one name and has no
  side effect;
- a template literal does not hold another one.
"""

import base64
import functools
import hashlib
import json
import re
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent

# A longer script is put into the page compressed, so that a demo stays under 40 KB.
PLAIN_LIMIT = 26_000
# Unpacks a script and runs it as any inline script: no eval, no request.
_UNPACK = (
    '(async()=>{const bytes=Uint8Array.from(atob("%s"),c=>c.charCodeAt(0)),'
    'stream=new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")),'
    'script=document.createElement("script");'
    "script.textContent=await new Response(stream).text();"
    "document.head.append(script);script.remove()})()"
)

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"\./(\w+)\.js";[ \t]*$', re.M)
_DECLARATION = re.compile(
    r"^(export\s+)?(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)", re.M
)
# What the shortening must tell apart. A slash starts a regular expression only after
# an operator, an opening bracket, a comma, a colon or `return`.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>`(?:\\.|[^`\\])*`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'
        |(?:(?<=[(,=:\[!&|?{};])|(?<=[(,=:\[!&|?{};]\s)|(?<=return\s))
         /(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*)
    |(?P<space>\s+)
    |(?P<word>[\w$]+)
    |(?P<sign>.)""",
    re.X | re.S,
)

# A complete ${...} in a template literal, with at most one pair of braces inside.
_HOLE = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")


@functools.cache
def bundle(name: str) -> tuple[str, str]:
    """Return the script of demo `name`, and the key under which a page shares it.

    Raises:
        ValueError: If a module breaks one of the rules of this file.
    """
    sources: dict[str, str] = {}
    _collect(name, sources)
    wanted = {module: _imported(module, sources) for module in sources}
    wanted[name] |= {"mount"}
    wanted.setdefault("kit", set()).add("host")
    code = "\n".join(
        as_function(module, keep_used(source, wanted[module]))
        for module, source in sources.items()
    )
    digest = hashlib.sha256((code + style(name)).encode()).hexdigest()
    key = f"{name}@{digest[:10]}"
    css = json.dumps(style(name))
    script = (
        f'(()=>{{const key="{key}",hub=window.fndDemos||={{}};'
        f'(hub[key]||=(()=>{{"use strict";\n{code}\n'
        f"return $kit.host(key,${name}.mount,{css})}})())()}})()"
    )
    if len(script) > PLAIN_LIMIT:
        packed = base64.b64encode(zlib.compress(script.encode(), 9)).decode()
        script = f'window.fndDemos?.["{key}"]?.()??{_UNPACK % packed}'
    return script, key


def _collect(name: str, sources: dict[str, str]) -> None:
    """Read module `name` and, before it, the kit and the modules it imports."""
    if name in sources:
        return
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    needed = [module for _, module in _IMPORT.findall(source)]
    for module in needed if name == "kit" else ["kit", *needed]:
        _collect(module, sources)
    sources[name] = source


def _imported(module: str, sources: dict[str, str]) -> set[str]:
    """Return the names that other modules import from `module`."""
    return {
        item.split(" as ")[0].strip()
        for source in sources.values()
        for names, origin in _IMPORT.findall(source)
        if origin == module
        for item in names.split(",")
        if item.strip()
    }


def keep_used(source: str, wanted: set[str]) -> str:
    """Drop the top-level declarations that nothing in `wanted` leads to.

    Raises:
        ValueError: If a wanted name is not declared in the module.
    """
    found = list(_DECLARATION.finditer(source))
    starts = [match.start() for match in found]
    parts = {
        match[2]: source[start:end]
        for match, start, end in zip(
            found, starts, [*starts[1:], len(source)], strict=True
        )
    }
    missing = wanted - parts.keys()
    if missing:
        raise ValueError(f"imported but not declared: {sorted(missing)}")
    words = {name: set(re.findall(r"[\w$]+", part)) for name, part in parts.items()}
    used, queue = set(), list(wanted)
    while queue:
        name = queue.pop()
        if name not in used:
            used.add(name)
            queue += words[name] & parts.keys()
    head = source[: starts[0]] if starts else source
    return head + "".join(part for name, part in parts.items() if name in used)


def as_function(name: str, source: str) -> str:
    """Turn an ES module into `const $name = (() => {...})()`.

    Raises:
        ValueError: For another form of import or export, a template literal inside
            another, or text that would end the script element.
    """

    def take(match: re.Match[str]) -> str:
        names = re.sub(r"\s+as\s+", ": ", " ".join(match[1].split()))
        return f"const {{{names}}} = ${match[2]};"

    exported = [match[2] for match in _DECLARATION.finditer(source) if match[1]]
    source = re.sub(
        r"^export\s+(?=(async|function|const|let|class)\b)",
        "",
        _IMPORT.sub(take, source),
        flags=re.M,
    )
    wrong = re.search(r"^(import|export)\b.*", source, re.M)
    if wrong:
        raise ValueError(
            f"{name}.js: write 'import {{a}} from \"./b.js\";' and 'export "
            f"function|const|let|class', got {wrong[0]!r}"
        )
    for literal in re.findall(r"`(?:\\.|[^`\\])*`", source):
        if "${" in _HOLE.sub("", literal):
            raise ValueError(
                f"{name}.js: a template literal must not hold another one, got "
                f"{literal[:60]!r}: make the inner text a constant first"
            )
    body = shorten(source)
    if re.search(r"</script|<!--", body, re.I):
        raise ValueError(f"{name}.js must not contain '</script' or '<!--'")
    return f"const ${name}=(()=>{{{body}\nreturn{{{','.join(exported)}}}}})();"


def shorten(source: str) -> str:
    """Drop comments, and spaces that separate nothing; line ends stay where they may
    end a statement."""
    out: list[str] = []
    gap = ""  # the space seen since the last token: "", " " or "\n"
    for match in _TOKEN.finditer(source):
        kind, token = match.lastgroup, match[0]
        if kind == "comment":
            gap = gap or " "
        elif kind == "space":
            gap = "\n" if "\n" in token or gap == "\n" else " "
        else:
            out.append(_gap(out[-1][-1] if out else "", gap, token[0]) + token)
            gap = ""
    return "".join(out)


def _gap(before: str, gap: str, after: str) -> str:
    """Return what must stay of a gap between two tokens."""
    if not gap or not before:
        return ""
    if gap == "\n":
        return "" if before in "{([,;=&|?:<>*" or after in "})],;.?:&|=" else "\n"
    is_word = re.compile(r"[\w$]").match
    joins = (is_word(before) and is_word(after)) or (before == after and after in "+-")
    return " " if joins else ""


@functools.cache
def style(name: str) -> str:
    """Return the kit's style sheet and the demo's own (`<name>.css`), shortened.

    Every later demo on a page brings the kit's rules once more. So that they do not undo
    the demo's own, these get one class more: `.fnd.fnd-<name>` in place of `.fnd-<name>`.
    """
    kit, own = FOLDER / "kit.css", FOLDER / f"{name}.css"
    text = own.read_text(encoding="utf-8") if own.is_file() else ""
    text = re.sub(rf"\.fnd-{name}(?![\w-])", f".fnd.fnd-{name}", text)
    text = kit.read_text(encoding="utf-8") + text
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s*([{};,])\s*", r"\1", " ".join(text.split()))
    return re.sub(r":\s+", ":", text).replace(";}", "}")

"""Joining the modules of a demo into one script: short, and the same meaning."""

import pytest

from lessons_lib.demos import bundling


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("const a = 1; // end\nconst b = 2;\n", "const a=1;const b=2;"),
        ("let a = b\nlet c = d", "let a=b\nlet c=d"),
        ("x = 'a // b'; y = `c  /* d */`;", "x='a // b';y=`c  /* d */`;"),
        ("x = a + +b - -c + ++d;", "x=a+ +b- -c+ ++d;"),
        ("y = a / b / c; // d", "y=a/b/c;"),
        ("r = /[/'\"]\\/ +/g.test(a);", "r=/[/'\"]\\/ +/g.test(a);"),
        ("return /a  b/.test(c) in d", "return/a  b/.test(c)in d"),
        ("f()\n/* x */\n(g)", "f()\n(g)"),
        ("i++\n++j", "i++\n++j"),
    ],
)
def test_shorten_keeps_the_meaning(source, expected):
    assert bundling.shorten(source) == expected


def test_unused_declarations_are_dropped_and_needed_ones_kept():
    source = (
        "export const a = () => b();\nfunction b() {\n  return c;\n}\n"
        "const c = 1;\nexport function d() {\n  return a;\n}\n"
    )
    kept = bundling.keep_used(source, {"a"})
    assert "const c" in kept
    assert "function d" not in kept
    with pytest.raises(ValueError, match=r"imported but not declared: \['e'\]"):
        bundling.keep_used(source, {"e"})


def test_renamed_imports_and_exports_become_one_function():
    code = bundling.as_function(
        "main",
        'import { el as make,\n  fmt } from "./kit.js";\nexport const a = make;\n',
    )
    assert code == (
        "const $main=(()=>{const{el:make,fmt}=$kit;const a=make;\nreturn{a}})();"
    )


@pytest.mark.parametrize(
    "line", ["import kit from './kit.js';", "export default 1;", "export { a };"]
)
def test_other_imports_and_exports_are_refused(line):
    with pytest.raises(ValueError, match="m.js: write 'import"):
        bundling.as_function("m", line + "\n")


def test_code_cannot_end_its_script_element():
    with pytest.raises(ValueError, match="must not contain '</script'"):
        bundling.as_function("m", 'const a = "</script>";\n')


def test_template_inside_a_template_is_refused():
    good = "const a = `x ${[1].map((i) => { return i; })} ${b}`;\n"
    bundling.as_function("m", good)
    with pytest.raises(ValueError, match="must not hold another"):
        bundling.as_function("m", "const a = `x ${c ? `inner` : 1}`;\n")

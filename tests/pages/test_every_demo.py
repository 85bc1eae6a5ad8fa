"""Every demo where it stands on the built pages: mouse and keyboard change something.

What each control must do is tested in tests/test_demo_*.py. Here it is the page around
it that could break it: its styles, its scripts, a demo above it.
"""

import re

import pytest
from conftest import SITE, page_names

DEMO = '[data-fnd-demo]:not([data-fnd-demo^="quiz@"])'
PAGES = [
    name
    for name in page_names()
    if re.search(r'data-fnd-demo="(?!quiz@)', (SITE / name).read_text(encoding="utf-8"))
]
# Everything a reader can see of a demo.
SEEN = """(root) => [
  root.querySelector(".fnd-body")?.innerText,
  ...[...root.querySelectorAll("input, select")].map((node) => `${node.value}${node.checked}`),
  ...[...root.querySelectorAll("canvas")].map((node) => node.toDataURL()),
  ...[...root.querySelectorAll("svg, img, button")].map((node) => node.outerHTML),
].join("\\n")"""
CONTROLS = (
    "input[type=range], select, button:not([tabindex='-1']), input[type=radio], "
    "input[type=checkbox], canvas[tabindex], [role=slider]"
)
KEYS = ["ArrowRight", "ArrowDown", "Space", "Enter", "ArrowLeft", "ArrowUp"]


def changes(tab, root, act):
    """Do something and say whether the demo looks different afterwards."""
    before = root.evaluate(SEEN)
    act()
    tab.wait_for_timeout(60)
    return root.evaluate(SEEN) != before


def usable(root):
    return [
        control
        for control in root.locator(CONTROLS).all()
        if control.is_visible() and control.is_enabled()
    ]


def by_mouse(tab, control):
    """Return the one act: click a control, right of its middle."""
    return [lambda: click(tab, control)]


def click(tab, control):
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    x, y = box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"]
    tab.mouse.move(x - 8, y)
    tab.mouse.down()
    tab.mouse.move(x, y, steps=3)
    tab.mouse.up()


def by_keyboard(tab, control):
    """Return one act for each key: what one key does, the next may undo."""
    control.focus()
    return [lambda key=key: tab.keyboard.press(key) for key in KEYS]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("use", [by_mouse, by_keyboard])
def test_demo_answers_on_its_page(fresh, name, use):
    tab = fresh.open(name)
    demos = tab.locator(DEMO)
    for at in range(demos.count()):
        root = demos.nth(at)
        root.scroll_into_view_if_needed()
        key = root.get_attribute("data-fnd-demo")
        tab.wait_for_function(
            "(root) => root.querySelector('.fnd-body')?.childElementCount",
            arg=root.element_handle(),
        )
        controls = usable(root)[:12]
        assert controls, f"{key} has no control"
        effects = [
            any(changes(tab, root, act) for act in use(tab, control))
            for control in controls
            if control.is_visible() and control.is_enabled()
        ]
        assert sum(effects) >= len(effects) / 2, f"{key}: {effects}"
    assert fresh.errors == []

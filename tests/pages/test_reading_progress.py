"""Progress in the contents list: kept, shown, exported, imported, reset."""

import json

import pytest
from conftest import SITE, page_names

KEY = "from-neuron-to-diffusion"
LESSONS = [
    name
    for name in page_names()
    if "<body data-page=" in (text := (SITE / name).read_text(encoding="utf-8"))
    and "data-lesson>" in text.partition("<header")[0]
]
ASKING = [
    name
    for name in LESSONS
    if f'data-page="{name[:-5]}" data-lesson data-keys='
    in (SITE / name).read_text(encoding="utf-8")
]


@pytest.fixture
def lesson():
    if not ASKING:
        pytest.skip("no lesson with questions is built")
    return ASKING[0]


def stored(tab):
    return json.loads(tab.evaluate(f"localStorage.getItem('{KEY}') || '{{}}'"))


def entry(tab, lesson):
    return tab.locator(f".contents a[data-page='{lesson[:-5]}']").text_content()


def finish(tab):
    tab.locator("[data-end]").scroll_into_view_if_needed()
    tab.wait_for_function(f"(localStorage.getItem('{KEY}') || '').includes('read:')")


def test_lesson_is_read_when_its_end_was_seen(fresh, lesson):
    tab = fresh.open(lesson)
    tab.wait_for_timeout(100)
    assert not any(key.startswith("read:") for key in stored(tab))
    finish(tab)
    assert stored(tab)[f"read:{lesson[:-5]}"] is True
    assert "read" in entry(tab, lesson)
    tab.reload()
    assert "read" in entry(tab, lesson)
    assert fresh.errors == []


def test_answers_are_counted_and_survive_a_reload(fresh, lesson):
    tab = fresh.open(lesson)
    keys = tab.get_attribute(f"[data-page='{lesson[:-5]}'][data-keys]", "data-keys")
    first, total = keys.split()[0], len(keys.split())
    assert "done" not in entry(tab, lesson)
    tab.evaluate(
        """([store, key]) => {
          localStorage.setItem(store, JSON.stringify({ [key]: true }));
          document.dispatchEvent(new CustomEvent("lesson-progress", { detail: {} }));
        }""",
        [KEY, first],
    )
    assert f"1 of {total} questions and goals done" in entry(tab, lesson)
    tab.reload()
    assert f"1 of {total} questions and goals done" in entry(tab, lesson)


def test_quiz_answered_in_the_page_is_counted(fresh):
    quizzes = [n for n in ASKING if "quiz:" in (SITE / n).read_text(encoding="utf-8")]
    if not quizzes:
        pytest.skip("no lesson with a quiz is built")
    tab = fresh.open(quizzes[0])
    box = tab.locator("[data-fnd-demo^='quiz']", has_text="Quiz").first
    for i in range(box.locator("input[type=radio]").count()):
        box.locator("input[type=radio]").nth(i).check()
        box.get_by_role("button", name="Check answer").click()
        if any(key.startswith("quiz:") for key in stored(tab)):
            break
    assert "1 of" in entry(tab, quizzes[0])


def test_progress_travels_as_a_file(fresh, lesson, tmp_path):
    tab = fresh.open(lesson)
    finish(tab)
    tab.click(".progress-button")
    assert "1 of" in tab.inner_text("[data-summary]")
    with tab.expect_download() as download:
        tab.click("[data-act=export]")
    file = tmp_path / "progress.json"
    download.value.save_as(file)
    assert json.loads(file.read_text())[f"read:{lesson[:-5]}"] is True

    tab.on("dialog", lambda dialog: dialog.accept())
    tab.click("[data-act=reset]")
    assert stored(tab) == {}
    assert "read" not in entry(tab, lesson)

    tab.set_input_files("[data-act=import]", file)
    tab.wait_for_function("document.querySelector('[data-said]').textContent !== ''")
    assert f"read:{lesson[:-5]}" in stored(tab)
    assert "read" in entry(tab, lesson)


@pytest.mark.parametrize("text", ["not json", "[1, 2]", "null"])
def test_foreign_file_changes_nothing(fresh, lesson, tmp_path, text):
    tab = fresh.open(lesson)
    finish(tab)
    before = stored(tab)
    file = tmp_path / "other.json"
    file.write_text(text)
    tab.click(".progress-button")
    tab.set_input_files("[data-act=import]", file)
    tab.wait_for_function(
        "document.querySelector('[data-said]').textContent.includes('Choose a file')"
    )
    assert stored(tab) == before
    assert fresh.errors == []


def test_import_takes_only_known_kinds(fresh, lesson, tmp_path):
    tab = fresh.open(lesson)
    file = tmp_path / "mixed.json"
    file.write_text('{"quiz:a.b": true, "evil:c": 1, "quiz:<b>": 1, "read:x/y": true}')
    tab.click(".progress-button")
    tab.set_input_files("[data-act=import]", file)
    tab.wait_for_function("document.querySelector('[data-said]').textContent !== ''")
    assert "2 entries" in tab.inner_text("[data-said]")
    assert set(stored(tab)) == {"quiz:a.b", "read:x/y"}


def test_page_works_where_storage_is_blocked(fresh, lesson):
    fresh.tab.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{ get() { throw new DOMException('blocked', 'SecurityError'); } })"
    )
    tab = fresh.open(lesson)
    tab.locator("[data-end]").scroll_into_view_if_needed()
    tab.wait_for_timeout(150)
    assert "read" in entry(tab, lesson)
    assert fresh.errors == []

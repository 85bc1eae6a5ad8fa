"""check and progress: what they show and keep; and the time limit."""

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time

import pytest

from lessons_lib.exercises import bank, check, grading, progress, store
from lessons_lib.exercises.grading import CORRECT, NOT_YET, grade
from lessons_lib.exercises.timeout import TimeLimit, run_limited
from lessons_lib.exercises.types import Exercise, Wrong


def scaled(x, factor):
    """Scale x."""
    return x * factor


def plain_sum(x, factor):
    return x + factor


SCALE = Exercise(
    title="Scale `x`",
    solution=scaled,
    cases=lambda make: [(make.normal(2, 3), 2.0), (make.normal(1, 5), -1.0)],
    wrong=(Wrong(plain_sum, "This adds: use `*`."),),
    hints=("Multiply.", "`x * factor`"),
)


# ---- time limit ----------------------------------------------------------------------


def spin():
    while True:
        with contextlib.suppress(Exception):
            sum(range(10))


def spin_catching_everything():
    while True:
        try:  # noqa: SIM105
            sum(range(10))
        except:  # noqa: E722 - what a beginner may write
            pass


def sleep_catching_everything():
    while True:
        try:  # noqa: SIM105
            time.sleep(0.3)
        except:  # noqa: E722
            pass


def in_thread(function):
    found = []

    def run():
        try:
            found.append(function())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


@pytest.mark.parametrize(
    "function", [spin, spin_catching_everything, sleep_catching_everything]
)
@pytest.mark.parametrize("where", ["main thread", "another thread"])
def test_endless_loop_is_stopped(function, where):
    started, tracer = time.monotonic(), sys.gettrace()
    if where == "main thread":
        with pytest.raises(TimeLimit):
            run_limited(function, 0.2)
    else:
        assert isinstance(in_thread(lambda: run_limited(function, 0.2)), TimeLimit)
    assert time.monotonic() - started < 5
    assert sys.gettrace() is tracer


def test_sleep_is_interrupted_in_the_main_thread():
    def slow():
        try:
            time.sleep(30)
        except Exception:
            return "caught"

    with pytest.raises(TimeLimit):
        run_limited(slow, 0.2)


def test_stopped_thread_is_gone():
    before = threading.active_count()
    assert isinstance(in_thread(lambda: run_limited(spin, 0.2)), TimeLimit)
    time.sleep(0.2)
    assert threading.active_count() == before


def test_limit_leaves_no_timer_and_gives_others_back():
    calls = []
    before = signal.signal(signal.SIGALRM, lambda *_: calls.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        assert run_limited(lambda: 7, 0.2) == 7
        time.sleep(0.5)
        assert calls == [1]
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_value_and_error_come_back_from_another_thread():
    assert in_thread(lambda: run_limited(lambda: 7, 5)) == 7
    assert isinstance(in_thread(lambda: run_limited(lambda: 1 / 0, 5)), ArithmeticError)


def test_check_reports_an_endless_loop_and_where_it_was(monkeypatch):
    def endless(x, factor):
        while True:
            x = x + 0

    monkeypatch.setattr(grading, "TIME_LIMIT_S", 0.2)
    said = grade(SCALE, endless).sentences[0]
    assert "did not end within 0.2 s and was stopped in line" in said


# ---- check, progress and the reader's file --------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    """Collect what is displayed, with one exercise in the bank."""
    found = []
    monkeypatch.setattr("IPython.display.display", found.append)
    monkeypatch.setattr(bank, "lesson_names", lambda: ["demo"])
    monkeypatch.setattr(bank, "entries", lambda lesson, kind: {"scale": SCALE})
    return found


def test_check_shows_status_in_words_hints_and_solution(shown):
    assert check("demo.scale", lambda x, factor: x) is None
    bundle = shown[0]._repr_mimebundle_()
    assert bundle["text/plain"].startswith("✗ Not yet: Scale")
    assert "<summary>Hint 1</summary>" in bundle["text/html"]
    assert "<code>def scaled(x, factor):" in bundle["text/html"]
    assert "<details open" not in bundle["text/html"]


def test_check_escapes_what_an_answer_says(shown):
    def answer(x, factor):
        raise ValueError("<b>bold</b>")

    check("demo.scale", answer)
    html = shown[0]._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;bold" in html
    assert "<b>" not in html


def test_unknown_name_names_the_nearest(shown):
    with pytest.raises(ValueError, match=r"got 'demo.scal': did you mean 'demo.scale'"):
        check("demo.scal", scaled)


def test_stub_writes_nothing(shown):
    check("demo.scale", None)
    assert not store.progress_path().exists()


def test_correct_stays_correct(shown):
    check("demo.scale", plain_sum)
    assert store.read_progress()["demo.scale"]["status"] == NOT_YET
    check("demo.scale", scaled)
    check("demo.scale", plain_sum)
    entry = store.read_progress()["demo.scale"]
    assert (entry["status"], entry["attempts"]) == (CORRECT, 3)
    assert "1 of 1 code exercises are correct" in repr(progress())


def test_progress_reads_the_file_of_somebody_else(shown, tmp_path):
    path = tmp_path / "reader.json"
    found = {"demo.scale": {"status": CORRECT, "attempts": 4}}
    path.write_text(json.dumps({"exercises": found}))
    assert "✓ correct  demo: Scale" in repr(progress(path))
    assert "0 of 1" in repr(progress())
    with pytest.raises(ValueError, match="no such file"):
        progress(tmp_path / "missing.json")


def test_progress_names_challenges_that_were_met_in_a_kernel(shown):
    store.write_progress("challenge:demo.slope", CORRECT)
    store.write_progress("challenge:other.slope", CORRECT)
    told = repr(progress())
    assert "✓ correct  demo: Challenge: slope" in told
    assert "0 of 1 code exercises" in told, "a challenge is no code exercise"
    assert "other" not in told


@pytest.mark.parametrize("content", ["{", "[]", '{"exercises": [1]}'])
def test_broken_progress_file_is_kept_and_named(shown, content):
    store.progress_path().write_text(content)
    check("demo.scale", scaled)
    assert "Your progress was not saved" in repr(shown[0])
    assert "✓ Correct" in repr(shown[0])
    assert store.progress_path().read_text() == content


def test_place_that_cannot_be_written_is_named(shown, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LESSONS_PROGRESS", str(tmp_path / "file" / "progress.json"))
    check("demo.scale", scaled)
    assert "Your progress was not saved" in repr(shown[0])


def test_empty_variable_keeps_nothing(shown, monkeypatch):
    monkeypatch.setenv("LESSONS_PROGRESS", "")
    check("demo.scale", scaled)
    assert store.progress_path() is None
    assert store.read_progress() == {}


def test_import_does_not_load_torch():
    code = "import lessons_lib.exercises, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- in a real kernel -----------------------------------------------------------------

CELLS = [
    """
from lessons_lib.exercises import bank, check, grading, page
from lessons_lib.exercises.types import Exercise
def double(x):
    return 2 * x
one = Exercise("One", double, cases=lambda make: [(1.0,), (2.0,)], hints=("a", "b"))
bank.find = lambda name, kind: one
page.solution_text = str  # this reference has no file
grading.TIME_LIMIT_S = 0.5
""",
    "def f(x):\n    y = ...  # your code\n    return y\ncheck('a.b', f)",
    "def f(x):\n    return x.shape\ncheck('a.b', f)",
    "import time\ndef f(x):\n    while True:\n        time.sleep(1)\ncheck('a.b', f)",
    "def f(x):\n    return x + x\ncheck('a.b', f)",
]


def test_notebook_in_a_kernel_runs_to_its_end():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60).execute()
    told = [cell.outputs[0].data["text/plain"] for cell in notebook.cells[1:]]
    assert told[0].startswith("○ Not attempted: One")
    assert "no attribute 'shape'` in line 2: `return x.shape`" in told[1]
    assert "stopped in line 4: `time.sleep(1)`" in told[2]
    assert told[3].startswith("✓ Correct: One")

"""The benchmarks' own parts: turns, medians, goals, results, page. No speed is tested."""

import json
import re

import pytest

from benchmarks import book, browser, demos, pages, report, timing
from benchmarks.timing import Comparison, Row
from benchmarks.words import TITLES, WORDS


def clock_of(*times):
    moments = iter(times)
    return lambda: next(moments)


# ---- taking turns --------------------------------------------------------------------


def test_every_second_round_begins_with_the_other_side():
    order = []
    timing.take_turns(lambda: order.append("a"), lambda: order.append("b"), 4)
    assert order == list("abbaabba")


def test_ratio_is_the_median_of_the_neighbours_ratios_not_of_the_medians():
    ours, theirs = iter([1.0, 2.0, 30.0]), iter([1.0, 4.0, 10.0])
    result = timing.alternate(lambda: next(ours), lambda: next(theirs), 3)
    assert result == Comparison(ours=2.0, theirs=4.0, ratio=1.0, low=0.5, high=3.0)


def test_inverse_says_how_many_times_faster():
    result = Comparison(2.0, 8.0, ratio=0.25, low=0.2, high=0.5).inverse()
    assert result == Comparison(2.0, 8.0, ratio=4.0, low=2.0, high=5.0)


def test_timed_returns_what_the_clock_saw():
    assert timing.timed(lambda: None, clock_of(10.0, 12.5))() == 2.5


@pytest.mark.parametrize(
    ("goal", "met"),
    [("ratio >= 4", True), ("ratio >= 4.1", False), ("ours <= 2", True),
     ("ours <= 1.9", False), ("", None)],
)  # fmt: skip
def test_a_goal_is_met_at_its_limit(goal, met):
    assert Row("x", ours=2.0, theirs=8.0, ratio=4.0, goal=goal).met is met


def test_what_was_not_measured_has_not_missed_its_goal():
    row = Row("on a GPU", goal="ratio >= 20", note="not measured: no GPU here")
    assert row.met is None
    assert report.goal_text(row) == "at least 20: not measured"


def test_a_goal_is_said_with_its_unit_where_it_judges_a_measurement():
    row = Row("Playground", ours=6e5, unit="examples/s", goal="ours >= 580000")
    assert report.goal_text(row) == "at least 580,000 examples/s: **met**"


# ---- tables, results, page -----------------------------------------------------------


def test_a_row_shows_medians_range_goal_and_note():
    row = Row("MLP", 0.5, 6.0, "s", 12.0, 11.0, 13.5, "ratio >= 10", "batch 64")
    assert report.cells(row) == [
        "MLP", "0.5 s", "6.00 s", "12.00 (11.00 to 13.50)", "at least 10: **met**", "batch 64",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (1234.5, "1,234"), (3.14159, "3.14"), (0.04321, "0.0432"),
                        (0, "0"), (12_750_000, "12.8 million")]
)  # fmt: skip
def test_numbers_have_three_digits_that_count(value, text):
    assert report.number(value) == text


def test_short_times_are_shown_in_milliseconds():
    assert report.amount(0.0123, "s") == "12.30 ms"
    assert report.amount(0.0123, "MB") == "0.0123 MB"
    assert report.amount(None, "s") == "–"


def test_table_names_both_sides_and_leaves_out_what_is_empty():
    text = report.table("pages", [Row("a", 1, 2, "ms"), Row("b", note="not measured")])
    assert text.splitlines() == [
        "| what | this book | default build | ratio | note |",
        "| --- | --- | --- | --- | --- |",
        "| a | 1.00\u00a0ms | 2.00\u00a0ms | – |  |",
        "| b | – | – | – | not measured |",
    ]


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "machine", lambda: "a processor, 2 cores")
    monkeypatch.setattr(report, "versions", lambda: {"torch": "2.0"})
    path = tmp_path / "results.json"
    report.record(
        "training", [Row("first", 1.0, 2.0, ratio=2.0, goal="ratio >= 3")], 5, path
    )
    report.record("growth", [Row("other", 1.0)], 5, path)
    return path


def test_a_topic_measured_again_replaces_its_rows_and_keeps_the_others(results):
    merged = report.record("training", [Row("second", 3.0)], 1, results)
    assert [row["what"] for row in merged["training"]["rows"]] == ["second"]
    assert [row["what"] for row in merged["growth"]["rows"]] == ["other"]
    assert json.loads(results.read_text(encoding="utf-8")) == merged


def test_page_shows_every_topic_and_counts_the_goals(results):
    text = report.page(report.read_results(results))
    assert re.findall(r"^## (.+)", text, re.M) == list(TITLES.values())
    assert "Of 1 goals 0 are met, 1 are not, 0 could not be measured" in text
    assert "| first |" in text
    assert text.count("Not measured yet.") == len(TITLES) - 2
    assert text.count("a processor, 2 cores. torch 2.0.") == 2


def test_every_topic_has_words_and_a_module():
    assert WORDS.keys() == TITLES.keys()
    for topic in TITLES:
        assert (report.FOLDER / f"{topic}.py").exists()


def test_machine_is_described_without_names_and_paths():
    assert re.fullmatch(
        r"[^/@]+, \d+ cores(, \d+ GB of memory)?, \w+", report.machine()
    )


# ---- what is missing is said ---------------------------------------------------------


def test_without_chromium_and_node_the_rows_say_so(monkeypatch):
    monkeypatch.setattr(browser, "find_browser", lambda: None)
    monkeypatch.setattr(browser.shutil, "which", lambda name: None)
    for rows in (demos.measure(1), pages.measure(1)):
        assert rows
        assert all(
            row.ours is None and row.note.startswith("not measured") for row in rows
        )
    assert any("no Node" in row.note for row in demos.measure(1))
    assert any("no Chromium" in row.note for row in demos.measure(1))


def test_a_demo_that_the_book_does_not_have_is_named():
    with pytest.raises(browser.Missing, match=r"no mind_reader\.js"):
        browser.script("mind_reader")


# ---- where a lesson's time goes ------------------------------------------------------


def test_cells_are_sorted_by_what_they_do_also_through_functions():
    from nbformat import v4

    def cell(source, seconds):
        times = {"iopub.execute_input": "2026-01-01T00:00:00.000000Z",
                 "shell.execute_reply": f"2026-01-01T00:00:{seconds:09.6f}Z"}  # fmt: skip
        return v4.new_code_cell(source, metadata={"execution": times})

    notebook = v4.new_notebook(cells=[
        cell("import torch", 2.0),
        cell("def step_once(x):\n    x.backward()", 0.5),
        cell("def train(x):\n    step_once(x)", 0.5),
        cell("train(1)", 4.0),
        cell("show(1, alt='')", 1.0),
        cell("explore(train)", 8.0),
        cell("print(1)", 0.25),
        v4.new_code_cell("print('never run')"),
    ])  # fmt: skip
    assert book.kinds(notebook) == {
        "imports": 2.0, "training": 5.0, "pictures": 1.0,
        "frames of `explore`, training included": 8.0, "everything else in cells": 0.25,
    }  # fmt: skip

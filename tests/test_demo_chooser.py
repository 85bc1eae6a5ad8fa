"""Chooser: its rules and its table, its handling in a browser."""

import itertools
import re

import pytest
from demo_tools import is_kept, js_core

from lessons_lib import demos
from lessons_lib.demos import chooser_rules, chooser_table

core = js_core("chooser_core")
QUESTIONS = {name: list(part["options"]) for name, part in chooser_table.QUESTIONS.items()}
# The ten cases of the page `practice/choosing`: kind, amount, goal, compute, explain.
CASES = {
    "churn": ("table", "some", "predict", "cpu", "no", "boosting"),
    "loan": ("table", "some", "predict", "cpu", "yes", "ebm"),
    "trial": ("table", "few", "predict", "gpu", "no", "tabpfn"),
    "leaves": ("images", "few", "predict", "cpu", "no", "embeddings"),
    "x_ray": ("images", "some", "predict", "gpu", "no", "finetune"),
    "tickets": ("text", "some", "predict", "gpu", "no", "encoder"),
    "letters": ("text", "some", "predict", "cpu", "yes", "words"),
    "sales": ("series", "some", "predict", "cpu", "no", "lags"),
    "birds": ("sound", "few", "predict", "gpu", "no", "embeddings"),
    "textures": ("images", "many", "generate", "gpu", "no", "diffusion"),
}


def every_answer():
    for values in itertools.product(*QUESTIONS.values()):
        yield dict(zip(QUESTIONS, values, strict=True))


def test_every_combination_gets_a_start_with_reasons_and_two_alternatives():
    answers = list(every_answer())
    assert len(answers) == 5 * 3 * 3 * 3 * 2
    for answer in answers:
        rule = chooser_rules.recommend(answer)
        assert len(rule["why"]) >= 2
        keys = [rule["start"], *rule["others"]]
        assert len(set(keys)) == 3
        assert set(keys) <= chooser_table.ARCHITECTURES.keys()
        notes = [n for n in chooser_rules.NOTES if chooser_rules.fits(n["when"], answer)]
        assert notes


def test_page_and_python_choose_the_same():
    answers = list(every_answer())
    body = "return v.answers.map((a) => m.recommend(v.rules, a).start);"
    starts = core(body, {"answers": answers, "rules": chooser_rules.RULES})
    assert starts == [chooser_rules.recommend(answer)["start"] for answer in answers]


def test_every_rule_decides_somewhere_and_every_architecture_is_named():
    deciding = [chooser_rules.recommend(answer) for answer in every_answer()]
    for rule in chooser_rules.RULES:
        assert rule in deciding, f"never reached: {rule['when']}"
        for question, value in rule["when"].items():
            assert value in QUESTIONS[question]
    named = {key for rule in deciding for key in (rule["start"], *rule["others"])}
    assert named == chooser_table.ARCHITECTURES.keys()


@pytest.mark.parametrize("case", CASES)
def test_ten_cases_give_what_the_text_says(case):
    *values, start = CASES[case]
    answers = dict(zip(QUESTIONS, values, strict=True))
    assert chooser_rules.recommend(answers)["start"] == start
    bank = pytest.importorskip("lessons_lib.exercises.bank.choosing")
    right = [choice.text for choice in bank.QUIZZES[case].choices if choice.right]
    assert [chooser_table.ARCHITECTURES[start]["name"]] == right


def test_heavy_starts_are_not_for_a_laptop():
    heavy = {"finetune", "encoder", "audio", "diffusion", "vit", "transformer", "ssm", "tcn"}
    for answer in every_answer():
        if answer["compute"] == "cpu":
            assert chooser_rules.recommend(answer)["start"] not in heavy


def test_architectures_have_every_column_and_a_dated_source(root):
    for row in chooser_table.ARCHITECTURES.values():
        assert all(row[key] for key in row if key != "is_deep")
        assert re.search(r"(19|20)\d\d", row["source"])
        assert row["lesson"] in chooser_table.LESSONS
    for lesson in chooser_table.LESSONS.values():
        if "page" in lesson:
            assert (root / "book" / f"{lesson['page']}.ipynb").is_file()


def test_table_shows_every_architecture():
    table = demos.architecture_table()
    for row in chooser_table.ARCHITECTURES.values():
        assert row["name"] in repr(table)
    page = table._repr_html_()
    assert page.count('scope="row"') == len(chooser_table.ARCHITECTURES)
    assert 'aria-label="Architectures"' in page


def test_chooser_refuses_unknown_answers():
    with pytest.raises(ValueError, match="got data='graphs'"):
        demos.chooser(data="graphs")


# ---- in the page ---------------------------------------------------------------------


def test_chooser_by_mouse_gives_reasons_links_and_turning_points(show_demo):
    page = show_demo(demos.chooser(home="https://example.org/book/"))
    heading = page.locator(".fnd-ch-title")
    assert heading.inner_text() == "Gradient-boosted trees"
    page.get_by_label("yes", exact=True).check()
    assert heading.inner_text() == "Explainable boosting machine"
    link = page.locator(".fnd-ch-start a")
    assert link.get_attribute("href").endswith("book/foundations/neuron.html")
    assert page.locator(".fnd-ch-others section").count() == 2
    turning = page.locator(".fnd-ch-list").nth(2).inner_text()
    assert "How many examples: under 1,000 → Linear or logistic regression" in turning
    page.get_by_label("text", exact=True).check()
    page.get_by_label("time series").check()
    assert is_kept(page, "choosing.no_network")
    assert "Exponential smoothing" in heading.inner_text()


def test_chooser_by_keyboard(show_demo):
    page = show_demo(demos.chooser(data="images", goal="groups", amount="few"))
    page.get_by_label("images", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("text", exact=True).is_checked()
    assert page.locator(".fnd-ch-title").inner_text().startswith("Pretrained features")
    assert is_kept(page, "choosing.same_start")
    spoken = page.locator(".fnd-status [role=status]")
    page.wait_for_timeout(1800)
    assert spoken.text_content().startswith("Start with: Pretrained features")


def test_chooser_names_lessons_to_come_without_a_link(show_demo):
    page = show_demo(demos.chooser(data="images", compute="gpu"))
    start = page.locator(".fnd-ch-start")
    assert "ResNets and transfer (part 3), still to come" in start.inner_text()
    assert start.locator("a").count() == 0

"""check, quiz, predict and progress: what they say, and that they break nothing."""

import numpy as np
import pytest
import torch
from torch import nn

from lessons_lib.exercises.compare import difference, short
from lessons_lib.exercises.grading import (
    CORRECT,
    NOT_ATTEMPTED,
    NOT_YET,
    grade,
    run_cases,
)
from lessons_lib.exercises.stub import find_stub
from lessons_lib.exercises.types import Exercise, Make, Wrong


def scaled(x, factor):
    """Scale x."""
    return x * factor


def plain_sum(x, factor):
    return x + factor


SCALE = Exercise(
    title="Scale `x`",
    solution=scaled,
    cases=lambda make: [(make.normal(2, 3), 2.0), (make.normal(1, 5), -1.0)],
    wrong=(
        Wrong(plain_sum, "This adds: use `*`."),
        Wrong(lambda x, factor: x.T * factor, "Turned: leave out `.T`."),
    ),
    hints=("Multiply.", "`x * factor`"),
    gradient=True,
)


# ---- what differs --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reference", "said"),
    [
        (None, 1.0, "expected a float, got None. Is there a `return`"),
        (torch.tensor(1.0), 1.0, r"expected a float, got a tensor. `.item\(\)`"),
        ([1.0], torch.ones(1), "expected a tensor, got a list or tuple"),
        (True, 1, "expected an int, got a bool"),
        (2, 1, "expected `1`, got `2`"),
        ((1, 2), [1, 2, 3], "expected 3 entries, got 2"),
        ([1, [2, 9]], (1, (2, 3)), r"the result\[1\]\[1\]: expected `3`, got `9`"),
        ({"a": 1}, {"a": 1, "b": 2}, "the entry `'b'` is missing"),
        (torch.ones(3, 2), torch.ones(2, 3), r"shape `\(2, 3\)`, got `\(3, 2\)`"),
        (torch.ones(2).double(), torch.ones(2), "dtype `torch.float32`"),
        (torch.ones(2, device="meta"), torch.ones(2), "device `cpu`, got `meta`"),
        (torch.tensor([1, 2, 4]), torch.tensor([1, 2, 3]), r"\[2\]: expected `3`"),
        (np.array([1.0, 2.0]), np.array([1.0, 3.0]), r"\[1\]: expected `3`, got `2`"),
        (float("nan"), 1.0, "got `nan`"),
        ("a", "b", "expected `'b'`, got `'a'`"),
    ],
)
def test_difference_names_the_first_thing_that_differs(answer, reference, said):
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(difference(answer, reference))


@pytest.mark.parametrize(
    "value",
    [
        1, 1.5, True, None, "text", (1, [2.0]), {"a": torch.ones(2)}, np.arange(3),
        float("nan"), float("inf"), torch.tensor([float("nan"), 1.0]), torch.ones(0),
        torch.ones(2, dtype=torch.bfloat16), torch.tensor([True]), nn.Linear(2, 1), len,
        torch.ones(2, dtype=torch.complex64), torch.randn(2, requires_grad=True),
    ],
)  # fmt: skip
def test_value_does_not_differ_from_itself(value):
    assert difference(value, value) is None


def test_first_differing_entry_has_index_and_count():
    reference = torch.zeros(2, 3)
    answer = reference.clone()
    answer[0, 2] = answer[1, 1] = 0.5
    said = difference(answer, reference)
    assert "[0, 2]: expected `0`, got `0.5` (2 of 6 entries differ)" in said


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_tolerance_follows_the_dtype(dtype):
    one = torch.ones(3, dtype=dtype)
    assert difference(one * (1 + 2 * torch.finfo(dtype).eps), one) is None
    assert difference(one * (1 + 0.02), one) is not None


def test_int_counts_as_float_but_not_the_other_way():
    assert difference(1, 1.0) is None
    assert difference(1.0, 1) is not None


def test_short_shows_small_values_and_the_shape_of_large_ones():
    assert short(torch.tensor([1.0, 0.25])) == "tensor([1, 0.25])"
    assert short(torch.ones(4, 5)) == "tensor of shape 4x5, float32"
    assert short([1.0, 2]) == "[1, 2]"
    assert short((1,)) == "(1,)"
    assert len(short("x" * 500)) <= 60


# ---- not attempted -------------------------------------------------------------------


def test_empty_bodies_are_stubs():
    def dots(x): ...

    def documented(x):
        """Say what to do."""
        ...

    def passed(x):
        pass

    def placeholder(x):
        y = ...
        return y + x

    def called(x):
        return abs(...)

    for stub in (dots, documented, passed, placeholder, called, None, ..., (1, ...)):
        assert find_stub(stub, scaled).is_certain


def test_code_is_not_a_stub():
    def indexed(x: tuple[int, ...]):
        return x[..., 0]

    for answer in (indexed, scaled, len, lambda x: x, 0, (), nn.Linear):
        assert find_stub(answer, scaled) is None


def test_stub_is_found_without_source():
    space = {}
    exec("def f(x):\n    '''Do.'''\n    ...", space)
    assert find_stub(space["f"], scaled).is_certain


def test_class_with_an_empty_method_is_a_stub():
    class Answer(nn.Module):
        def __init__(self):
            super().__init__()

        def forward(self, x): ...

    class Done(Answer):
        def forward(self, x):
            return x

    assert "`forward`" in find_stub(Answer, nn.Linear).note
    assert find_stub(Done, nn.Linear) is None


def test_leftover_dots_do_not_spoil_a_right_answer():
    def right(x, factor):
        ...
        return x * factor

    def unfinished(x, factor):
        ...
        return x

    assert grade(SCALE, right).status == CORRECT
    assert grade(SCALE, unfinished).status == NOT_ATTEMPTED


# ---- grading -------------------------------------------------------------------------


def test_right_answer_in_other_words_is_correct():
    assert grade(SCALE, lambda x, factor: x / (1 / factor)).status == CORRECT


def test_wrong_answer_is_told_with_case_and_inputs():
    verdict = grade(SCALE, lambda x, factor: x * abs(factor))
    assert verdict.status == NOT_YET
    assert verdict.sentences[0].startswith("the result[0, 0]: expected")
    told = "Case 2 of 2: `x = tensor([[-2.17879, 0.568431, -1.08452, -1.39860, "
    assert verdict.sentences[1].startswith(told[:23])
    assert "`factor = -1`" in verdict.sentences[1]


def test_known_wrong_answer_is_told_by_name():
    verdict = grade(SCALE, lambda x, factor: factor + x)
    assert verdict.sentences[0] == "This adds: use `*`."


def test_change_in_place_is_named():
    def in_place(x, factor):
        x *= factor
        return x

    verdict = grade(SCALE, in_place)
    assert "changes its input `x` in place" in verdict.sentences[0]


def test_change_in_place_is_right_where_the_reference_does_it():
    def step(model, lr):
        with torch.no_grad():
            for weight in model.parameters():
                weight -= lr

    def backwards(model, lr):
        step(model, -lr)

    exercise = Exercise(
        title="Step", solution=step, cases=lambda make: [(nn.Linear(2, 1), 0.1)]
    )
    assert grade(exercise, step).status == CORRECT
    verdict = grade(exercise, backwards)
    assert "`model` after the call['weight'][0, 0]" in verdict.sentences[0]


def test_cut_gradient_is_named():
    verdict = grade(SCALE, lambda x, factor: (x * factor).detach())
    assert "gradient with respect to `x`: none comes back" in verdict.sentences[0]


def test_wrong_gradient_is_told():
    def half_cut(x, factor):
        return x.detach() * factor * 0.5 + x * factor * 0.5

    said = grade(SCALE, half_cut).sentences[0]
    assert said.startswith("the gradient with respect to `x`[0, 0]: expected")


def test_error_is_reported_with_the_last_own_line():
    def answer(x, factor):
        y = x.reshape(7)
        return y * factor

    said = grade(SCALE, answer).sentences[0]
    assert said.startswith("It raises `RuntimeError: shape '[7]' is invalid")
    assert said.endswith(": `y = x.reshape(7)`")


@pytest.mark.parametrize("error", [SystemExit, RecursionError, GeneratorExit])
def test_no_error_of_an_answer_comes_through(error):
    def answer(x, factor):
        raise error("out")

    assert f"{error.__name__}: out" in grade(SCALE, answer).sentences[0]


def test_ctrl_c_comes_through():
    def answer(x, factor):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(SCALE, answer)


def test_calling_the_function_in_check_is_explained():
    assert "pass its name, without calling it" in grade(SCALE, 3.0).sentences[0]


def test_readers_random_numbers_are_left_alone():
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    grade(SCALE, scaled)
    torch.testing.assert_close(torch.rand(3), wanted)


def test_random_answers_see_the_same_numbers_as_the_reference():
    exercise = Exercise(
        title="Noise",
        solution=lambda x: x + torch.randn_like(x),
        cases=lambda make: [(make.normal(3),), (make.normal(4),)],
    )
    assert grade(exercise, lambda x: torch.randn(x.shape) + x).status == CORRECT


def test_every_run_sees_the_same_random_numbers():
    exercise = Exercise(
        title="Layer", solution=lambda f: f, cases=lambda make: [(nn.Linear(2, 1),)]
    )
    first, second = (
        [torch.manual_seed(seed), run_cases(exercise, lambda f: f.weight.tolist())][1]
        for seed in (1, 2)
    )
    assert first[0].value == second[0].value


def test_inputs_are_equal_for_every_dtype():
    single, double = (Make(dtype) for dtype in (torch.float32, torch.float64))
    torch.testing.assert_close(single.normal(3).double(), double.normal(3))
    assert torch.equal(single.integers(9, 4), double.integers(9, 4))
    assert double.uniform(50, low=2, high=3).min() >= 2


def judge_even(number):
    return None if number % 2 == 0 else f"{number} is odd"


EVEN = Exercise(
    title="Even", solution=2, judge=judge_even, wrong=(Wrong(3, "3 is prime."),)
)


def test_judge_decides_on_values():
    assert grade(EVEN, 4).status == CORRECT
    assert grade(EVEN, 3).sentences == ("3 is prime.", "3 is odd")
    assert grade(EVEN, 5).sentences == ("5 is odd",)
    assert grade(EVEN, None).status == NOT_ATTEMPTED
    assert "cannot be used as an answer" in grade(EVEN, [1]).sentences[0]


def test_error_in_the_gradient_is_told_as_such():
    def answer(x, factor):
        if x.requires_grad:
            raise ValueError("no graph")
        return x * factor

    said = grade(SCALE, answer).sentences[0]
    assert said.startswith("The gradient: It raises `ValueError: no graph` in line")


def test_result_that_cannot_be_compared_is_told():
    class Odd:
        def __eq__(self, other):
            raise ValueError("no `==` here")

    exercise = Exercise(title="Odd", solution=Odd, cases=lambda make: [()])
    said = grade(exercise, lambda: Odd()).sentences[0]
    assert (
        "cannot be compared with the reference. It raises `ValueError: no '=='" in said
    )

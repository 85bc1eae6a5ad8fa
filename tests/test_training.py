"""Claims about `lessons_lib.training`: against a bare loop, and when things go wrong."""

import math
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from lessons_lib import training_parts, training_run
from lessons_lib.training import Evaluation, batches, evaluate, fit

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make_data(num_examples=96, seed=0):
    """Return two clouds of points that a line separates, with a little overlap."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (num_examples,), generator=generator)
    inputs = torch.randn(num_examples, 2, generator=generator)
    return inputs + 2.0 * labels[:, None], labels


def make_model(*extra, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), *extra, nn.Linear(16, 2))


def run(model, data=None, **settings):
    settings = {"batch_size": 20, "num_epochs": 3, "lr": 0.05, **settings}
    data = make_data() if data is None else data
    return fit(model, data, progress=False, **settings)


def weights_of(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


def assert_same_weights(model, expected, **tolerance):
    actual = model if isinstance(model, dict) else model.state_dict()
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    torch.testing.assert_close(dict(actual), dict(expected), **tolerance)


def bare_loop(
    model, optimizer, inputs, targets, num_epochs=3, schedule=None, clip=None
):
    """Train as a reader would write it, with nothing from the library."""
    order_from, losses = torch.Generator().manual_seed(0), []
    for _ in range(num_epochs):
        order = torch.randperm(len(inputs), generator=order_from)
        for start in range(0, len(inputs), 20):
            chosen = order[start : start + 20]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs[chosen]), targets[chosen])
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            if schedule:
                schedule.step()
            losses.append(loss.item())
    return losses


# ---- the same numbers as a loop written by hand --------------------------------------
OPTIMIZERS = {
    "sgd": lambda params: torch.optim.SGD(params, lr=0.05, momentum=0.9),
    "adamw": lambda params: torch.optim.AdamW(params, lr=0.05, fused=True),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("clip", [None, 0.1])
def test_fit_equals_a_bare_loop_bit_for_bit(name, clip):
    bare, fitted = make_model(), make_model()
    losses = bare_loop(
        bare, OPTIMIZERS[name](bare.parameters()), *make_data(), clip=clip
    )
    optimizer = OPTIMIZERS[name](fitted.parameters())
    history = run(fitted, optimizer=optimizer, keep_best=False, clip_norm=clip)
    assert_same_weights(fitted, bare.state_dict())
    assert history.batch_loss == losses


def test_default_optimizer_is_adamw_with_lr():
    bare, fitted = make_model(), make_model()
    bare_loop(bare, torch.optim.AdamW(bare.parameters(), lr=0.05), *make_data())
    run(fitted, keep_best=False)
    assert_same_weights(fitted, bare.state_dict(), rtol=1e-5, atol=1e-6)


def test_one_cycle_equals_torch():
    bare, fitted = make_model(), make_model()
    optimizer = OPTIMIZERS["adamw"](bare.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=15)
    bare_loop(bare, optimizer, *make_data(), schedule=schedule)
    history = run(fitted, schedule="one_cycle", keep_best=False)
    assert_same_weights(fitted, bare.state_dict())
    assert history.lr[-1] < history.lr[0] / 100


@pytest.mark.parametrize("num_steps", [1, 2, 7, 200])
def test_cosine_warms_up_and_ends_near_zero(num_steps):
    optimizer = torch.optim.SGD(make_model().parameters(), lr=0.3)
    schedule = training_parts.make_schedule("cosine", optimizer, num_steps)
    lrs = []
    for _ in range(num_steps):
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert max(lrs) == pytest.approx(0.3)
    if num_steps == 200:
        assert lrs[:10] == pytest.approx([0.03 * k for k in range(1, 11)])
        assert lrs[105] == pytest.approx(0.15)
        assert lrs[-1] < 1e-4


def test_own_schedule_is_stepped_every_batch():
    steps = []

    def schedule(optimizer, total_steps):
        steps.append(total_steps)
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: 1 / (k + 1))

    history = run(make_model(), schedule=schedule)
    assert steps == [15]
    assert history.lr == pytest.approx([0.05 / 5, 0.05 / 10, 0.05 / 15])


def test_one_cycle_leaves_sgd_without_momentum_alone():
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    seen = []

    def look(inputs):
        seen.append(optimizer.param_groups[0]["momentum"])
        return inputs

    run(model, optimizer=optimizer, schedule="one_cycle", augment=look)
    assert set(seen) == {0}


def test_optimizer_keeps_its_learning_rate_for_the_next_fit():
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    first = run(model, optimizer=optimizer, schedule="one_cycle")
    assert optimizer.param_groups[0]["lr"] == 0.05
    assert optimizer.param_groups[0]["momentum"] == 0.9
    assert run(model, optimizer=optimizer, schedule="one_cycle").lr == first.lr


# ---- batches -------------------------------------------------------------------------
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("size", "expected"), [(1, 7), (3, 3), (7, 1), (100, 1)])
def test_batches_hold_every_example_once(shuffle, size, expected):
    inputs = torch.arange(7)
    found = list(batches(inputs, inputs * 10, size, shuffle=shuffle))
    assert len(found) == expected
    assert sorted(torch.cat([x for x, _ in found]).tolist()) == list(range(7))
    assert all(torch.equal(x * 10, y) for x, y in found)


@pytest.mark.parametrize(("size", "lengths"), [(3, [3, 3]), (7, [7]), (8, [])])
@pytest.mark.parametrize("shuffle", [True, False])
def test_drop_last_leaves_only_full_batches(size, lengths, shuffle):
    found = batches(
        torch.arange(7), torch.arange(7), size, shuffle=shuffle, drop_last=True
    )
    assert [len(x) for x, _ in found] == lengths


def test_batches_keep_channels_last():
    images = torch.randn(9, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(1)
    for inputs, index in batches(images, torch.arange(9), 4, generator=generator):
        assert inputs.is_contiguous(memory_format=torch.channels_last)
        assert torch.equal(inputs, images[index])


# ---- what it learns ------------------------------------------------------------------
def test_fit_lowers_loss_and_separates_the_points():
    model, data = make_model(), make_data(400)
    before = evaluate(model, data)
    history = run(model, data, num_epochs=8, val=make_data(200, seed=1))
    after = evaluate(model, data)
    assert after.loss < 0.5 * before.loss
    assert after.accuracy > 0.88
    assert history.train_loss[-1] < history.train_loss[0]
    assert history.val_accuracy[-1] > 0.88


def test_same_seed_same_numbers_and_another_seed_others():
    histories, weights = [], []
    for seed in (1, 1, 2):
        model = make_model(nn.Dropout(0.5))
        torch.manual_seed(99 + len(weights))  # of no influence
        histories.append(run(model, seed=seed).batch_loss)
        weights.append(weights_of(model))
    assert histories[0] == histories[1] != histories[2]
    assert_same_weights(weights[0], weights[1])


def test_order_of_examples_is_that_of_batches_whatever_the_model_draws():
    seen = []

    def look(inputs):
        seen.append(inputs)
        return inputs

    run(make_model(nn.Dropout(0.5)), augment=look, seed=4, num_epochs=2)
    generator = torch.Generator().manual_seed(4)
    for _ in range(2):
        for inputs, _ in batches(*make_data(), 20, generator=generator):
            assert torch.equal(seen.pop(0), inputs)


def test_fit_leaves_the_callers_random_numbers_alone():
    model = make_model(nn.Dropout(0.5))
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    run(model)
    assert torch.equal(torch.rand(4), expected)


def test_history_has_one_entry_per_epoch_and_per_step():
    history = run(make_model(), val=make_data(30, seed=1))
    lists = ("train_loss", "val_loss", "val_accuracy", "lr", "seconds")
    assert [len(getattr(history, name)) for name in lists] == [3] * 5
    assert len(history.batch_loss) == 15
    sizes = [20, 20, 20, 20, 16]
    mean = sum(s * x for s, x in zip(sizes, history.batch_loss[-5:], strict=True)) / 96
    assert history.train_loss[-1] == pytest.approx(mean)
    assert "accuracy" in str(history)
    assert "%" in str(history)


def test_loader_and_list_of_batches_train_too():
    inputs, targets = make_data()
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=20)
    listed = list(loader)
    weights = []
    for data in (loader, listed):
        model = make_model()
        history = run(model, data, val=data, schedule="one_cycle")
        assert len(history.batch_loss) == 15
        weights.append(weights_of(model))
    assert_same_weights(*weights)


def test_augment_changes_training_inputs_but_not_validation():
    seen = []

    class Spy(nn.Linear):
        def forward(self, inputs):
            seen.append((self.training, inputs.mean().item()))
            return super().forward(inputs)

    zeros = (torch.zeros(40, 2), torch.zeros(40, dtype=torch.int64))
    run(Spy(2, 2), zeros, val=zeros, augment=lambda inputs: inputs + 5)
    assert {mean for training, mean in seen if training} == {5.0}
    assert {mean for training, mean in seen if not training} == {0.0}


def test_mode_of_every_module_is_restored():
    model = make_model(nn.Dropout(0.5))
    model.eval()
    model[2].train()
    run(model, val=make_data())
    assert [module.training for module in model] == [False, False, True, False]
    evaluate(model, make_data())
    assert [module.training for module in model] == [False, False, True, False]


def test_frozen_weights_do_not_move():
    model = make_model()
    model[0].requires_grad_(False)
    before = weights_of(model)
    run(model)
    assert torch.equal(model[0].weight, before["0.weight"])
    assert not torch.equal(model[2].weight, before["2.weight"])


def test_channels_last_gives_the_same_numbers():
    torch.manual_seed(0)
    images, labels = torch.randn(24, 3, 6, 6), torch.randint(4, (24,))
    weights = []
    for channels_last in (False, True):
        torch.manual_seed(1)
        conv = nn.Conv2d(3, 5, 3)
        model = nn.Sequential(conv, nn.ReLU(), nn.Flatten(), nn.Linear(80, 4))
        run(model, (images, labels), channels_last=channels_last)
        weights.append(weights_of(model))
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)
    assert_same_weights(*weights, rtol=1e-3, atol=1e-4)


# ---- evaluate ------------------------------------------------------------------------
def test_evaluate_equals_one_pass_over_everything():
    model, (inputs, targets) = make_model(), make_data(97)
    with torch.no_grad():
        logits = model(inputs)
    result = evaluate(model, (inputs, targets), batch_size=10)
    assert isinstance(result, Evaluation)
    assert result.loss == pytest.approx(
        F.cross_entropy(logits, targets).item(), rel=1e-5
    )
    right = (logits.argmax(1) == targets).double().mean().item()
    assert result.accuracy == pytest.approx(right)


def test_accuracy_of_sequences_in_both_orders_of_dimensions():
    targets = torch.randint(5, (6, 7))
    right = F.one_hot(targets, 5).float()
    model = nn.Identity()

    def loss_fn(outputs, targets):
        return outputs.mean()

    assert evaluate(model, (right, targets), loss_fn=loss_fn).accuracy == 1.0
    assert evaluate(model, (right.mT, targets)).accuracy == 1.0
    assert evaluate(model, (-right, targets), loss_fn=loss_fn).accuracy == 0.0


def test_ignored_targets_do_not_count_as_wrong():
    targets = torch.tensor([0, 1, -100, -100])
    logits = torch.tensor([[9.0, 0], [9, 0], [9, 0], [9, 0]])
    assert evaluate(nn.Identity(), (logits, targets)).accuracy == 0.5


def test_regression_has_no_accuracy_unless_a_metric_is_given():
    data = (torch.ones(8, 1), torch.zeros(8, 1))
    settings = {"loss_fn": F.mse_loss}
    assert math.isnan(evaluate(nn.Identity(), data, **settings).accuracy)
    result = evaluate(nn.Identity(), data, metric=F.l1_loss, **settings)
    assert result.accuracy == 1.0
    history = run(nn.Linear(1, 1), data, val=data, metric=F.l1_loss, **settings)
    assert f"l1_loss {history.val_accuracy[-1]:.4g}" in str(history)


# ---- best weights, early stopping, interruption --------------------------------------
class Stop:
    """An `augment` that raises in the given step, counted from 1."""

    def __init__(self, step, error=KeyboardInterrupt):
        self.step, self.error, self.num_calls = step, error, 0

    def __call__(self, inputs):
        self.num_calls += 1
        if self.num_calls == self.step:
            raise self.error
        return inputs


def test_best_weights_by_validation_loss_are_kept():
    """A learning rate that explodes after epoch 2 makes that epoch the best."""

    def schedule(optimizer, total_steps):
        factor = lambda step: 1.0 if step < 10 else 400.0  # noqa: E731
        return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)

    model, val = make_model(), make_data(50, seed=1)
    history = run(model, val=val, schedule=schedule, num_epochs=5)
    assert history.best_epoch == 2
    assert history.val_loss[1] == min(history.val_loss) < history.val_loss[-1]
    assert evaluate(model, val).loss == pytest.approx(history.val_loss[1])
    last = make_model()
    history = run(last, val=val, schedule=schedule, num_epochs=5, keep_best=False)
    assert evaluate(last, val).loss == pytest.approx(history.val_loss[-1])


def test_patience_stops_early():
    val = make_data(50, seed=1)
    wrong = (val[0], 1 - val[1])  # gets worse the more is learned
    history = run(make_model(), val=wrong, patience=2, num_epochs=20)
    assert history.stopped == "early"
    assert len(history.val_loss) == history.best_epoch + 2 < 20


def test_interrupt_keeps_the_best_weights(capsys):
    whole = make_model()
    run(whole, num_epochs=2)
    model = make_model()
    history = run(model, num_epochs=9, augment=Stop(13))  # epoch 3 has steps 11 to 15
    assert history.stopped == "interrupted"
    assert len(history.train_loss) == 2
    assert_same_weights(model, whole.state_dict())
    assert "the weights of the best epoch, 2" in capsys.readouterr().out
    assert model.training


def test_interrupt_in_the_first_epoch_keeps_what_was_learned(capsys):
    model = make_model()
    before = weights_of(model)
    history = run(model, augment=Stop(4))
    assert history.train_loss == []
    assert not torch.equal(model[0].weight, before["0.weight"])
    assert "no epoch was finished" in capsys.readouterr().out


# ---- nan, memory, precision ----------------------------------------------------------
class Spoil(nn.Module):
    """Multiply by nan in the given training steps; by one otherwise."""

    def __init__(self, *steps):
        super().__init__()
        self.steps, self.step = steps, 0

    def forward(self, inputs):
        self.step += self.training
        bad = self.training and self.step in self.steps
        return inputs * (math.nan if bad else 1.0)


@pytest.mark.parametrize("step", [1, 7, 12, 60])
def test_nan_stops_with_step_epoch_and_learning_rate(step):
    model = make_model(Spoil(step))
    initial = weights_of(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.25, momentum=0.9)
    epoch = math.ceil(step / 5)
    message = (
        rf"loss became nan at step {step} \(epoch {epoch}\), lr 0.25: try lr=0.025"
    )
    with pytest.raises(FloatingPointError, match=message) as caught:
        run(model, num_epochs=20, optimizer=optimizer)
    assert len(caught.value.history.batch_loss) == step
    assert all(value.isfinite().all() for value in model.state_dict().values())
    assert not optimizer.state
    if epoch == 1:
        assert_same_weights(model, initial)
    else:
        assert len(caught.value.history.train_loss) == epoch - 1


def test_nan_gives_the_weights_of_the_epoch_before_back():
    whole, model = make_model(Spoil()), make_model(Spoil(12))
    run(whole, num_epochs=2)
    with pytest.raises(FloatingPointError):
        run(model, num_epochs=3)
    assert_same_weights(model, whole.state_dict())


def test_learning_rate_in_the_message_is_that_of_the_step():
    def schedule(optimizer, total_steps):
        return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: 1 / (k + 1))

    with pytest.raises(FloatingPointError, match=r"step 4 .*, lr 0\.25:"):
        run(make_model(Spoil(4)), lr=1.0, schedule=schedule)


@pytest.mark.parametrize("with_val", [True, False])
def test_weights_ruined_by_the_last_step_are_noticed(with_val):
    class Ruin(torch.optim.SGD):
        calls = 0

        def step(self, closure=None):
            super().step(closure)
            self.calls += 1
            if self.calls == 5:
                with torch.no_grad():
                    self.param_groups[0]["params"][0].fill_(math.inf)

    model = make_model()
    initial = weights_of(model)
    optimizer = Ruin(model.parameters(), lr=0.01)
    val = make_data() if with_val else None
    with pytest.raises(FloatingPointError, match=r"at step 5 \(epoch 1\)"):
        run(model, num_epochs=1, optimizer=optimizer, val=val)
    assert_same_weights(model, initial)


class SmallMemory(nn.Module):
    """Run out of memory, as a GPU does, when a training batch is too large."""

    def __init__(self, limit, error=None):
        super().__init__()
        self.limit, self.sizes = limit, []
        self.error = error or torch.OutOfMemoryError("CUDA out of memory. Tried ...")

    def forward(self, inputs):
        if len(inputs) > self.limit:
            raise self.error
        self.sizes.append(len(inputs))
        return inputs


@pytest.mark.parametrize(
    "error",
    [None, RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)")],
)
def test_out_of_memory_gives_the_same_numbers_in_smaller_parts(capsys, error):
    roomy, tight = make_model(), make_model(SmallMemory(6, error))
    expected, val = make_data(), make_data(50, seed=1)
    optimizer = {"sgd": lambda m: torch.optim.SGD(m.parameters(), lr=0.05)}["sgd"]
    plain = run(roomy, expected, val=val, optimizer=optimizer(roomy))
    history = run(tight, expected, val=val, optimizer=optimizer(tight))
    assert history.micro_batch == 5
    assert max(tight[2].sizes) <= 6
    assert history.batch_loss == pytest.approx(plain.batch_loss, rel=1e-5)
    assert history.val_loss == pytest.approx(plain.val_loss, rel=1e-5)
    torch.testing.assert_close(tight[3].weight, roomy[2].weight, rtol=1e-5, atol=1e-6)
    assert "parts of 5" in capsys.readouterr().out


def test_parts_that_fit_before_memory_ran_out_are_not_counted_twice():
    """The first batch fails as a whole, then in its second half, then fits."""

    class Shrinking(SmallMemory):
        def forward(self, inputs):
            self.limit = {0: 10, 1: 5}.get(len(self.sizes), self.limit)
            return super().forward(inputs)

    plain, tight = make_model(), make_model(Shrinking(20))
    for model in (plain, tight):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        history = run(model, optimizer=optimizer, num_epochs=1)
    assert history.micro_batch == 5
    assert tight[2].sizes[:2] == [10, 5]
    torch.testing.assert_close(tight[3].weight, plain[2].weight, rtol=1e-5, atol=1e-6)


def test_evaluation_out_of_memory_goes_on_with_smaller_batches():
    memory = SmallMemory(6)
    model = nn.Sequential(memory, make_model())
    expected = evaluate(make_model(), make_data())
    result = evaluate(model, make_data(), batch_size=96)
    assert memory.sizes == [6] * 16
    assert result == pytest.approx(expected, rel=1e-5)


def test_no_memory_for_one_example_is_an_error_with_a_remedy():
    with pytest.raises(RuntimeError, match="with a single example.*smaller model"):
        run(make_model(SmallMemory(0)))


def test_other_runtime_errors_are_not_taken_for_memory():
    with pytest.raises(RuntimeError, match="cannot be multiplied") as caught:
        run(nn.Linear(3, 2))
    assert "out of memory" not in str(caught.value)


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_mixed_precision_agrees_with_float32(precision):
    losses, dtypes = [], set()
    for dtype in (torch.float32, precision):
        model = make_model()
        model[0].register_forward_hook(lambda m, i, out: dtypes.add(out.dtype))
        losses.append(run(model, val=make_data(), precision=dtype, num_epochs=4))
    assert dtypes == {torch.float32, precision}
    assert losses[1].val_loss == pytest.approx(losses[0].val_loss, rel=0.03)
    assert losses[1].val_loss != losses[0].val_loss


def test_float16_scales_the_loss_and_clips_the_true_gradient():
    model = make_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    seen = []

    def note(parameter):
        seen.append(parameter.grad.abs().max().item())

    model[2].bias.register_post_accumulate_grad_hook(note)
    scaled = run(
        model,
        optimizer=optimizer,
        precision=torch.float16,
        clip_norm=0.1,
        schedule="cosine",
    )
    assert max(seen) > 100  # the gradient of a loss that was multiplied
    plain = make_model()
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.05)
    whole = run(plain, optimizer=optimizer, clip_norm=0.1, schedule="cosine")
    assert scaled.train_loss == pytest.approx(whole.train_loss, rel=0.02)


def test_overflow_of_float16_costs_a_step_and_is_no_warning_or_nan(recwarn):
    def steep_loss(outputs, targets):
        return 100 * F.cross_entropy(outputs, targets)

    model = make_model()
    initial = weights_of(model)
    settings = {"precision": torch.float16, "loss_fn": steep_loss, "schedule": "cosine"}
    after_steps = []

    def look(inputs):
        after_steps.append(model[2].bias.detach().clone())
        return inputs

    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    history = run(model, optimizer=optimizer, augment=look, **settings)
    assert torch.equal(after_steps[1], initial["2.bias"])  # the first step was left out
    assert history.train_loss[-1] < history.train_loss[0]
    assert not [w for w in recwarn if "lr_scheduler" in str(w.message)]


# ---- checkpoints ---------------------------------------------------------------------
SETTINGS = {"num_epochs": 4, "schedule": "one_cycle", "val": make_data(40, seed=1)}


def noisy(inputs):
    if os.environ.get("KILL_AT"):
        noisy.num_calls = getattr(noisy, "num_calls", 0) + 1
        if noisy.num_calls == int(os.environ["KILL_AT"]):
            os.kill(os.getpid(), signal.SIGKILL)
    return inputs + 0.1 * torch.randn_like(inputs)


def without_seconds(history):
    return {key: value for key, value in vars(history).items() if key != "seconds"}


def test_training_killed_in_mid_epoch_resumes_exactly(tmp_path, capsys):
    path = tmp_path / "new folder" / "run.pt"
    script = f"""
        import sys, torch
        sys.path[:0] = [{str(ROOT / "tests")!r}, {str(ROOT)!r}]
        torch.set_num_threads(1)
        from test_training import SETTINGS, make_model, nn, noisy, run
        run(make_model(nn.Dropout(0.5)), augment=noisy, checkpoint={str(path)!r}, **SETTINGS)
    """
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "KILL_AT": "13"},  # in the third of four epochs
        check=False,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    whole, resumed = make_model(nn.Dropout(0.5)), make_model(nn.Dropout(0.5))
    expected = run(whole, augment=noisy, **SETTINGS)
    history = run(resumed, augment=noisy, checkpoint=path, **SETTINGS)
    assert "Resumed after epoch 2." in capsys.readouterr().out
    assert_same_weights(resumed, whole.state_dict())
    assert without_seconds(history) == without_seconds(expected)


def test_interrupted_training_resumes_exactly_from_its_checkpoint(tmp_path):
    stop = Stop(13)
    settings = {**SETTINGS, "checkpoint": tmp_path / "run.pt", "keep_best": False}
    first, again, whole = make_model(), make_model(), make_model()
    run(first, augment=stop, **settings)
    history = run(again, augment=Stop(None), **settings)
    expected = run(whole, **{**settings, "checkpoint": None})
    assert without_seconds(history) == without_seconds(expected)
    assert_same_weights(again, whole.state_dict())


def test_finished_training_returns_at_once_with_its_weights(tmp_path):
    settings = {**SETTINGS, "checkpoint": tmp_path / "run.pt", "augment": Stop(None)}
    first, again = make_model(), make_model(seed=5)
    history = run(first, **settings)
    idle = Stop(None)
    assert run(again, **{**settings, "augment": idle}) == history
    assert idle.num_calls == 0
    assert_same_weights(again, first.state_dict())


def test_checkpoint_loads_without_unpickling_code_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "run.pt"
    run(make_model(), checkpoint=path)
    assert torch.load(path, weights_only=True)["state"]["history"]["best_epoch"] == 3
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 10}, "batch_size=20, got batch_size=10"),
        ({"lr": 0.01}, "lr=0.05, got lr=0.01"),
        ({"data": make_data(seed=4)}, "train="),
        ({"model": nn.Linear(2, 2)}, "model=Sequential .*got model=Linear"),
        ({"optimizer": torch.optim.SGD}, "optimizer=None, got optimizer=SGD"),
    ],
)
def test_checkpoint_of_another_training_is_refused(tmp_path, change, message):
    settings = {"model": make_model(), "checkpoint": tmp_path / "run.pt"}
    run(**settings)
    settings |= change
    if "optimizer" in change:
        settings["optimizer"] = torch.optim.SGD(settings["model"].parameters(), lr=1)
    before = weights_of(settings["model"])
    with pytest.raises(ValueError, match=f"{message}.*delete the file"):
        run(**settings)
    assert_same_weights(settings["model"], before)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_damaged_checkpoint_is_refused_with_a_remedy(tmp_path, content):
    path = tmp_path / "run.pt"
    run(make_model(), checkpoint=path)
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    with pytest.raises(ValueError, match="cannot be read .*delete the file"):
        run(make_model(), checkpoint=path)


def test_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "run.pt"
    monkeypatch.setattr(training_run.os, "fsync", Stop(2, OSError("no space left")))
    with pytest.raises(OSError, match="no space left"):
        run(make_model(), checkpoint=path)
    monkeypatch.undo()
    assert len(torch.load(path, weights_only=True)["state"]["history"]["lr"]) == 1


# ---- what is refused, before anything is changed --------------------------------------
X, Y = make_data()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lr": 0}, "lr must be a number above 0, got 0"),
        ({"lr": math.nan}, "lr must be a number above 0, got nan"),
        ({"num_epochs": 0}, "num_epochs must be a whole number above 0, got 0"),
        ({"batch_size": 2.5}, "batch_size must be a whole number above 0, got 2.5"),
        ({"schedule": "step"}, "schedule must be None, 'one_cycle', .* got 'step'"),
        ({"patience": 2}, "val must be given with patience"),
        ({"data": (X, Y[:-1])}, "train must have one target for each input, got"),
        ({"val": (X, Y[:-1])}, "val must have one target for each input, got"),
        ({"data": (X[:0], Y[:0])}, "train must be at least one example, got 0"),
        ({"data": []}, "train must be batches every epoch, got 'none'"),
        ({"data": (X, Y.float())}, r"targets must be class numbers .*\.long\(\)"),
        ({"data": (X, Y.int())}, r"targets must be class numbers .*\.long\(\)"),
        ({"data": (X, Y + 1)}, "labels from 0 to 1, .* 2 outputs, got '1 to 2'"),
        ({"val": (X, Y - 1)}, "labels from 0 to 1, .* got '-1 to 0'"),
        ({"data": (X, torch.stack([Y, Y], 1))}, "one label for each row of outputs"),
        ({"data": (X, Y.float()), "loss_fn": F.mse_loss}, "shape of the outputs"),
        ({"data": (x for x in [1]), "schedule": "cosine"}, "data with a length"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(settings, message):
    model = make_model()
    before = weights_of(model)
    with pytest.raises(ValueError, match=message):
        run(model, **settings)
    assert_same_weights(model, before)


@pytest.mark.parametrize(
    "data",
    [(X.numpy(), Y.numpy()), X, 3, TensorDataset(X, Y), [X, Y, Y], [(X, 1)]],
)
def test_data_of_another_kind_are_refused(data):
    with pytest.raises(TypeError, match=r"must be tensors \(inputs, targets\)"):
        run(make_model(), data)


def test_model_without_anything_to_learn_is_refused():
    with pytest.raises(ValueError, match="parameters that learn"):
        run(make_model().requires_grad_(False))


def test_generator_that_runs_only_once_is_refused_in_the_second_epoch():
    with pytest.raises(ValueError, match="not a generator that runs once"):
        run(make_model(), (batch for batch in [(X, Y)]))


# ---- progress ------------------------------------------------------------------------
def test_terminal_gets_one_line_and_its_end(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    fit(make_model(), make_data(), val=make_data(), num_epochs=3)
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    last = text.rsplit("\r", 1)[1]
    assert last.startswith("epoch 3/3  ██████████  loss ")
    assert "accuracy" in last
    assert " s" in last


@pytest.mark.parametrize("progress", [True, False])
def test_nothing_is_shown_without_terminal_or_notebook(capsys, progress):
    fit(make_model(), make_data(), progress=progress)
    assert capsys.readouterr().out == ""


def test_notebook_gets_one_display_that_is_updated_at_most_five_times_a_second(
    monkeypatch,
):
    import IPython
    import IPython.display

    shown, updates, clock = [], [], [0.0]

    class Handle:
        def update(self, data, raw):
            updates.append((clock[0], data))

    class Shell:
        kernel = object()

    def display(data, raw, display_id):
        shown.append(data)
        return Handle()

    def monotonic():
        clock[0] += 0.01  # every step takes ten milliseconds
        return clock[0]

    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setattr(training_run.time, "monotonic", monotonic)
    fit(make_model(), make_data(), num_epochs=30, batch_size=8)
    assert len(shown) == 1
    times = [time for time, _ in updates]
    gaps = [b - a for a, b in zip(times[:-1], times[1:-1], strict=False)]
    assert len(gaps) > 5
    assert min(gaps) >= 0.2
    last = updates[-1][1]
    assert last["text/plain"].startswith("epoch 30/30  ██████████  loss")
    assert '<span aria-hidden="true">██████████</span>' in last["text/html"]

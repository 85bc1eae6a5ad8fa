"""Claims about `lessons_lib.training`: against a bare loop, and when all goes wrong."""

import copy
import itertools
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR
from torch.utils.data import DataLoader, TensorDataset

from lessons_lib import training
from lessons_lib.training import Evaluation, batches, evaluate, fit


def make_data(num_examples=96, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (num_examples,), generator=generator)
    inputs = torch.randn(num_examples, 2, generator=generator)
    return inputs + 2.0 * labels[:, None], labels


def make_model(*extra, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), *extra, nn.Linear(16, 2))


def make_sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.05)


def make_adamw(model):
    return torch.optim.AdamW(model.parameters(), lr=0.05, fused=True)


def run(model, data=None, **settings):
    settings = {"batch_size": 20, "num_epochs": 3, "lr": 0.05, **settings}
    return fit(model, data or make_data(), progress=False, **settings)


def assert_same_weights(model, other, **tolerance):
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    states = dict(model.state_dict()), dict(other.state_dict())
    torch.testing.assert_close(*states, **tolerance)


X, Y = make_data()  # wrong labels in val: the first epoch is the best
SETTINGS = {"num_epochs": 4, "schedule": "one_cycle", "val": (X, 1 - Y)}


def bare_loop(model, optimizer, schedule, clip):
    """Train for 3 epochs as a reader would write it, with nothing from the library."""
    (inputs, targets), losses = make_data(), []
    generator = torch.Generator().manual_seed(0)
    for _ in range(3):
        for chosen in torch.randperm(len(inputs), generator=generator).split(20):
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


@pytest.mark.parametrize("make", [make_sgd, make_adamw, None])
@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("cycle", [False, True])
def test_fit_equals_a_bare_loop_bit_for_bit(make, clip, cycle):
    bare, fitted = make_model(), make_model()
    optimizer = (make or make_adamw)(bare)
    betas = {"cycle_momentum": make is not make_sgd}
    schedule = cycle and OneCycleLR(optimizer, 0.05, 15, **betas)
    losses = bare_loop(bare, optimizer, schedule, clip)
    settings = {"clip_norm": clip, "schedule": "one_cycle" if cycle else None}
    settings["optimizer"] = make and make(fitted)
    history = run(fitted, keep_best=False, **settings)
    assert_same_weights(fitted, bare)
    assert history.batch_loss == losses
    assert history.train_loss[-1] == pytest.approx(sum(losses[-5:]) / 5)


def test_cosine_warms_up_and_ends_near_zero():
    lrs = run(make_model(), schedule="cosine", num_epochs=200, batch_size=96).lr
    assert lrs[:10] == pytest.approx([0.005 * k for k in range(1, 11)], rel=0.01)
    assert (lrs[100], lrs[-1]) == pytest.approx((0.025, 0), abs=1e-5)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_batches_hold_every_example_once(shuffle, size):
    inputs = torch.arange(7)
    found = list(batches(inputs, inputs * 10, size, shuffle=shuffle))
    assert [len(x) for x, _ in found[:-1]] == [size] * (math.ceil(7 / size) - 1)
    assert sorted(torch.cat([x for x, _ in found]).tolist()) == list(range(7))
    assert all(torch.equal(x * 10, y) for x, y in found)
    full = batches(inputs, inputs, size, shuffle=shuffle, drop_last=True)
    assert [len(x) for x, _ in full] == [size] * (7 // size)


def test_same_seed_same_numbers_another_seed_others_and_the_callers_stream_goes_on():
    losses, draws = [], []
    how = {"augment": lambda inputs: draws.append(torch.rand(()).item()) or inputs}
    for seed in (1, 1, 2):
        model = make_model(nn.Dropout(0.5))
        torch.manual_seed(99)
        losses.append(run(model, seed=seed, **how).batch_loss)
        drawn = torch.rand(4)
    assert losses[0] == losses[1] != losses[2]
    assert len(set(draws)) == 30  # another number in each of the 15 steps
    torch.manual_seed(99)
    assert torch.equal(drawn, torch.rand(4))


def test_loader_list_and_arrays_train_too():
    loader = DataLoader(TensorDataset(*make_data()), batch_size=20)
    models = [make_model(), make_model()]
    for model, data in zip(models, (loader, list(loader)), strict=True):
        history = run(model, data, val=data, schedule="one_cycle")
        assert len(history.batch_loss) == 15
    assert_same_weights(*models)
    arrays = run(make_model(), [part.numpy() for part in make_data()])
    assert arrays.batch_loss == run(make_model()).batch_loss


def test_augment_changes_training_inputs_but_not_validation():
    seen, model = [], nn.Linear(2, 2).eval()
    grad = torch.is_grad_enabled  # there is no graph in validation
    note = model.register_forward_pre_hook
    note(lambda m, x: seen.append((m.training, grad(), x[0].max())))
    zeros = (torch.zeros(40, 2), torch.zeros(40).long())
    run(model, zeros, val=zeros, augment=lambda inputs: inputs + 5)
    assert seen == ([(True, True, 5)] * 2 + [(False, False, 0)] * 2) * 3
    assert model.training


def test_channels_last_gives_the_same_numbers():
    data, models = (torch.randn(24, 3, 6, 6), torch.randint(80, (24,))), []
    for channels_last in (False, True):
        torch.manual_seed(1)
        models.append(nn.Sequential(nn.Conv2d(3, 5, 3), nn.Flatten()))
        run(models[-1], data, channels_last=channels_last)
    assert models[1][0].weight.is_contiguous(memory_format=torch.channels_last)
    assert_same_weights(*models, rtol=1e-3, atol=1e-4)


def test_evaluate_equals_one_pass_over_everything():
    model, (inputs, targets) = make_model(), make_data(97)
    logits = model(inputs).detach()
    accuracy = (logits.argmax(1) == targets).double().mean().item()
    expected = Evaluation(F.cross_entropy(logits, targets).item(), accuracy)
    result = evaluate(model, (inputs, targets), batch_size=10)
    assert result == pytest.approx(expected, rel=1e-5)


def test_accuracy_is_that_of_classes_in_both_orders_of_dimensions_or_the_metric():
    targets = torch.randint(5, (6, 7))
    right = F.one_hot(targets, 5).float()
    how = {"loss_fn": lambda outputs, targets: outputs.mean()}
    assert evaluate(nn.Identity(), (right, targets), **how).accuracy == 1.0
    assert evaluate(nn.Identity(), (right.mT, targets)).accuracy == 1.0
    ignored = torch.tensor([[9.0, 0]] * 4), torch.tensor([0, 1, -100, -100])
    assert evaluate(nn.Identity(), ignored).accuracy == 0.5
    data, how = (torch.ones(8, 1), torch.zeros(8, 1)), {"loss_fn": F.mse_loss}
    assert math.isnan(evaluate(nn.Identity(), data, **how).accuracy)
    history = run(nn.Linear(1, 1), data, val=data, metric=F.l1_loss, **how)
    assert history.val_accuracy[-1] == pytest.approx(history.val_loss[-1] ** 0.5)


def at_step(step, action):
    """Return an `augment` that does something else in one step, counted from 1."""
    steps = itertools.count(1)
    return lambda inputs: action(inputs) if next(steps) == step else inputs


def interrupt(inputs):
    raise KeyboardInterrupt


@pytest.mark.parametrize("keep_best", [True, False])
def test_best_weights_by_validation_loss_are_kept(keep_best):
    model, val = make_model(), make_data(50, seed=1)
    how = {"schedule": lambda opt, _: LambdaLR(opt, lambda k: 1 if k < 10 else 400)}
    history = run(model, val=val, num_epochs=5, keep_best=keep_best, **how)
    assert history.best_epoch == 2
    assert history.val_loss[1] == min(history.val_loss) < history.val_loss[-1]
    kept = history.val_loss[1 if keep_best else -1]
    assert evaluate(model, val).loss == pytest.approx(kept)


def test_patience_stops_early():
    history = run(make_model(), **{**SETTINGS, "patience": 2, "num_epochs": 20})
    assert history.stopped == "early"
    assert len(history.val_loss) == history.best_epoch + 2 == 3


def test_interrupt_keeps_the_best_weights():
    whole, model = make_model(), make_model()
    run(whole, num_epochs=2)
    history = run(model, num_epochs=9, augment=at_step(13, interrupt))  # in epoch 3
    assert history.stopped == "interrupted"
    assert len(history.train_loss) == history.best_epoch == 2
    assert_same_weights(model, whole)
    assert run(make_model(), augment=at_step(4, interrupt)).best_epoch == 0


@pytest.mark.parametrize("step", [1, 7, 12])
def test_nan_stops_with_step_and_learning_rate_and_gives_weights_back(step):
    whole, model, epoch = make_model(), make_model(), 1 + step // 5
    how = {"schedule": lambda o, _: LambdaLR(o, lambda k: 1 / (k + 1)), "lr": step / 20}
    if epoch > 1:
        run(whole, num_epochs=epoch - 1, **how)
    message = rf"nan at step {step} \(epoch {epoch}\), lr 0.05: try lr=0.005"
    with pytest.raises(FloatingPointError, match=message) as caught:
        run(model, augment=at_step(step, lambda inputs: math.nan * inputs), **how)
    assert len(caught.value.history.train_loss) == epoch - 1
    assert_same_weights(model, whole)


def test_weights_ruined_by_the_last_step_are_noticed():
    model = make_model()
    optimizer = make_sgd(model)
    optimizer.register_step_post_hook(lambda *_: model[0].weight.data.fill_(math.inf))
    with pytest.raises(FloatingPointError, match=r"at step 1 \(epoch 1\)"):
        run(model, num_epochs=1, batch_size=96, optimizer=optimizer)
    assert_same_weights(model, make_model())


class SmallMemory(nn.Module):
    """Run out of memory, as a GPU does, when a batch is larger than the limit."""

    def __init__(self, *limits, message="CUDA out of memory. Tried to allocate"):
        super().__init__()
        self.limits, self.message, self.sizes = limits, message, []

    def forward(self, inputs):
        if len(inputs) > self.limits[min(len(self.sizes), len(self.limits) - 1)]:
            raise RuntimeError(self.message)
        self.sizes.append(len(inputs))
        return inputs


MEMORIES = [SmallMemory(6), SmallMemory(5, message="MPS backend out of memory")]
MEMORIES += [SmallMemory(10, 5, 20)]  # the second half of the first batch fails


@pytest.mark.parametrize("memory", MEMORIES)
def test_out_of_memory_gives_the_same_numbers_in_smaller_parts(capsys, memory):
    roomy, tight = make_model(), make_model(memory)
    how = {"val": make_data(), "num_epochs": 2}
    plain, history = (run(m, optimizer=make_sgd(m), **how) for m in (roomy, tight))
    assert history.micro_batch == 5
    assert history.batch_loss == pytest.approx(plain.batch_loss, rel=1e-5)
    assert history.val_loss == pytest.approx(plain.val_loss, rel=1e-5)
    torch.testing.assert_close(tight[3].weight, roomy[2].weight, rtol=1e-5, atol=1e-6)
    assert "parts of 5" in capsys.readouterr().out


@pytest.mark.parametrize("message", ["CUDA out of memory", "an illegal memory access"])
def test_hopeless_and_other_runtime_errors_are_raised(capsys, message):
    with pytest.raises(RuntimeError, match=message):
        run(make_model(SmallMemory(0, message=message)))
    assert ("parts of 1." in capsys.readouterr().out) == (message[0] == "C")


HALVES = [(torch.bfloat16, None), (torch.float16, None), (torch.float16, 0.1)]


@pytest.mark.parametrize(("precision", "clip"), HALVES)
def test_mixed_precision_agrees_with_float32(precision, clip):
    histories, dtypes, gradients = [], set(), []
    for dtype in (torch.float32, precision):
        model = make_model()
        model[0].register_forward_hook(lambda m, i, out: dtypes.add(out.dtype))
        watch = model[2].bias.register_post_accumulate_grad_hook
        watch(lambda param: gradients.append(param.grad.abs().max().item()))
        how = {"optimizer": make_sgd(model), "clip_norm": clip, "val": make_data()}
        histories.append(run(model, precision=dtype, **how))
    plain, mixed = histories
    assert dtypes == {torch.float32, precision}
    assert plain.val_loss != mixed.val_loss == pytest.approx(plain.val_loss, rel=0.03)
    assert (max(gradients) > 10) == (precision == torch.float16)  # scaled


def test_training_killed_in_mid_epoch_resumes_exactly(tmp_path, capsys):
    path, here = tmp_path / "new folder" / "run.pt", Path(__file__).parent
    script = f"""if True:
        import os, sys
        sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]
        from test_training import *
        kill = lambda inputs: os.kill(os.getpid(), 9)
        how = {{**SETTINGS, "augment": at_step(13, kill)}}  # in epoch 3 of 4
        run(make_model(nn.Dropout()), checkpoint={str(path)!r}, **how)
    """
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    whole, resumed = make_model(nn.Dropout()), make_model(nn.Dropout(), seed=5)
    expected = run(whole, **SETTINGS)
    history = run(resumed, checkpoint=path, **SETTINGS)
    assert "Resumed after epoch 2." in capsys.readouterr().out
    assert_same_weights(resumed, whole)
    assert vars(history) == {**vars(expected), "seconds": history.seconds}
    # Training that is finished returns at once, with its weights.
    how = {"augment": at_step(1, interrupt), "checkpoint": path}
    assert run(resumed, **how, **SETTINGS) == history
    assert_same_weights(resumed, whole)
    assert [file.name for file in path.parent.iterdir()] == ["run.pt"]


def test_interrupted_training_resumes_exactly_in_float16_too(tmp_path):
    how = {**SETTINGS, "precision": torch.float16, "keep_best": False, "lr": 1e-4}
    how["loss_fn"] = lambda outputs, targets: 1e4 * F.cross_entropy(outputs, targets)
    models, path = [make_model(), make_model(), make_model()], tmp_path / "run.pt"
    run(models[0], augment=at_step(13, interrupt), checkpoint=path, **how)
    run(models[1], checkpoint=path, **how)
    run(models[2], **how)
    assert_same_weights(models[1], models[2])


CHANGES = [{"batch_size": 10}, {"lr": 0.01}, {"clip_norm": 1.0}, {"seed": 3}]
CHANGES += [{"schedule": "cosine"}, {"model": nn.Linear(2, 2)}, {"data": make_data(9)}]


@pytest.mark.parametrize("change", CHANGES)
def test_checkpoint_of_another_training_is_refused(tmp_path, change):
    settings = {"model": make_model(), "checkpoint": tmp_path / "run.pt"}
    run(**settings)
    settings |= change
    before = copy.deepcopy(settings["model"])
    name = next(iter(change)).replace("data", "total_steps")
    with pytest.raises(ValueError, match=rf"must be deleted, or made with {name}="):
        run(**settings)
    assert_same_weights(settings["model"], before)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_damaged_checkpoint_is_refused_with_a_remedy(tmp_path, content):
    path = tmp_path / "run.pt"
    run(make_model(), checkpoint=path)
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)
    with pytest.raises(ValueError, match=r"run.pt is damaged: delete it"):
        run(make_model(), checkpoint=path)


class Alarm:
    """Rings when it is unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path("alarm"),))


def test_code_inside_a_checkpoint_is_never_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"settings": {}, "state": Alarm()}, "run.pt")
    with pytest.raises(ValueError, match="run.pt is damaged"):
        run(make_model(), checkpoint="run.pt")
    assert not Path("alarm").exists()


def test_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    def fail(content, partial):
        raise OSError(f"no space left for {partial.write_bytes(b'half')}")

    settings = {"checkpoint": tmp_path / "run.pt", "num_epochs": 2}
    run(make_model(), augment=at_step(6, interrupt), **settings)
    before = settings["checkpoint"].read_bytes()
    monkeypatch.setattr(training.torch, "save", fail)
    with pytest.raises(OSError, match="no space left"):
        run(make_model(), **settings)
    assert settings["checkpoint"].read_bytes() == before


BAD = [
    ({"model": nn.ReLU()}, "model must be a module with parameters that learn"),
    ({"lr": 0}, "lr must be a number above 0, for example 1e-3, got 0"),
    ({"num_epochs": 0}, "num_epochs must be a whole number above 0, got 0"),
    ({"batch_size": -1}, "batch_size must be a whole number above 0, got -1"),
    ({"schedule": "step"}, "schedule must be 'one_cycle' or 'cosine', got 'step'"),
    ({"data": (X, Y[:-1])}, r"a target for each input, got \(96, 95\)"),
    ({"data": (X[:0], Y[:0])}, r"a target for each input, got \(0, 0\)"),
    ({"data": (batch for batch in [(X, Y)])}, "a generator runs only once"),
    ({"data": (x for x in [1]), "schedule": "cosine"}, "data with a length"),
    ({"data": (X, Y.float())}, r"class numbers from 0 to 1 \(try targets.long"),
    ({"data": (X, Y + 1)}, "class numbers from 0 to 1 .*, got '1 to 2'"),
    ({"val": (X, Y - 1)}, "class numbers from 0 to 1 .*, got '-1 to 0'"),
]


@pytest.mark.parametrize(("settings", "message"), BAD)
def test_bad_input_is_refused_with_what_was_expected(settings, message):
    with pytest.raises(ValueError, match=message):
        run(**{"model": make_model(), **settings})


@pytest.mark.parametrize(("progress", "is_terminal"), [(1, 1), (1, 0), (0, 1)])
def test_terminal_gets_one_line_and_its_end(monkeypatch, capsys, progress, is_terminal):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    fit(make_model(), make_data(), val=make_data(), progress=progress)
    text = capsys.readouterr().out
    assert text.count("\n") == progress * is_terminal
    last = r"\repoch 3/3  ██████████  loss .*  val loss .*  accuracy .* s\S+\n$"
    assert re.search(last, text) if progress and is_terminal else text == ""


def test_notebook_gets_one_line_that_changes_at_most_five_times_a_second(monkeypatch):
    shown, updates, clock = [], [], [0.0]

    class Notebook:
        kernel = object()

        def update(self, data, raw):
            updates.append((clock[0], data))

    def monotonic():
        clock[0] += 0.01  # every step takes ten milliseconds
        return clock[0]

    show = lambda *data, **how: shown.append(data) or Notebook()  # noqa: E731
    monkeypatch.setattr(training, "get_ipython", Notebook)
    monkeypatch.setattr(training, "display", show)
    monkeypatch.setattr(training.time, "monotonic", monotonic)
    fit(make_model(), make_data(), num_epochs=30, batch_size=8)
    assert len(shown) == 1
    times = [time for time, _ in updates[:-1]]
    assert min(b - a for a, b in zip(times, times[1:], strict=False)) >= 0.2
    last = updates[-1][1]
    assert last["text/plain"].startswith("epoch 30/30  ██████████  loss")
    assert '<span aria-hidden="true">██████████</span>' in last["text/html"]

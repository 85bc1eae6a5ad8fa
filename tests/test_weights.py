"""Weights that come with the package: what is recorded, loaded, refused and trained."""

import ast
import hashlib
import json
import pickle
from pathlib import Path

import nbformat
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import checkpoints
from checkpoints import _shakespeare, diffusion, tiny_gpt, tiny_lstm
from lessons_lib import data, models, weights
from lessons_lib.site import address
from lessons_lib.weights import about_weights, load_weights

NAMES = sorted(path.stem for path in weights.FOLDER.glob("*.json"))


# ---- the files that are there --------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_record_says_what_a_reader_must_know(name):
    about = about_weights(name)
    path = weights.FOLDER / f"{name}.pt"
    assert about["name"] == name
    assert about["bytes"] == path.stat().st_size <= checkpoints.LARGEST
    assert 0 < about["cpu_s"] <= 30 * 60
    assert {"machine", "torch", "data", "loss", "steps", "sha256"} <= about.keys()
    assert sum(v.numel() for v in load_weights(name).values()) == about["parameters"]


def test_every_file_of_weights_has_its_record_and_script():
    files = {path.stem for path in weights.FOLDER.glob("*.pt")}
    scripts = {path.stem for path in address.ROOT.glob("checkpoints/[!_]*.py")}
    assert files == set(NAMES)
    assert files <= scripts


def test_diffusion_weights_fit_the_network_and_make_it_draw():
    model = diffusion.make_model()
    state = load_weights("diffusion")
    assert {value.dtype for value in state.values()} == {torch.float32}
    model.load_state_dict(state)  # strict: every name, every shape
    assert about_weights("diffusion")["recognised"] >= 0.95
    torch.manual_seed(0)
    wanted = torch.arange(10).repeat(2)
    pictures = diffusion.draw(model, wanted, 2.5, 10)
    assert pictures.shape == (20, 1, 28, 28)
    border = pictures[..., [0, 1, -2, -1], :]
    assert border.mean() < -0.95  # black around the digit, as in MNIST
    assert (pictures > 0.5).float().mean() > 0.05  # and ink in it


def test_drawn_digits_have_the_nearest_real_digits_of_their_class():
    mnist = data.load("mnist", verbose=False)
    if mnist.name != "MNIST":
        pytest.skip("MNIST is not here")
    model = diffusion.make_model()
    model.load_state_dict(load_weights("diffusion"))
    torch.manual_seed(0)
    wanted = torch.arange(10).repeat(10)
    pictures = F.avg_pool2d(diffusion.draw(model, wanted, 2.5, 10), 2).flatten(1)
    real = diffusion.to_range(mnist.train_images[:10_000])
    real = F.avg_pool2d(real, 2).flatten(1)
    found = mnist.train_labels[torch.cdist(pictures, real).argmin(1)]
    assert (found == wanted).float().mean() > 0.9


SONNET = "Shall I compare thee to a summer's day?\nThou art more lovely"
WRITERS = pytest.mark.parametrize("module", [tiny_gpt, tiny_lstm], ids=["gpt", "lstm"])


def load_writer(module):
    name = module.__name__.rsplit(".", 1)[1]
    about = about_weights(name)
    model = module.make_model(len(about["chars"]))
    model.load_state_dict(load_weights(name))
    return model, about


@WRITERS
def test_writers_are_hardly_surprised_by_a_line_they_have_not_read(module):
    model, about = load_writer(module)
    tokens = torch.tensor([[about["chars"].index(char) for char in SONNET]])
    with torch.no_grad():
        new = module.make_model(len(about["chars"]))
        losses = [
            F.cross_entropy(m(tokens)[0, :-1], tokens[0, 1:]) for m in (model, new)
        ]
    assert losses[0] < 2.0 < 3.9 < losses[1]


@WRITERS
def test_writers_reach_what_their_record_says_on_the_held_out_text(module):
    if data.load("shakespeare", verbose=False).name != "tiny Shakespeare":
        pytest.skip("Shakespeare is not here")
    model, about = load_writer(module)
    held_out = _shakespeare.read()[2]
    assert _shakespeare.judge(model, held_out) == pytest.approx(
        about["nats"], abs=0.002
    )
    assert about["nats"] < 1.6


@WRITERS
def test_record_of_the_race_has_every_length(module):
    about = load_writer(module)[1]
    race = about["race"]
    assert tuple(run["steps"] for run in race) == module.ALL_STEPS
    assert [run["cpu_s"] for run in race] == sorted(run["cpu_s"] for run in race)
    assert race[-1]["nats"] == about["nats"]


# ---- loading -------------------------------------------------------------------------


def store(folder, name="toy", content=None, **about):
    content = content or b"x"
    (folder / f"{name}.pt").write_bytes(content)
    record = {"sha256": hashlib.sha256(content).hexdigest(), **about}
    (folder / f"{name}.json").write_text(json.dumps(record))


def test_unknown_name_is_answered_with_the_known_ones(tmp_path):
    store(tmp_path)
    with pytest.raises(ValueError, match="name must be one of toy, got 'cat'"):
        load_weights("cat", tmp_path)
    with pytest.raises(ValueError, match="name must be one of none, got 'cat'"):
        load_weights("cat", tmp_path / "nowhere")


def test_damaged_file_is_refused_with_the_remedy(tmp_path):
    store(tmp_path)
    (tmp_path / "toy.pt").write_bytes(b"y")
    with pytest.raises(ValueError, match="is damaged.*make checkpoints NAME=toy"):
        load_weights("toy", tmp_path)
    (tmp_path / "toy.pt").unlink()
    with pytest.raises(ValueError, match="is missing.*make checkpoints NAME=toy"):
        load_weights("toy", tmp_path)


class Trap:
    """Unpickling it would call exit."""

    def __reduce__(self):
        return exit, (3,)


def test_code_in_a_file_of_weights_is_not_run(tmp_path):
    path = tmp_path / "trap.pt"
    torch.save({"a": Trap()}, path)
    store(tmp_path, content=path.read_bytes())
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        load_weights("toy", tmp_path)


def test_written_weights_come_back_in_half_precision(tmp_path):
    state = {"a": torch.randn(3, 4), "b": torch.tensor([1 / 3])}
    path = checkpoints.write_weights("toy", state, {"steps": 7}, tmp_path)
    back = load_weights("toy", tmp_path)
    for key, value in state.items():
        torch.testing.assert_close(back[key], value.half().float(), rtol=0, atol=0)
    about = about_weights("toy", tmp_path)
    assert about["steps"] == 7
    assert about["parameters"] == 13
    assert about["bytes"] == path.stat().st_size
    assert [p.name for p in tmp_path.glob("*.partial")] == []


def test_weights_that_do_not_fit_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="a must be finite in float16"):
        checkpoints.write_weights("toy", {"a": torch.tensor([1e6])}, {}, tmp_path)
    with pytest.raises(ValueError, match="may have 1,500,000 bytes"):
        checkpoints.write_weights("toy", {"a": torch.zeros(800_000)}, {}, tmp_path)
    assert list(tmp_path.iterdir()) == []


# ---- training ------------------------------------------------------------------------


class Stopped(Exception):
    pass


def train_toy(path, stop_at=None):
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimizer = torch.optim.AdamW(model.parameters(), 0.1)

    def do_step(k):
        if k == stop_at:
            raise Stopped
        loss = model(torch.randn(8, 3)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    parts = {"model": model, "optimizer": optimizer}
    about = checkpoints.train_resumable(
        path, parts, 20, do_step, save_every=4, report=lambda text: None
    )
    return model.state_dict(), about


def test_interrupted_training_ends_with_the_same_weights(tmp_path):
    whole, about = train_toy(tmp_path / "whole.pt")
    path = tmp_path / "broken.pt"
    for stop_at in (7, 13):
        with pytest.raises(Stopped):
            train_toy(path, stop_at)
    resumed, about_resumed = train_toy(path)
    for key, value in whole.items():
        torch.testing.assert_close(resumed[key], value, rtol=0, atol=0)
    assert about_resumed["loss"] == about["loss"]
    assert about["steps"] == 20


def test_rest_of_another_training_is_refused(tmp_path):
    path = tmp_path / "rest.pt"
    train_toy(path)
    with pytest.raises(ValueError, match="belongs to a training of 20 steps, not 5"):
        checkpoints.train_resumable(path, {}, 5, lambda k: 0.0)


def test_clock_goes_on_after_an_interruption():
    clock = checkpoints.Clock(cpu_s=100.0, wall_s=200.0).read()
    assert 100 <= clock["cpu_s"] < 110
    assert 200 <= clock["wall_s"] < 260


def test_diffusion_refuses_other_data_than_mnist(monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path))
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    with pytest.raises(ValueError, match="data must be MNIST, got digits"):
        diffusion.train(tmp_path / "x.pt")


@WRITERS
def test_writers_refuse_other_data_than_shakespeare(module, monkeypatch, tmp_path):
    monkeypatch.setenv("LESSONS_DATA", str(tmp_path))
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    with pytest.raises(ValueError, match="data must be Shakespeare, got documentation"):
        module.train(tmp_path / "x.pt")


@WRITERS
def test_writers_train_at_every_length_and_leave_nothing_behind(
    module, monkeypatch, tmp_path
):
    text = torch.tensor([0, 1, 2, 1] * 100)
    monkeypatch.setattr(_shakespeare, "read", lambda: ("abc", text, text))
    state, about = module.train(tmp_path / "x.pt", (1, 50))
    assert [run["steps"] for run in about["race"]] == [1, 50]
    assert about["race"][1]["nats"] == about["nats"] < 0.7 * about["race"][0]["nats"]
    model = module.make_model(3)
    model.load_state_dict(state)
    assert _shakespeare.judge(model, text) == pytest.approx(about["nats"], abs=1e-3)
    assert list(tmp_path.iterdir()) == []


def test_judge_asks_for_every_character_once():
    seen = []

    class Table(nn.Module):
        def forward(self, tokens):
            seen.append(tokens)
            return torch.zeros(*tokens.shape, 3)

    text = torch.arange(400) % 3
    loss = _shakespeare.judge(Table(), text)
    assert loss == pytest.approx(torch.tensor(3.0).log().item())
    assert torch.equal(torch.cat(seen).flatten(), text[:384])


# ---- the lesson shows what the library holds -----------------------------------------


def bare(node):
    """Return a definition without docstrings and annotations, as text."""
    for part in ast.walk(node):
        kinds = ast.FunctionDef | ast.ClassDef
        if isinstance(part, kinds) and ast.get_docstring(part) is not None:
            part.body = part.body[1:]
        if isinstance(part, ast.FunctionDef):
            part.returns = None
        if isinstance(part, ast.arg):
            part.annotation = None
    return ast.dump(node)


def definitions(source):
    tree = ast.parse(source)
    kinds = ast.FunctionDef | ast.ClassDef
    return {node.name: bare(node) for node in tree.body if isinstance(node, kinds)}


def test_lesson_shows_every_network_of_the_library_in_full():
    shown = {}
    for path in (address.ROOT / "book").rglob("*.ipynb"):
        if "_build" in path.parts or ".ipynb_checkpoints" in path.parts:
            continue
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.id != "setup":
                for name, text in definitions(cell.source).items():
                    shown.setdefault(name, set()).add(text)
    held = definitions(Path(models.__file__).read_text(encoding="utf-8"))
    assert held
    for name, text in held.items():
        assert text in shown.get(name, set()), f"{name} differs from its lesson"


@pytest.mark.parametrize(
    ("side", "widths"), [(14, (16,)), (28, (8, 16)), (32, (4, 8, 8))]
)
def test_unet_returns_a_picture_of_the_same_size_for_any_depth(side, widths):
    model = models.UNet(side, widths, hidden_dim=12)
    x = torch.randn(3, 1, side, side)
    out = model(x, torch.rand(3), torch.tensor([0, 9, 10]))
    assert out.shape == x.shape
    out.sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_embed_time_tells_close_times_apart():
    t = torch.linspace(0, 1, 201)
    features = models.embed_time(t)
    assert features.shape == (201, 16)
    near = (features[1:] - features[:-1]).norm(dim=1)
    assert near.min() > 0.1

"""The numeric core of the Playground against PyTorch, and its data, links, challenges."""

import math

import pytest
import torch
import torch.nn.functional as F
from demo_tools import run_js

CORE = ("kit", "wasm", "network_wasm", "kernels", "network")
STATE = (*CORE, "points", "playground_state")
TOLERANCE = {"rtol": 0, "atol": 1e-5}

# The core computes in WebAssembly, and without it in JavaScript.
BEFORE = {
    "WebAssembly": "console.info = (line) => { throw new Error(line); };",
    "JavaScript": "globalThis.WebAssembly = undefined; console.info = () => {};",
}
each_engine = pytest.mark.parametrize("engine", BEFORE)

ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": F.relu,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
    "gelu": F.gelu,
    "silu": F.silu,
}
# Every way through the kernels: 1, 2, 3, 4, 5, 6, 7 and 8 inputs and outputs.
SHAPES = [
    [2, 4, 2, 1],
    [2, 8, 8, 8, 1],
    [7, 8, 3, 1],
    [1, 1, 1],
    [2, 1],
    [3, 5, 7, 6, 1],
    [5, 3, 8, 1],
    [6, 7, 5, 4, 1],
    [4, 6, 1],
]


def case(sizes, m, *, activation="tanh", seed=0, **options):
    """Make one problem: random parameters, inputs and targets of -1 or 1."""
    generator = torch.Generator().manual_seed(seed)
    total = sum((n + 1) * o for n, o in zip(sizes, sizes[1:], strict=False))
    params = torch.randn(total, generator=generator, dtype=torch.float64) * 0.7
    inputs = torch.randn(sizes[0], m, generator=generator, dtype=torch.float64) * 2
    targets = torch.randint(0, 2, (m,), generator=generator).double() * 2 - 1
    return {
        "options": {"sizes": sizes, "activation": activation, **options},
        "params": params.tolist(),
        "x": inputs.flatten().tolist(),
        "y": targets.tolist(),
        "m": m,
    }


def torch_forward(problem, params):
    """Return outputs and mean loss of the same network in PyTorch."""
    options, m = problem["options"], problem["m"]
    sizes = options["sizes"]
    values = torch.tensor(problem["x"], dtype=torch.float64).view(sizes[0], m).T
    targets = torch.tensor(problem["y"], dtype=torch.float64)
    at = 0
    for layer, (n, o) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        weight = params[at : at + n * o].view(o, n)
        bias = params[at + n * o : at + (n + 1) * o]
        at += (n + 1) * o
        values = F.linear(values, weight, bias)
        if layer < len(sizes) - 1:
            values = ACTIVATIONS[options["activation"]](values)
    logits = values[:, 0]
    if options.get("loss") == "cross-entropy":
        loss = F.binary_cross_entropy_with_logits(logits, (targets + 1) / 2)
        return 2 * torch.sigmoid(logits) - 1, loss
    outputs = ACTIVATIONS[options.get("output", "tanh")](logits)
    return outputs, 0.5 * F.mse_loss(outputs, targets)


def weight_mask(sizes):
    """Return 1 for each weight and 0 for each bias, in the order of the core."""
    return torch.cat(
        [
            torch.cat([torch.ones(n * o), torch.zeros(o)])
            for n, o in zip(sizes, sizes[1:], strict=False)
        ]
    ).double()


# Outputs and gradients of the loops, and as WebAssembly has them: the pictures, and what
# one step of gradient descent with learning rate 1 takes away.
RUN = """
return payload.map(({ options, params, x, y, m, steps = 0 }) => {
  const network = new $network.Network(options);
  network.params.set(params);
  // Nothing may depend on what an earlier batch left behind.
  for (const rows of [network.values, network.slopes, network.errors]) rows.forEach((row) => row.fill(NaN));
  const inputs = Float64Array.from(x);
  const batch = { x: inputs, y: Float64Array.from(y), m };
  const outputs = Array.from(network.forward(inputs, m).subarray(0, m));
  const loss = network.loss([batch]);
  network.forward(inputs, m);
  network.backward(inputs, y, m);
  const grads = Array.from(network.grads);
  const into = options.sizes.map((size) => Array.from({ length: size }, () => new Float32Array(m)));
  network.pictures([batch], into);
  const plain = new $network.Network({ ...options, optimizer: "sgd", lr: 1, penalty: "none" });
  plain.params.set(params);
  const before = Array.from(plain.params);
  plain.epoch([batch]);
  const taken = before.map((value, k) => value - plain.params[k]);
  for (let k = 0; k < steps; k += 1) network.epoch([batch]);
  return { outputs, loss, grads, shown: into.pop()[0], taken, params: network.params };
});
"""


def check_case(problem, found):
    """Compare outputs, loss and gradients with PyTorch."""
    params = torch.tensor(problem["params"], dtype=torch.float64, requires_grad=True)
    outputs, loss = torch_forward(problem, params)
    loss.backward()
    for name, expected in (
        ("outputs", outputs.detach()),
        ("shown", outputs.detach()),
        ("loss", loss.detach()),
        ("grads", params.grad),
        ("taken", params.grad),
    ):
        got = torch.tensor(found[name], dtype=torch.float64)
        torch.testing.assert_close(got, expected, **TOLERANCE)


@each_engine
def test_outputs_and_gradients_equal_pytorch_for_every_shape_and_batch_size(engine):
    problems = [
        case(sizes, m, seed=k)
        for k, sizes in enumerate(SHAPES)
        for m in (1, 2, 7, 10, 400)
    ]
    results = run_js(CORE, BEFORE[engine] + RUN, problems)
    for problem, found in zip(problems, results, strict=True):
        check_case(problem, found)


@each_engine
def test_outputs_and_gradients_equal_pytorch_for_every_activation_and_loss(engine):
    problems = [
        case([3, 8, 5, 1], 20, activation=name, seed=k, **options)
        for k, name in enumerate(ACTIVATIONS)
        for options in ({}, {"output": "linear"}, {"loss": "cross-entropy"})
    ]
    results = run_js(CORE, BEFORE[engine] + RUN, problems)
    for problem, found in zip(problems, results, strict=True):
        check_case(problem, found)


@each_engine
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("penalty", ["none", "l2", "l1"])
def test_ten_steps_of_each_optimizer_equal_pytorch(optimizer, penalty, engine):
    lr, rate = 0.05, 0.02
    options = {"optimizer": optimizer, "lr": lr, "penalty": penalty, "rate": rate}
    problem = case([2, 8, 5, 1], 10, seed=3, **options) | {"steps": 10}
    params = torch.tensor(problem["params"], dtype=torch.float64, requires_grad=True)
    make = {
        "sgd": lambda: torch.optim.SGD([params], lr=lr),
        "momentum": lambda: torch.optim.SGD([params], lr=lr, momentum=0.9),
        "adam": lambda: torch.optim.Adam([params], lr=lr),
    }
    steps, mask = make[optimizer](), weight_mask(problem["options"]["sizes"])
    for _ in range(10):
        steps.zero_grad()
        _, loss = torch_forward(problem, params)
        if penalty == "l2":
            loss = loss + 0.5 * rate * (mask * params**2).sum()
        loss.backward()
        steps.step()
        if penalty == "l1":
            with torch.no_grad():
                shrunk = F.softshrink(params, lr * rate)
                params.copy_(torch.where(mask > 0, shrunk, params))
    results = run_js(CORE, BEFORE[engine] + RUN, [problem])
    found = torch.tensor(results[0]["params"]).double()
    torch.testing.assert_close(found, params.detach(), **TOLERANCE)


def test_training_is_the_same_with_and_without_webassembly():
    """Batches of unequal size, weights set by hand, a network that takes over."""
    body = """
    const { Network, toBatches } = $network;
    const { rows, targets } = payload;
    return [1, 7, 10, 100].map((size) => {
      const options = { sizes: [2, 6, 3, 1], optimizer: "adam", penalty: "l2", rate: 0.01 };
      const network = new Network(options);
      network.epoch(toBatches(rows, targets, size));
      network.params[3] = 0.75;
      const batches = toBatches(rows, targets, size + 1);
      network.epoch(batches);
      const next = new Network({ ...options, seed: 2 });
      next.takeOver(network);
      for (let k = 0; k < 3; k += 1) [network, next].forEach((each) => each.epoch(batches));
      return [network, next].map(({ params, compiled }) => [Array.from(params), compiled?.holds(batches)]);
    });
    """
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(2, 43, generator=generator)
    payload = {"rows": rows.tolist(), "targets": rows.prod(0).sign().tolist()}
    found = {name: run_js(CORE, text + body, payload) for name, text in BEFORE.items()}
    for ours, plain in zip(found["WebAssembly"], found["JavaScript"], strict=True):
        for (params, is_compiled), (expected, _) in zip(ours, plain, strict=True):
            torch.testing.assert_close(
                torch.tensor(params), torch.tensor(expected), **TOLERANCE
            )
            assert is_compiled is True
        assert ours[0] == ours[1], "a network that takes over goes on in the same way"


def test_more_examples_than_webassembly_has_room_for_are_trained_on_all_the_same():
    body = """
    const { Network, toBatches } = $network;
    const row = Float64Array.from({ length: 4000 }, (_, k) => Math.sin(k));
    const batches = toBatches([row, row, row], row.map((v) => Math.abs(v)), 1);
    const network = new Network({ sizes: [3, 2, 1], lr: 0.001 });
    network.epoch(batches);
    return [Array.from(network.params), network.compiled?.holds(batches)];
    """
    ours, plain = (run_js(CORE, text + body) for text in BEFORE.values())
    assert ours[1] is False
    torch.testing.assert_close(
        torch.tensor(ours[0]), torch.tensor(plain[0]), **TOLERANCE
    )


def test_activations_are_exact_far_out_and_keep_not_a_number():
    values = torch.linspace(-12, 12, 4801, dtype=torch.float64).requires_grad_()
    body = """
    const make = (activation) => new $network.Network({ sizes: [1, 1, 1], activation });
    return Object.fromEntries(payload.names.map((name) => {
      const z = Float64Array.from([...payload.values, NaN]);
      const d = new Float64Array(z.length);
      make(name).activate[1](z, d, z.length);
      return [name, [z, d]];
    }));
    """
    payload = {"names": list(ACTIVATIONS), "values": values.tolist()}
    for name, (outputs, slopes) in run_js(CORE, body, payload).items():
        expected = ACTIVATIONS[name](values)
        (slope,) = torch.autograd.grad(expected.sum(), values)
        got = torch.tensor(outputs[:-1], dtype=torch.float64)
        torch.testing.assert_close(got, expected.detach(), rtol=0, atol=4e-7)
        got = torch.tensor(slopes[:-1], dtype=torch.float64)
        torch.testing.assert_close(got, slope, rtol=0, atol=4e-7)
        assert outputs[-1] == "NaN", name


def test_activations_in_webassembly_are_exact_to_a_few_roundings():
    """Values as pictures; slopes as gradients: one example, error and input 1."""
    values = torch.linspace(-12, 12, 481, dtype=torch.float64).requires_grad_()
    body = """
    const one = Float64Array.of(1);
    const into = [1, 1, 1].map(() => [new Float32Array(1)]);
    return Object.fromEntries(payload.names.map((activation) => {
      const network = new $network.Network({ sizes: [1, 1, 1], activation, output: "linear", lr: 1 });
      return [activation, payload.values.map((bias) => {
        network.params.set([0, bias, 1, 0]);
        network.pictures([{ x: one, y: one, m: 1 }], into);
        const value = into[1][0][0];
        network.epoch([{ x: one, y: Float64Array.of(value - 1), m: 1 }]);
        return [value, -network.params[0]];
      })];
    }));
    """
    payload = {"names": list(ACTIVATIONS), "values": [*values.tolist(), math.nan]}
    for name, found in run_js(CORE, BEFORE["WebAssembly"] + body, payload).items():
        expected = ACTIVATIONS[name](values)
        (slope,) = torch.autograd.grad(expected.sum(), values)
        got = torch.tensor(found[:-1], dtype=torch.float64)
        torch.testing.assert_close(got[:, 0], expected.detach(), rtol=2e-7, atol=1e-6)
        torch.testing.assert_close(got[:, 1], slope, rtol=0, atol=3e-6)
        assert found[-1] == ["NaN", "NaN"], name


@each_engine
def test_l1_makes_weights_exactly_zero(engine):
    problem = case([7, 4, 1], 50, penalty="l1", rate=0.3, lr=0.1) | {"steps": 300}
    mask = weight_mask([7, 4, 1])
    results = run_js(CORE, BEFORE[engine] + RUN, [problem])
    found = torch.tensor(results[0]["params"]).double()
    assert ((found == 0) & (mask > 0)).sum() >= 20


@each_engine
def test_pictures_equal_the_outputs_of_each_neuron(engine):
    body = """
    const network = new $network.Network({ sizes: [2, 3, 1], seed: 5 });
    const rows = [0, 1].map((r) => Float64Array.from({ length: 1000 }, (_, k) => Math.sin(k + r)));
    const into = [2, 3, 1].map((n) => Array.from({ length: n }, () => new Float32Array(1000)));
    network.pictures($network.toBatches(rows, new Float64Array(1000), 400), into);
    return { rows, into, params: network.params };
    """
    found = run_js(CORE, BEFORE[engine] + body)
    x = torch.tensor(found["rows"], dtype=torch.float64).T
    params = torch.tensor(found["params"], dtype=torch.float64)
    hidden = torch.tanh(x @ params[:6].view(3, 2).T + params[6:9])
    output = torch.tanh(hidden @ params[9:12] + params[12])
    got = torch.tensor(found["into"][1], dtype=torch.float64)
    torch.testing.assert_close(got, hidden.T, **TOLERANCE)
    got = torch.tensor(found["into"][2][0], dtype=torch.float64)
    torch.testing.assert_close(got, output, **TOLERANCE)


def test_data_sets_are_seeded_finite_and_balanced():
    body = """
    const kinds = Object.keys($points.KINDS);
    return Object.fromEntries(kinds.map((kind) => [kind,
      [[10, 1], [10, 1], [10, 2], [50, 1]].map(([noise, seed]) => $points.makePoints(kind, 500, noise, seed))]));
    """
    found = run_js(("kit", "points"), body)
    assert set(found) == {
        "circles", "xor", "blobs", "spirals", "moons", "plane", "hills",
    }  # fmt: skip
    for kind, (first, same, other, noisy) in found.items():
        assert first == same, kind
        assert first != other, kind
        assert first != noisy, kind
        targets = first["targets"]
        assert len(targets) == 500
        assert all(math.isfinite(v) for row in first.values() for v in row)
        if kind not in ("plane", "hills"):
            assert set(targets) == {-1, 1}
            assert 0.4 < targets.count(1) / 500 < 0.6, kind


def test_spirals_without_noise_turn_one_and_three_quarter_times():
    body = "return $points.makePoints('spirals', 500, 0, 1);"
    points = run_js(("kit", "points"), body)
    for x1, x2, target in zip(*points.values(), strict=True):
        turn = 3.5 * math.pi * math.hypot(x1, x2) / 5 + (0 if target > 0 else math.pi)
        assert math.isclose(
            math.atan2(x1, x2) % math.tau, turn % math.tau, abs_tol=1e-6
        )


def test_link_restores_every_setting_and_drops_what_is_not_allowed():
    body = """
    const s = $playground_state;
    const round = (wanted) => s.fromFragment("#" + s.toFragment(s.settingsFrom(wanted)));
    return [s.settingsFrom({}), round(payload.good), s.settingsFrom(payload.bad),
      s.fromFragment("#networks"), s.fromFragment("#playground=%7Bbroken"),
      s.toCall(s.settingsFrom({ data: "xor", hidden: [3] }))];
    """
    good = {
        "data": "hills", "noise": 25, "share": 70, "features": ["sin1", "x1x2"],
        "hidden": [8, 1, 3, 3, 3, 3], "activation": "gelu", "loss": "cross-entropy",
        "optimizer": "adam", "lr": 0.3, "penalty": "l1", "rate": 0.01, "batch": 1,
        "seed": 5, "dataSeed": 9,
    }  # fmt: skip
    bad = {
        "data": "__proto__", "noise": 1e9, "share": 0, "features": ["x1", "x1"],
        "hidden": [9], "activation": "constructor", "loss": 3, "optimizer": None,
        "lr": "0.1", "penalty": "l3", "rate": -1, "batch": 0, "seed": 0.5,
        "dataSeed": [1], "other": "<b>",
    }  # fmt: skip
    default, restored, cleaned, *nothing, call = run_js(
        STATE, body, {"good": good, "bad": bad}
    )
    assert restored == good
    assert cleaned == default
    assert nothing == [None, None]
    assert call == 'playground(data="xor", hidden=[3])'


# Settings that solve a challenge, and changes of which each breaks one of its rules.
SOLUTIONS = {
    "networks.circles": {
        "data": "circles", "hidden": [3],
        "not": [
            {"neurons": 4}, {"hidden": [2, 1]}, {"features": ["x1", "sin1"]},
            {"loss": "cross-entropy"}, {"data": "blobs"}, {"testLoss": 0.07},
        ],
    },
    "networks.xor": {
        "data": "xor", "noise": 0, "hidden": [3], "optimizer": "adam",
        "not": [
            {"neurons": 4}, {"features": ["x1x2"]}, {"loss": "cross-entropy"},
            {"data": "blobs"}, {"testLoss": 0.11},
        ],
    },
    "networks.spirals": {
        "data": "spirals", "noise": 0, "hidden": [8, 4], "optimizer": "adam",
        "lr": 0.01,
        "not": [
            {"weights": 61}, {"features": ["sin1"]}, {"loss": "cross-entropy"},
            {"data": "moons"}, {"testLoss": 0.11},
        ],
    },
    "networks.overfit": {
        "data": "blobs", "noise": 50, "share": 20, "hidden": [8, 8],
        "features": ["x1", "x2", "sin1", "sin2"], "optimizer": "adam", "lr": 0.01,
        "not": [{"trainLoss": 0.06}, {"testLoss": 0.14}],
    },
}  # fmt: skip


def test_every_challenge_can_be_solved_and_is_not_solved_at_the_start():
    body = """
    const s = $playground_state;
    return s.CHALLENGES.map(({ name, check }) => {
      for (let seed = 1; seed <= 8; seed += 1) {
        const run = s.createRun(s.settingsFrom({ ...payload[name], seed }));
        const start = check(s.factsOf(run));
        for (run.epoch = 1; run.epoch <= 2000; run.epoch += 1) {
          run.network.epoch(run.batches);
          if (run.epoch % 10) continue;
          const facts = s.factsOf(run);
          if (!check(facts)) continue;
          const passes = payload[name].not.map((breach) => check({ ...facts, ...breach }));
          return { name, start, seed, epoch: run.epoch, passes };
        }
      }
      return { name };
    });
    """
    for found in run_js(STATE, body, SOLUTIONS):
        assert found.get("epoch"), f"not solved: {found['name']}"
        assert found["start"] is False
        assert not any(found["passes"]), found

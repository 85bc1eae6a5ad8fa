"""Exercises of the lesson foundations/pytorch."""

import torch
from torch import nn
from torch.nn import functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- One-hot labels -----------------------------------------------------------------


def one_hot(labels, num_classes):
    """Return a row with a single 1 for each label: (N,) to (N, num_classes)."""
    classes = torch.arange(num_classes, device=labels.device)
    return (labels[:, None] == classes).float()  # (N, 1) == (K,) gives (N, K)


def _one_hot_transposed(labels, num_classes):
    classes = torch.arange(num_classes, device=labels.device)
    return (labels == classes[:, None]).float()


def _one_hot_boolean(labels, num_classes):
    return labels[:, None] == torch.arange(num_classes, device=labels.device)


def _one_hot_integer(labels, num_classes):
    return F.one_hot(labels, num_classes)


def _one_hot_from_one(labels, num_classes):
    classes = torch.arange(1, num_classes + 1, device=labels.device)
    return (labels[:, None] == classes).float()


def _one_hot_without_new_axis(labels, num_classes):
    return (labels == torch.arange(num_classes, device=labels.device)).float()


def _one_hot_cases(make):
    return [
        (make.integers(3, 5), 3),
        (make.integers(10, 7), 10),
        (make.integers(4, 1), 4),
    ]


# --- A module for any size ----------------------------------------------------------


class Classifier(nn.Module):
    """One hidden layer with ReLU, for inputs of any shape (B, ...)."""

    def __init__(self, in_features, hidden_dim, num_classes):
        """Create the two layers."""
        super().__init__()
        self.hidden = nn.Linear(in_features, hidden_dim)
        self.output = nn.Linear(hidden_dim, num_classes)

    def forward(self, inputs):
        """Return logits, shape (B, num_classes)."""
        x = inputs.flatten(1)
        x = torch.relu(self.hidden(x))
        return self.output(x)


class _WithoutActivation(Classifier):
    def forward(self, inputs):
        return self.output(self.hidden(inputs.flatten(1)))


class _WithReluOnLogits(Classifier):
    def forward(self, inputs):
        return torch.relu(super().forward(inputs))


class _WithSoftmax(Classifier):
    def forward(self, inputs):
        return super().forward(inputs).softmax(dim=1)


class _WithoutFlatten(Classifier):
    def forward(self, inputs):
        return self.output(torch.relu(self.hidden(inputs)))


class _FlattensEverything(Classifier):
    def forward(self, inputs):
        return self.output(torch.relu(self.hidden(inputs.flatten())))


class _WithoutSuper(nn.Module):
    def __init__(self, in_features, hidden_dim, num_classes):
        self.hidden = nn.Linear(in_features, hidden_dim)

    def forward(self, inputs):
        return self.hidden(inputs.flatten(1))


def _call_classifier(answer, sizes, inputs):
    return answer(*sizes).to(inputs.device, inputs.dtype)(inputs)


def _classifier_cases(make):
    return [
        ((12, 7, 3), make.normal(5, 1, 3, 4)),
        ((6, 4, 2), make.normal(1, 6)),
        ((8, 1, 5), make.normal(2, 2, 2, 2)),
    ]


# --- The loop -----------------------------------------------------------------------


def train(model, loader, lr):
    """Train for one epoch with SGD; return the loss of each step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    losses = []
    for inputs, targets in loader:
        outputs = model(inputs)
        loss = F.cross_entropy(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _train(model, loader, lr, *, zero_grad=True, step=True, mode=True, softmax=False,
           keep_tensor=False):
    """Train like the solution, with one thing left out or wrong."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    if mode:
        model.train()
    losses = []
    for inputs, targets in loader:
        outputs = model(inputs)
        loss = F.cross_entropy(outputs.softmax(1) if softmax else outputs, targets)
        if zero_grad:
            optimizer.zero_grad()
        loss.backward()
        if step:
            optimizer.step()
        losses.append(loss if keep_tensor else loss.item())
    return losses


def _train_without_zero_grad(model, loader, lr):
    return _train(model, loader, lr, zero_grad=False)


def _train_without_step(model, loader, lr):
    return _train(model, loader, lr, step=False)


def _train_without_train_mode(model, loader, lr):
    return _train(model, loader, lr, mode=False)


def _train_with_softmax(model, loader, lr):
    return _train(model, loader, lr, softmax=True)


def _train_keeps_tensors(model, loader, lr):
    return _train(model, loader, lr, keep_tensor=True)


def _train_returns_last_loss(model, loader, lr):
    return _train(model, loader, lr)[-1]


def _train_returns_mean(model, loader, lr):
    losses = _train(model, loader, lr)
    return sum(losses) / len(losses)


def _make_model(make, *sizes, dropout=0.0):
    layers = []
    for in_features, out_features in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(in_features, out_features), nn.ReLU(), nn.Dropout(dropout)]
    # In evaluation mode: a loop that needs training mode has to ask for it.
    return nn.Sequential(*layers[:-2]).to(make.device, make.dtype).eval()


def _make_loader(make, num_batches, batch_size, num_features, num_classes):
    return [
        (make.normal(batch_size, num_features), make.integers(num_classes, batch_size))
        for _ in range(num_batches)
    ]


def _train_cases(make):
    return [
        (_make_model(make, 4, 8, 3), _make_loader(make, 4, 5, 4, 3), 0.5),
        (_make_model(make, 2, 2), _make_loader(make, 3, 1, 2, 2), 0.1),
        (_make_model(make, 5, 9, 4, dropout=0.5), _make_loader(make, 3, 6, 5, 4), 0.2),
    ]


# --- Four broken loops --------------------------------------------------------------


def loop_a(model, loader, lr):
    """Mended: the old gradients are forgotten before the new ones are made."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for inputs, targets in loader:
        loss = F.cross_entropy(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _loop_a_broken(model, loader, lr):
    _train(model, loader, lr, step=False, mode=False)


def _loop_a_without_zero_grad(model, loader, lr):
    _train(model, loader, lr, zero_grad=False, mode=False)


def _loop_a_cases(make):
    return _train_cases(make)[:2]


def loop_b(model, inputs, targets, lr, num_epochs, batch_size):
    """Mended: one random order for both, so that each picture keeps its label."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(num_epochs):
        order = torch.randperm(len(inputs))
        mixed_inputs = inputs[order]
        mixed_targets = targets[order]
        for start in range(0, len(inputs), batch_size):
            outputs = model(mixed_inputs[start : start + batch_size])
            loss = F.cross_entropy(outputs, mixed_targets[start : start + batch_size])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def _train_in_orders(orders, model, inputs, targets, lr, batch_size):
    """Train with a pair of orders for each epoch: of the inputs, of the targets."""
    loader = [
        batch
        for first, second in orders
        for batch in zip(
            inputs[first].split(batch_size),
            targets[second].split(batch_size),
            strict=True,
        )
    ]
    _train(model, loader, lr, mode=False)


def _loop_b_broken(model, inputs, targets, lr, num_epochs, batch_size):
    size = len(inputs)
    orders = [(torch.randperm(size), torch.randperm(size)) for _ in range(num_epochs)]
    _train_in_orders(orders, model, inputs, targets, lr, batch_size)


def _loop_b_not_shuffled(model, inputs, targets, lr, num_epochs, batch_size):
    orders = [(torch.arange(len(inputs)),) * 2] * num_epochs
    _train_in_orders(orders, model, inputs, targets, lr, batch_size)


def _loop_b_one_order(model, inputs, targets, lr, num_epochs, batch_size):
    orders = [(torch.randperm(len(inputs)),) * 2] * num_epochs
    _train_in_orders(orders, model, inputs, targets, lr, batch_size)


def _loop_b_targets_in_place(model, inputs, targets, lr, num_epochs, batch_size):
    still = torch.arange(len(inputs))
    orders = [(torch.randperm(len(inputs)), still) for _ in range(num_epochs)]
    _train_in_orders(orders, model, inputs, targets, lr, batch_size)


def _loop_b_cases(make):
    return [
        (_make_model(make, 4, 3), make.normal(13, 4), make.integers(3, 13), 0.3, 2, 5),
        (_make_model(make, 3, 6, 2), make.normal(7, 3), make.integers(2, 7), 0.2, 3, 2),
    ]


def loop_c(model, loader, lr):
    """Mended: outputs and targets have the same shape, (B,)."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for inputs, targets in loader:
        outputs = model(inputs).squeeze(1)  # (B, 1) to (B,)
        loss = (outputs - targets).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _regress(model, loader, lr, loss_fn):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for inputs, targets in loader:
        loss = loss_fn(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _loop_c_broken(model, loader, lr):
    _regress(model, loader, lr, lambda o, t: (o - t).square().mean())


def _loop_c_first_output(model, loader, lr):
    _regress(model, loader, lr, lambda o, t: (o[0] - t).square().mean())


def _loop_c_sum(model, loader, lr):
    _regress(model, loader, lr, lambda o, t: (o.squeeze(1) - t).square().sum())


def _loop_c_mean_output(model, loader, lr):
    _regress(model, loader, lr, lambda o, t: (o.mean() - t).square().mean())


def _loop_c_cases(make):
    def loader(*shape):
        return [(make.normal(*shape), make.normal(shape[0])) for _ in range(3)]

    return [
        (_make_model(make, 4, 1), loader(6, 4), 0.1),
        (_make_model(make, 3, 5, 1), loader(2, 3), 0.05),
        (_make_model(make, 2, 1), loader(1, 2), 0.1),
    ]


def loop_d(model, train_batches, val_batches, lr, num_epochs):
    """Mended: every epoch begins in training mode."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    scores = []
    for _ in range(num_epochs):
        model.train()
        for inputs, targets in train_batches:
            loss = F.cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        num_right = num_all = 0
        with torch.no_grad():
            for inputs, targets in val_batches:
                num_right += (model(inputs).argmax(dim=1) == targets).sum().item()
                num_all += len(targets)
        scores.append(num_right / num_all)
    return scores


def _loop_d(model, train_batches, val_batches, lr, modes):
    """Train in the modes given: a pair (training, validation) for each epoch."""
    scores = []
    for training, validation in modes:
        model.train(training)
        _train(model, train_batches, lr, mode=False)
        model.train(validation)
        with torch.no_grad():
            right = [(model(x).argmax(dim=1) == y).float() for x, y in val_batches]
        scores.append(torch.cat(right).mean().item())
    return scores


def _loop_d_broken(model, train_batches, val_batches, lr, num_epochs):
    modes = [(epoch == 0, False) for epoch in range(num_epochs)]
    return _loop_d(model, train_batches, val_batches, lr, modes)


def _loop_d_without_eval(model, train_batches, val_batches, lr, num_epochs):
    return _loop_d(model, train_batches, val_batches, lr, [(True, True)] * num_epochs)


def _loop_d_without_train(model, train_batches, val_batches, lr, num_epochs):
    return _loop_d(model, train_batches, val_batches, lr, [(False, False)] * num_epochs)


def _loop_d_cases(make):
    return [
        (
            _make_model(make, 4, 16, 3, dropout=0.5),
            _make_loader(make, 3, 8, 4, 3),
            _make_loader(make, 2, 9, 4, 3),
            0.5,
            3,
        ),
        (
            _make_model(make, 3, 9, 2, dropout=0.4),
            _make_loader(make, 2, 4, 3, 2),
            _make_loader(make, 1, 11, 3, 2),
            0.3,
            2,
        ),
    ]


EXERCISES = {
    "one_hot": Exercise(
        title="One-hot labels by broadcasting",
        solution=one_hot,
        cases=_one_hot_cases,
        wrong=(
            Wrong(
                _one_hot_transposed,
                "Rows and columns are exchanged: each label should have a row. Give the "
                "new axis to the labels, `labels[:, None]`, not to the classes.",
            ),
            Wrong(
                _one_hot_boolean,
                "The entries are true and false: add `.float()` to make them 1.0 and 0.0.",
            ),
            Wrong(
                _one_hot_integer,
                "The entries are whole numbers (`int64`). The task asks for `float32`, "
                "as a network needs it: add `.float()`.",
            ),
            Wrong(
                _one_hot_from_one,
                "Every 1 is one place too far to the left: classes count from 0, so "
                "compare with `torch.arange(num_classes)`.",
            ),
            Wrong(
                _one_hot_without_new_axis,
                "(N,) is compared with (K,), so each label meets one class only, or "
                "the shapes do not fit. Each label should meet all classes: give the "
                "labels a second axis of size 1.",
            ),
        ),
        hints=(
            "Compare a column of labels, (N, 1), with a row of all classes, (K,). "
            "Broadcasting makes that (N, K).",
            "`labels[:, None] == torch.arange(num_classes, device=labels.device)`, and "
            "then as floats.",
        ),
    ),
    "classifier": Exercise(
        title="A module for any size",
        solution=Classifier,
        cases=_classifier_cases,
        call=_call_classifier,
        wrong=(
            Wrong(
                _WithoutActivation,
                "Between the two layers there is no activation, so they collapse into "
                "one linear layer. Apply `torch.relu` to the output of the hidden layer.",
            ),
            Wrong(
                _WithReluOnLogits,
                "The outputs went through a ReLU: no logit can be negative any more. "
                "The last layer has no activation.",
            ),
            Wrong(
                _WithSoftmax,
                "The outputs are probabilities. Return the logits: cross-entropy "
                "applies the softmax itself.",
            ),
            Wrong(
                _WithoutFlatten,
                "Pictures arrive as (B, 1, H, W), and a `Linear` only looks at the last "
                "dimension. Make rows first: `inputs.flatten(1)`.",
            ),
            Wrong(
                _FlattensEverything,
                "`flatten()` merges all dimensions, the batch too. `flatten(1)` leaves "
                "the first one alone.",
            ),
            Wrong(
                _WithoutSuper,
                "`nn.Module` has to be set up before it can notice layers: call "
                "`super().__init__()` in the first line of `__init__`.",
            ),
        ),
        hints=(
            "`__init__` calls `super().__init__()` and creates two `nn.Linear`; "
            "`forward` flattens all but the batch, then hidden layer, ReLU, output "
            "layer.",
            "`return self.output(torch.relu(self.hidden(inputs.flatten(1))))`",
        ),
    ),
    "train": Exercise(
        title="The loop, from memory",
        solution=train,
        cases=_train_cases,
        wrong=(
            Wrong(
                _train_without_zero_grad,
                "The first step is right, later ones are not: the gradients of all "
                "batches add up. Call `optimizer.zero_grad()` before `backward()`.",
            ),
            Wrong(
                _train_without_step,
                "The gradients are computed, but the weights never move. Is "
                "`optimizer.step()` called after `backward()`, with nothing that wipes "
                "the gradients out in between?",
            ),
            Wrong(
                _train_without_train_mode,
                "The model was in evaluation mode when you got it, so its dropout did "
                "nothing. Say `model.train()` before the loop.",
            ),
            Wrong(
                _train_with_softmax,
                "There is a softmax too many: `F.cross_entropy` takes the logits as "
                "they come from the model.",
            ),
            Wrong(
                _train_keeps_tensors,
                "The losses are tensors, and each keeps the whole graph of its batch in "
                "memory. Store the number: `loss.item()`.",
            ),
            Wrong(
                _train_returns_last_loss,
                "This is the loss of the last step alone. Collect the loss of every "
                "step in a list.",
            ),
            Wrong(
                _train_returns_mean,
                "This is the mean of the losses. Return the list of all of them.",
            ),
        ),
        hints=(
            "Build the optimizer and set the mode before the loop. In the loop come "
            "five lines: forward, loss, forget, backward, step; then note the loss.",
            "`optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, and "
            "`losses.append(loss.item())`",
        ),
    ),
    "loop_a": Exercise(
        title="Broken loop A",
        solution=loop_a,
        cases=_loop_a_cases,
        wrong=(
            Wrong(
                _loop_a_broken,
                "After this loop every weight is what it was before: no step has moved "
                "anything. What does `step()` find in `.grad` at the moment when it is "
                "called?",
            ),
            Wrong(
                _loop_a_without_zero_grad,
                "Now the weights move, but from the second step on in a wrong "
                "direction: the gradients of all batches add up. Forgetting has to "
                "stay, at another place.",
            ),
        ),
        hints=(
            "Follow `.grad` through the five lines: when is it filled, when is it "
            "emptied, when is it used?",
            "Move `optimizer.zero_grad()` above `loss.backward()`.",
        ),
    ),
    "loop_b": Exercise(
        title="Broken loop B",
        solution=loop_b,
        cases=_loop_b_cases,
        wrong=(
            Wrong(
                _loop_b_broken,
                "The model learns from pictures with labels of other pictures. How "
                "often is a random order drawn in each epoch?",
            ),
            Wrong(
                _loop_b_not_shuffled,
                "Now each picture has its label, but nothing is shuffled: every epoch "
                "shows the same batches. Keep the random order, and use it for both.",
            ),
            Wrong(
                _loop_b_one_order,
                "Nearly: one order for both, but the same in every epoch. Draw a new "
                "one at the beginning of each epoch.",
            ),
            Wrong(
                _loop_b_targets_in_place,
                "The pictures are shuffled and their labels are not, so they still do "
                "not belong together. Use the same order for both.",
            ),
        ),
        hints=(
            "Each call of `torch.randperm` gives another order. What has to hold for "
            "the picture and the label in place 7?",
            "`order = torch.randperm(len(inputs))` once in each epoch, then "
            "`inputs[order]` and `targets[order]`.",
        ),
    ),
    "loop_c": Exercise(
        title="Broken loop C",
        solution=loop_c,
        cases=_loop_c_cases,
        wrong=(
            Wrong(
                _loop_c_broken,
                "Write the shapes below each other: (B, 1) minus (B,). Which shape does "
                "broadcasting make of it, and which prediction is compared with which "
                "target?",
            ),
            Wrong(
                _loop_c_first_output,
                "`outputs[0]` is the first prediction only, and it is compared with all "
                "targets. Remove the second dimension, not the first.",
            ),
            Wrong(
                _loop_c_sum,
                "The shapes fit now, but the squares are added up instead of averaged: "
                "each step is B times too long. Keep `.mean()`.",
            ),
            Wrong(
                _loop_c_mean_output,
                "The mean of all predictions is compared with each target. Each "
                "prediction should meet its own target: bring both to the same shape.",
            ),
        ),
        hints=(
            "Print `(outputs - targets).shape` for a batch of 6.",
            "`outputs = model(inputs).squeeze(1)`, or compare with `targets[:, None]`.",
        ),
    ),
    "loop_d": Exercise(
        title="Broken loop D",
        solution=loop_d,
        cases=_loop_d_cases,
        wrong=(
            Wrong(
                _loop_d_broken,
                "In the first epoch all is well, in the second the dropout does "
                "nothing. Which mode is the model in when the second epoch begins?",
            ),
            Wrong(
                _loop_d_without_eval,
                "Now dropout also works during validation: the scores are those of a "
                "network with random holes. Keep `model.eval()` there.",
            ),
            Wrong(
                _loop_d_without_train,
                "The model trains in evaluation mode throughout, so its dropout never "
                "does anything. `model.train()` has to come back.",
            ),
        ),
        hints=(
            "`model.eval()` stays in force until somebody says otherwise.",
            "Move `model.train()` into the loop over the epochs, to its first line.",
        ),
    ),
}

QUIZZES = {
    "broadcast": Quiz(
        "`a` has the shape (64, 1), `b` has the shape (64,). What is the shape of `a - b`?",
        (
            Choice(
                "(64, 1)",
                "For that, `b` would have to be a column too. Missing dimensions are "
                "added on the left: `b` counts as (1, 64).",
            ),
            Choice(
                "(64,)",
                "The result never has fewer dimensions than the larger of the two.",
            ),
            Choice(
                "(64, 64)",
                "Yes. Aligned on the right, the columns are 1 with 64 and 64 with "
                "nothing: both become 64. Every entry of `a` meets every entry of `b`. "
                "This happens without any message, and it is the bug in one of the "
                "exercises.",
                right=True,
            ),
            Choice(
                "An error: the numbers of dimensions differ",
                "That is allowed. A missing dimension counts as size 1. An error comes "
                "only where two sizes differ and neither is 1.",
            ),
        ),
    ),
    "twice": Quiz(
        "After the first `backward()`, `w.grad` is 20. The same two lines run once "
        "more, with the same `w`. What does `w.grad` hold then?",
        (
            Choice(
                "20, the gradient of the last `backward()`",
                "That would mean that the new gradient replaces the old one. It does "
                "not: gradients are added to what is there. It becomes 40.",
            ),
            Choice(
                "40, the sum of both",
                "Right: `backward()` adds to `.grad`. Nobody has told PyTorch that a "
                "new calculation began.",
                right=True,
            ),
            Choice(
                "0, because the loss has not changed",
                "The gradient says how the loss would change with `w`, not whether it "
                "has changed since last time. It becomes 40.",
            ),
            Choice(
                "400, the product",
                "Gradients multiply along a path through one graph (the chain rule). "
                "These are two separate graphs, and their gradients add up to 40.",
            ),
        ),
    ),
    "first_loss": Quiz(
        "A network with random weights, ten classes, cross-entropy. About how large is "
        "the first loss?",
        (
            Choice(
                "0.1, one in ten",
                "0.1 is about the probability of the right class. The loss is minus "
                "its logarithm: about 2.3.",
            ),
            Choice(
                "0.9, as nine of ten answers are wrong",
                "That is the share of wrong answers. Cross-entropy looks at the "
                "probability: -log(0.1) is about 2.3.",
            ),
            Choice(
                "2.3, the logarithm of 10",
                "Right: -log(1/10) = log(10) = 2.303 nats.",
                right=True,
            ),
            Choice(
                "It can be anything: the weights are random",
                "The weights are, but they are small, so all ten logits are near zero "
                "and all ten probabilities near 0.1. That fixes the loss: about 2.3.",
            ),
        ),
    ),
    "softmax": Quiz(
        "A friend ends the model with a softmax layer, \"so that the outputs are "
        "probabilities\", and trains it with `F.cross_entropy`. What happens?",
        (
            Choice(
                "Nothing bad: probabilities are logits too",
                "They have the right shape, so there is no error. But "
                "`F.cross_entropy` applies a softmax again, and numbers between 0 and "
                "1 give nearly equal probabilities.",
            ),
            Choice(
                "An error message",
                "There is none, and that is the trouble: any floats of the right shape "
                "are accepted as logits.",
            ),
            Choice(
                "It learns badly: the softmax is applied twice, and the loss cannot "
                "come near zero",
                "Yes. With ten classes, even a perfect answer (1 and nine zeros) gets "
                "the probability e / (e + 9) = 0.23 from the second softmax: the loss "
                "never falls below 1.46.",
                right=True,
            ),
        ),
    ),
    "test_set": Quiz(
        "You try twenty learning rates and keep the one with the best accuracy on the "
        "test images. Why is that accuracy no longer honest?",
        (
            Choice(
                "Because the network has been trained on the test images",
                "It has not: no weight ever saw a gradient from them. The leak is more "
                "subtle.",
            ),
            Choice(
                "Because you chose what was luckiest on exactly these images",
                "Yes. The best of twenty is partly the best and partly the luckiest, "
                "and on new images the luck is gone. Choose with validation images, "
                "and ask the test images once.",
                right=True,
            ),
            Choice(
                "It is honest, as long as the test set is large",
                "A large set makes the effect smaller, never zero, and you could not "
                "say how large it is.",
            ),
        ),
    ),
    "ratio": Quiz(
        "Same model, same batch size, same pictures. How much faster is `fit` on "
        "tensors than the loop with the `DataLoader`?",
        (
            Choice(
                "Equally fast: the mathematics is the same",
                "The mathematics is, and it is a small part of the time. Preparing "
                "each picture in Python takes many times longer.",
            ),
            Choice(
                "About twice as fast",
                "That would mean that half of the time goes into the pictures. It is "
                "much more than that.",
            ),
            Choice(
                "Eight times or more",
                "Right. Learning from a picture takes a few millionths of a second, "
                "making it ready in Python about a ten-thousandth.",
                right=True,
            ),
            Choice(
                "Slower: a `DataLoader` is made for speed",
                "It is made for data that do not fit into memory, and it can use "
                "several processes. For small pictures in memory it is a detour.",
            ),
        ),
    ),
    "silent": Quiz(
        "`model.eval()` and `torch.no_grad()`: which sentence is right?",
        (
            Choice(
                "They do the same; one of them is enough",
                "They have nothing in common but the moment when you use them.",
            ),
            Choice(
                "`eval()` changes how layers such as dropout behave; `no_grad()` "
                "leaves out the graph",
                "Yes. Without `eval()` the answers can be wrong; without `no_grad()` "
                "they only cost more time and memory.",
                right=True,
            ),
            Choice(
                "`no_grad()` freezes the weights, `eval()` switches the gradients off",
                "Neither. Weights change only when an optimizer steps. And a model in "
                "evaluation mode still has gradients, if you ask for them.",
            ),
            Choice(
                "`eval()` computes the accuracy",
                "It computes nothing. It only switches the model's mode.",
            ),
        ),
    ),
}

"""The questions of the placement tests: who answers them may skip the lesson."""

from typing import Any


def _ask(
    lesson: str, page: str, question: str, *choices: tuple[str, str], code: str = ""
) -> dict[str, Any]:
    """Return a question; the first of the choices (text, feedback) is the right one."""
    turn = len(question) % len(choices)  # where it stands: anywhere, always the same
    kept = [
        {"text": text, "feedback": feedback, "right": i == 0}
        for i, (text, feedback) in enumerate(choices)
    ]
    kept = kept[-turn:] + kept[:-turn] if turn else kept
    page = f"{page}.html"
    return dict(lesson=lesson, page=page, question=question, code=code, choices=kept)


QUESTIONS = {
    "foundations": [
        _ask(
            "One neuron",
            "neuron",
            "A neuron has the weights 2 and −1 and the bias −3. It says yes where its "
            "weighted sum is positive. For which input does it say yes?",
            ("(3, 1)", "2 · 3 − 1 · 1 − 3 = 2, which is positive."),
            ("(1, 1)", "2 − 1 − 3 = −2: the bias was left out, or its sign."),
            ("(2, 2)", "4 − 2 − 3 = −1: the second weight counts against the input."),
            ("(0, −2)", "0 + 2 − 3 = −1: minus times minus is plus, but the bias is −3."),
        ),
        _ask(
            "The perceptron",
            "perceptron",
            "No straight line parts the two classes of your points. What does the "
            "perceptron's learning rule do on them?",
            (
                "It never stops correcting, and its weights stay bounded.",
                "Some point is always wrong, so the rule always has something to correct.",
            ),
            (
                "It ends at the line with the fewest mistakes.",
                "Nothing in the rule counts mistakes: it corrects at each wrong point, for "
                "ever.",
            ),
            (
                "Its weights grow without bound.",
                "Corrections pull in opposite directions; the weights stay bounded.",
            ),
        ),
        _ask(
            "Activation functions",
            "activations",
            "You stack three linear layers, with nothing between them. What can the "
            "stack compute?",
            (
                "What one linear layer can",
                "The product of three matrices is a matrix: without an activation between "
                "them, the layers collapse into one.",
            ),
            (
                "Three times as much as one linear layer",
                "The product of three matrices is one matrix. Layers add nothing without "
                "an activation between them.",
            ),
            (
                "Any continuous function, if the layers are wide enough",
                "That holds with an activation between the layers. Without one, any width "
                "gives a linear function.",
            ),
        ),
        _ask(
            "Networks",
            "networks",
            "How many parameters has a network with 10 inputs, one hidden layer of 5 "
            "neurons and 2 outputs?",
            ("67", "10 · 5 + 5 in the first layer, 5 · 2 + 2 in the second."),
            ("60", "These are the weights, 50 and 10. Every neuron also has a bias."),
            ("17", "These are inputs and neurons. The parameters sit on the connections."),
            ("72", "A bias for each input is too many: inputs have no bias."),
        ),
        _ask(
            "Losses",
            "losses",
            "A classifier gives the right class the probability 0.01. How large is its "
            "cross-entropy loss, in nats?",
            ("4.6", "The negative natural logarithm of 0.01 is 4.6."),
            ("0.99", "Cross-entropy is the negative logarithm, −log 0.01, not 1 − 0.01."),
            ("100", "That is 1 / 0.01, the perplexity. The loss is its logarithm."),
            ("0.01", "The loss must be large when the right class is held unlikely."),
        ),
        _ask(
            "Losses",
            "losses",
            "What does PyTorch's `F.cross_entropy` want as its first argument?",
            (
                "Logits, before any softmax",
                "It applies the log-softmax itself, which is also safe from overflow.",
            ),
            (
                "Probabilities, after the softmax",
                "It applies the softmax itself. Probabilities would be squeezed twice.",
            ),
            (
                "The class with the largest score",
                "A choice has no slope. It wants the scores of all classes.",
            ),
        ),
        _ask(
            "Gradient descent",
            "gradient_descent",
            "You train by gradient descent. The loss grows with each step and is soon "
            "`inf`. What do you change first?",
            (
                "The learning rate, to a smaller one",
                "Each step jumps over the valley and lands higher on the other side.",
            ),
            (
                "The learning rate, to a larger one",
                "The steps are too long already: each lands higher than the one before.",
            ),
            (
                "The number of steps, to a larger one",
                "More of the same steps lead further away.",
            ),
            (
                "The starting point",
                "With steps that are too long, almost every start diverges.",
            ),
        ),
        _ask(
            "Backpropagation",
            "backpropagation",
            "What does this print?",
            (
                "7.0",
                "The gradient arrives on two paths and adds up: 2a from the square, 6, "
                "and 1 from the sum.",
            ),
            ("6.0", "That is the path through the square alone; `+ a` adds another 1."),
            ("1.0", "That is the path through the sum alone; the square adds 2a = 6."),
            ("12.0", "That is the value of `c`, not the gradient of `a`."),
            code="a = torch.tensor(3.0, requires_grad=True)\n"
            "c = a * a + a\nc.backward()\nprint(a.grad.item())",
        ),
        _ask(
            "Backpropagation",
            "backpropagation",
            "A network has a million weights. What do all its gradients cost together, "
            "compared with one forward pass?",
            (
                "About twice as much",
                "One pass back gives them all, at about the price of two forward passes.",
            ),
            (
                "A million times as much",
                "That is the price of nudging one weight after another. The backward pass "
                "shares the work.",
            ),
            (
                "About the square root of a million",
                "One pass back gives all gradients, whatever their number.",
            ),
        ),
        _ask(
            "PyTorch",
            "pytorch",
            "What is wrong with this training loop?",
            (
                "The gradients of all batches add up.",
                "`backward` adds to what is there: `optimizer.zero_grad()` is missing.",
            ),
            (
                "The loss must be computed after the step.",
                "The order is right: forward, loss, backward, step. Gradients pile up.",
            ),
            (
                "The model is never told to train.",
                "A new model is in training mode. What is missing is a reset of the "
                "gradients.",
            ),
            (
                "Nothing",
                "`backward` adds to the gradients of the batches before, because nobody "
                "sets them to zero.",
            ),
            code="for inputs, labels in loader:\n"
            "    loss = F.cross_entropy(model(inputs), labels)\n"
            "    loss.backward()\n    optimizer.step()",
        ),
    ],
}

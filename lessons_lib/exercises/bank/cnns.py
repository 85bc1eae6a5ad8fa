"""Exercises of the lesson vision/cnns."""

import torch
from torch import nn
from torch.nn import functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Count the parameters -----------------------------------------------------------


def count_parameters(channels, kernel, size, num_classes):
    """Return the number of parameters of convolutions, poolings and a dense layer."""
    total = 0
    for before, after in zip(channels, channels[1:], strict=False):
        total += after * (before * kernel * kernel + 1)  # each kernel has one bias
        size = (size - kernel + 1) // 2  # the convolution, then pooling
    return total + num_classes * (channels[-1] * size * size + 1)


def _count_without_biases(channels, kernel, size, num_classes):
    total = 0
    for before, after in zip(channels, channels[1:], strict=False):
        total += after * before * kernel * kernel
        size = (size - kernel + 1) // 2
    return total + num_classes * channels[-1] * size * size


def _count_one_channel(channels, kernel, size, num_classes):
    total = 0
    for after in channels[1:]:
        total += after * (kernel * kernel + 1)
        size = (size - kernel + 1) // 2
    return total + num_classes * (channels[-1] * size * size + 1)


def _count_one_bias(channels, kernel, size, num_classes):
    total = 0
    for before, after in zip(channels, channels[1:], strict=False):
        total += after * before * kernel * kernel + 1
        size = (size - kernel + 1) // 2
    return total + num_classes * channels[-1] * size * size + 1


def _count_side_not_squared(channels, kernel, size, num_classes):
    side = size
    for _ in channels[1:]:
        side = (side - kernel + 1) // 2
    right = count_parameters(channels, kernel, size, num_classes)
    return right - num_classes * channels[-1] * (side * side - side)


def _count_without_pooling(channels, kernel, size, num_classes):
    total = 0
    for before, after in zip(channels, channels[1:], strict=False):
        total += after * (before * kernel * kernel + 1)
        size = size - kernel + 1
    return total + num_classes * (channels[-1] * size * size + 1)


def _count_with_padding(channels, kernel, size, num_classes):
    total = 0
    for before, after in zip(channels, channels[1:], strict=False):
        total += after * (before * kernel * kernel + 1)
        size = size // 2
    return total + num_classes * (channels[-1] * size * size + 1)


def _count_without_output(channels, kernel, size, num_classes):
    pairs = zip(channels, channels[1:], strict=False)
    return sum(after * (before * kernel * kernel + 1) for before, after in pairs)


def _count_unshared(channels, kernel, size, num_classes):
    total = 0
    for before, after in zip(channels, channels[1:], strict=False):
        side = size - kernel + 1
        total += side * side * after * (before * kernel * kernel + 1)
        size = side // 2
    return total + num_classes * (channels[-1] * size * size + 1)


def _count_cases(make):
    return [([1, 8, 32], 5, 28, 10), ([3, 7], 3, 17, 4), ([2, 4, 6, 5], 3, 40, 3)]


# --- Build the stack ----------------------------------------------------------------


def build(in_channels, size, num_classes):
    """Return two convolutions with ReLU and pooling, and a dense layer."""
    return nn.Sequential(
        nn.Conv2d(in_channels, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * (size // 4) ** 2, num_classes),
    )  # fmt: skip


def _build_of(in_channels, size, num_classes, *, relu=True, flatten=True, padding=1, last=()):
    side = size // 4 if padding else ((size - 2) // 2 - 2) // 2
    middle = nn.ReLU() if relu else nn.Identity()
    flat = [nn.Flatten()] if flatten else []
    return nn.Sequential(
        nn.Conv2d(in_channels, 16, 3, padding=padding), middle, nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=padding), middle, nn.MaxPool2d(2),
        *flat, nn.Linear(32 * side**2, num_classes), *last,
    )  # fmt: skip


def _build_linear(in_channels, size, num_classes):
    return _build_of(in_channels, size, num_classes, relu=False)


def _build_unflattened(in_channels, size, num_classes):
    return _build_of(in_channels, size, num_classes, flatten=False)


def _build_unpadded(in_channels, size, num_classes):
    return _build_of(in_channels, size, num_classes, padding=0)


def _build_softmax(in_channels, size, num_classes):
    return _build_of(in_channels, size, num_classes, last=(nn.Softmax(dim=1),))


def _build_one_pooling(in_channels, size, num_classes):
    return nn.Sequential(
        nn.Conv2d(in_channels, 16, 3, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * (size // 2) ** 2, num_classes),
    )  # fmt: skip


def _build_fixed(in_channels, size, num_classes):
    return nn.Sequential(
        nn.Conv2d(in_channels, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, num_classes),
    )  # fmt: skip


def _build_gray(in_channels, size, num_classes):
    return build(1, size, num_classes)


def _call_build(answer, settings, images):
    return answer(*settings).to(images.device, images.dtype)(images)


def _build_cases(make):
    return [
        ((1, 28, 10), make.normal(4, 1, 28, 28)),
        ((3, 20, 4), make.normal(1, 3, 20, 20)),
        ((2, 12, 3), make.normal(5, 2, 12, 12)),
    ]


# --- Shapes through a stack ---------------------------------------------------------


def trace(size, layers):
    """Return the side after each layer (kernel, stride, padding)."""
    sides = []
    for kernel, stride, padding in layers:
        if size + 2 * padding < kernel:
            raise ValueError(f"kernel {kernel} does not fit into {size} + 2 * {padding}")
        size = (size + 2 * padding - kernel) // stride + 1
        sides.append(size)
    return sides


def _trace_one_padding(size, layers):
    sides = []
    for kernel, stride, padding in layers:
        size = (size + padding - kernel) // stride + 1
        sides.append(size)
    return sides


def _trace_without_one(size, layers):
    sides = []
    for kernel, stride, padding in layers:
        size = (size + 2 * padding - kernel) // stride
        sides.append(size)
    return sides


def _trace_rounded_up(size, layers):
    sides = []
    for kernel, stride, padding in layers:
        if size + 2 * padding < kernel:
            raise ValueError(f"kernel {kernel} does not fit into {size} + 2 * {padding}")
        size = -(-(size + 2 * padding - kernel) // stride) + 1
        sides.append(size)
    return sides


def _trace_fraction(size, layers):
    sides = []
    for kernel, stride, padding in layers:
        size = (size + 2 * padding - kernel) / stride + 1
        sides.append(size)
    return sides


def _trace_last(size, layers):
    return trace(size, layers)[-1]


def _trace_with_start(size, layers):
    return [size, *trace(size, layers)]


def _trace_fit_without_padding(size, layers):
    sides = []
    for kernel, stride, padding in layers:
        if kernel > size:
            raise ValueError(f"kernel {kernel} does not fit into {size}")
        size = (size + 2 * padding - kernel) // stride + 1
        sides.append(size)
    return sides


def _trace_unchecked(size, layers):
    sides = []
    for kernel, stride, padding in layers:
        size = (size + 2 * padding - kernel) // stride + 1
        sides.append(size)
    return sides


def _call_trace(answer, size, layers):
    try:
        return answer(size, layers)
    except ValueError:
        return "a ValueError"


def _trace_cases(make):
    return [
        (28, [(5, 1, 0), (2, 2, 0), (5, 1, 0), (2, 2, 0)]),
        (32, [(3, 1, 1), (2, 2, 0), (3, 2, 1)]),
        (30, [(7, 2, 3), (3, 2, 0)]),
        (6, [(5, 1, 0), (3, 1, 0)]),
        (5, [(7, 1, 1)]),
    ]


# --- Find the bug -------------------------------------------------------------------


def forward(first, second, output, images):
    """Mended: the second pooling was missing, and `reshape(-1, 512)` hid it."""
    x = F.max_pool2d(torch.relu(first(images)), 2)  # (B, 8, 12, 12)
    x = F.max_pool2d(torch.relu(second(x)), 2)  # (B, 32, 4, 4)
    x = x.flatten(1)  # (B, 512): -1 would take any number of rows
    return output(x)


def _forward_broken(first, second, output, images):
    x = F.max_pool2d(torch.relu(first(images)), 2)
    x = torch.relu(second(x))
    return output(x.reshape(-1, 512))


def _forward_only_flatten(first, second, output, images):
    x = F.max_pool2d(torch.relu(first(images)), 2)
    x = torch.relu(second(x))
    return output(x.flatten(1))


def _forward_average(first, second, output, images):
    x = F.max_pool2d(torch.relu(first(images)), 2)
    return output(F.avg_pool2d(torch.relu(second(x)), 2).flatten(1))


def _forward_four_answers(first, second, output, images):
    answers = _forward_broken(first, second, output, images)
    return answers.reshape(len(images), 4, -1).mean(dim=1)


def _forward_cut(first, second, output, images):
    return _forward_broken(first, second, output, images)[: len(images)]


def _call_forward(answer, num_classes, images):
    layers = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 32, 5), nn.Linear(512, num_classes)
    return answer(*(layer.to(images.device, images.dtype) for layer in layers), images)


def _forward_cases(make):
    return [(10, make.normal(4, 1, 28, 28)), (3, make.normal(1, 1, 28, 28))]


# --- Occlusion ----------------------------------------------------------------------


def occlusion_map(model, picture, label, size, fill):
    """Return the probability of `label` with a square at each place: (rows, columns)."""
    _, H, W = picture.shape
    rows, columns = H - size + 1, W - size + 1
    covered = picture.repeat(rows * columns, 1, 1, 1)  # a copy for each place
    for k in range(rows * columns):
        i, j = divmod(k, columns)
        covered[k, :, i : i + size, j : j + size] = fill
    with torch.no_grad():
        probs = model(covered).softmax(dim=1)[:, label]
    return probs.reshape(rows, columns)


def _occlude(model, picture, label, size, fill, *, keep=False, logits=False, turn=False):
    _, H, W = picture.shape
    out = picture.new_zeros(H - size + 1, W - size + 1)
    covered = picture.clone()
    for i in range(H - size + 1):
        for j in range(W - size + 1):
            covered = covered if keep else picture.clone()
            covered[:, i : i + size, j : j + size] = fill
            with torch.no_grad():
                outputs = model(covered[None])
            out[i, j] = (outputs if logits else outputs.softmax(dim=1))[0, label]
    return out.T if turn else out


def _occlude_accumulating(model, picture, label, size, fill):
    return _occlude(model, picture, label, size, fill, keep=True)


def _occlude_in_place(model, picture, label, size, fill):
    out = picture.new_zeros(picture.shape[1] - size + 1, picture.shape[2] - size + 1)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            picture[:, i : i + size, j : j + size] = fill
            with torch.no_grad():
                out[i, j] = model(picture[None]).softmax(dim=1)[0, label]
    return out


def _occlude_logits(model, picture, label, size, fill):
    return _occlude(model, picture, label, size, fill, logits=True)


def _occlude_transposed(model, picture, label, size, fill):
    return _occlude(model, picture, label, size, fill, turn=True)


def _occlude_zero(model, picture, label, size, fill):
    return _occlude(model, picture, label, size, 0.0)


def _occlude_first_channel(model, picture, label, size, fill):
    _, H, W = picture.shape
    out = picture.new_zeros(H - size + 1, W - size + 1)
    for i in range(H - size + 1):
        for j in range(W - size + 1):
            covered = picture.clone()
            covered[0, i : i + size, j : j + size] = fill
            with torch.no_grad():
                out[i, j] = model(covered[None]).softmax(dim=1)[0, label]
    return out


def _occlude_short(model, picture, label, size, fill):
    return occlusion_map(model, picture, label, size, fill)[:-1, :-1]


def _occlusion_cases(make):
    cases = []
    for C, H, W, label, size, fill in ((1, 6, 8, 2, 3, -0.5), (2, 5, 4, 0, 2, 1.0)):
        model = nn.Sequential(nn.Flatten(), nn.Linear(C * H * W, 3))
        model = model.to(make.device, make.dtype)
        cases.append((model, make.normal(C, H, W), label, size, fill))
    return cases


# --- The block of ResNet ------------------------------------------------------------


class ResidualBlock(nn.Module):
    """relu(x + f(x)), with two convolutions and two batch norms in f."""

    def __init__(self, channels):
        """Create the four layers."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        """Keep the shape (B, channels, H, W)."""
        out = torch.relu(self.norm1(self.conv1(x)))
        out = self.norm2(self.conv2(out))
        return torch.relu(x + out)


class _PlainBlock(ResidualBlock):
    def forward(self, x):
        out = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(out)))


class _ReluBeforeSum(ResidualBlock):
    def forward(self, x):
        out = torch.relu(self.norm1(self.conv1(x)))
        return x + torch.relu(self.norm2(self.conv2(out)))


class _WithoutLastRelu(ResidualBlock):
    def forward(self, x):
        out = torch.relu(self.norm1(self.conv1(x)))
        return x + self.norm2(self.conv2(out))


class _WithoutMiddleRelu(ResidualBlock):
    def forward(self, x):
        return torch.relu(x + self.norm2(self.conv2(self.norm1(self.conv1(x)))))


class _SharedConv(ResidualBlock):
    def forward(self, x):
        out = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(x + self.norm2(self.conv1(out)))


class _SharedNorm(ResidualBlock):
    def forward(self, x):
        out = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(x + self.norm1(self.conv2(out)))


class _WithBias(ResidualBlock):
    def __init__(self, channels):
        nn.Module.__init__(self)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(channels)


class _WithoutPadding(ResidualBlock):
    def __init__(self, channels):
        super().__init__(channels)
        self.conv1.padding = self.conv2.padding = (0, 0)


class _InPlace(ResidualBlock):
    def forward(self, x):
        out = torch.relu(self.norm1(self.conv1(x)))
        x += self.norm2(self.conv2(out))
        return torch.relu(x)


def _call_block(answer, channels, images):
    """Return the outputs in training, then those with the means collected in it."""
    block = answer(channels).to(images.device, images.dtype)
    return block(images), block.eval()(images)


def _block_cases(make):
    return [(4, make.normal(3, 4, 6, 6)), (2, make.normal(5, 2, 5, 7))]


EXERCISES = {
    "count_parameters": Exercise(
        title="Count the parameters",
        solution=count_parameters,
        cases=_count_cases,
        wrong=(
            Wrong(
                _count_without_biases,
                "The biases are missing: one for each kernel, and one for each output of "
                "the dense layer.",
            ),
            Wrong(
                _count_one_bias,
                "Each layer has one bias here. Every kernel has its own, and so has every "
                "output of the dense layer: put the `+ 1` inside the brackets.",
            ),
            Wrong(
                _count_side_not_squared,
                "A map of side s brings s · s numbers to the dense layer, not s.",
            ),
            Wrong(
                _count_one_channel,
                "Every kernel reads all channels of the layer before it: its weights are "
                "in_channels · kernel · kernel, not kernel · kernel.",
            ),
            Wrong(
                _count_without_pooling,
                "The dense layer is too large: pooling halves the side after each "
                "convolution, and what does not fill a block is dropped (`// 2`).",
            ),
            Wrong(
                _count_with_padding,
                "The maps are too large: without padding a convolution takes kernel - 1 "
                "off the side before pooling halves it.",
            ),
            Wrong(
                _count_without_output,
                "These are the convolutions. Add the dense layer: num_classes · (what "
                "arrives after flatten + 1).",
            ),
            Wrong(
                _count_unshared,
                "You gave every place weights of its own. A kernel is shared by all "
                "places: the size of the map does not count in a convolution.",
            ),
        ),
        hints=(
            "Follow two things through a loop: the sum of parameters, and the side of the "
            "maps. The side matters only at the end, for the dense layer.",
            "In the loop `total += after * (before * kernel * kernel + 1)` and "
            "`size = (size - kernel + 1) // 2`; after it, "
            "`num_classes * (channels[-1] * size * size + 1)`.",
        ),
    ),
    "build": Exercise(
        title="Build the stack",
        solution=build,
        cases=_build_cases,
        call=_call_build,
        wrong=(
            Wrong(
                _build_linear,
                "There is no ReLU. Put `nn.ReLU()` after each convolution, or the stack "
                "gains little by being deep.",
            ),
            Wrong(
                _build_unflattened,
                "The dense layer gets maps, (B, 32, H, W), and takes their last dimension "
                "for its inputs. Put `nn.Flatten()` in front of it.",
            ),
            Wrong(
                _build_unpadded,
                "The convolutions have no padding, so each takes 2 off the side. Add "
                "`padding=1` to both.",
            ),
            Wrong(
                _build_softmax,
                "The outputs are probabilities. Return logits: cross-entropy applies the "
                "softmax itself.",
            ),
            Wrong(
                _build_one_pooling,
                "There is one pooling. Each of the two convolutions is followed by ReLU "
                "and pooling.",
            ),
            Wrong(
                _build_fixed,
                "32 · 7 · 7 is right for pictures of 28 pixels only. Two poolings divide "
                "the side by 4: use `size // 4`.",
            ),
            Wrong(
                _build_gray,
                "The first convolution reads one channel. Use `in_channels`: colour "
                "pictures have three.",
            ),
        ),
        hints=(
            "Padding 1 keeps the side under a 3 × 3 kernel, pooling halves it. What is the "
            "side after both poolings?",
            "The last two layers: `nn.Flatten(), nn.Linear(32 * (size // 4) ** 2, "
            "num_classes)`.",
        ),
    ),
    "trace": Exercise(
        title="Shapes through a stack",
        solution=trace,
        cases=_trace_cases,
        call=_call_trace,
        wrong=(
            Wrong(
                _trace_one_padding,
                "Padding is added on both sides of the picture: count it twice.",
            ),
            Wrong(
                _trace_without_one,
                "Each side is one too small. The kernel's first place counts before any "
                "step: add 1.",
            ),
            Wrong(
                _trace_rounded_up,
                "You rounded up. PyTorch drops a step that is not whole: use `//`.",
            ),
            Wrong(
                _trace_fraction,
                "The sides are not whole numbers: use `//` instead of `/`.",
            ),
            Wrong(
                _trace_last,
                "You returned the last side only. Collect the side after every layer in "
                "a list.",
            ),
            Wrong(
                _trace_with_start,
                "Your list begins with the side of the picture. Return one side for each "
                "layer: the side after it.",
            ),
            Wrong(
                _trace_fit_without_padding,
                "A kernel of 7 fits into 5 pixels with 1 of padding on both sides: compare "
                "it with `size + 2 * padding`, not with `size`.",
            ),
            Wrong(
                _trace_unchecked,
                "The sizes are right, but a kernel that is larger than the padded picture "
                "must raise a `ValueError`: test it before each step.",
            ),
        ),
        hints=(
            "How many steps of `stride` can the kernel take in size + 2 · padding pixels? "
            "The number of places is one more.",
            "`size = (size + 2 * padding - kernel) // stride + 1`, after a test of "
            "`size + 2 * padding < kernel`.",
        ),
    ),
    "forward": Exercise(
        title="Find the bug",
        solution=forward,
        cases=_forward_cases,
        call=_call_forward,
        wrong=(
            Wrong(
                _forward_broken,
                "Each picture still becomes four rows. 32 · 8 · 8 is 2,048, four times "
                "512, and `reshape(-1, 512)` makes as many rows as it takes. Which layer "
                "should have made 8 × 8 into 4 × 4?",
            ),
            Wrong(
                _forward_only_flatten,
                "Now the error message is honest: 2,048 numbers arrive where the dense "
                "layer wants 512. The maps are still 8 × 8: the second pooling is missing.",
            ),
            Wrong(
                _forward_average,
                "The shape is right, but this is the mean of each block. Take the "
                "maximum, as after the first convolution.",
            ),
            Wrong(
                _forward_four_answers,
                "You averaged four answers, each of which saw a quarter of the channels. "
                "That only hides the mistake: the second pooling is missing.",
            ),
            Wrong(
                _forward_cut,
                "You kept as many rows as there are pictures, but these rows are pieces "
                "of the first pictures. The second pooling is missing.",
            ),
        ),
        hints=(
            "256 is 4 · 64. Print the shape in front of `reshape`: how many numbers does a "
            "picture have there?",
            "`x = F.max_pool2d(torch.relu(second(x)), 2)`, and then `x.flatten(1)`, which "
            "can never mix pictures.",
        ),
    ),
    "occlusion_map": Exercise(
        title="Occlusion, for any picture",
        solution=occlusion_map,
        cases=_occlusion_cases,
        wrong=(
            Wrong(
                _occlude_accumulating,
                "The squares pile up: later places see all earlier squares too. Start "
                "each place from a fresh copy, `picture.clone()`.",
            ),
            Wrong(
                _occlude_in_place,
                "You fill squares in the picture itself, so they pile up, and the picture "
                "is spoiled. Fill a copy for each place: `picture.clone()`.",
            ),
            Wrong(
                _occlude_logits,
                "These are logits. The task asks for probabilities: `.softmax(dim=1)` "
                "before you take the class.",
            ),
            Wrong(
                _occlude_transposed,
                "Rows and columns are exchanged. The first index of the map is the row of "
                "the square.",
            ),
            Wrong(
                _occlude_zero,
                "The square is filled with 0. Use `fill`: after standardising, black is "
                "not 0.",
            ),
            Wrong(
                _occlude_first_channel,
                "Only the first channel is covered. Cover all: "
                "`covered[:, i : i + size, j : j + size] = fill`.",
            ),
            Wrong(
                _occlude_short,
                "The last row and column are missing: there are H - size + 1 places, so "
                "`range(H - size + 1)`.",
            ),
        ),
        hints=(
            "Two loops over the places. At each: copy the picture, fill the square in all "
            "channels, ask the model, keep one probability.",
            "`covered = picture.clone()`, `covered[:, i : i + size, j : j + size] = fill`, "
            "`model(covered[None]).softmax(dim=1)[0, label]`, under `torch.no_grad()`.",
        ),
    ),
    "residual_block": Exercise(
        title="The block of ResNet",
        solution=ResidualBlock,
        cases=_block_cases,
        call=_call_block,
        wrong=(
            Wrong(
                _PlainBlock,
                "The input is never added: this is a plain block. Before the last ReLU, "
                "add `x`.",
            ),
            Wrong(
                _ReluBeforeSum,
                "The last ReLU comes before the sum. Then a block could only ever add, "
                "never take away: first `x + out`, then ReLU.",
            ),
            Wrong(
                _WithoutLastRelu,
                "The last ReLU is missing: `torch.relu(x + out)`.",
            ),
            Wrong(
                _WithoutMiddleRelu,
                "Between the two convolutions there is no ReLU, so together they are "
                "hardly more than one.",
            ),
            Wrong(
                _SharedConv,
                "The same convolution works twice. The block has two, each with weights "
                "of its own.",
            ),
            Wrong(
                _SharedNorm,
                "The same batch norm works twice. The two convolutions answer with "
                "different means and variances: give each a batch norm of its own.",
            ),
            Wrong(
                _WithBias,
                "The convolutions have a bias, which batch norm takes away again. "
                "`bias=False`, as the task says.",
            ),
            Wrong(
                _WithoutPadding,
                "Each convolution takes 2 off the side, so the sum does not fit. "
                "`padding=1` keeps the shape.",
            ),
            Wrong(
                _InPlace,
                "`x += ...` changes the input itself, which others may still need. Write "
                "`x + out`.",
            ),
        ),
        hints=(
            "Four layers in `__init__`. In `forward`, keep `x`; work on `out`; add both "
            "before the last ReLU.",
            "`out = torch.relu(self.norm1(self.conv1(x)))`, "
            "`out = self.norm2(self.conv2(out))`, `return torch.relu(x + out)`.",
        ),
    ),
}

QUIZZES = {
    "in_features": Quiz(
        "You give both convolutions `padding=2`, so that a kernel of 5 keeps the side, and "
        "leave the rest as it is. What must `in_features` of the dense layer become?",
        (
            Choice(
                "Still 32 · 4 · 4 = 512",
                "Padding keeps 4 pixels at each convolution: 28, 28, 14, 14, 7. Only the "
                "poolings shrink the maps now.",
            ),
            Choice(
                "32 · 7 · 7 = 1,568",
                "28 stays 28, pooling makes 14; 14 stays 14, pooling makes 7. Three times "
                "the weights in the dense layer.",
                right=True,
            ),
            Choice(
                "32 · 14 · 14 = 6,272",
                "One pooling is missing: there are two, and each halves the side.",
            ),
            Choice(
                "32",
                "That would be right after global pooling. `flatten` keeps every place of "
                "every map.",
            ),
        ),
    ),
    "occlusion": Quiz(
        "An occlusion map of a 7 is orange only on its horizontal bar. What may you conclude?",
        (
            Choice(
                "The network knows a 7 only by its bar",
                "Too much: the map is about one picture and one network. On another 7 it "
                "may look elsewhere.",
            ),
            Choice(
                "With the bar covered, this network no longer calls this picture a 7",
                "Yes. Exactly what was measured, and no more; perhaps it then sees a 1.",
                right=True,
            ),
            Choice(
                "The stem of the 7 plays no part in the answer",
                "Not so: covering a part of it may change little because the rest of it is "
                "enough. What is there twice looks unimportant.",
            ),
        ),
    ),
    "shuffle": Quiz(
        "The CNN learns from pictures with shuffled pixels (the same order for all, and for "
        "the test pictures too). How well does it read?",
        (
            Choice(
                "As well as before",
                "The MLP does. The CNN looks at windows of 5 × 5, and in shuffled pictures "
                "a window holds 25 pixels that have nothing to do with each other.",
            ),
            Choice(
                "About as well as an MLP of its size: its lead is gone",
                "Its windows see pixels thrown together, and sharing one kernel over all "
                "places makes no sense there. What is left is a network like others.",
                right=True,
            ),
            Choice(
                "Not at all: about 10 %, as by guessing",
                "The information is still there, and the dense layer can still weigh it. "
                "The kernels are of little help, but they do not destroy it.",
            ),
        ),
    ),
    "moved": Quiz(
        "The CNN never saw a moved digit. How does it read digits that stand 6 pixels further "
        "to the right?",
        (
            Choice(
                "As well as the others: convolution does not care about the place",
                "The convolutions do not. But the maps move along, and the dense layer "
                "behind `flatten` has a weight for each place of each map.",
            ),
            Choice(
                "Better than the MLP, and still badly: below 60 %",
                "Pooling forgives a pixel or two. After that the dense layer finds the right "
                "features in places where it does not expect them.",
                right=True,
            ),
            Choice(
                "Worse than the MLP",
                "It has at least the poolings, which forgive a little. The MLP has nothing.",
            ),
        ),
    ),
    "augment": Quiz(
        "Which augmentation would do harm for handwritten digits?",
        (
            Choice(
                "Turning by up to 10 degrees",
                "Writers slant their digits by as much: the label stays right.",
            ),
            Choice(
                "Mirror images, left to right",
                "A mirrored 2 is no 2, and a mirrored 5 looks rather like a 2. The picture "
                "changes and the label says it did not. For photographs of animals it helps.",
                right=True,
            ),
            Choice(
                "Making the strokes a little thicker or thinner",
                "Pens differ as much: the label stays right.",
            ),
        ),
    ),
    "threes": Quiz(
        "64 channels in, 64 out. How many weights has one 5 × 5 convolution, and how many have "
        "two of 3 × 3 together (without biases)?",
        (
            Choice(
                "102,400 and 73,728",
                "64 · 64 · 25 against 2 · 64 · 64 · 9: 28 % fewer for the same window, with a "
                "ReLU in between.",
                right=True,
            ),
            Choice(
                "1,600 and 1,152",
                "Each kernel reads all 64 channels: multiply by 64 once more.",
            ),
            Choice(
                "102,400 and 36,864",
                "36,864 is one convolution of 3 × 3. There are two.",
            ),
        ),
    ),
    "deep": Quiz(
        "20 convolutions with ReLU on top of each other, no batch norm, no shortcut. After "
        "four epochs, how many digits does this network read?",
        (
            Choice(
                "More than the network with two convolutions: it is deeper",
                "It could represent more. But it has to be trained, and that fails.",
            ),
            Choice(
                "About 10 %: it learns nothing",
                "The signal shrinks from layer to layer, until all pictures look alike at the "
                "end and the gradient has nothing to work with.",
                right=True,
            ),
            Choice(
                "All training pictures, and few test pictures: it overfits",
                "For that it would have to learn the training pictures. Look at its training "
                "loss in the next figure.",
            ),
        ),
    ),
    "residual": Quiz(
        "The derivative of x + f(x) with respect to x is 1 + f′(x). What does the 1 do?",
        (
            Choice(
                "It keeps the outputs positive",
                "That would be the work of a ReLU. The 1 stands in the derivative.",
            ),
            Choice(
                "It lets the gradient pass a block undiminished, even where f′(x) is nearly 0",
                "Through 20 plain blocks the gradient is a product of 20 small factors. With "
                "shortcuts one of its paths has only factors of 1.",
                right=True,
            ),
            Choice(
                "It makes the learning rate larger",
                "The learning rate multiplies the finished gradient. This is about how the "
                "gradient gets through the layers.",
            ),
        ),
    ),
}

"""Exercises of the lesson vision/convolution."""

import torch
import torch.nn.functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Output size --------------------------------------------------------------------


def size_after(n, k, stride, padding, dilation):
    """Return the size of the output of a convolution over n pixels."""
    span = dilation * (k - 1) + 1
    return (n + 2 * padding - span) // stride + 1


def _size_without_dilation(n, k, stride, padding, dilation):
    return (n + 2 * padding - k) // stride + 1


def _size_one_side_padded(n, k, stride, padding, dilation):
    return (n + padding - dilation * (k - 1) - 1) // stride + 1


def _size_without_one(n, k, stride, padding, dilation):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride


def _size_one_before_division(n, k, stride, padding, dilation):
    return (n + 2 * padding - dilation * (k - 1)) // stride


def _size_as_a_fraction(n, k, stride, padding, dilation):
    return (n + 2 * padding - dilation * (k - 1) - 1) / stride + 1


def _size_rounded_up(n, k, stride, padding, dilation):
    return -(-(n + 2 * padding - dilation * (k - 1) - 1) // stride) + 1


def _size_span_of_all(n, k, stride, padding, dilation):
    return (n + 2 * padding - dilation * k) // stride + 1


# --- conv2d -------------------------------------------------------------------------


def conv2d(x, weight, bias, stride, padding):
    """Convolve x (C, H, W) with weight (O, C, k, k); add bias (O,)."""
    k = weight.shape[-1]
    x = F.pad(x, (padding, padding, padding, padding))
    windows = x.unfold(1, k, stride).unfold(2, k, stride)  # (C, H', W', k, k)
    answers = torch.einsum("chwuv,ocuv->ohw", windows, weight)
    return answers + bias[:, None, None]


def _conv_turned(x, weight, bias, stride, padding):
    return conv2d(x, weight.flip(2, 3), bias, stride, padding)


def _conv_without_bias(x, weight, bias, stride, padding):
    return conv2d(x, weight, torch.zeros_like(bias), stride, padding)


def _conv_without_padding(x, weight, bias, stride, padding):
    return conv2d(x, weight, bias, stride, 0)


def _conv_without_stride(x, weight, bias, stride, padding):
    return conv2d(x, weight, bias, 1, padding)


def _conv_channels_not_summed(x, weight, bias, stride, padding):
    k = weight.shape[-1]
    x = F.pad(x, (padding, padding, padding, padding))
    windows = x.unfold(1, k, stride).unfold(2, k, stride)
    return torch.einsum("chwuv,ocuv->ochw", windows, weight) + bias[:, None, None, None]


def _conv_bias_for_each_channel(x, weight, bias, stride, padding):
    return conv2d(x, weight, len(x) * bias, stride, padding)


def _conv_stride_in_size_only(x, weight, bias, stride, padding):
    rows, columns = conv2d(x, weight, bias, stride, padding).shape[1:]
    return conv2d(x, weight, bias, 1, padding)[:, :rows, :columns]


def _conv_padded_right_and_below(x, weight, bias, stride, padding):
    return conv2d(F.pad(x, (0, 2 * padding, 0, 2 * padding)), weight, bias, stride, 0)


# --- An edge detector ---------------------------------------------------------------


def _judge_edge(answer):
    """Return None if the kernel answers to edges from top to bottom as asked."""
    try:
        kernel = torch.as_tensor(answer, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        kernel = None
    if kernel is None or kernel.shape != (3, 3) or not kernel.isfinite().all():
        return (
            "The answer must be three rows of three numbers, "
            f"`[[., ., .], [., ., .], [., ., .]]`. Got `{answer!r}`."
        )
    columns = kernel.sum(dim=0)
    if columns.abs().max() > 1e-6:
        j = int(columns.abs().argmax())
        return (
            f"Column {j + 1} adds up to {columns[j]:g}. In a picture that changes from "
            "left to right only, all three pixels of a column are equal, so such a "
            "picture gets an answer. Make each column add up to 0."
        )
    step = torch.zeros(6, 5, dtype=torch.float64)
    step[3:] = 1
    answers = F.conv2d(step[None, None], kernel[None, None])[0, 0, :, 0]
    strongest = answers[answers.abs().argmax()].item()
    if answers.min() < -1e-6 and answers.max() > 1e-6:
        return (
            f"At one step from dark to bright it answers {answers.max():g} in one row and "
            f"{answers.min():g} in the next, so its sign does not tell the direction. "
            "Rows that add up to 1, -2, 1 find thin lines. Take below minus above."
        )
    if strongest == 0:
        return (
            "This kernel answers 0 to the step as well. Its lower row has to differ "
            "from its upper row: what is below, minus what is above."
        )
    if strongest < 0:
        return (
            f"At a step from dark (above) to bright (below) it answers {strongest:g}. "
            "The sign is the wrong way round: below minus above."
        )
    if abs(strongest - 1) > 1e-6:
        return (
            f"The direction is right, and the answer at the step is {strongest:g}. "
            f"Divide all nine numbers by {strongest:g}, so that it is 1."
        )
    return None


# --- Receptive field ----------------------------------------------------------------


def field_width(layers):
    """Return the width in pixels that one output sees; (kernel, stride, dilation)."""
    width, step = 1, 1
    for kernel, stride, dilation in layers:
        width += dilation * (kernel - 1) * step
        step *= stride
    return width


def _field_without_dilation(layers):
    return field_width([(kernel, stride, 1) for kernel, stride, _ in layers])


def _field_without_stride(layers):
    return field_width([(kernel, 1, dilation) for kernel, _, dilation in layers])


def _field_own_stride(layers):
    width, step = 1, 1
    for kernel, stride, dilation in layers:
        step *= stride
        width += dilation * (kernel - 1) * step
    return width


def _field_kernels_only(layers):
    return field_width([(kernel, 1, 1) for kernel, _, _ in layers])


def _field_from_nothing(layers):
    return field_width(layers) - 1


def _field_strides_added(layers):
    width, step = 1, 1
    for kernel, stride, dilation in layers:
        width += dilation * (kernel - 1) * step
        step += stride - 1
    return width


# --- Max pooling --------------------------------------------------------------------


def max_pool(x, size):
    """Return the largest number of each size x size block; x is (B, C, H, W)."""
    windows = x.unfold(2, size, size).unfold(3, size, size)  # (B, C, H', W', size, size)
    return windows.amax(dim=(4, 5))


def _pool_mean(x, size):
    return x.unfold(2, size, size).unfold(3, size, size).mean(dim=(4, 5))


def _pool_overlapping(x, size):
    return x.unfold(2, size, 1).unfold(3, size, 1).amax(dim=(4, 5))


def _pool_rows_only(x, size):
    return x.unfold(2, size, size).amax(dim=4)


def _pool_skipping(x, size):
    rows, columns = x.shape[2] // size * size, x.shape[3] // size * size
    return x[:, :, :rows:size, :columns:size]


def _pool_global(x, size):
    return x.amax(dim=(2, 3), keepdim=True)


def _pool_without_dropping(x, size):
    B, C, H, W = x.shape
    return x.reshape(B, C, H // size, size, W // size, size).amax(dim=(3, 5))


def _pool_over_channels(x, size):
    highest = max_pool(x, size).amax(dim=(0, 1), keepdim=True)
    return highest.expand(len(x), x.shape[1], -1, -1).clone()


def _pool_absolute(x, size):
    return max_pool(x.abs(), size)


# --- The other way round ------------------------------------------------------------


def paint(y, kernel, stride):
    """Paint the kernel, times each number of y, into a larger picture."""
    (h, w), k = y.shape, len(kernel)
    picture = y.new_zeros(stride * (h - 1) + k, stride * (w - 1) + k)
    for i in range(h):
        for j in range(w):
            top, left = stride * i, stride * j
            picture[top:top + k, left:left + k] += y[i, j] * kernel
    return picture


def _paint_overwriting(y, kernel, stride):
    (h, w), k = y.shape, len(kernel)
    picture = y.new_zeros(stride * (h - 1) + k, stride * (w - 1) + k)
    for i in range(h):
        for j in range(w):
            top, left = stride * i, stride * j
            picture[top:top + k, left:left + k] = y[i, j] * kernel
    return picture


def _paint_turned(y, kernel, stride):
    return paint(y, kernel.flip(0, 1), stride)


def _paint_square(y, kernel, stride):
    (h, w), k = y.shape, len(kernel)
    side = stride * (h - 1) + k
    picture = y.new_zeros(side, side)
    for i in range(h):
        for j in range(w):
            top, left = stride * i, stride * j
            picture[top:top + k, left:left + k] += y[i, j] * kernel
    return picture


def _paint_stride_one(y, kernel, stride):
    return paint(y, kernel, 1)


def _paint_too_large(y, kernel, stride):
    return F.pad(paint(y, kernel, stride), (0, stride - 1, 0, stride - 1))


def _paint_backwards(y, kernel, stride):
    return F.conv2d(y[None, None], kernel[None, None], stride=stride, padding=2)[0, 0]


EXERCISES = {
    "size_after": Exercise(
        title="Output size",
        solution=size_after,
        cases=lambda make: [
            (28, 5, 1, 0, 1),
            (224, 7, 2, 3, 1),
            (15, 3, 1, 2, 2),
            (16, 3, 2, 1, 1),
            (20, 4, 3, 1, 3),
        ],
        wrong=(
            Wrong(
                _size_without_dilation,
                "The dilation is not used: a kernel of size k spans d (k - 1) + 1 "
                "pixels. Put that in the place of k.",
            ),
            Wrong(
                _size_one_side_padded,
                "The padding stands on both sides: add `2 * padding`.",
            ),
            Wrong(
                _size_without_one,
                "One too few: this counts the steps. The window stands in one place "
                "before it takes the first step, so add 1 after the division.",
            ),
            Wrong(
                _size_one_before_division,
                "The 1 is added before the division, and gets lost in the rounding "
                "when the stride is above 1. Divide first, then add 1.",
            ),
            Wrong(
                _size_as_a_fraction,
                "There is no half place: round down. In Python that is `//`.",
            ),
            Wrong(
                _size_rounded_up,
                "Rounded up, the last window hangs over the edge. Round down: `//`.",
            ),
            Wrong(
                _size_span_of_all,
                "The span is too large: k pixels have k - 1 gaps, so it is "
                "d (k - 1) + 1, not d k.",
            ),
        ),
        hints=(
            "With dilation the kernel is as wide as a kernel of d (k - 1) + 1 pixels "
            "would be. Then the formula of the lesson holds.",
            "`span = dilation * (k - 1) + 1`, then "
            "`(n + 2 * padding - span) // stride + 1`.",
        ),
    ),
    "conv2d": Exercise(
        title="conv2d",
        solution=conv2d,
        gradient=True,
        cases=lambda make: [
            (make.normal(1, 5, 5), make.normal(1, 1, 3, 3), make.normal(1), 1, 0),
            (make.normal(3, 6, 9), make.normal(4, 3, 3, 3), make.normal(4), 2, 1),
            (make.normal(2, 7, 4), make.normal(3, 2, 2, 2), make.normal(3), 1, 2),
        ],
        wrong=(
            Wrong(
                _conv_turned,
                "This turns the kernel by 180 degrees: a convolution as mathematicians "
                "know it. A layer uses it as it is: pixel (i + u, j + v) meets weight "
                "(u, v). Leave out the flip.",
            ),
            Wrong(
                _conv_without_bias,
                "The bias is missing: output channel o gets `bias[o]` at every place, "
                "for example with `bias[:, None, None]`.",
            ),
            Wrong(
                _conv_without_padding,
                "The padding is not used: put a frame of zeros around each channel "
                "first, `F.pad(x, (padding, padding, padding, padding))`.",
            ),
            Wrong(
                _conv_without_stride,
                "The stride is not used: the window moves `stride` pixels at a time. "
                "`unfold(dim, k, stride)` takes it as its third argument.",
            ),
            Wrong(
                _conv_stride_in_size_only,
                "The size is right, but the window still moves one pixel at a time: "
                "output (i, j) looks at rows `stride * i` to `stride * i + k - 1`, and at "
                "the columns likewise.",
            ),
            Wrong(
                _conv_channels_not_summed,
                "One picture for each input channel is left. A kernel adds up over its "
                "channels as well: drop `c` after the arrow, or sum over that "
                "dimension, before the bias.",
            ),
            Wrong(
                _conv_bias_for_each_channel,
                "The bias was added once for each input channel. It belongs to the "
                "output: add it once, after the sum over the channels.",
            ),
            Wrong(
                _conv_padded_right_and_below,
                "The size is right, but all zeros stand on the right and below. The "
                "frame has `padding` zeros on every side.",
            ),
        ),
        hints=(
            "Pad, cut into windows along both directions, then multiply each window by "
            "each kernel and add up over channels and window.",
            "`windows = x.unfold(1, k, stride).unfold(2, k, stride)` is "
            "(C, H', W', k, k); `torch.einsum('chwuv,ocuv->ohw', windows, weight)`, "
            "then add `bias[:, None, None]`.",
        ),
    ),
    "edge_detector": Exercise(
        title="An edge detector",
        solution=[[-0.25, -0.5, -0.25], [0.0, 0.0, 0.0], [0.25, 0.5, 0.25]],
        judge=_judge_edge,
        wrong=(
            Wrong(
                [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
                "This is the kernel for edges from left to right. Turn it on its side: "
                "its rows become its columns.",
            ),
            Wrong(
                [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
                "This is above minus below, so a step from dark to bright gets a "
                "negative answer. Change all signs; then look at the size of the answer.",
            ),
            Wrong(
                [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
                "The right direction, four times too strong: at a step from 0 to 1 the "
                "lower row adds up to 4. Divide by 4.",
            ),
            Wrong(
                [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
                "The right direction, three times too strong: at a step from 0 to 1 "
                "the lower row adds up to 3. Divide by 3.",
            ),
            Wrong(
                [[1, 2, 1], [-2, -4, -2], [1, 2, 1]],
                "This finds thin lines: at a step it answers once with each sign, "
                "whatever the direction. Take the lower row minus the upper row, with "
                "zeros between.",
            ),
            Wrong(
                [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
                "This outlines edges of every direction. It must not answer to changes "
                "from left to right: make each column add up to 0.",
            ),
        ),
        hints=(
            "Below minus above. What must each column add up to, so that a picture "
            "whose columns are constant gets the answer 0?",
            "Zeros in the middle row, the lower row positive with sum 1, the upper row "
            "its negative.",
        ),
    ),
    "field_width": Exercise(
        title="Receptive field",
        solution=field_width,
        cases=lambda make: [
            ([(3, 1, 1), (3, 1, 1)],),
            ([(7, 2, 1), (3, 2, 1), (3, 1, 1)],),
            ([(3, 1, 1), (3, 1, 2), (3, 1, 4)],),
            ([(5, 1, 1), (2, 2, 1), (3, 3, 2), (4, 1, 1)],),
        ],
        wrong=(
            Wrong(
                _field_without_dilation,
                "The dilation is not used: a kernel with gaps reaches "
                "`dilation * (kernel - 1)` further, not `kernel - 1`.",
            ),
            Wrong(
                _field_without_stride,
                "The strides are not used. After a stride of 2, one step in the map is "
                "two pixels in the picture, for all layers that follow.",
            ),
            Wrong(
                _field_kernels_only,
                "Only the kernels count here. A dilation makes a kernel reach further, "
                "and a stride makes one step of all later layers wider.",
            ),
            Wrong(
                _field_own_stride,
                "A layer's own stride came in too early: it moves the window, it does "
                "not widen it. Add to the width first, then multiply the step.",
            ),
            Wrong(
                _field_from_nothing,
                "One pixel is missing: with no layer at all an output sees 1 pixel, so "
                "start from 1.",
            ),
            Wrong(
                _field_strides_added,
                "Strides multiply: after 2 and 3, one step in the map is 6 pixels.",
            ),
        ),
        hints=(
            "The function of the lesson needs one change: how far does a kernel with "
            "gaps reach?",
            "In the loop: `width += dilation * (kernel - 1) * step`, then "
            "`step *= stride`.",
        ),
    ),
    "max_pool": Exercise(
        title="Max pooling",
        solution=max_pool,
        gradient=True,
        cases=lambda make: [
            (make.normal(2, 3, 4, 6), 2),
            (make.normal(1, 2, 7, 5), 2),
            (make.normal(1, 1, 6, 9) - 3, 3),
        ],
        wrong=(
            Wrong(
                _pool_mean,
                "This is average pooling. Keep the largest number of each block: "
                "`amax` in place of `mean`.",
            ),
            Wrong(
                _pool_overlapping,
                "These blocks overlap: the window moves one pixel at a time. Pooling "
                "moves it by its own size: `unfold(dim, size, size)`.",
            ),
            Wrong(
                _pool_rows_only,
                "Only the height was pooled. Do the same for the width, dimension 3.",
            ),
            Wrong(
                _pool_skipping,
                "This takes the first number of each block, whatever the others are. "
                "Take the largest.",
            ),
            Wrong(
                _pool_global,
                "This is global pooling: one number for each channel. Take the largest "
                "of each block.",
            ),
            Wrong(
                _pool_without_dropping,
                "Right while `size` divides the height and width. Drop what is left over "
                "first: `x[:, :, :H // size * size, :W // size * size]`.",
            ),
            Wrong(
                _pool_over_channels,
                "The largest was taken over all pictures and channels at once. Each "
                "channel keeps its own: `amax` over the two dimensions of the block.",
            ),
            Wrong(
                _pool_absolute,
                "The largest number is not the one farthest from 0: -5 is smaller than "
                "2. Leave out `abs`.",
            ),
        ),
        hints=(
            "Cut the height and the width into blocks, then take the largest over the "
            "two dimensions inside a block.",
            "`x.unfold(2, size, size).unfold(3, size, size)` is "
            "(B, C, H', W', size, size) and drops what is left over; then "
            "`.amax(dim=(4, 5))`.",
        ),
    ),
    "paint": Exercise(
        title="The other way round",
        solution=paint,
        cases=lambda make: [
            (make.normal(2, 2), make.normal(3, 3), 1),
            (make.normal(3, 2), make.normal(3, 3), 2),
            (make.normal(1, 4), make.normal(2, 2), 3),
        ],
        wrong=(
            Wrong(
                _paint_overwriting,
                "Later paintings wipe out earlier ones. Where they overlap they add "
                "up: `+=`.",
            ),
            Wrong(
                _paint_turned,
                "The kernel is painted upside down. Use it as it is; the turned kernel "
                "appears when the same result is written as a convolution.",
            ),
            Wrong(
                _paint_square,
                "The picture is a square, and y need not be one: with the width w of y "
                "the picture has `stride * (w - 1) + k` columns.",
            ),
            Wrong(
                _paint_stride_one,
                "The stride is not used: the kernel of y[i, j] begins at row "
                "`stride * i`, column `stride * j`.",
            ),
            Wrong(
                _paint_too_large,
                "The picture is too large: after the last number no further step is "
                "taken. It has `stride * (h - 1) + k` rows.",
            ),
            Wrong(
                _paint_backwards,
                "This slides a window over y and collects. Here every number of y "
                "gives: add `y[i, j] * kernel` into the larger picture.",
            ),
        ),
        hints=(
            "Begin with a picture of zeros of the right size; two loops over the "
            "numbers of y; each adds its multiple of the kernel to a square.",
            "`picture[stride * i:stride * i + k, stride * j:stride * j + k] += "
            "y[i, j] * kernel`.",
        ),
    ),
}

QUIZZES = {
    "shuffle": Quiz(
        "The first MLP reached its accuracy on digits in order. What does the second "
        "one reach, trained and tested on shuffled digits?",
        (
            Choice(
                "About 10 %, as by guessing.",
                "You would guess, but you read with your eyes. What does the MLP's sum "
                "over 784 products know about the order of its terms?",
            ),
            Choice(
                "Clearly less: it has to learn the order first.",
                "There is nothing to learn. A weight that would have stood at pixel 200 "
                "now stands wherever that pixel went.",
            ),
            Choice(
                "About the same.",
                "Yes. A weighted sum does not care in which order it is added up: with "
                "its weights shuffled in the same way, the network is the same.",
                right=True,
            ),
        ),
    ),
    "flip": Quiz(
        "What is in the middle of the output, rows 1 to 3?",
        (
            Choice(
                "1 2 3, 4 5 6, 7 8 9: the kernel.",
                "Follow one window: it stands in the top left corner, and the white "
                "pixel is under its lower right number. Which one is that?",
            ),
            Choice(
                "9 8 7, 6 5 4, 3 2 1: the kernel, turned by 180 degrees.",
                "Yes: the first window, top left, has the white pixel under its last "
                "number, 9.",
                right=True,
            ),
            Choice(
                "45 everywhere: the sum of the kernel.",
                "That would be the answer to a picture that is white everywhere. Here "
                "each window sees one white pixel.",
            ),
            Choice(
                "5 in the middle, 0 elsewhere.",
                "5 is the answer of the window whose middle is on the pixel. But eight "
                "other windows see the pixel too, under other numbers.",
            ),
        ),
        code="pixel = torch.zeros(5, 5)\npixel[2, 2] = 1\n"
        "numbers = torch.arange(1.0, 10).reshape(3, 3)\n"
        "F.conv2d(pixel[None, None], numbers[None, None])",
    ),
    "flat": Quiz(
        "The sky in the photograph is evenly bright. What do the edge kernels, whose "
        "numbers sum to 0, answer there?",
        (
            Choice(
                "A large number, because the sky is bright.",
                "With all nine pixels equal to c, the answer is c times the sum of the "
                "kernel. And that sum is 0.",
            ),
            Choice(
                "0, however bright the sky is.",
                "Yes: c times the sum of the kernel, and that is c times 0. Brightness "
                "is forgotten, only differences remain.",
                right=True,
            ),
            Choice(
                "0 only if the sky is black.",
                "A black sky would give 0 with any kernel. These kernels give 0 for any "
                "even grey.",
            ),
        ),
    ),
    "size": Quiz(
        "A picture of 224 × 224 goes through a layer with kernel 7, stride 2 and "
        "padding 3. How large is the output?",
        (
            Choice(
                "112 × 112",
                "(224 + 6 - 7) / 2 = 111.5, rounded down 111, plus 1. Many networks "
                "begin with this layer.",
                right=True,
            ),
            Choice(
                "111 × 111",
                "The steps are counted rightly: 111. But the window stands in one place "
                "before its first step.",
            ),
            Choice(
                "109 × 109",
                "(224 - 7) / 2 = 108.5, so 108 + 1: here the padding is missing, 3 "
                "pixels on each side.",
            ),
            Choice(
                "224 × 224",
                "That would be stride 1: padding 3 makes up for a kernel of 7. The "
                "stride then takes every second place.",
            ),
        ),
    ),
    "parameters": Quiz(
        "How many parameters has `nn.Conv2d(16, 32, kernel_size=3)`, with bias, for "
        "pictures of 100 × 100?",
        (
            Choice(
                "320",
                "32 · (9 + 1): as if a kernel had one layer. It has one for each of the "
                "16 input channels.",
            ),
            Choice(
                "4,640",
                "32 kernels, each with 16 · 3 · 3 = 144 weights and one bias: "
                "32 · 145. The size of the picture does not matter.",
                right=True,
            ),
            Choice(
                "5,120",
                "32 · 16 · (9 + 1) would be a bias for each layer of a kernel. A "
                "kernel has one bias, added to its one sum.",
            ),
            Choice(
                "46,400,000",
                "That is 4,640 times 10,000 places. The weights are shared: every place "
                "uses the same ones.",
            ),
        ),
    ),
    "stride": Quiz(
        "The layer now has stride 2. When is \"move, then convolve\" the same as "
        "\"convolve, then move\" (away from the border)?",
        (
            Choice(
                "Always, as with stride 1.",
                "Move the picture by one pixel: the windows still stand at 0, 2, 4, ... "
                "Do they see the same pixels as before?",
            ),
            Choice(
                "Never.",
                "Move the picture by two pixels: every window finds what its left "
                "neighbour saw before.",
            ),
            Choice(
                "When the picture moves by an even number of pixels.",
                "Yes: after two pixels each window sees what its neighbour saw, so the "
                "answer moves by one. After one pixel they see what was skipped before.",
                right=True,
            ),
        ),
    ),
    "pooling": Quiz(
        "A network ends with global max pooling: of each feature map it keeps the "
        "largest number. Which two pictures can it never tell apart?",
        (
            Choice(
                "A dark and a bright photograph of the same thing.",
                "Brightness changes the answers of most kernels, and so the largest "
                "one. That is not what the maximum throws away.",
            ),
            Choice(
                "Two pictures whose feature maps hold the same numbers in other places.",
                "Yes. What was found is kept, where it was found is gone. A face and "
                "its scrambled parts come close to this, if the kernels see one part "
                "at a time.",
                right=True,
            ),
            Choice(
                "A picture with one eye and one without.",
                "If a kernel answers to eyes, the largest number of its map is high in "
                "one case and low in the other: this is what the maximum keeps.",
            ),
        ),
    ),
}

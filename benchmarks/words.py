"""What the page `speed` says around its tables."""

from typing import NamedTuple


class Words(NamedTuple):
    """Sentences of one topic; `columns` name what was measured, and what beside it."""

    asks: str
    columns: tuple[str, str] = ("ours", "beside it")
    found: str = ""
    picture: str = ""  # beside the page
    alt: str = ""


TITLES = {
    "training": "Training: `fit` and the usual guide",
    "fit_overhead": "What `fit` costs by itself",
    "book": "Building the book",
    "pages": "Opening a lesson",
    "demos": "Demos in the page",
    "growth": "How the time grows",
}

START = """# Speed

How fast the book, its library and its demos are, measured by `make bench` and never
asserted: a slow computer breaks nothing. A single timing says little, because other
programs slow it down. So every figure compares two things that ran in turn, one
directly after the other. The table shows both medians, the median of the rounds'
ratios, and in brackets the smallest and the largest ratio."""

END = (
    "This page was written by `make bench`. To change its words, edit "
    "`benchmarks/words.py`."
)

WORDS = {
    "training": Words(
        """Guides for beginners read each picture from a torchvision dataset, transform it by
itself, and let a `DataLoader` make batches of 64. `fit` keeps all pictures in memory as
one tensor. Both train the same network, on one thread as the lessons do; the ratio says
how many times faster `fit` is. Testing is not counted; preparing the pictures is
counted in the time to the accuracy.""",
        ("`fit`", "guide"),
        """On the MLP most of the guide's time is reading: in every epoch each of 60,000 pictures
becomes a picture of PIL, a tensor, and a normalised tensor, one after the other, in
Python. `fit` does this once for all pictures, in a tenth of a second. What is left is
mathematics, so the gain shrinks as the network grows: on the CNN reading is less than
half.

To the accuracy the schedule counts as much. One epoch with a high learning rate that
falls to 0 (`cosine`) reaches what the guide's constant rate reaches after two or three;
before we tried this, `fit` took two epochs. The comparison with two threads shows what
these do to batches so small: they double the time. Not
counted on either side: the first optimizer of a process loads PyTorch's compiler, which
takes more than a second.""",
    ),
    "fit_overhead": Words(
        """A loop of eight lines does the same steps on the same tensors with the same optimizer.
The ratio is `fit` divided by that loop.""",
        ("`fit`", "bare loop"),
        """A call of `fit` costs about 0.8 ms before and after its steps: it checks the labels, and
copies the weights to be able to give the best ones back, once more after each epoch
that was better. A step costs some 12 µs more. Taken out one after the other, the parts
of it save 1 to 3 µs each: precision, gradient scaling, the clock, the list of losses and
reading it; with all of them out, 2 % are left. Only on a network of 82 weights does that
count: there a call of Python costs as much as the mathematics. The memory is the copy of
the best weights. A new one used to be made while the old one was still there; now they
are exchanged one tensor at a time. Only a large network with little data shows it.""",
    ),
    "book": Words(
        """All lessons are executed from an empty cache, two side by side with one thread each;
then the pages are built; then one lesson is changed and the book is built again.""",
        found="""More than half of a lesson's time is training, which a reader is meant to see. A kernel
takes about three seconds to start, to answer and to end, the imports over two: nearly
all of that is PyTorch and Matplotlib, `lessons_lib` itself adds less than 0.1 s.
Torchvision loads PyTorch's compiler along, so a lesson with it imports twice as long.
Two lessons side by side save almost half. When all pages were built again, half of the
time went into the pictures, each of them compressed as WebP once more though it had not
changed. Now a compressed picture is kept, which saves about ten seconds.""",
    ),
    "pages": Words(
        """The same executed lesson, built by this book and by Jupyter Book with its default
settings, both served by the same compressing server and opened in Chromium with an
empty cache. The ratio says how many times more the default build needs. Requests to
other hosts are refused at once: the mathematics that the default build loads from
elsewhere costs it nothing here, and is not drawn.""",
        ("this book", "default build"),
        """More than half of the default build's bytes are pictures as PNG, 700 KB are an icon font
and its script, 340 KB the page itself: each demo brings its script again, and the
frames of sliders stand in the page. This book has no icon font, stores pictures as
WebP, loads them and large demo states when they come near, and holds each script once.
What is left is two pictures near the top (180 KB), the page (90 KB), and the font of
the mathematics (80 KB).""",
    ),
    "demos": Words(
        """The demos compute in the page, so this is measured in Chromium, and in Node where that
is said. The Playground races a core with one object for each neuron and weight, written
for this comparison in the way of TensorFlow's Playground, which itself was measured
once, on shared cores of such a machine; the other demos stand beside PyTorch.""",
        found="""At full speed the Playground trains until 13 ms of a frame are used: that is chosen, so
that the page stays smooth. Its core is compiled to WebAssembly for the shape of the
network, four examples side by side. The networks of the lessons compute in plain loops.
Three quarters of a diffusion step are convolutions, and there PyTorch's own loops are
several times faster; about half of a token of the GPT is products of matrices. The GPT
is ahead of PyTorch because it keeps the keys and values of all earlier tokens.""",
    ),
    "growth": Words(
        """What ten times more data, width or depth costs in training, and what a longer sequence
costs attention and a recurrent network. The ratio is the time after growth divided by
the time before.""",
        ("after", "before"),
        """With the data the time grows in proportion. Ten times the width costs little as long as
PyTorch's own cost of a step is larger than the mathematics; after that it tends to a
hundredfold. Depth grows in proportion once the layers outweigh the rest of a step.
Attention compares all pairs: at these lengths its time grows faster than the length,
and ever more so. The recurrent loop pays PyTorch's own cost at every place, and more:
the backward pass of each `z[:, t]` fills a table as long as the sequence. `z.unbind(1)`
before the loop avoids that, and the time grows in proportion; at 2,048 places it was
three times faster. The fused `nn.LSTM` avoids both.""",
        "speed_growth.webp",
        "Left: milliseconds of one epoch of fit over how many times the examples, the "
        "width or the number of hidden layers has grown. Examples and layers rise nearly "
        "as straight lines; width is flat at first and then the steepest. Right: "
        "milliseconds over the length of the sequence for two kinds of attention, a "
        "recurrent loop with and without unbind, and nn.LSTM. Attention begins lowest and "
        "bends upwards. The loops begin highest; the one without unbind bends upwards "
        "too. The LSTM ends lowest.",
    ),
}

"""Which architecture to start with: questions, architectures and rules as data.

This is the only place where they stand: the demo, the table in `practice/choosing` and
the tests read them from here. The first rule whose conditions hold decides.
"""

from typing import Any

QUESTIONS: dict[str, dict[str, Any]] = {
    "data": {
        "label": "What kind of data?",
        "options": {
            "table": "table", "images": "images", "text": "text",
            "series": "time series", "sound": "sound",
        },
    },
    "amount": {
        "label": "How many examples?",
        "options": {
            "few": "under 1,000", "some": "1,000 to 100,000", "many": "more",
        },
    },
    "goal": {
        "label": "What shall it do?",
        "options": {
            "predict": "predict a class or number", "groups": "find groups or outliers",
            "generate": "make new examples",
        },
    },
    "compute": {
        "label": "What can you compute with?",
        "options": {"cpu": "a laptop", "gpu": "one GPU", "cluster": "many GPUs"},
    },
    "explain": {
        "label": "Must each answer be explained?",
        "options": {"no": "no", "yes": "yes"},
    },
}  # fmt: skip

# Lessons of this book: title, and the page where it exists already.
LESSONS: dict[str, dict[str, str]] = {
    "choosing": {"title": "this page", "here": "yes"},
    "neuron": {"title": "One neuron", "page": "foundations/neuron"},
    "backpropagation": {"title": "Backpropagation", "page": "foundations/backpropagation"},
    "pytorch": {"title": "PyTorch", "page": "foundations/pytorch"},
    "cnns": {"title": "CNNs", "page": "vision/cnns"},
    "resnets": {"title": "ResNets and transfer (part 3)"},
    "rnns": {"title": "RNNs", "page": "sequences/rnns"},
    "lstm_gru": {"title": "LSTM and GRU", "page": "sequences/lstm_gru"},
    "text": {"title": "Text classification (part 4)"},
    "transformer": {"title": "The Transformer", "page": "transformers/transformer"},
    "tiny_gpt": {"title": "A tiny GPT", "page": "transformers/tiny_gpt"},
    "vit_and_bert": {"title": "ViT and BERT (part 5)"},
    "autoencoders": {"title": "Autoencoders (part 6)"},
    "gans": {"title": "GANs (part 6)"},
    "diffusion": {"title": "Diffusion", "page": "generative/diffusion"},
    "state_space": {"title": "State-space models (part 6)"},
}

_FIELDS = (
    "name", "is_deep", "best_for", "strength", "weakness", "difficulty", "needs",
    "rather", "lesson", "source",
)  # fmt: skip
_ROWS: dict[str, tuple[Any, ...]] = {
    "linear": (
        "Linear or logistic regression", False, "a table; the baseline for everything",
        "every weight can be read", "sees only weighted sums", "low",
        "a laptop, seconds", "you want the simplest model as a baseline", "neuron",
        "D. Cox 1958, J. R. Stat. Soc. B 20",
    ),
    "ebm": (
        "Explainable boosting machine", False, "tables where answers must be explained",
        "each column's effect is a curve to look at", "few interactions between columns",
        "low", "a laptop, minutes", "a curve for each column is explanation enough",
        "neuron", "H. Nori et al. 2019, arXiv:1909.09223",
    ),
    "boosting": (
        "Gradient-boosted trees", False, "tables of 1,000 rows and more",
        "strong without much tuning; copes with useless columns",
        "no new examples, no raw images or text", "low", "a laptop, minutes",
        "the data can be written as columns of a table", "choosing",
        "J. Friedman 2001, Ann. Stat. 29; L. Grinsztajn et al. 2022, NeurIPS",
    ),
    "tabpfn": (
        "TabPFN, a pretrained table transformer", True, "tables of up to 10,000 rows",
        "no training of your own; strong on small tables",
        "each prediction is slow; limited number of rows", "low",
        "a GPU helps; small tables on a laptop", "the table is small and a GPU is at hand",
        "transformer", "N. Hollmann et al. 2025, Nature 637, 319–326",
    ),
    "mlp": (
        "MLP (fully connected network)", True,
        "tables joined with images or text; a part of larger networks",
        "takes any numbers; trains together with other networks",
        "needs scaled inputs and tuning", "medium", "a laptop, minutes",
        "it has to be trained together with another network", "pytorch",
        "D. Rumelhart et al. 1986, Nature 323",
    ),
    "embeddings": (
        "Pretrained features and a linear classifier", True,
        "few images, texts or recordings",
        "needs few labels; trains in seconds", "no better than its pretraining",
        "low", "a laptop, minutes", "labels are few or there is no GPU", "resnets",
        "J. Donahue et al. 2014, ICML (images); L. Tunstall et al. 2022, "
        "arXiv:2209.11055 (text)",
    ),
    "finetune": (
        "Pretrained image network, fine-tuned", True, "1,000 images and more",
        "accurate after little training", "bound to pictures like those it knows",
        "medium", "one GPU, an hour", "a GPU is at hand and labels are not too few",
        "resnets", "J. Yosinski et al. 2014, NeurIPS; S. Kornblith et al. 2019, CVPR",
    ),
    "cnn": (
        "CNN from scratch", True, "small or unusual pictures, such as digits and spectra",
        "small, fast, knows that neighbours matter", "needs thousands of labels",
        "medium", "a laptop for 28×28, a GPU for more",
        "your pictures are unlike photographs", "cnns",
        "Y. LeCun et al. 1998, Proc. IEEE 86",
    ),
    "vit": (
        "Vision transformer", True, "very many images, or pretrained",
        "keeps improving with more data",
        "from scratch on a million images it stays a little below a ResNet", "high",
        "many GPUs, or a pretrained one", "you have millions of images", "vit_and_bert",
        "A. Dosovitskiy et al. 2021, ICLR",
    ),
    "words": (
        "Word counts and a linear classifier", False, "sorting texts by topic or mood",
        "each word's weight can be read; a strong baseline",
        "blind to the order of words beyond pairs", "low", "a laptop, seconds",
        "you need a baseline today, or must explain", "text",
        "S. Wang, C. Manning 2012, ACL",
    ),
    "encoder": (
        "Pretrained text encoder, fine-tuned", True,
        "classifying texts with 1,000 labels and more",
        "reads words in context", "slow on a laptop; limited length", "medium",
        "one GPU, an hour", "meaning depends on context and a GPU is at hand",
        "vit_and_bert", "J. Devlin et al. 2019, NAACL (BERT)",
    ),
    "llm": (
        "Large language model, prompted or adapted", True,
        "writing, summarising, questions; tasks with almost no labels",
        "works from a description and a few examples", "can state falsehoods fluently",
        "medium", "a hosted model, or a GPU for a small open one",
        "you can describe the task in words but have no labels", "tiny_gpt",
        "T. Brown et al. 2020, NeurIPS; E. Hu et al. 2022, ICLR (LoRA)",
    ),
    "forecast": (
        "Exponential smoothing or ARIMA", False, "one series or a few, with season",
        "few parameters, intervals included", "each series is fitted alone", "low",
        "a laptop, seconds", "the series are short", "lstm_gru",
        "R. Hyndman, G. Athanasopoulos 2021, Forecasting, chapters 8 and 9",
    ),
    "rocket": (
        "Random convolutions and a linear classifier (ROCKET)", False,
        "telling classes of series apart", "accurate and very fast to train",
        "for classes, not for forecasts", "low", "a laptop, minutes",
        "each series gets a class instead of a forecast", "cnns",
        "A. Dempster et al. 2020, Data Min. Knowl. Discov. 34",
    ),
    "lags": (
        "Gradient-boosted trees on past values", False,
        "forecasting many related series", "takes prices, holidays, weather as columns",
        "you build the columns; cannot continue a trend by itself", "medium",
        "a laptop, minutes", "other columns help to forecast", "lstm_gru",
        "S. Makridakis et al. 2022, Int. J. Forecasting 38 (M5)",
    ),
    "tcn": (
        "Convolutions along time (TCN)", True, "long or raw series, many of them",
        "trains in parallel, unlike an RNN", "sees only as far back as it was built for",
        "medium", "one GPU, an hour", "the series are raw and very many", "rnns",
        "S. Bai et al. 2018, arXiv:1803.01271",
    ),
    "lstm": (
        "LSTM or GRU", True, "series and text in a stream, small devices",
        "constant memory for each step", "slow to train; forgets over long distances",
        "medium", "a laptop for small ones", "values arrive one at a time",
        "lstm_gru", "S. Hochreiter, J. Schmidhuber 1997, Neural Computation 9",
    ),
    "transformer": (
        "Transformer from scratch", True, "very many sequences of any kind",
        "every position can look at every other", "cost grows with the square of length",
        "high", "many GPUs for a large one, a laptop for a tiny one",
        "you have very many sequences and no pretrained model fits", "transformer",
        "A. Vaswani et al. 2017, NeurIPS",
    ),
    "ssm": (
        "State-space model (Mamba)", True, "very long sequences",
        "cost grows in proportion to length", "a fixed memory: exact recall is harder",
        "high", "GPUs", "sequences are very long", "state_space",
        "A. Gu, T. Dao 2023, arXiv:2312.00752",
    ),
    "audio": (
        "Pretrained audio network, fine-tuned", True, "speech and sounds",
        "works with little labelled sound", "large; bound to what it has heard",
        "medium", "one GPU, hours", "a GPU is at hand", "vit_and_bert",
        "A. Baevski et al. 2020, NeurIPS (wav2vec 2.0)",
    ),
    "clusters": (
        "PCA, then k-means", False, "a first look at groups",
        "fast, few settings", "round groups only; scale of columns matters", "low",
        "a laptop, seconds", "you want to see the data first", "autoencoders",
        "J. MacQueen 1967, Berkeley Symposium (k-means)",
    ),
    "forest": (
        "Isolation forest", False, "outliers in a table",
        "needs no labels, few settings", "finds the rare, not the wrong", "low",
        "a laptop, seconds", "you look for outliers", "autoencoders",
        "F. Liu et al. 2008, ICDM",
    ),
    "autoencoder": (
        "Autoencoder", True, "compressing, cleaning, outliers",
        "learns the features itself", "groups appear only if you add them", "medium",
        "one GPU, or a laptop for small data", "simple methods miss the structure",
        "autoencoders", "G. Hinton, R. Salakhutdinov 2006, Science 313",
    ),
    "copula": (
        "Statistical copula", False, "making rows of a table",
        "few parameters; keeps correlations", "misses rare combinations", "low",
        "a laptop, seconds", "the table is small", "autoencoders",
        "N. Patki et al. 2016, IEEE DSAA (Synthetic Data Vault)",
    ),
    "ctgan": (
        "Conditional GAN for tables (CTGAN)", True, "making rows of a large table",
        "mixes numbers and categories", "training is delicate", "high",
        "one GPU, an hour", "the table is large", "gans", "L. Xu et al. 2019, NeurIPS",
    ),
    "vae": (
        "Variational autoencoder", True, "making simple examples; a smooth map of them",
        "stable to train; a space to walk in", "pictures are blurred", "medium",
        "a laptop for 28×28, a GPU for more", "you want a map of the examples",
        "autoencoders", "D. Kingma, M. Welling 2014, ICLR",
    ),
    "gan": (
        "GAN", True, "sharp pictures in one pass", "fast at making",
        "training is delicate and can lose modes", "high", "one GPU, days",
        "making has to be fast", "gans", "I. Goodfellow et al. 2014, NeurIPS",
    ),
    "diffusion": (
        "Diffusion model", True, "images, sound and more, of high quality",
        "stable to train, varied results", "slow: many steps for one example", "high",
        "one GPU for days, or more", "quality matters more than speed", "diffusion",
        "J. Ho et al. 2020, NeurIPS",
    ),
    "adapter": (
        "Pretrained generator, adapted", True, "images or sound in your style",
        "a few examples are enough", "inherits its training data and licence", "medium",
        "one GPU, an hour", "a pretrained model makes nearly what you want",
        "diffusion", "R. Rombach et al. 2022, CVPR; E. Hu et al. 2022, ICLR (LoRA)",
    ),
}  # fmt: skip
ARCHITECTURES: dict[str, dict[str, Any]] = {
    key: dict(zip(_FIELDS, row, strict=True)) for key, row in _ROWS.items()
}

# Starts that build on weights which others have trained.
PRETRAINED = frozenset(
    ("tabpfn", "embeddings", "finetune", "encoder", "llm", "audio", "adapter")
)

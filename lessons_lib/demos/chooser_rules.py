"""The rules of the Chooser: answers to a starting architecture, with reasons."""

from collections.abc import Mapping
from typing import Any

# Conditions, start, two alternatives, reasons. The first rule that fits decides.
_RULES: tuple[tuple[dict[str, str], str, tuple[str, str], tuple[str, ...]], ...] = (
    # ---- tables
    ({"data": "table", "goal": "predict", "explain": "yes", "amount": "few"},
     "linear", ("ebm", "boosting"),
     ("With few rows and answers to explain, weights that can be read are the best start.",
      "More flexible models have little to learn from under 1,000 rows.")),
    ({"data": "table", "goal": "predict", "explain": "yes"},
     "ebm", ("linear", "boosting"),
     ("It adds up one curve for each column, so every answer can be taken apart.",
      "It is boosted like trees, and often nearly as accurate.")),
    ({"data": "table", "goal": "predict", "amount": "few"},
     "tabpfn", ("boosting", "linear"),
     ("It was trained on millions of made-up tables and needs no training on yours.",
      "Its authors report the best results for tables of up to 10,000 rows.")),
    ({"data": "table", "goal": "predict", "amount": "some"},
     "boosting", ("tabpfn", "mlp"),
     ("In a comparison on 45 tables of about 10,000 rows, trees stayed ahead of networks.",
      "They train in minutes on a laptop, with few settings.")),
    ({"data": "table", "goal": "predict"},
     "boosting", ("mlp", "linear"),
     ("Trees cope with columns of mixed scales, with gaps and with useless columns.",
      "They train on millions of rows without a GPU.")),
    ({"data": "table", "goal": "groups"},
     "clusters", ("forest", "autoencoder"),
     ("Look at the data in two dimensions first: it is quick and shows gross errors.",
      "Whether deeper methods find more can be judged only against this.")),
    ({"data": "table", "goal": "generate", "amount": "many"},
     "ctgan", ("copula", "vae"),
     ("With many rows a network can learn how columns depend on each other.",
      "It was made for numbers and categories side by side.")),
    ({"data": "table", "goal": "generate"},
     "copula", ("vae", "ctgan"),
     ("Few parameters: it cannot learn your rows by heart.",
      "It keeps each column's distribution and the correlations.")),
    # ---- images
    ({"data": "images", "goal": "predict", "explain": "yes"},
     "embeddings", ("finetune", "cnn"),
     ("With fixed features you can show the most similar known images beside each answer.",
      "If what decides can be measured, measure it and use a table: that is easier to "
      "explain.")),
    ({"data": "images", "goal": "predict", "amount": "few"},
     "embeddings", ("finetune", "cnn"),
     ("A pretrained network already knows edges, textures and parts.",
      "Only a linear classifier is trained, and that needs few labels.")),
    ({"data": "images", "goal": "predict", "compute": "cpu"},
     "embeddings", ("cnn", "finetune"),
     ("Features are computed once for each image; after that, training takes seconds.",
      "For tiny pictures such as digits a small CNN trains on a laptop as well.")),
    ({"data": "images", "goal": "predict", "amount": "many", "compute": "cluster"},
     "finetune", ("vit", "cnn"),
     ("Even with many images, starting from pretrained weights saves most of the training.",
      "Choose a large backbone, a transformer for example: you can afford it.")),
    ({"data": "images", "goal": "predict"},
     "finetune", ("cnn", "embeddings"),
     ("A pretrained network adapts to your images in an hour on one GPU.",
      "With these many labels all its layers can be adjusted.")),
    ({"data": "images", "goal": "groups"},
     "embeddings", ("autoencoder", "clusters"),
     ("Distances between pixels mean little; between pretrained features they do.",
      "Cluster the features, and look at the images of each group.")),
    ({"data": "images", "goal": "generate", "compute": "cpu"},
     "vae", ("gan", "adapter"),
     ("For small pictures it trains on a laptop, and stably.",
      "For large ones, borrow a GPU or use a hosted generator.")),
    ({"data": "images", "goal": "generate", "amount": "many"},
     "diffusion", ("adapter", "gan"),
     ("With this many images a model of your own is possible.",
      "Diffusion is stable to train, and its results are varied.")),
    ({"data": "images", "goal": "generate"},
     "adapter", ("diffusion", "vae"),
     ("Too few images to learn what pictures look like; enough to learn your style.",
      "Only a small number of extra weights is trained.")),
    # ---- text
    ({"data": "text", "goal": "predict", "explain": "yes"},
     "words", ("embeddings", "encoder"),
     ("The words that decided can be listed with their weights.",
      "It is hard to beat when topics or moods show in single words.")),
    ({"data": "text", "goal": "predict", "amount": "few"},
     "embeddings", ("words", "llm"),
     ("Pretrained sentence features know what words mean before they see your labels.",
      "Eight labels a class can be enough for a useful classifier.")),
    ({"data": "text", "goal": "predict", "compute": "cpu"},
     "words", ("embeddings", "encoder"),
     ("It trains in seconds, and with pairs of words it is a strong baseline.",
      "Go on only if errors show that the order of words matters.")),
    ({"data": "text", "goal": "predict"},
     "encoder", ("words", "llm"),
     ("It reads each word in its context, which counts cannot.",
      "One GPU fine-tunes it in an hour.")),
    ({"data": "text", "goal": "groups"},
     "embeddings", ("clusters", "autoencoder"),
     ("Sentence features place texts of similar meaning near each other.",
      "Cluster them and read some texts of each group.")),
    ({"data": "text", "goal": "generate", "amount": "many", "compute": "cluster"},
     "transformer", ("llm", "ssm"),
     ("A model of your own pays only with very much text and many GPUs: you have both.",
      "Adapt an existing model first: it tells you what you would gain.")),
    ({"data": "text", "goal": "generate", "compute": "cpu"},
     "llm", ("lstm", "transformer"),
     ("Language takes more text than one person has: use a model that has read it.",
      "To learn how it works, train a tiny one on a laptop.")),
    ({"data": "text", "goal": "generate"},
     "llm", ("transformer", "ssm"),
     ("Language takes more text than one person has: use a model that has read it.",
      "A GPU is enough to adapt a small open one to your texts.")),
    # ---- time series
    ({"data": "series", "goal": "predict", "explain": "yes"},
     "forecast", ("linear", "lags"),
     ("Level, trend and season can be shown one by one.",
      "Forecasts come with intervals.")),
    ({"data": "series", "goal": "predict", "amount": "few"},
     "forecast", ("rocket", "lags"),
     ("Few parameters suit few data.",
      "Beat the last value and the last season first: both are hard to beat.")),
    ({"data": "series", "goal": "predict", "amount": "many", "compute": "gpu"},
     "tcn", ("lags", "lstm"),
     ("With many raw series a network can learn its own features.",
      "Convolutions use the GPU well: all times are computed at once.")),
    ({"data": "series", "goal": "predict", "amount": "many", "compute": "cluster"},
     "tcn", ("transformer", "lags"),
     ("With many raw series a network can learn its own features.",
      "Convolutions use the GPU well: all times are computed at once.")),
    ({"data": "series", "goal": "predict"},
     "lags", ("forecast", "rocket"),
     ("Past values, calendar and prices become columns of a table, and trees are good there.",
      "The best entries of the M5 competition on retail sales used boosted trees.")),
    ({"data": "series", "goal": "groups"},
     "clusters", ("autoencoder", "forest"),
     ("Describe each series by a few numbers (level, trend, season, noise), then cluster.",
      "You can say what each group has in common.")),
    ({"data": "series", "goal": "generate", "amount": "few"},
     "forecast", ("vae", "lstm"),
     ("A fitted statistical model can be run forward with fresh noise.",
      "A network would learn a handful of series by heart.")),
    ({"data": "series", "goal": "generate", "compute": "cpu"},
     "lstm", ("forecast", "vae"),
     ("It makes one value after the other, and a small one trains on a laptop.",
      "Its loss tells you directly how likely it finds real series.")),
    ({"data": "series", "goal": "generate"},
     "diffusion", ("lstm", "vae"),
     ("It makes whole series at once, so that errors do not pile up step by step.",
      "Training is stable, and one GPU is enough for short series.")),
    # ---- sound
    ({"data": "sound", "goal": "predict", "explain": "yes"},
     "embeddings", ("boosting", "audio"),
     ("With fixed features you can play the most similar known sounds beside each answer.",
      "If pitch, loudness or rhythm decide, measure them and use a table.")),
    ({"data": "sound", "goal": "predict", "amount": "few"},
     "embeddings", ("audio", "cnn"),
     ("A network pretrained on sound already knows its building blocks.",
      "Only a linear classifier is trained, and that needs few labels.")),
    ({"data": "sound", "goal": "predict", "compute": "cpu"},
     "embeddings", ("cnn", "audio"),
     ("Features are computed once for each recording; after that, training takes seconds.",
      "A small CNN on spectrograms is the way to a model of your own.")),
    ({"data": "sound", "goal": "predict"},
     "audio", ("cnn", "embeddings"),
     ("Pretraining on unlabelled sound replaces most of the labels.",
      "One GPU fine-tunes it.")),
    ({"data": "sound", "goal": "groups"},
     "embeddings", ("autoencoder", "clusters"),
     ("Pretrained features place similar sounds near each other.",
      "Cluster them and listen to some of each group.")),
    ({"data": "sound", "goal": "generate", "amount": "many", "compute": "cluster"},
     "diffusion", ("transformer", "adapter"),
     ("With much sound and many GPUs a model of your own is possible.",
      "Work on spectrograms or on a compressed form, not on raw samples.")),
    ({"data": "sound", "goal": "generate"},
     "adapter", ("diffusion", "vae"),
     ("Sound has tens of thousands of values a second: start from a trained generator.",
      "Only a small number of extra weights is trained; without a GPU, use a hosted one.")),
)  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"when": when, "start": start, "others": list(others), "why": list(why)}
    for when, start, others, why in _RULES
]

# Remarks: every one whose conditions hold is shown.
NOTES: list[dict[str, Any]] = [
    {"when": {"goal": "predict"},
     "text": "Before it: always predict the most frequent class, or the mean. What cannot "
             "beat that has learned nothing."},
    {"when": {"amount": "few"},
     "text": "With under 1,000 examples a single test set is a matter of luck: cross-validate."},
    {"when": {"explain": "yes"},
     "text": "For decisions that weigh on people, a model that can be read is better than an "
             "explanation added to one that cannot (Rudin 2019)."},
    {"when": {"goal": "generate"},
     "text": "Compare what it makes with the nearest training examples: a copy is no "
             "creation."},
    {"when": {"goal": "groups"},
     "text": "There is no right answer to compare with: write down beforehand how you will "
             "judge a grouping."},
]  # fmt: skip


def fits(when: Mapping[str, str], answers: Mapping[str, str]) -> bool:
    """Say whether every condition holds."""
    return all(answers[question] == value for question, value in when.items())


def recommend(answers: Mapping[str, str]) -> dict[str, Any]:
    """Return the rule that decides for the answers to all five questions.

    Raises:
        ValueError: If no rule fits; the tests prove that there is always one.
    """
    for rule in RULES:
        if fits(rule["when"], answers):
            return rule
    raise ValueError(f"no rule fits answers {dict(answers)!r}: add one to RULES")

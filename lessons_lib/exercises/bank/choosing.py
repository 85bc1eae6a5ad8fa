"""Exercises of the lesson practice/choosing."""

from lessons_lib.exercises.types import Choice, Quiz

EXERCISES = {}

QUIZZES = {
    # ---- predictions -----------------------------------------------------------------
    "amount": Quiz(
        "Take any of the 270 combinations of answers and change only the amount of data. "
        "How often does the recommended start change?",
        (
            Choice("in about one case of ten", "It is more: networks need labels, so the "
                   "amount matters, though less than the goal."),
            Choice("in about one case of four", "27 %: what you want and what you have "
                   "decide far more than how much of it.", right=True),
            Choice("in nearly every case", "That is true of the goal and nearly of the "
                   "kind of data, but not of the amount."),
        ),
    ),
    "pretrained": Quiz(
        "In many combinations the start is a deep network. In how many of these does it "
        "begin with weights that somebody else has trained?",
        (
            Choice("about one in five", "From scratch would then be the rule. With few "
                   "labels it hardly ever is."),
            Choice("about half", "It is more than half: images, text and sound nearly "
                   "always begin with pretrained weights."),
            Choice("about four in five", "140 of 174: few people have the data to teach a "
                   "network from nothing what images, words or sounds are.", right=True),
        ),
    ),
    # ---- quizzes ---------------------------------------------------------------------
    "baseline": Quiz(
        "A network predicts which customers leave. 92 % of its answers are right. In the "
        "test data 92 % of the customers stay. What has it learned?",
        (
            Choice("a lot: 92 % is far above 50 %", "A coin is the wrong opponent. Somebody "
                   "who always says \"stays\" is right in 92 % as well."),
            Choice("perhaps nothing: always saying \"stays\" is as good", "Yes. Compute the "
                   "baseline first, and choose a score that rewards finding the 8 %.",
                   right=True),
            Choice("nothing can be said without a larger network", "The size of the network "
                   "does not matter for this. The comparison with the baseline does."),
        ),
    ),
    "order": Quiz(
        "You have a table of 20,000 rows and a strong GPU. What do you train first?",
        (
            Choice("a deep network, because the GPU is there", "Means are no reason. On "
                   "tables of this size trees are hard to beat, and done in minutes."),
            Choice("all models at once, and keep the best on the test set", "Choosing on "
                   "the test set makes its score too good. Choose on validation data."),
            Choice("a linear model or trees, and then whatever has to beat them",
                   "Yes. A strong simple start tells you what a network would have to be "
                   "better than.", right=True),
        ),
    ),
    "reasons": Quiz(
        "A bank must tell each applicant why a loan was refused. A colleague proposes a "
        "large network and a second program that explains its answers. What speaks "
        "against it?",
        (
            Choice("the explanation describes the network only roughly, and can be wrong",
                   "Yes, that is the argument of Rudin (2019): a model that can be read "
                   "needs no second one to explain it.", right=True),
            Choice("networks cannot be used on tables", "They can. They need more care and "
                   "are often no better than trees."),
            Choice("networks are always less accurate", "Not always. But on such tables a "
                   "readable model is often nearly as accurate as anything else."),
        ),
    ),
    # ---- ten cases: tests/test_demo_chooser.py compares them with the Chooser ----------
    "churn": Quiz(
        "A telephone company wants to know who will cancel. It has a table of 40,000 "
        "customers: tariff, age, calls, complaints. A laptop, no need to explain.",
        (
            Choice("MLP (fully connected network)", "It can work, but needs scaling and "
                   "tuning to come near to trees on such a table."),
            Choice("Gradient-boosted trees", "Yes: a medium-sized table with columns of all "
                   "kinds is where they are strongest.", right=True),
            Choice("Transformer from scratch", "A row of a table is no long sequence, and "
                   "40,000 rows are few for it."),
            Choice("Linear or logistic regression", "A good baseline. But it sees no "
                   "combinations, such as \"young and many complaints\"."),
        ),
    ),
    "loan": Quiz(
        "A bank decides on loans from a table of 30,000 former ones, and must give each "
        "applicant the reasons. A laptop.",
        (
            Choice("Explainable boosting machine", "Yes: one curve for each column, and the "
                   "answer is their sum. It can be taken apart for each applicant.",
                   right=True),
            Choice("Gradient-boosted trees", "Hundreds of trees cannot be read. The "
                   "readable model is often nearly as accurate: compare."),
            Choice("TabPFN, a pretrained table transformer", "It cannot say why, and the "
                   "table is larger than what it was evaluated on."),
            Choice("PCA, then k-means", "That finds groups without looking at who paid "
                   "back."),
        ),
    ),
    "trial": Quiz(
        "A clinic has 300 patients, 20 measurements each, and wants to predict who "
        "responds to a treatment. One GPU; for now a study, no decisions.",
        (
            Choice("MLP (fully connected network)", "300 rows are few for a network that "
                   "starts from nothing."),
            Choice("CNN from scratch", "The columns have no neighbours: a convolution has "
                   "nothing to slide along."),
            Choice("TabPFN, a pretrained table transformer", "Yes: made for small tables. "
                   "Compare it with logistic regression by cross-validation.", right=True),
            Choice("Diffusion model", "It makes new examples. Here something is to be "
                   "predicted."),
        ),
    ),
    "leaves": Quiz(
        "A school class has 200 photographs of leaves of 8 kinds of tree, and a laptop.",
        (
            Choice("CNN from scratch", "25 pictures of each kind are far too few to learn "
                   "what edges and textures are."),
            Choice("Vision transformer", "From scratch it needs millions of images."),
            Choice("Gradient-boosted trees", "On raw pixels they would have to learn each "
                   "position of a leaf by itself."),
            Choice("Pretrained features and a linear classifier", "Yes: the features know "
                   "edges and textures, and 200 labels are enough for the last layer.",
                   right=True),
        ),
    ),
    "x_ray": Quiz(
        "A hospital has 8,000 labelled X-ray pictures and one GPU. The network only sorts "
        "the queue; a physician reads every picture.",
        (
            Choice("Pretrained image network, fine-tuned", "Yes: 8,000 labels and a GPU "
                   "allow all its layers to adapt to these unusual pictures.", right=True),
            Choice("Pretrained features and a linear classifier", "The second choice: X-rays "
                   "are unlike photographs, so the features should adapt."),
            Choice("Word counts and a linear classifier", "There are no words in these "
                   "pictures."),
            Choice("Linear or logistic regression", "On raw pixels it gives each position "
                   "one weight. A shift of the picture ruins that."),
        ),
    ),
    "tickets": Quiz(
        "A company sorts messages to its help desk into 12 departments. 15,000 old "
        "messages with their department; one GPU; no reasons needed.",
        (
            Choice("Large language model, prompted or adapted", "Possible, but large and "
                   "slow for a fixed list of 12, and the labels would lie idle."),
            Choice("Pretrained text encoder, fine-tuned", "Yes: it reads words in context, "
                   "and 15,000 labels adapt it. Word counts are the baseline.", right=True),
            Choice("LSTM or GRU", "From scratch it would have to learn the language from "
                   "15,000 messages."),
            Choice("PCA, then k-means", "That would find groups of its own, not the 12 "
                   "departments."),
        ),
    ),
    "letters": Quiz(
        "An office marks letters as urgent or not. 5,000 labelled letters, a laptop, and "
        "every mark must be justified to the sender.",
        (
            Choice("Pretrained text encoder, fine-tuned", "It cannot list its reasons, and "
                   "is slow on a laptop."),
            Choice("Large language model, prompted or adapted", "It writes reasons, but "
                   "these need not be what decided."),
            Choice("Word counts and a linear classifier", "Yes: the words that decided can "
                   "be listed with their weights.", right=True),
            Choice("Autoencoder", "It learns to copy its input, not to tell urgent from "
                   "not."),
        ),
    ),
    "sales": Quiz(
        "A chain of bakeries forecasts tomorrow's sales for 50 products in 40 shops, from "
        "three years of days, with prices, holidays and weather. A laptop.",
        (
            Choice("Exponential smoothing or ARIMA", "The baseline to beat. It fits each "
                   "series alone and does not use the weather."),
            Choice("Gradient-boosted trees on past values", "Yes: past days, prices, "
                   "holidays and weather become columns, and all series learn together.",
                   right=True),
            Choice("Transformer from scratch", "Hard to train on a laptop, and not ahead of "
                   "trees on sales of this kind."),
            Choice("Random convolutions and a linear classifier (ROCKET)", "It tells "
                   "classes of series apart. Here numbers are to be forecast."),
        ),
    ),
    "birds": Quiz(
        "A club of bird watchers has 400 recordings of 10 species, and one GPU.",
        (
            Choice("Pretrained features and a linear classifier", "Yes: a network that has "
                   "heard many sounds, and 40 recordings of each bird for the last layer.",
                   right=True),
            Choice("Pretrained audio network, fine-tuned", "The next step, with more "
                   "recordings: 400 are few for adjusting all its layers."),
            Choice("Pretrained generator, adapted", "It would make songs. Here species are "
                   "to be told apart."),
            Choice("Exponential smoothing or ARIMA", "It forecasts the next value of a "
                   "series. Nobody asks for the next sample of a song."),
        ),
    ),
    "textures": Quiz(
        "A studio has 300,000 photographs of fabrics and one GPU for a week. It wants "
        "varied new patterns of high quality; speed does not matter.",
        (
            Choice("Variational autoencoder", "Stable to train, but its pictures are "
                   "blurred."),
            Choice("GAN", "Sharp and fast, but delicate to train, and it can leave out kinds "
                   "of fabric."),
            Choice("Autoencoder", "It compresses pictures. It has no way to draw a new one "
                   "at random."),
            Choice("Diffusion model", "Yes: stable to train and varied; that it is slow does "
                   "not matter here.", right=True),
        ),
    ),
}  # fmt: skip

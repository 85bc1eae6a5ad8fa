"""Exercises of the lesson generative/diffusion."""

import math

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- The jump -----------------------------------------------------------------------


def q_sample(x0, t, noise, alpha_bar):
    """Return x_t for x0 (N, ...), times (N,), noise like x0, alpha_bar (T + 1,)."""
    keep = alpha_bar[t].reshape(-1, *[1] * (x0.ndim - 1))  # (N, 1, 1, ...)
    return keep.sqrt() * x0 + (1 - keep).sqrt() * noise


def _jump_no_roots(x0, t, noise, alpha_bar):
    keep = alpha_bar[t].reshape(-1, *[1] * (x0.ndim - 1))
    return keep * x0 + (1 - keep) * noise


def _jump_no_reshape(x0, t, noise, alpha_bar):
    keep = alpha_bar[t]
    return keep.sqrt() * x0 + (1 - keep).sqrt() * noise


def _jump_first_time(x0, t, noise, alpha_bar):
    keep = alpha_bar[t[0]]
    return keep.sqrt() * x0 + (1 - keep).sqrt() * noise


def _jump_one_minus_root(x0, t, noise, alpha_bar):
    keep = alpha_bar[t].reshape(-1, *[1] * (x0.ndim - 1))
    return keep.sqrt() * x0 + (1 - keep.sqrt()) * noise


def _jump_shifted(x0, t, noise, alpha_bar):
    keep = alpha_bar[t - 1].reshape(-1, *[1] * (x0.ndim - 1))
    return keep.sqrt() * x0 + (1 - keep).sqrt() * noise


def _jump_swapped(x0, t, noise, alpha_bar):
    return q_sample(noise, t, x0, alpha_bar)


def _jump_points_only(x0, t, noise, alpha_bar):
    keep = alpha_bar[t][:, None]
    return keep.sqrt() * x0 + (1 - keep).sqrt() * noise


# --- The cosine schedule ------------------------------------------------------------


def cosine_schedule(T, s=0.008):
    """Return alpha_bar, shape (T + 1,), with alpha_bar[0] = 1."""
    t = torch.arange(T + 1) / T
    curve = torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2
    return curve / curve[0]


def _cosine_no_square(T, s=0.008):
    t = torch.arange(T + 1) / T
    curve = torch.cos((t + s) / (1 + s) * math.pi / 2)
    return curve / curve[0]


def _cosine_not_divided(T, s=0.008):
    t = torch.arange(T + 1) / T
    return torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2


def _cosine_short(T, s=0.008):
    t = torch.arange(1, T + 1) / T
    first = math.cos(s / (1 + s) * math.pi / 2) ** 2
    return torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2 / first


def _cosine_without_offset(T, s=0.008):
    return torch.cos(torch.arange(T + 1) / T * math.pi / 2) ** 2


def _cosine_half_turn(T, s=0.008):
    t = torch.arange(T + 1) / T
    curve = torch.cos((t + s) / (1 + s) * math.pi) ** 2
    return curve / curve[0]


def _cosine_too_few(T, s=0.008):
    t = torch.linspace(0, 1, T)
    curve = torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2
    return curve / curve[0]


# --- One step of DDPM ---------------------------------------------------------------


def ddpm(x, t, noise, z, beta):
    """Return x at time t - 1; t is a Python number from 1, beta has T + 1 entries."""
    alpha_bar = (1 - beta).cumprod(dim=0)
    mean = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * noise) / (1 - beta[t]).sqrt()
    variance = (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * beta[t]
    return mean + variance.sqrt() * z


def _ddpm_without_noise(x, t, noise, z, beta):
    return ddpm(x, t, noise, 0 * z, beta)


def _ddpm_variance_for_root(x, t, noise, z, beta):
    alpha_bar = (1 - beta).cumprod(dim=0)
    variance = (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * beta[t]
    return ddpm(x, t, noise, 0 * z, beta) + variance * z


def _ddpm_large_variance(x, t, noise, z, beta):
    return ddpm(x, t, noise, 0 * z, beta) + beta[t].sqrt() * z


def _ddpm_bar_outside(x, t, noise, z, beta):
    alpha_bar = (1 - beta).cumprod(dim=0)
    mean = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * noise) / alpha_bar[t].sqrt()
    variance = (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * beta[t]
    return mean + variance.sqrt() * z


def _ddpm_all_noise_at_once(x, t, noise, z, beta):
    alpha_bar = (1 - beta).cumprod(dim=0)
    variance = (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * beta[t]
    mean = (x - (1 - alpha_bar[t]).sqrt() * noise) / (1 - beta[t]).sqrt()
    return mean + variance.sqrt() * z


def _ddpm_product_of_beta(x, t, noise, z, beta):
    alpha_bar = beta.cumprod(dim=0)
    mean = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * noise) / (1 - beta[t]).sqrt()
    variance = (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * beta[t]
    return mean + variance.sqrt() * z


def _ddpm_total_product(x, t, noise, z, beta):
    alpha_bar = (1 - beta).prod()
    mean = (x - beta[t] / (1 - alpha_bar).sqrt() * noise) / (1 - beta[t]).sqrt()
    return mean + beta[t].sqrt() * z


# --- One step of DDIM ---------------------------------------------------------------


def ddim(x, t, s, noise, alpha_bar):
    """Return x at time s < t."""
    x0 = (x - (1 - alpha_bar[t]).sqrt() * noise) / alpha_bar[t].sqrt()
    return alpha_bar[s].sqrt() * x0 + (1 - alpha_bar[s]).sqrt() * noise


def _ddim_clean(x, t, s, noise, alpha_bar):
    return (x - (1 - alpha_bar[t]).sqrt() * noise) / alpha_bar[t].sqrt()


def _ddim_no_noise_back(x, t, s, noise, alpha_bar):
    return alpha_bar[s].sqrt() * _ddim_clean(x, t, s, noise, alpha_bar)


def _ddim_same_time(x, t, s, noise, alpha_bar):
    x0 = _ddim_clean(x, t, s, noise, alpha_bar)
    return alpha_bar[s].sqrt() * x0 + (1 - alpha_bar[t]).sqrt() * noise


def _ddim_not_rescaled(x, t, s, noise, alpha_bar):
    x0 = x - (1 - alpha_bar[t]).sqrt() * noise
    return alpha_bar[s].sqrt() * x0 + (1 - alpha_bar[s]).sqrt() * noise


def _ddim_from_noisy(x, t, s, noise, alpha_bar):
    return alpha_bar[s].sqrt() * x + (1 - alpha_bar[s]).sqrt() * noise


# --- Flow matching ------------------------------------------------------------------


def flow_pair(noise, data, t):
    """Return (x_t, velocity) for noise and data (N, ...), times (N,)."""
    along = t.reshape(-1, *[1] * (data.ndim - 1))
    return (1 - along) * noise + along * data, data - noise


def _flow_backwards(noise, data, t):
    along = t.reshape(-1, *[1] * (data.ndim - 1))
    return along * noise + (1 - along) * data, data - noise


def _flow_wrong_sign(noise, data, t):
    along = t.reshape(-1, *[1] * (data.ndim - 1))
    return (1 - along) * noise + along * data, noise - data


def _flow_what_is_left(noise, data, t):
    along = t.reshape(-1, *[1] * (data.ndim - 1))
    x = (1 - along) * noise + along * data
    return x, data - x


def _flow_with_roots(noise, data, t):
    along = t.reshape(-1, *[1] * (data.ndim - 1))
    return (1 - along).sqrt() * noise + along.sqrt() * data, data - noise


def _flow_not_reshaped(noise, data, t):
    return (1 - t) * noise + t * data, data - noise


def _flow_point_only(noise, data, t):
    return flow_pair(noise, data, t)[0]


# --- Guidance -----------------------------------------------------------------------


def guide_away(model, x, t, c, avoid, guidance):
    """Return the guided velocity for x (N, ...); c and avoid are Python numbers."""
    labels = torch.full((len(x),), c, device=x.device)
    bad = model(x, t, torch.full_like(labels, avoid))
    return bad + guidance * (model(x, t, labels) - bad)


def _away_from_c(model, x, t, c, avoid, guidance):
    labels = torch.full((len(x),), c, device=x.device)
    good = model(x, t, labels)
    return good + guidance * (good - model(x, t, torch.full_like(labels, avoid)))


def _away_swapped(model, x, t, c, avoid, guidance):
    return guide_away(model, x, t, avoid, c, guidance)


def _away_difference_only(model, x, t, c, avoid, guidance):
    labels = torch.full((len(x),), c, device=x.device)
    bad = model(x, t, torch.full_like(labels, avoid))
    return guidance * (model(x, t, labels) - bad)


def _away_mixed(model, x, t, c, avoid, guidance):
    labels = torch.full((len(x),), c, device=x.device)
    bad = model(x, t, torch.full_like(labels, avoid))
    return bad + model(x, t, labels) * guidance


def _away_from_none(model, x, t, c, avoid, guidance):
    labels = torch.full((len(x),), c, device=x.device)
    without = model(x, t, torch.full_like(labels, 10))
    return without + guidance * (model(x, t, labels) - without)


def _away_bare_numbers(model, x, t, c, avoid, guidance):
    bad = model(x, t, avoid)
    return bad + guidance * (model(x, t, c) - bad)


def _schedule(make, size):
    """Return a beta (size + 1,) with a dummy 0 in front, and its alpha_bar."""
    beta = torch.cat([make.uniform(1) * 0, make.uniform(size, low=0.05, high=0.4)])
    return beta, (1 - beta).cumprod(dim=0)


def _toy_model(x, t, labels):
    """Answer by class and time, in a way that differs for each class."""
    shape = (-1, *[1] * (x.ndim - 1))
    return x * (labels.to(x.dtype) + 1).reshape(shape) + t.reshape(shape)


def _step_cases(make):
    beta = _schedule(make, 6)[0]
    return [
        (make.normal(5), 3, make.normal(5), make.normal(5), beta),
        (make.normal(2, 1, 3, 3), 6, make.normal(2, 1, 3, 3), make.normal(2, 1, 3, 3), beta),
    ]


def _jump_cases(make):
    alpha_bar = _schedule(make, 6)[1]
    return [
        (make.normal(3, 2), make.integers(6, 3) + 1, make.normal(3, 2), alpha_bar),
        (make.normal(2, 1, 4, 4), make.tensor([5, 2]).long(), make.normal(2, 1, 4, 4), alpha_bar),
        (make.normal(4), make.tensor([0, 1, 6, 3]).long(), make.normal(4), alpha_bar),
    ]


EXERCISES = {
    "q_sample": Exercise(
        title="Noise for pictures",
        solution=q_sample,
        cases=_jump_cases,
        wrong=(
            Wrong(
                _jump_no_roots,
                "The roots are missing. Variances add up, not sizes: the factors are "
                "`alpha_bar.sqrt()` and `(1 - alpha_bar).sqrt()`.",
            ),
            Wrong(
                _jump_no_reshape,
                "`alpha_bar[t]` has shape (N,), and broadcasting lines it up with the "
                "last dimension. Bring it to (N, 1, ..., 1) first.",
            ),
            Wrong(
                _jump_first_time,
                "All examples get the time of the first. Each has its own: index with "
                "the whole of `t` and reshape to (N, 1, ..., 1).",
            ),
            Wrong(
                _jump_one_minus_root,
                "The noise's factor is the root of the remaining variance, "
                "`(1 - alpha_bar).sqrt()`, not one minus the root.",
            ),
            Wrong(
                _jump_shifted,
                "This is one step too early. `alpha_bar` has T + 1 entries, entry 0 is "
                "1: use `alpha_bar[t]`.",
            ),
            Wrong(
                _jump_swapped,
                "The factors are swapped: at t = 0 this is pure noise. "
                "`alpha_bar[t].sqrt()` is what is kept of the data.",
            ),
            Wrong(
                _jump_points_only,
                "`[:, None]` adds one dimension, which is enough for points. A picture "
                "has three: reshape to `(-1, *[1] * (x0.ndim - 1))`.",
            ),
        ),
        hints=(
            "Two factors, one for the data and one for the noise. Their squares add up "
            "to 1. The shape (N,) must become (N, 1, ..., 1).",
            "`keep = alpha_bar[t].reshape(-1, *[1] * (x0.ndim - 1))`, then "
            "`keep.sqrt() * x0 + (1 - keep).sqrt() * noise`.",
        ),
    ),
    "cosine_schedule": Exercise(
        title="The cosine schedule",
        solution=cosine_schedule,
        cases=lambda make: [(10,), (7, 0.05), (1,)],
        wrong=(
            Wrong(
                _cosine_no_square,
                "The cosine must be squared: squares of cosine and sine add up to 1, "
                "as do the powers of signal and noise.",
            ),
            Wrong(
                _cosine_not_divided,
                "Entry 0 must be 1. Because of the offset `s` it is a little less: "
                "divide by the value at t = 0.",
            ),
            Wrong(
                _cosine_short,
                "One entry is missing: t runs from 0 to T, so there are T + 1 of them.",
            ),
            Wrong(
                _cosine_without_offset,
                "The offset `s` is not used. Without it, the first steps add nearly no "
                "noise: `(t / T + s) / (1 + s)`.",
            ),
            Wrong(
                _cosine_half_turn,
                "This goes through half a turn, so the signal comes back at the end. A "
                "quarter is enough: `math.pi / 2`.",
            ),
            Wrong(
                _cosine_too_few,
                "T points from 0 to 1 make T - 1 steps. For T steps take T + 1 points.",
            ),
        ),
        hints=(
            "Make the times 0, 1/T, ..., 1 first. The argument of the cosine runs from "
            "nearly 0 to a quarter turn.",
            "`curve = torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2` with "
            "`t = torch.arange(T + 1) / T`; then divide by `curve[0]`.",
        ),
    ),
    "ddpm_step": Exercise(
        title="One step of DDPM",
        solution=ddpm,
        cases=_step_cases,
        wrong=(
            Wrong(
                _ddpm_without_noise,
                "The mean is right, the fresh noise is missing. Without it all points "
                "run together: add `variance.sqrt() * z`.",
            ),
            Wrong(
                _ddpm_variance_for_root,
                "The noise is multiplied by the variance. Its size is the root of it.",
            ),
            Wrong(
                _ddpm_large_variance,
                "This uses beta as variance. It is a choice that Ho and others tried "
                "too, but here the posterior variance is asked for: "
                "`(1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * beta[t]`.",
            ),
            Wrong(
                _ddpm_bar_outside,
                "The bracket is divided by the root of alpha-bar, which undoes all "
                "steps. One step only: divide by `(1 - beta[t]).sqrt()`.",
            ),
            Wrong(
                _ddpm_all_noise_at_once,
                "This removes all the noise at once. One step removes "
                "`beta[t] / (1 - alpha_bar[t]).sqrt()` times the predicted noise.",
            ),
            Wrong(
                _ddpm_product_of_beta,
                "`alpha_bar` is the product of what is *kept*: multiply `1 - beta`, not "
                "`beta`.",
            ),
            Wrong(
                _ddpm_total_product,
                "`prod` multiplies all steps. At time t only the first t have happened: "
                "`(1 - beta).cumprod(dim=0)`, then entry t.",
            ),
        ),
        hints=(
            "Compute `alpha_bar` from `beta` by a product that runs along. Then a mean "
            "and a variance, each a line of the lesson.",
            "`mean = (x - beta[t] / (1 - alpha_bar[t]).sqrt() * noise) / "
            "(1 - beta[t]).sqrt()`; the variance is `beta[t]` times "
            "`(1 - alpha_bar[t - 1]) / (1 - alpha_bar[t])`.",
        ),
    ),
    "ddim_step": Exercise(
        title="One step of DDIM",
        solution=ddim,
        cases=lambda make: [
            (make.normal(5), 6, 2, make.normal(5), _schedule(make, 6)[1]),
            (make.normal(2, 3), 4, 3, make.normal(2, 3), _schedule(make, 6)[1]),
            (make.normal(1, 1), 5, 0, make.normal(1, 1), _schedule(make, 6)[1]),
        ],
        wrong=(
            Wrong(
                _ddim_clean,
                "This is the clean point that the answer implies, time 0. Add noise "
                "again for time s.",
            ),
            Wrong(
                _ddim_no_noise_back,
                "The noise is not put back. At time s the point must contain "
                "`(1 - alpha_bar[s]).sqrt()` times the predicted noise.",
            ),
            Wrong(
                _ddim_same_time,
                "The noise is put back in the amount of time t. It must be that of "
                "time s, which is less.",
            ),
            Wrong(
                _ddim_not_rescaled,
                "After the noise is taken off, `alpha_bar[t].sqrt()` times x0 remains: "
                "divide by that factor.",
            ),
            Wrong(
                _ddim_from_noisy,
                "This adds noise to the noisy point. Solve for the clean one first: "
                "take the noise of time t off, and divide by `alpha_bar[t].sqrt()`.",
            ),
        ),
        hints=(
            "First solve the formula of the jump for x0, with the predicted noise. Then "
            "jump again, to time s.",
            "`x0 = (x - (1 - alpha_bar[t]).sqrt() * noise) / alpha_bar[t].sqrt()`, then "
            "`alpha_bar[s].sqrt() * x0 + ...`.",
        ),
    ),
    "flow_pair": Exercise(
        title="Flow matching",
        solution=flow_pair,
        cases=lambda make: [
            (make.normal(3, 2), make.normal(3, 2), make.uniform(3)),
            (make.normal(2, 1, 4, 4), make.normal(2, 1, 4, 4), make.uniform(2)),
            (make.normal(1, 5), make.normal(1, 5), make.uniform(1)),
        ],
        wrong=(
            Wrong(
                _flow_backwards,
                "Time runs the other way: at t = 0 there is noise, at t = 1 data. The "
                "velocity is right.",
            ),
            Wrong(
                _flow_wrong_sign,
                "The point is right; the velocity points from data to noise. It is "
                "the end of the line minus its beginning.",
            ),
            Wrong(
                _flow_what_is_left,
                "That is the way that is left from x_t. The velocity is the whole line, "
                "`data - noise`, at every time.",
            ),
            Wrong(
                _flow_with_roots,
                "Roots belong to the schedules of diffusion. A straight line has the "
                "weights `1 - t` and `t`.",
            ),
            Wrong(
                _flow_not_reshaped,
                "`t` has shape (N,), and broadcasting lines it up with the last "
                "dimension. Each example has its own time: reshape to (N, 1, ..., 1).",
            ),
            Wrong(
                _flow_point_only,
                "The point is right. Return the velocity too: `return x, velocity`.",
            ),
        ),
        hints=(
            "A straight line between two points: weights that add up to 1. Its velocity "
            "is the same all along.",
            "With `along = t.reshape(-1, *[1] * (data.ndim - 1))`: "
            "`(1 - along) * noise + along * data`, and `data - noise`.",
        ),
    ),
    "guide_away": Exercise(
        title="Guidance with two labels",
        solution=guide_away,
        cases=lambda make: [
            (_toy_model, make.normal(3, 2), make.uniform(3), 1, 4, 2.5),
            (_toy_model, make.normal(2, 1, 3, 3), make.uniform(2), 7, 0, 1.5),
            (_toy_model, make.normal(1, 2), make.uniform(1), 2, 3, 0.0),
        ],
        wrong=(
            Wrong(
                _away_from_c,
                "This begins at the answer for `c`, so guidance 0 gives the class and "
                "not the other. Begin at the answer for `avoid`.",
            ),
            Wrong(
                _away_swapped,
                "The labels are swapped: this steers to `avoid`.",
            ),
            Wrong(
                _away_difference_only,
                "Only the exaggerated difference. Add it to the answer for `avoid`.",
            ),
            Wrong(
                _away_mixed,
                "Multiply the *difference* of the two answers by the guidance, not the "
                "answer for `c`.",
            ),
            Wrong(
                _away_from_none,
                "This steers away from no class at all. The answer for `avoid` takes "
                "the place of the answer without a class.",
            ),
            Wrong(
                _away_bare_numbers,
                "`c` and `avoid` are numbers, the model wants a label for each example: "
                "`torch.full((len(x),), c, device=x.device)`.",
            ),
        ),
        hints=(
            "It is the line of the lesson with `avoid` in the place of no class.",
            "`bad + guidance * (good - bad)`, where each is "
            "`model(x, t, torch.full((len(x),), label, device=x.device))`.",
        ),
    ),
}

QUIZZES = {
    "jump": Quiz(
        "For training you need a picture at time 700. What does it cost?",
        (
            Choice(
                "700 steps of the chain",
                "The chain does lead there. But all its noises add up to one normal "
                "noise, so one draw replaces them.",
            ),
            Choice(
                "One draw of noise and one line of arithmetic",
                "The jump is exact, not an approximation. It is why every training step "
                "may pick its own random time.",
                right=True,
            ),
            Choice(
                "One call of the network",
                "Adding noise needs no network; nothing is learned on the way there.",
            ),
        ),
    ),
    "middle": Quiz(
        "The data are -1 and 1. You see x = 0 at time 200 and must say which noise is in "
        "it. Under squared error, what is the best answer?",
        (
            Choice(
                "Whatever leads to 1",
                "That would be right half of the time, and far off in the other half. "
                "Squared error punishes that.",
            ),
            Choice(
                "0",
                "Both beginnings are equally probable, and they need opposite noises. "
                "Their mean is 0, although the true noise is certainly not 0.",
                right=True,
            ),
            Choice(
                "A random one of the two",
                "A random guess pays twice: for its own spread and for that of the "
                "truth. The mean pays once.",
            ),
        ),
    ),
    "floor": Quiz(
        "The loss of a diffusion model falls to 0.3 and stays there. What does this say?",
        (
            Choice(
                "The learning rate is too high.",
                "It may be, but the number alone does not say so: no answer at all can "
                "reach 0 here.",
            ),
            Choice(
                "The network is too small.",
                "Perhaps a larger one would reach 0.29. But even the best possible "
                "answer, a mean, misses the single noise.",
            ),
            Choice(
                "Perhaps nothing bad: several noises could have led to the same x, and "
                "the best answer is only their mean.",
                "The loss has a floor above 0 that depends on the data and the schedule. "
                "So judge samples, not the loss.",
                right=True,
            ),
        ),
    ),
    "no_noise": Quiz(
        "1,000 points start in noise and take 1,000 steps back with the trained network, "
        "but without the fresh noise z. Where do they end?",
        (
            Choice(
                "On the moons, more exactly than with the noise",
                "The noise looks like a disturbance. But look at where each step points: "
                "to a mean of the possible beginnings, the same for all near it.",
            ),
            Choice(
                "All in nearly the same place",
                "Each step goes to a mean, which pulls points together. The noise that "
                "should restore the spread is missing.",
                right=True,
            ),
            Choice(
                "In a cloud, as they began",
                "The mean of each step moves every point, with or without noise.",
            ),
        ),
    ),
    "cross": Quiz(
        "The network learns from straight lines between random noise and random data, "
        "and these lines cross all the time. Can two of the paths that it learns meet at the "
        "same time?",
        (
            Choice(
                "Yes, it learned from crossing lines.",
                "At a crossing two lines have different velocities. How could one answer "
                "be both?",
            ),
            Choice(
                "No: at one point and time it gives one velocity.",
                "It gives the mean of all lines that pass there. So the paths bend away "
                "from each other, and never meet.",
                right=True,
            ),
            Choice(
                "Only near the data",
                "Near the data the lines are few, but the argument holds at every point "
                "and time: one input, one answer.",
            ),
        ),
    ),
    "random": Quiz(
        "You sample twice from the same starting noise. With which sampler do you get "
        "two different results?",
        (
            Choice(
                "DDPM",
                "It draws fresh noise in every step. DDIM and the flow are fixed once the "
                "start is, which makes them good for experiments: change one thing.",
                right=True,
            ),
            Choice(
                "DDIM",
                "With sigma = 0 it puts the predicted noise back: nothing random after "
                "the start.",
            ),
            Choice(
                "Flow matching with Euler steps",
                "An Euler step follows the velocity. Nothing is drawn.",
            ),
        ),
    ),
    "scale": Quiz(
        "We ask for the lower moon with guidance 3 instead of 1. What happens to the "
        "1,000 points?",
        (
            Choice(
                "They cover the lower moon more evenly.",
                "They would if guidance sharpened the moon. But it pushes away from "
                "everything that could also be the upper moon.",
            ),
            Choice(
                "They leave the places that are near the upper moon.",
                "There the class says most, and the exaggeration pushes hardest. The "
                "points gather where no doubt is possible.",
                right=True,
            ),
            Choice(
                "Nothing: guidance 1 reached the moon already.",
                "At 1 the class is obeyed. Above 1 the answer goes beyond what the data "
                "say.",
            ),
        ),
    ),
    "copies": Quiz(
        "A generator's pictures have a Fréchet distance as low as real ones and are "
        "all recognised. Is that enough to use it?",
        (
            Choice(
                "Yes: both numbers are as good as they can be.",
                "A program that hands out training pictures would get the same numbers.",
            ),
            Choice(
                "No: it could be copying its training pictures.",
                "Neither number notices. Look for the nearest training pictures, and "
                "compare with how near real test pictures are.",
                right=True,
            ),
            Choice(
                "No: the loss must be 0 too.",
                "The loss of a diffusion model cannot be 0, and it should not be.",
            ),
        ),
    ),
    "latent": Quiz(
        "Latent diffusion runs in the small code of an autoencoder, for example 64 x 64 x 4 "
        "numbers for a picture of 512 x 512 x 3. Where does the gain come from?",
        (
            Choice(
                "Every one of the many network calls works on 48 times fewer numbers.",
                "The decoder is called only once, at the end. The autoencoder takes care "
                "of fine texture, diffusion of what is in the picture.",
                right=True,
            ),
            Choice(
                "Fewer steps are needed.",
                "The number of steps depends on the sampler. It is the single step that "
                "becomes cheaper.",
            ),
            Choice(
                "The code has no noise, so nothing must be removed.",
                "Noise is added to the code just as to pixels, and the network removes it "
                "there.",
            ),
        ),
    ),
}

from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from lessons_lib import plotting
from lessons_lib.plotting import (
    COLORS,
    plot_decision_boundary,
    plot_heatmap,
    plot_histogram,
    plot_history,
    plot_images,
    show,
    use_style,
)


@pytest.fixture(autouse=True)
def style():
    use_style()
    yield
    plt.close("all")


@pytest.fixture
def displayed(monkeypatch):
    """What `show` hands to the notebook."""
    calls = []
    monkeypatch.setattr(plotting, "get_ipython", lambda: object())
    monkeypatch.setattr(plotting, "display", lambda *a, **k: calls.append((a[0], k)))
    return calls


def luminance(color):
    """Relative luminance as WCAG 2.1 defines it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def linear_rgb(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def test_every_color_has_contrast_three_to_one_on_white():
    # WCAG 2.1, 1.4.11: graphics need 3:1. Two pale colours are wanted for fills only.
    for color in COLORS[:3] + COLORS[4:]:
        assert 1.05 / (luminance(color) + 0.05) >= 3, color


def test_first_colors_stay_apart_for_red_green_blind_readers():
    # Deuteranopia, Vienot, Brettel and Mollon (1999): projection in linear RGB.
    project = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
    seen = [project @ linear_rgb(color) for color in COLORS[:3]]
    for i in range(3):
        for j in range(i):
            assert np.abs(seen[i] - seen[j]).max() > 0.08, (COLORS[i], COLORS[j])


def test_show_gives_the_alternative_text_with_the_picture(displayed):
    figure, ax = plt.subplots()
    show(ax, alt="A rising line.")
    (data, options), = displayed
    assert data["text/plain"] == "A rising line."
    assert options["metadata"]["image/png"]["alt"] == "A rising line."
    assert options["metadata"]["image/png"]["width"] == 600
    assert data["image/png"].startswith("iVBOR")  # base64 of the PNG signature


def test_show_closes_the_figure_so_that_it_appears_once(displayed):
    figure, ax = plt.subplots()
    show(figure, alt="An empty plot.")
    assert not plt.fignum_exists(figure.number)


def test_show_prints_the_text_outside_a_notebook(capsys):
    show(plt.subplots()[1], alt="An empty plot.")
    assert "An empty plot." in capsys.readouterr().out


def test_show_refuses_an_empty_text():
    with pytest.raises(ValueError, match="alt must describe the figure"):
        show(plt.subplots()[1], alt=" ")


def test_history_draws_one_point_for_each_epoch():
    history = SimpleNamespace(train_loss=[3.0, 2.0, 1.0], val_loss=[3.5, 2.5, 2.0])
    ax = plot_history(history)
    assert [list(line.get_ydata()) for line in ax.lines] == [
        history.train_loss, history.val_loss,
    ]
    assert list(ax.lines[0].get_xdata()) == [1, 2, 3]


def test_images_are_drawn_as_they_are():
    images = torch.randint(0, 256, (5, 1, 4, 4), dtype=torch.uint8)
    figure = plot_images(images, titles="abcde", columns=3)
    drawn = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert len(drawn) == 5
    np.testing.assert_allclose(drawn[2], images[2, 0].numpy() / 255)


def test_color_images_keep_their_channels():
    images = torch.rand(2, 3, 4, 5)
    figure = plot_images(images)
    drawn = figure.axes[1].images[0].get_array()
    np.testing.assert_allclose(drawn, images[1].permute(1, 2, 0).numpy())


def test_highlighted_titles_stand_out_by_weight_not_only_by_color():
    figure = plot_images(torch.rand(2, 3, 3), titles="ab", highlight=[False, True])
    assert figure.axes[1].title.get_weight() == "bold"
    assert figure.axes[0].title.get_weight() != "bold"


def test_images_of_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"images must have shape .* got \(28, 28\)"):
        plot_images(torch.rand(28, 28))


def test_too_few_titles_are_refused():
    with pytest.raises(ValueError, match="titles must have one entry for each of the 3"):
        plot_images(torch.rand(3, 2, 2), titles="ab")


def test_boundary_of_a_linear_score_is_its_line():
    inputs = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    labels = (inputs[:, 0] + inputs[:, 1] > 0).long()
    ax = plot_decision_boundary(lambda p: p[:, 0] + p[:, 1], inputs, labels, threshold=0)
    line = ax.collections[1].get_paths()[0].vertices
    np.testing.assert_allclose(line.sum(axis=1), 0, atol=1e-5)


def test_boundary_draws_each_point_once():
    inputs = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(30) % 3
    ax = plot_decision_boundary(lambda p: torch.stack([p[:, 0], p[:, 1], -p.sum(1)], 1),
                                inputs, labels)
    points = [c.get_offsets() for c in ax.collections if len(c.get_offsets()) == 10]
    assert len(points) == 3


def test_boundary_refuses_points_that_are_not_of_the_plane():
    with pytest.raises(ValueError, match=r"inputs must have shape \(N, 2\)"):
        plot_decision_boundary(lambda p: p, torch.rand(5, 3), torch.zeros(5))


def test_heatmap_writes_each_value():
    values = torch.tensor([[1.0, -2.0], [0.25, 0.0]])
    ax = plot_heatmap(values, row_labels="ab", column_labels="cd", fmt=".2f")
    assert [text.get_text() for text in ax.texts] == ["1.00", "-2.00", "0.25", "0.00"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.images[0].get_clim() == (-2.0, 2.0)  # zero stays white


def test_heatmap_refuses_a_vector():
    with pytest.raises(ValueError, match=r"values must have shape \(R, C\), got \(3,\)"):
        plot_heatmap(torch.rand(3))


def test_histogram_counts_every_value():
    ax = plot_histogram(torch.randn(10, 7), bins=9, label="weights")
    assert len(ax.patches) == 9
    assert sum(bar.get_height() for bar in ax.patches) == 70


def test_only_pictures_are_marked_as_photos(displayed):
    show(plot_images(torch.rand(2, 3, 3)), alt="Two grey squares.")
    show(plot_histogram(torch.rand(9)), alt="A histogram.")
    marks = [call[1]["metadata"]["image/png"]["photo"] for call in displayed]
    assert marks == [True, False]

"""Digits drawn by hand, and what networks and pages make of them."""

import copy

import torch
from demo_tools import js_core
from torch import nn
from torch.nn import functional as F

core = js_core("kit", "draw_a_digit_core")
# Ten digits as strokes in pixels of the 28x28 field.
STROKES = [
    [[(14, 4), (9, 7), (8, 14), (9, 20), (14, 24), (19, 21), (20, 14), (19, 7), (14, 4)]],
    [[(15, 4), (14, 24)]],
    [[(8, 9), (10, 5), (15, 4), (19, 7), (18, 12), (12, 19), (8, 23), (14, 22), (20, 23)]],
    [[(8, 6), (13, 4), (18, 6), (18, 10), (13, 13), (18, 15), (19, 20), (14, 24), (8, 22)]],
    [[(10, 4), (8, 14), (18, 14)], [(18, 4), (17, 14), (16, 25)]],
    [[(18, 5), (10, 5), (9, 12), (14, 11), (19, 14), (19, 20), (14, 24), (8, 22)]],
    [[(16, 4), (11, 9), (8, 16), (10, 22), (15, 24), (19, 20), (17, 15), (12, 15), (9, 18)]],
    [[(8, 5), (19, 5), (16, 13), (12, 24)]],
    [[(14, 13), (9, 9), (11, 5), (16, 4), (18, 8), (14, 13), (9, 18), (11, 23), (16, 23),
      (18, 18), (14, 13)]],
    [[(18, 9), (14, 5), (9, 7), (9, 12), (14, 14), (18, 10), (18, 7), (17, 15), (15, 24)]],
]  # fmt: skip


def prepared(drawings):
    """Return the images (N, 1, 28, 28) that the page makes of drawings."""
    body = "return v.map((strokes) => Array.from(m.prepare(strokes)));"
    return torch.tensor(core(body, drawings)).view(-1, 1, 28, 28)


def taught(build, copies, num_epochs):
    """Return a network that knows the strokes above, shaken."""
    torch.manual_seed(0)
    drawings, labels = [], []
    for label, strokes in enumerate(STROKES):
        for _ in range(copies):
            a = torch.eye(2) + 0.12 * torch.randn(2, 2)
            drawings.append([
                (torch.tensor(s, dtype=torch.float) @ a + torch.randn(len(s), 2) / 2).tolist()
                for s in strokes
            ])  # fmt: skip
            labels.append(label)
    inputs, targets = prepared(drawings), torch.tensor(labels)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(num_epochs):
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    return model


def rounded(model, dtype):
    """Return a copy whose weights PyTorch has rounded as the export does."""
    model = copy.deepcopy(model)
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight = layer.weight.data
            scale = weight.flatten(1).abs().amax(1) / 127
            scale = scale.view(-1, *[1] * (weight.ndim - 1))
            half = weight.half().float()
            layer.weight.data = half if dtype == "float16" else (weight / scale).round() * scale
    return model.eval()


def draw(page, strokes):
    """Draw strokes in pixels of the field with the mouse."""
    paper = page.get_by_role("img", name="Drawing field")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    unit = box["width"] / 28
    for stroke in strokes:
        for i, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x * unit, box["y"] + y * unit, steps=4)
            if i == 0:
                page.mouse.down()
        page.mouse.up()

"""Layers of the lessons: equal to PyTorch's own, and what each promises."""

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lessons_lib import layers


def make_qkv(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, *shape, generator=generator).unbind()


def by_hand(q, k, v, mask=None):
    """Attention as the lesson writes it out."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return scores.softmax(dim=-1) @ v


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (2, 4, 7, 8)])
@pytest.mark.parametrize("kind", ["open", "causal", "mask", "both"])
def test_attention_equals_the_one_written_out(shape, kind):
    q, k, v = make_qkv(*shape)
    seq_len = shape[-2]
    mask = torch.ones(seq_len, seq_len, dtype=torch.bool)
    if kind in ("mask", "both"):
        mask = torch.rand(seq_len, seq_len, generator=torch.Generator()) > 0.4
        mask |= torch.eye(seq_len, dtype=torch.bool)
    given = mask if kind in ("mask", "both") else None
    causal = kind in ("causal", "both")
    full = mask & layers.causal_mask(seq_len) if causal else mask
    expected = by_hand(q, k, v, full)
    got = layers.attention(q, k, v, given, causal=causal)
    torch.testing.assert_close(got, expected, atol=1e-6, rtol=1e-5)
    weights = layers.attention_weights(q, k, given, causal=causal)
    torch.testing.assert_close(weights @ v, expected)
    assert (weights[..., ~full] == 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(shape[:-1]))


def test_query_without_any_key_gets_zeros_and_finite_gradients():
    q, k, v = (x.requires_grad_() for x in make_qkv(3, 4))
    mask = torch.tensor([True, False, True])[:, None].expand(3, 3)
    out = layers.attention(q, k, v, mask)
    assert (out[1] == 0).all()
    out.sum().backward()
    assert q.grad.isfinite().all()
    weights = layers.attention_weights(q, k, mask)
    assert (weights[1] == 0).all()
    q.grad = None
    (weights @ v).square().sum().backward()
    assert q.grad.isfinite().all()


def test_causal_mask_lets_a_row_see_itself_and_the_past():
    expected = [[True, False, False], [True, True, False], [True, True, True]]
    assert layers.causal_mask(3).tolist() == expected


def copy_weights(mine, theirs):
    """Give nn.MultiheadAttention the weights of our layer."""
    parts = (mine.query, mine.key, mine.value)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        theirs.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        theirs.out_proj.load_state_dict(mine.out.state_dict())


@pytest.mark.parametrize("num_heads", [1, 2, 6])
def test_multi_head_attention_equals_torch(num_heads):
    torch.manual_seed(0)
    mine = layers.MultiHeadAttention(12, num_heads)
    theirs = nn.MultiheadAttention(12, num_heads, batch_first=True)
    copy_weights(mine, theirs)
    x, memory = torch.randn(2, 5, 12), torch.randn(2, 7, 12)
    is_padding = torch.zeros(2, 7, dtype=torch.bool)
    is_padding[1, 4:] = True
    expected, weights = theirs(
        x, memory, memory, key_padding_mask=is_padding, average_attn_weights=False
    )
    mask = ~is_padding[:, None, None]
    torch.testing.assert_close(mine(x, memory, mask=mask), expected)
    torch.testing.assert_close(mine.weights(x, memory, mask=mask), weights)
    torch.testing.assert_close(mine(x), theirs(x, x, x)[0])


def test_multi_head_attention_has_four_d_squared_plus_four_d_parameters():
    for num_heads in (1, 2, 8):
        layer = layers.MultiHeadAttention(16, num_heads)
        assert sum(p.numel() for p in layer.parameters()) == 4 * 16**2 + 4 * 16
    names = {name.split(".")[0] for name in layer.state_dict()}
    assert names == {"query", "key", "value", "out"}


def test_causal_layer_does_not_see_the_future():
    torch.manual_seed(0)
    layer = layers.MultiHeadAttention(8, 2, causal=True)
    x = torch.randn(1, 6, 8)
    changed = x.clone()
    changed[:, 4:] = 9.0
    for positions in (None, torch.arange(6)):
        before, after = layer(x, positions=positions), layer(changed, positions=positions)
        torch.testing.assert_close(before[:, :4], after[:, :4])
        assert (before[:, 4:] - after[:, 4:]).abs().max() > 0.1


def test_permuted_tokens_give_permuted_outputs_without_positions_only():
    torch.manual_seed(0)
    layer, x = layers.MultiHeadAttention(8, 2), torch.randn(1, 6, 8)
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    torch.testing.assert_close(layer(x[:, order]), layer(x)[:, order])
    positions = torch.arange(6)
    turned = layer(x, positions=positions)[:, order]
    assert (layer(x[:, order], positions=positions) - turned).abs().max() > 1e-3


def test_wrong_number_of_heads_is_named():
    with pytest.raises(ValueError, match="multiple of num_heads.*=10, num_heads=4"):
        layers.MultiHeadAttention(10, 4)
    with pytest.raises(ValueError, match="dim must be even, for pairs, got 5"):
        layers.rotary(torch.zeros(2, 5), torch.arange(2))


def test_sinusoidal_equals_the_formula():
    table = layers.sinusoidal(50, 6)
    for position in (0, 1, 7, 49):
        for i in range(3):
            angle = position / 10000 ** (2 * i / 6)
            assert math.isclose(table[position, 2 * i], math.sin(angle), abs_tol=1e-5)
            assert math.isclose(table[position, 2 * i + 1], math.cos(angle), abs_tol=1e-5)


def test_rotary_is_multiplication_by_complex_numbers():
    x = torch.randn(2, 3, 5, 8, generator=torch.Generator().manual_seed(1))
    positions = torch.tensor([0, 1, 2, 10, 500])
    angles = torch.outer(positions.float(), layers.frequencies(8))
    turn = torch.polar(torch.ones_like(angles), angles)
    pairs = torch.view_as_complex(x.unflatten(-1, (4, 2)).contiguous())
    expected = torch.view_as_real(pairs * turn).flatten(-2)
    torch.testing.assert_close(layers.rotary(x, positions), expected)
    assert layers.rotary(x.double(), positions).dtype == torch.float64


def test_rotary_scores_depend_on_the_distance_only():
    q, k, _ = make_qkv(4, 16)
    positions = torch.tensor([0, 2, 3, 7])
    for shift in (1, 30):
        before = layers.rotary(q, positions) @ layers.rotary(k, positions).T
        moved = positions + shift
        after = layers.rotary(q, moved) @ layers.rotary(k, moved).T
        torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(layers.rotary(q, positions).norm(dim=-1), q.norm(dim=-1))


def test_attention_runs_in_the_kernel_of_torch(monkeypatch):
    calls = []
    kernel = F.scaled_dot_product_attention
    monkeypatch.setattr(
        F, "scaled_dot_product_attention",
        lambda *args, **more: calls.append(more) or kernel(*args, **more),
    )
    layers.attention(*make_qkv(2, 3, 4), causal=True)
    assert calls == [{"attn_mask": None, "is_causal": True}]

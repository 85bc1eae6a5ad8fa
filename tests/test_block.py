"""The block of a Transformer: equal to PyTorch's own, and what it promises."""

import pytest
import torch
from torch import nn

from lessons_lib.layers import Block, causal_mask, sinusoidal


def make_pair(norm_first, causal=False):
    """Return our block and PyTorch's with the same weights."""
    torch.manual_seed(0)
    block = Block(16, 4, norm_first=norm_first, causal=causal)
    theirs = nn.TransformerEncoderLayer(
        16,
        4,
        dim_feedforward=64,
        dropout=0.0,
        activation="gelu",
        batch_first=True,
        norm_first=norm_first,
    )
    for norm in (block.norm1, block.norm2):
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
    ours = block.attention
    three = (ours.query, ours.key, ours.value)
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(
            torch.cat([part.weight for part in three])
        )
        theirs.self_attn.in_proj_bias.copy_(torch.cat([part.bias for part in three]))
    for source, target in [
        (ours.out, theirs.self_attn.out_proj),
        (block.norm1, theirs.norm1),
        (block.norm2, theirs.norm2),
        (block.mlp[0], theirs.linear1),
        (block.mlp[2], theirs.linear2),
    ]:
        target.load_state_dict(source.state_dict())
    return block, theirs


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("seq_len", [1, 5])
def test_equals_pytorchs_layer_forward_and_backward(norm_first, seq_len):
    block, theirs = make_pair(norm_first)
    mask = causal_mask(seq_len)
    for ours_mask, their_mask in [(None, None), (mask, ~mask)]:
        x = torch.randn(2, seq_len, 16, requires_grad=True)
        got, expected = block(x, ours_mask), theirs(x, src_mask=their_mask)
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)
        weight = torch.randn_like(got)
        gradients = [
            torch.autograd.grad((y * weight).sum(), x)[0] for y in (got, expected)
        ]
        torch.testing.assert_close(*gradients, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm_first", [True, False])
def test_causal_equals_the_causal_mask(norm_first):
    open_block, _ = make_pair(norm_first)
    block, _ = make_pair(norm_first, causal=True)
    x = torch.randn(2, 6, 16)
    torch.testing.assert_close(block(x), open_block(x, causal_mask(6)))


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("kind", ["full", "causal", "prefix"])
def test_output_changes_exactly_where_the_mask_allows(norm_first, kind):
    block, _ = make_pair(norm_first)
    mask = torch.ones(5, 5, dtype=torch.bool) if kind == "full" else causal_mask(5)
    if kind == "prefix":
        mask[:, :2] = True
    x = torch.randn(1, 5, 16)
    for token in range(5):
        other = x.clone()
        other[:, token] = torch.randn(16)
        moved = (block(x, mask) - block(other, mask)).abs().amax(dim=(0, 2)) > 1e-6
        assert torch.equal(moved, mask[:, token])


@pytest.mark.parametrize("embed_dim", [4, 16, 768])
def test_parameters_follow_the_formula(embed_dim):
    count = sum(p.numel() for p in Block(embed_dim, 2).parameters())
    assert count == 12 * embed_dim**2 + 13 * embed_dim


def test_without_positions_a_permutation_goes_through():
    block, _ = make_pair(norm_first=True)
    x, order = torch.randn(2, 6, 16), torch.tensor([3, 0, 5, 1, 4, 2])
    torch.testing.assert_close(
        block(x[:, order]), block(x)[:, order], atol=1e-5, rtol=1e-5
    )


def test_positions_make_the_order_count_by_distance():
    block, _ = make_pair(norm_first=True)
    x, here = torch.randn(1, 6, 16), torch.arange(6)
    turned = block(x, positions=here)
    assert (turned - block(x)).abs().max() > 1e-3
    torch.testing.assert_close(
        block(x, positions=here + 50), turned, atol=1e-4, rtol=1e-4
    )


def test_pre_norm_leaves_the_stream_alone():
    block, _ = make_pair(norm_first=True)
    with torch.no_grad():
        for layer in (block.attention.out, block.mlp[2]):
            layer.weight.zero_()
            layer.bias.zero_()
    x = 100 * torch.randn(2, 3, 16)
    torch.testing.assert_close(block(x), x)


def test_post_norm_normalises_each_token():
    block = Block(16, 4, norm_first=False)
    out = block(10 + 5 * torch.randn(2, 3, 16))
    torch.testing.assert_close(out.mean(-1), torch.zeros(2, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(
        out.var(-1, correction=0), torch.ones(2, 3), atol=1e-3, rtol=0
    )


def test_a_stack_learns_to_reverse():
    torch.manual_seed(0)
    embed, head = nn.Embedding(4, 16), nn.Linear(16, 4)
    model = nn.Sequential(Block(16, 2), Block(16, 2), nn.LayerNorm(16), head)
    params = [*embed.parameters(), *model.parameters()]
    optimizer = torch.optim.Adam(params, lr=1e-2)
    for _ in range(150):
        letters = torch.randint(4, (32, 4))
        logits = model(embed(letters) + sinusoidal(4, 16))
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), letters.flip(1).flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1


def test_heads_that_do_not_divide_are_named():
    with pytest.raises(ValueError, match="embed_dim=10, num_heads=4"):
        Block(10, 4)

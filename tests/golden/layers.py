#!/usr/bin/env python3
"""Golden dumps of the layers: python3 tests/golden/layers.py. See golden.py."""
import torch
from torch import nn
from torch.nn import functional as F

from golden import Parameter, draw, fill, record

PROJECT = "DistTrain.Graph.Tests"


def to_first(x):
    """(n, h, w, c) -> (n, c, h, w)"""
    return x.permute(0, 3, 1, 2)


def to_last(x):
    return x.permute(0, 2, 3, 1)


def window(w):
    """(out, in, ky, kx) -> (ky, kx, in, out)"""
    return w.permute(2, 3, 1, 0)


def dense(name, layer):
    return [Parameter(f"{name}/kernel", layer.weight, lambda t: t.T)] + (
        [Parameter(f"{name}/bias", layer.bias)] if layer.bias is not None else [])


def conv(name, layer):
    return [Parameter(f"{name}/kernel", layer.weight, window)] + (
        [Parameter(f"{name}/bias", layer.bias)] if layer.bias is not None else [])


def picture(name, module, x, out_shape, parameters, **more):
    """A case of (n, h, w, c) -> (n, h, w, c); PyTorch's modules have channels first."""
    target = draw(*out_shape, seed=3)
    record(PROJECT, name, lambda v: to_last(module(to_first(v))), [x], target, parameters, **more)


def dense_cases():
    layer = nn.Linear(5, 4)
    fill(layer, 10)
    record(PROJECT, "dense", layer, [draw(6, 5, seed=1)], draw(6, 4, seed=2), dense("dense", layer))
    layer = nn.Linear(3, 2)
    fill(layer, 11)
    record(PROJECT, "dense_of_positions", layer, [draw(2, 4, 3, seed=1)], draw(2, 4, 2, seed=2), dense("dense", layer))


def activation_cases():
    functions = {
        "relu": F.relu, "leakyRelu": lambda x: F.leaky_relu(x, 0.3), "sigmoid": torch.sigmoid, "tanh": torch.tanh,
        "gelu": F.gelu, "softmax": lambda x: F.softmax(x, -1), "linear": lambda x: x,
    }
    for name, function in functions.items():
        layer = nn.Linear(3, 4)
        fill(layer, 20)
        record(PROJECT, f"activation_{name}", lambda x: function(layer(x)), [draw(3, 3, seed=1, low=-3, high=3)],
               draw(3, 4, seed=2), dense("dense", layer))


def convolution_cases():
    layer = nn.Conv2d(2, 3, 3)
    fill(layer, 30)
    picture("conv2d", layer, draw(2, 5, 4, 2, seed=1), (2, 3, 2, 3), conv("conv2d", layer))
    layer = nn.Conv2d(2, 2, (3, 2), stride=(2, 1), bias=False)
    fill(layer, 31)
    picture("conv2d_strides", layer, draw(2, 5, 4, 2, seed=1), (2, 2, 3, 2), conv("conv2d", layer))
    layer = nn.Conv2d(2, 3, 3, padding=1)
    fill(layer, 32)
    picture("conv2d_same", layer, draw(2, 4, 4, 2, seed=1), (2, 4, 4, 3), conv("conv2d", layer))


def pooling_cases():
    x = draw(2, 4, 5, 2, seed=1)
    picture("max_pooling2d", nn.MaxPool2d(2), x, (2, 2, 2, 2), [])
    picture("average_pooling2d", nn.AvgPool2d((2, 3), stride=(2, 1)), x, (2, 2, 3, 2), [])
    record(PROJECT, "global_average_pooling2d", lambda v: v.mean((1, 2)), [x], draw(2, 2, seed=3), [])
    record(PROJECT, "global_average_pooling1d", lambda v: v.mean(1), [draw(2, 5, 3, seed=1)], draw(2, 3, seed=3), [])
    padded = draw(2, 5, 3, seed=4)
    padded[0, 3:], padded[1, 1:] = 0, 0
    there = (padded != 0).any(-1, keepdim=True)
    record(PROJECT, "global_average_pooling1d_masked", lambda v: (v * there).sum(1) / there.sum(1), [padded], draw(2, 3, seed=5), [])


def shape_cases():
    x = draw(2, 3, 4, seed=1)
    record(PROJECT, "add_concatenate_flatten", lambda v: torch.cat([v + v, v], -1).flatten(1), [x], draw(2, 24, seed=3), [])
    record(PROJECT, "multiply", lambda v: v * v * torch.tanh(v), [x], draw(2, 3, 4, seed=3), [])


def more_activation_cases():
    functions = {"silu": F.silu, "elu": F.elu, "selu": F.selu, "softplus": F.softplus}
    for name, function in functions.items():
        layer = nn.Linear(3, 4)
        fill(layer, 20)
        record(PROJECT, f"activation_{name}", lambda x: function(layer(x)), [draw(3, 3, seed=1, low=-3, high=3)],
               draw(3, 4, seed=2), dense("dense", layer))
    layer = nn.PReLU(4)
    fill(layer, 21)
    record(PROJECT, "prelu", lambda x: layer(x.transpose(1, 2)).transpose(1, 2), [draw(3, 5, 4, seed=1)], draw(3, 5, 4, seed=2),
           [Parameter("p_re_lu/alpha", layer.weight)])


def more_convolution_cases():
    sequence = lambda layer: lambda v: layer(v.transpose(1, 2)).transpose(1, 2)
    layer = nn.Conv1d(3, 4, 3, stride=2, padding=1)
    fill(layer, 33)
    kernel = lambda w: w.permute(2, 1, 0)
    parameters = [Parameter("conv1d/kernel", layer.weight, kernel), Parameter("conv1d/bias", layer.bias)]
    record(PROJECT, "conv1d_same", sequence(layer), [draw(2, 7, 3, seed=1)], draw(2, 4, 4, seed=2), parameters)
    causal = nn.Conv1d(3, 2, 3)
    fill(causal, 34)
    parameters = [Parameter("conv1d/kernel", causal.weight, kernel), Parameter("conv1d/bias", causal.bias)]
    record(PROJECT, "conv1d_causal", sequence(lambda v: causal(F.pad(v, (2, 0)))), [draw(2, 6, 3, seed=1)], draw(2, 6, 2, seed=2),
           parameters)
    # (in, out, ky, kx) -> (ky, kx, out, in)
    turned = lambda w: w.permute(2, 3, 1, 0)
    for name, size, stride, padding, out in (("valid", 3, 2, 0, (7, 9)), ("same", 4, 2, 1, (6, 8))):
        layer = nn.ConvTranspose2d(2, 3, size, stride=stride, padding=padding)
        fill(layer, 35)
        parameters = [Parameter("conv2d_transpose/kernel", layer.weight, turned), Parameter("conv2d_transpose/bias", layer.bias)]
        picture(f"conv2d_transpose_{name}", layer, draw(1, 3, 4, 2, seed=1), (1, *out, 3), parameters)
    layer = nn.Conv2d(3, 3, 3, padding=1, groups=3)
    fill(layer, 36)
    # (channels, 1, ky, kx) -> (ky, kx, channels)
    each = lambda w: w[:, 0].permute(1, 2, 0)
    parameters = [Parameter("depthwise_conv2d/kernel", layer.weight, each), Parameter("depthwise_conv2d/bias", layer.bias)]
    picture("depthwise_conv2d", layer, draw(2, 4, 4, 3, seed=1), (2, 4, 4, 3), parameters)
    first, second = nn.Conv2d(3, 3, (2, 3), groups=3, bias=False), nn.Conv2d(3, 2, 1)
    fill(first, 37)
    fill(second, 38)
    parameters = [Parameter("separable_conv2d-depthwise/kernel", first.weight, each)] + conv("separable_conv2d", second)
    picture("separable_conv2d", nn.Sequential(first, second), draw(2, 4, 4, 3, seed=1), (2, 3, 2, 2), parameters)


def resampling_cases():
    x = draw(2, 3, 2, 2, seed=1)
    picture("up_sampling2d_nearest", nn.Upsample(scale_factor=(2, 3)), x, (2, 6, 6, 2), [])
    picture("up_sampling2d_bilinear", nn.Upsample(scale_factor=(2, 3), mode="bilinear"), x, (2, 6, 6, 2), [])
    picture("zero_padding2d", nn.ZeroPad2d((2, 0, 1, 1)), x, (2, 5, 4, 2), [])
    record(PROJECT, "permute_reshape", lambda v: v.permute(0, 3, 1, 2).reshape(2, 4, 3), [x], draw(2, 4, 3, seed=3), [])


def layer_norm(name, layer):
    return [Parameter(f"{name}/gamma", layer.weight), Parameter(f"{name}/beta", layer.bias)]


def normalization_cases():
    layer = nn.LayerNorm(6, eps=1e-5)
    fill(layer, 60)
    record(PROJECT, "layer_normalization", layer, [draw(3, 4, 6, seed=1)], draw(3, 4, 6, seed=2), layer_norm("layer_normalization", layer))
    for name, keras in (("torch", False), ("keras", True)):
        # Keras: momentum 0.99, epsilon 1e-3, a running variance of n; PyTorch: 0.9 (its 0.1), 1e-5, of n - 1.
        mean, variance = draw(3, seed=70), draw(3, seed=71, low=0.5, high=2)
        gamma, beta = nn.Parameter(draw(3, seed=72)), nn.Parameter(draw(3, seed=73))
        start = mean.clone(), variance.clone()
        momentum, epsilon = (0.01, 1e-3) if keras else (0.1, 1e-5)

        def forward(x):
            flat = x.reshape(-1, 3)
            y = (flat - flat.mean(0)) / torch.sqrt(flat.var(0, unbiased=False) + epsilon) * gamma + beta
            if not keras:
                own = F.batch_norm(flat, None, None, gamma, beta, True, momentum, epsilon)
                assert torch.allclose(own, y)
            return y.reshape(x.shape)

        x = draw(4, 2, 2, 3, seed=1)

        def average():
            flat = x.reshape(-1, 3)
            mean.mul_(1 - momentum).add_(momentum * flat.mean(0))
            variance.mul_(1 - momentum).add_(momentum * flat.var(0, unbiased=not keras))

        record(PROJECT, f"batch_normalization_{name}", forward, [x], draw(4, 2, 2, 3, seed=2),
               [Parameter("batch_normalization/gamma", gamma), Parameter("batch_normalization/beta", beta),
                Parameter("batch_normalization/moving_mean", mean), Parameter("batch_normalization/moving_variance", variance)],
               predict=lambda y: F.batch_norm(x.reshape(-1, 3), *start, gamma, beta, False, eps=epsilon).reshape(x.shape),
               before_step=average)


def attention_cases():
    for name, causal in (("", False), ("_causal", True)):
        layer = nn.MultiheadAttention(6, 2, batch_first=True)
        fill(layer, 80)
        mask = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1) if causal else None
        record(PROJECT, f"multi_head_attention{name}", lambda x: layer(x, x, x, attn_mask=mask, need_weights=False)[0],
               [draw(2, 4, 6, seed=1)], draw(2, 4, 6, seed=2), self_attention("multi_head_attention", layer))
    layer = nn.MultiheadAttention(4, 2, kdim=3, vdim=3, batch_first=True)
    fill(layer, 81)
    # Separate weights here: joined, k and v are the halves of one kernel. Their gradients are joined the same way.
    joined = nn.Parameter(torch.cat([layer.k_proj_weight.T, layer.v_proj_weight.T], 1).detach())
    offset = nn.Parameter(layer.in_proj_bias[4:].detach().clone())
    query = nn.Parameter(layer.in_proj_bias[:4].detach().clone())

    def cross(x, other):
        q = x @ layer.q_proj_weight.T + query
        k, v = (other @ joined + offset).split(4, 2)
        q, k, v = (z.reshape(z.shape[0], z.shape[1], 2, 2).transpose(1, 2) for z in (q, k, v))
        p = F.softmax(q @ k.transpose(2, 3) / 2 ** 0.5, -1)
        return layer.out_proj((p @ v).transpose(1, 2).reshape(x.shape))

    x, other = draw(2, 3, 4, seed=1), draw(2, 5, 3, seed=4)
    assert torch.allclose(cross(x, other), layer(x, other, other, need_weights=False)[0])
    record(PROJECT, "multi_head_attention_cross", cross, [x, other], draw(2, 3, 4, seed=2), [
        Parameter("multi_head_attention-query/kernel", layer.q_proj_weight, lambda t: t.T),
        Parameter("multi_head_attention-query/bias", query),
        Parameter("multi_head_attention-keys/kernel", joined), Parameter("multi_head_attention-keys/bias", offset),
        *dense("multi_head_attention", layer.out_proj)])
    embedding = nn.Parameter(draw(4, 6, seed=82))
    record(PROJECT, "position_embedding", lambda x: x + embedding, [draw(3, 4, 6, seed=1)], draw(3, 4, 6, seed=2),
           [Parameter("position_embedding/embeddings", embedding)])


def self_attention(name, layer):
    return [Parameter(f"{name}-qkv/kernel", layer.in_proj_weight, lambda t: t.T), Parameter(f"{name}-qkv/bias", layer.in_proj_bias),
            *dense(name, layer.out_proj)]


def transformer_case():
    norm1, norm2, attention = nn.LayerNorm(4), nn.LayerNorm(4), nn.MultiheadAttention(4, 2, batch_first=True)
    up, down = nn.Linear(4, 16), nn.Linear(16, 4)
    for i, module in enumerate((norm1, norm2, attention, up, down)):
        fill(module, 90 + 10 * i)
    mask = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)

    def forward(x):
        n = norm1(x)
        x = x + attention(n, n, n, attn_mask=mask, need_weights=False)[0]
        return x + down(F.gelu(up(norm2(x))))

    name = "transformer_block"
    record(PROJECT, name, forward, [draw(2, 3, 4, seed=1)], draw(2, 3, 4, seed=2),
           layer_norm(f"{name}-norm1", norm1) + self_attention(f"{name}-attention", attention) + layer_norm(f"{name}-norm2", norm2)
           + dense(f"{name}-up", up) + dense(f"{name}-down", down), rate=0.02)


def option_cases():
    """Layers with options other than their defaults."""
    for name, function in (("leaky_relu", lambda x: F.leaky_relu(x, 0.1)), ("elu", lambda x: F.elu(x, 0.5))):
        layer = nn.Linear(3, 4)
        fill(layer, 22)
        record(PROJECT, name, lambda x: function(layer(x)), [draw(3, 3, seed=1, low=-3, high=3)], draw(3, 4, seed=2), dense("dense", layer))
    layer = nn.Conv2d(2, 3, 3, stride=2)
    fill(layer, 39)
    # Keras' "same" of stride 2 on an even size: the odd row and column of zeros are at the end.
    picture("conv2d_same_strides", nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), layer), draw(2, 4, 6, 2, seed=1), (2, 2, 3, 3), conv("conv2d", layer))
    layer = nn.Linear(3, 12)
    fill(layer, 83)

    def heads(x):
        q, k, v = (z.reshape(2, 5, 2, 2).transpose(1, 2) for z in layer(x).chunk(3, 2))
        return (F.softmax(q @ k.transpose(2, 3) / 2 ** 0.5, -1) @ v).transpose(1, 2).reshape(2, 5, 4)

    record(PROJECT, "attention_heads", heads, [draw(2, 5, 3, seed=1)], draw(2, 5, 4, seed=2), dense("dense", layer))


def masked_attention_case():
    """Positions of zeros are padding: no query sees them, and they count in no loss."""
    layer = nn.MultiheadAttention(6, 2, batch_first=True)
    fill(layer, 84)
    x = draw(2, 4, 6, seed=1)
    x[0, 2:], x[1, 3:] = 0, 0
    padding = (x == 0).all(-1)
    record(PROJECT, "multi_head_attention_masked", lambda v: layer(v, v, v, key_padding_mask=padding, need_weights=False)[0], [x],
           draw(2, 4, 6, seed=2), self_attention("multi_head_attention", layer), lambda o, t: F.mse_loss(o[~padding], t[~padding]))


if __name__ == "__main__":
    dense_cases()
    activation_cases()
    convolution_cases()
    pooling_cases()
    shape_cases()
    more_activation_cases()
    more_convolution_cases()
    resampling_cases()
    normalization_cases()
    attention_cases()
    transformer_case()
    option_cases()
    masked_attention_case()

using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

/// <summary>Weights after ten steps against PyTorch's optimizers: tests/golden/optimizers.py.</summary>
[Trait("Category", "Golden")]
public class GoldenOptimizerTests
{
    private const float Epsilon = 1e-7f;

    private static readonly Dictionary<string, IUpdateRule> Rules = new()
    {
        ["sgd"] = new Sgd(),
        ["sgd_l2"] = new Sgd(l2: 0.01f),
        ["clip_value"] = new Sgd(clipValue: 0.05f),
        ["momentum"] = new Momentum(0.9),
        ["nesterov"] = new Nesterov(0.9),
        ["adagrad"] = new AdaGrad(Epsilon),
        ["rmsprop"] = new RmsProp(0.9, Epsilon),
        ["adam"] = new Adam(epsilon: Epsilon),
        ["adadelta"] = new AdaDelta(),
        ["nadam"] = new NAdam(epsilon: Epsilon),
        ["adamw"] = new AdamW(epsilon: Epsilon, weightDecay: 0.05),
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Optimizer_is_as_in_PyTorch(string name) => GoldenCase.Load($"optimizer_{name}")
        .Check((b, x) => b.Dense(b.Dense(x[0], 5, Activation.Tanh), 2), rule: Rules[name]);
}

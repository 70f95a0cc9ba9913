using System.Globalization;
using DistTrain.Graph;
using DistTrain.TestKit;

namespace DistTrain.Training.Tests;

/// <summary>
/// Every layer, activation, loss and optimizer that a job can name, built from the job and held against PyTorch's values, gradients and ten
/// steps (scripts in tests/golden). A name without a dump fails.
/// </summary>
[Trait("Category", "Golden")]
public class GoldenJobTests
{
    /// <summary>Dump -> layers, one behind the other. Each name of docs/job.md occurs.</summary>
    private static readonly Dictionary<string, string> Chains = new()
    {
        ["dense"] = "{ Dense: 4 }",
        ["conv2d"] = "{ Conv2D: { filters: 3, kernelSize: 3 } }",
        ["conv2d_same_strides"] = "{ Conv2D: { filters: 3, kernelSize: 3, strides: 2, padding: same } }",
        ["max_pooling2d"] = "{ MaxPooling2D: 2 }",
        ["average_pooling2d"] = "{ AveragePooling2D: { poolSize: [2, 3], strides: [2, 1] } }",
        ["global_average_pooling2d"] = "GlobalAveragePooling2D",
        ["global_average_pooling1d"] = "GlobalAveragePooling1D",
        ["global_average_pooling1d_masked"] = "Masking, GlobalAveragePooling1D",
        ["permute_reshape"] = "{ Permute: { dims: [3, 1, 2] } }, { Reshape: [4, 3] }",
        ["embedding"] = "{ Embedding: { inputDim: 6, outputDim: 3 } }",
        ["simple_rnn_tanh"] = "{ SimpleRNN: { units: 4, returnSequences: true } }",
        ["simple_rnn_relu"] = "{ SimpleRNN: { units: 4, activation: relu, returnSequences: true } }",
        ["lstm_last"] = "{ LSTM: 4 }",
        ["lstm_masked"] = "Masking, { LSTM: 4 }",
        ["gru_sequences"] = "{ GRU: { units: 4, returnSequences: true } }",
        ["gru_reset_before"] = "{ GRU: { units: 4, returnSequences: true, resetAfter: false } }",
        ["lstm_bidirectional"] = "{ Bidirectional: { layer: { LSTM: { units: 3, returnSequences: true } } } }",
        ["lstm_bidirectional_masked"] = "Masking, { Bidirectional: { layer: { LSTM: 2 } } }",
        ["rnn_bidirectional_sum"] = "{ Bidirectional: { layer: { SimpleRNN: { units: 3, returnSequences: true } }, mergeMode: sum } }",
        ["rnn_bidirectional_ave"] = "{ Bidirectional: { layer: { SimpleRNN: { units: 3, returnSequences: true } }, mergeMode: ave } }",
        ["rnn_bidirectional_mul"] = "{ Bidirectional: { layer: { SimpleRNN: { units: 3, returnSequences: true } }, mergeMode: mul } }",
        ["dropout"] = "{ Dense: 6 }, { Dropout: 0.4 }",
        ["spatial_dropout1d"] = "{ Dense: 6 }, { SpatialDropout1D: 0.4 }",
        ["activation_gelu"] = "{ Dense: 4 }, { Activation: gelu }",
        ["leaky_relu"] = "{ Dense: 4 }, { LeakyReLU: 0.1 }",
        ["elu"] = "{ Dense: 4 }, { ELU: 0.5 }",
        ["prelu"] = "{ PReLU: { sharedPositions: true } }",
        ["conv1d_same"] = "{ Conv1D: { filters: 4, kernelSize: 3, strides: 2, padding: same } }",
        ["conv1d_causal"] = "{ Conv1D: { filters: 2, kernelSize: 3, padding: causal } }",
        ["depthwise_conv2d"] = "{ DepthwiseConv2D: { kernelSize: 3, padding: same } }",
        ["separable_conv2d"] = "{ SeparableConv2D: { filters: 2, kernelSize: [2, 3] } }",
        ["conv2d_transpose_valid"] = "{ Conv2DTranspose: { filters: 3, kernelSize: 3, strides: 2 } }",
        ["conv2d_transpose_same"] = "{ Conv2DTranspose: { filters: 3, kernelSize: 4, strides: 2, padding: same } }",
        ["up_sampling2d_nearest"] = "{ UpSampling2D: { size: [2, 3] } }",
        ["up_sampling2d_bilinear"] = "{ UpSampling2D: { size: [2, 3], interpolation: bilinear } }",
        ["zero_padding2d"] = "{ ZeroPadding2D: { padding: [1, 1, 2, 0] } }",
        ["layer_normalization"] = "{ LayerNormalization: { epsilon: 0.00001 } }",
        ["batch_normalization_keras"] = "BatchNormalization",
        ["batch_normalization_torch"] = "{ BatchNormalization: { momentum: 0.9, epsilon: 0.00001, unbiasedVariance: true } }",
        ["multi_head_attention"] = "{ MultiHeadAttention: { heads: 2, keyDim: 3 } }",
        ["multi_head_attention_causal"] = "{ MultiHeadAttention: { heads: 2, keyDim: 3, causal: true } }",
        ["multi_head_attention_masked"] = "Masking, { MultiHeadAttention: { heads: 2, keyDim: 3 } }",
        ["attention_heads"] = "{ Dense: 12 }, { AttentionHeads: 2 }",
        ["transformer_block"] = "{ TransformerBlock: { heads: 2, causal: true, epsilon: 0.00001 } }",
        ["position_embedding"] = "PositionEmbedding",
    };

    /// <summary>Layers of several inputs are held against a dump by a test of their own below.</summary>
    private static readonly string[] Joined = ["Add", "Multiply", "Concatenate", "Flatten"];

    /// <summary>A program's own layer: a job can name it and never builds it.</summary>
    private static readonly string[] Without = ["Custom"];

    private static readonly (string Dump, int Outputs, string Yaml)[] Losses =
    [
        ("meanSquaredError", 3, "meanSquaredError"),
        ("meanAbsoluteError", 3, "meanAbsoluteError"),
        ("sparseCategoricalCrossentropy", 4, "sparseCategoricalCrossentropy"),
        ("sparseCategoricalCrossentropy_smoothed", 4, "{ sparseCategoricalCrossentropy: { labelSmoothing: 0.1 } }"),
        ("sparseCategoricalCrossentropy_ignored", 4, "{ sparseCategoricalCrossentropy: { ignoreClass: 1 } }"),
        ("categoricalCrossentropy", 4, "categoricalCrossentropy"),
        ("categoricalCrossentropy_smoothed", 4, "{ categoricalCrossentropy: { labelSmoothing: 0.1 } }"),
        ("binaryCrossentropy", 2, "binaryCrossentropy"),
        ("binaryCrossentropy_smoothed", 2, "{ binaryCrossentropy: { labelSmoothing: 0.1 } }"),
        ("huber", 3, "huber"),
        ("huber_delta", 3, "{ huber: 0.4 }"),
        ("hinge", 2, "hinge"),
        ("hinge_squared", 2, "{ hinge: { squared: true } }"),
        ("klDivergence", 4, "klDivergence"),
    ];

    private static readonly (string Dump, string Yaml, string Others)[] Optimizers =
    [
        ("sgd", "{ sgd: 0.2 }", ""),
        ("sgd_l2", "{ sgd: 0.2 }", "l2: 0.01"),
        ("clip_value", "{ sgd: 0.2 }", "clipValue: 0.05"),
        ("momentum", "{ momentum: { momentum: 0.9 } }", ""),
        ("nesterov", "{ nesterov: { momentum: 0.9 } }", ""),
        ("adagrad", "{ adagrad: { epsilon: 0.0000001 } }", ""),
        ("rmsprop", "{ rmsprop: { rho: 0.9, epsilon: 0.0000001 } }", ""),
        ("adadelta", "adadelta", ""),
        ("adam", "{ adam: { epsilon: 0.0000001 } }", ""),
        ("adamw", "{ adamw: { epsilon: 0.0000001, weightDecay: 0.05 } }", ""),
        ("nadam", "{ nadam: { epsilon: 0.0000001 } }", ""),
    ];

    public static TheoryData<string> ChainNames => [.. Chains.Keys];

    public static TheoryData<string> LossNames => [.. Losses.Select(loss => loss.Dump)];

    public static TheoryData<string> OptimizerNames => [.. Optimizers.Select(rule => rule.Dump)];

    [Theory]
    [MemberData(nameof(ChainNames))]
    public void A_jobs_layers_are_as_in_PyTorch(string dump) =>
        GoldenCase.Load(dump).Check((b, x) => GraphFromJob.Chain(b, x[0], Layers(Chains[dump]), "model.layers"));

    [Fact]
    public void A_jobs_layers_of_several_inputs_are_as_in_PyTorch()
    {
        LayerJob[] layers = [.. Layers("Add, Concatenate, Flatten, { MultiHeadAttention: { heads: 2, keyDim: 2, cross: true } }, Multiply, { Activation: tanh }")];
        GoldenCase.Load("add_concatenate_flatten").Check((b, x) =>
            b.Apply(layers[2].ToOp(), b.Apply(layers[1].ToOp(), [b.Apply(layers[0].ToOp(), [x[0], x[0]]), x[0]])));
        GoldenCase.Load("multiply").Check((b, x) => b.Apply(layers[4].ToOp(), [x[0], x[0], b.Apply(layers[5].ToOp(), x[0])]));
        GoldenCase.Load("multi_head_attention_cross").Check((b, x) => b.Apply(layers[3].ToOp(), [x[0], x[1]]));
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("relu")]
    [InlineData("leakyRelu")]
    [InlineData("gelu")]
    [InlineData("sigmoid")]
    [InlineData("tanh")]
    [InlineData("softmax")]
    [InlineData("silu")]
    [InlineData("elu")]
    [InlineData("selu")]
    [InlineData("softplus")]
    public void A_jobs_activation_is_as_in_PyTorch(string name) => GoldenCase.Load($"activation_{name}")
        .Check((b, x) => GraphFromJob.Chain(b, x[0], Layers($"{{ Dense: {{ units: 4, activation: {name} }} }}"), "model.layers"));

    [Theory]
    [MemberData(nameof(LossNames))]
    public void A_jobs_loss_is_as_in_PyTorch(string dump)
    {
        (_, int outputs, string yaml) = Losses.Single(loss => loss.Dump == dump);
        GoldenCase.Load($"loss_{dump}").Check((b, x) => b.Dense(x[0], outputs), Train($"loss: {yaml}").Loss!.ToLoss());
    }

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void A_jobs_optimizer_is_as_in_PyTorch(string dump)
    {
        (_, string yaml, string others) = Optimizers.Single(rule => rule.Dump == dump);
        TrainJob train = Train($"optimizer: {yaml}{(others.Length > 0 ? ", " : "")}{others}");
        GoldenCase.Load($"optimizer_{dump}").Check(
            (b, x) => b.Dense(b.Dense(x[0], 5, Activation.Tanh), 2),
            rule: train.Optimizer.ToRule(train.L2, train.ClipValue, train.L1));
    }

    [Fact]
    public void Every_name_that_a_job_can_give_has_a_dump()
    {
        IEnumerable<Type> layers = Chains.Values.SelectMany(Layers).SelectMany(Inside).Select(layer => layer.GetType());
        Assert.Equal([], Names(typeof(LayerJob)).Except(layers.Select(NameOf)).Except(Joined).Except(Without));
        Assert.Equal([], Names(typeof(LossJob)).Except(Losses.Select(loss => NameOf(Train($"loss: {loss.Yaml}").Loss!.GetType()))));
        Assert.Equal([], Names(typeof(OptimizerJob)).Except(Optimizers.Select(rule => NameOf(Train($"optimizer: {rule.Yaml}").Optimizer.GetType()))));
        IEnumerable<string> activations = typeof(GoldenJobTests).GetMethod(nameof(A_jobs_activation_is_as_in_PyTorch))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(data => (string)data.GetData(null!).Single()[0]);
        Assert.Equal([], JobBinder.EnumNames(typeof(ActivationKind)).Except(activations));
    }

    [Fact]
    public void Every_dump_of_a_layer_is_held_against_by_a_test_here_or_among_the_graphs()
    {
        string sources = string.Concat(new[] { "DistTrain.Graph.Tests", "DistTrain.Training.Tests" }
            .SelectMany(project => Directory.GetFiles(Path.Combine(TestsFolder(), project, "Golden"), "*.cs")).Select(File.ReadAllText));
        string[] unread =
        [
            .. Directory.GetFiles(Path.Combine(TestsFolder(), "DistTrain.Graph.Tests", "Golden"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!)
                .Where(dump => !sources.Contains($"\"{dump}\"", StringComparison.Ordinal)
                    && !sources.Contains($"\"{dump[(dump.IndexOf('_', StringComparison.Ordinal) + 1)..]}\"", StringComparison.Ordinal)),
        ];
        Assert.Equal([], unread);
    }

    private static IEnumerable<string> Names(Type choices) => JobSection.Choices(choices)!.Select(section => section.Choice!.Name);

    private static string NameOf(Type job) => JobSection.Of(job).Choice!.Name;

    private static IEnumerable<LayerJob> Inside(LayerJob layer) => layer is BidirectionalJob both ? [both, both.Layer] : [layer];

    private static IReadOnlyList<LayerJob> Layers(string yaml) => JobFile.Parse($"model: {{ layers: [{yaml}] }}").Model.Layers!;

    private static TrainJob Train(string keys) => JobFile.Parse(string.Create(CultureInfo.InvariantCulture, $"train: {{ {keys} }}")).Train;

    private static string TestsFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DistTrain.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("No DistTrain.sln above the tests"), "tests");
    }
}

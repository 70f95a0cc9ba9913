using DistTrain.Tensors;

namespace DistTrain.Graph.Tests;

/// <summary>Small models that between them have every op, branches, values with several users and shared parameters.</summary>
internal static class TestGraphs
{
    public static string[] All { get; } = ["chain", "residual", "branches", "manyUsers", "dropout", "shared", "activations", "masked", "tokens", "recurrent", "convolutions", "transformer"];

    public static TheoryData<string> Names => [.. All];

    public static ModelGraph Build(string name)
    {
        var b = new GraphBuilder();
        return name switch
        {
            "chain" => Classifier(b, Chain(b)),
            "residual" => Classifier(b, Residual(b)),
            "branches" => Regression(b, Branches(b)),
            "manyUsers" => Regression(b, ManyUsers(b)),
            "dropout" => Classifier(b, Dropout(b)),
            "shared" => Regression(b, Shared(b)),
            "activations" => Regression(b, Activations(b)),
            "masked" => Classifier(b, Masked(b)),
            "tokens" => Classifier(b, Tokens(b)),
            "recurrent" => Classifier(b, Recurrent(b)),
            "convolutions" => Regression(b, Convolutions(b)),
            "transformer" => Classifier(b, Transformer(b)),
            "batchNormalization" => Classifier(b, Normalized(b)),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "unknown"),
        };
    }

    private static ModelGraph Classifier(GraphBuilder b, Value output) => b.Build(output).WithLoss(new SparseCategoricalCrossentropy());

    private static ModelGraph Regression(GraphBuilder b, Value output) => b.Build(output).WithLoss(new MeanSquaredError());

    private static Value Chain(GraphBuilder b)
    {
        Value x = b.MaxPooling2D(b.Conv2D(b.Input(9, 9, 1), 4, 3, Activation.ReLU));
        x = b.AveragePooling2D(b.Conv2D(x, 5, 2, Activation.ReLU, padding: Padding.Same), 2, 1);
        return b.Dense(b.Dense(b.Flatten(x), 8, Activation.ReLU), 4, Activation.Softmax);
    }

    private static Value Residual(GraphBuilder b)
    {
        Value x = b.Conv2D(b.Input(6, 6, 2), 4, 3, Activation.ReLU, padding: Padding.Same);
        Value y = b.Conv2D(x, 4, 3, Activation.ReLU, padding: Padding.Same);
        Value z = b.Activation(b.Add(b.Conv2D(y, 4, 3, padding: Padding.Same), x), Activation.ReLU);
        return b.Dense(b.GlobalAveragePooling2D(z), 3);
    }

    private static Value Branches(GraphBuilder b)
    {
        Value picture = b.Input(5, 5, 2), numbers = b.Input(7);
        Value left = b.Flatten(b.Conv2D(picture, 3, 3, Activation.Gelu));
        Value right = b.Dense(numbers, 6, Activation.Sigmoid);
        return b.Dense(b.Dense(b.Concatenate(left, right, numbers), 9, Activation.Tanh), 2);
    }

    private static Value ManyUsers(GraphBuilder b)
    {
        Value x = b.Dense(b.Input(5), 6);
        Value f = b.Flatten(x), r = b.Activation(x, Activation.ReLU);
        Value s = b.Add(x, b.Dense(x, 6, Activation.ReLU), r, f, x);
        return b.Dense(b.Concatenate(s, r, b.Dense(x, 3), b.Add(f, s)), 2);
    }

    /// <summary>Not among the others: its samples see each other within a slice.</summary>
    private static Value Normalized(GraphBuilder b)
    {
        Value x = b.Activation(b.BatchNormalization(b.Conv2D(b.Input(4, 5, 2), 3, 2, useBias: false)), Activation.ReLU);
        x = b.Apply(new BatchNormalization { Scale = false, UnbiasedVariance = true }, b.Dense(b.Flatten(x), 6));
        return b.Dense(b.Apply(new BatchNormalization { Center = false }, x), 3);
    }

    private static Value Convolutions(GraphBuilder b)
    {
        Value x = b.Apply(new SeparableConv2D(5, 3, Activation.Silu) { Padding = Padding.Same }, b.Apply(new ZeroPadding2D(1), b.Input(5, 4, 2)));
        x = b.Apply(new Conv2DTranspose(3, 3, Activation.Tanh) { Strides = 2, Padding = Padding.Same }, x);
        x = b.Apply(new DepthwiseConv2D(2) { Strides = 2 }, b.Apply(new PReLU { SharedPositions = true }, x));
        x = b.Apply(new UpSampling2D { Interpolation = Interpolation.Bilinear }, b.LayerNormalization(x));
        x = b.Reshape(b.Permute(b.Apply(new UpSampling2D((1, 2)), x), 3, 1, 2), new Shape(36, 28));
        return b.Dense(b.Apply(new Conv1D(2, 4, Activation.Softplus) { Strides = 3, Padding = SequencePadding.Causal }, x), 2);
    }

    /// <summary>Padding, positions, causal blocks with dropout, and attention to another sequence.</summary>
    private static Value Transformer(GraphBuilder b)
    {
        Value x = b.Apply(new PositionEmbedding(), b.Masking(b.Input(5, 6)));
        x = b.Apply(new TransformerBlock(2, causal: true) { Hidden = 7, Dropout = 0.2f }, b.TransformerBlock(x, 3));
        Value other = b.Dense(b.Input(4, 3), 5);
        Value seen = b.Apply(new MultiHeadAttention(2, 4, cross: true), [x, other]);
        return b.Dense(b.LayerNormalization(b.Add(x, seen)), 4);
    }

    private static Value Dropout(GraphBuilder b)
    {
        Value x = b.Dropout(b.Input(12), 0.1f);
        x = b.Dropout(b.Dense(x, 10, Activation.ReLU), 0.5f);
        return b.Dense(b.Dropout(b.Reshape(x, new Shape(2, 5)), 0.3f), 3);
    }

    private static Value Shared(GraphBuilder b)
    {
        Value left = b.Input(5), right = b.Input(5);
        Value first = b.Dense(left, 5, Activation.Tanh);
        Value second = b.Again(first, right);
        return b.Dense(b.Add(b.Again(first, second), first), 3);
    }

    private static Value Masked(GraphBuilder b)
    {
        Value x = b.Masking(b.Input(5, 3));
        Value y = b.Dropout(b.Dense(x, 4, Activation.Tanh), 0.2f);
        return b.Dense(b.Add(b.Concatenate(y, x), b.Dense(y, 7)), 3);
    }

    private static Value Tokens(GraphBuilder b)
    {
        Value left = b.Input(6);
        Value first = b.Embedding(left, 5, 4, maskZero: true);
        return b.Dense(b.Add(first, b.Dense(b.Embedding(b.Input(6), 9, 3), 4, Activation.Tanh)), 3);
    }

    private static Value Recurrent(GraphBuilder b)
    {
        Value x = b.Embedding(b.Input(5), 6, 4, maskZero: true);
        Value y = b.Bidirectional(b.LSTM(x, 3, returnSequences: true), new GRU(4) { ReturnSequences = true }, BidirectionalMerge.Sum);
        Value first = b.SimpleRNN(y, 4, returnSequences: true);
        Value again = b.Again(first, first);
        return b.Dense(b.Bidirectional(b.Add(again, y), new GRU(3) { ResetAfter = false }), 3);
    }

    private static Value Activations(GraphBuilder b)
    {
        Value x = b.Dense(b.Input(3, 4), 6);
        foreach (string name in Activation.Names)
        {
            x = b.Activation(b.Dense(x, 6), Activation.FromName(name));
        }

        return b.Dense(b.Flatten(x), 2);
    }
}

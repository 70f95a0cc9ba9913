namespace DistTrain.Training;

/// <summary>Spelling of names in jobs, and the answer to a name that isn't one.</summary>
/// <remarks>
/// Names are compared without case, '_' and '-': Keras' own kernel_size, learning_rate and SparseCategoricalCrossentropy are
/// the keys kernelSize, learningRate and sparseCategoricalCrossentropy, and environment variables need no second rule.
/// </remarks>
public static class JobNames
{
    /// <summary>What other libraries call it -> what it is called here. Only ever suggested, never accepted.</summary>
    private static readonly (string Theirs, string[] Ours)[] Translations =
    [
        ("Linear", ["Dense", "linear"]), ("FullyConnected", ["Dense"]), ("out_features", ["units"]), ("bias", ["useBias"]),
        ("out_channels", ["filters"]), ("stride", ["strides"]), ("kernel", ["kernelSize"]), ("p", ["rate"]),
        ("Conv", ["Conv2D"]), ("Convolution2D", ["Conv2D"]), ("MaxPool2d", ["MaxPooling2D"]), ("MaxPool", ["MaxPooling2D"]),
        ("AvgPool2d", ["AveragePooling2D"]), ("AvgPool", ["AveragePooling2D"]), ("AdaptiveAvgPool2d", ["GlobalAveragePooling2D"]),
        ("Dropout2d", ["Dropout"]), ("Dropout1d", ["SpatialDropout1D"]), ("mul", ["Multiply"]), ("cat", ["Concatenate"]), ("concat", ["Concatenate"]), ("sum", ["Add"]),
        ("ReLU", ["Activation"]), ("Softmax", ["Activation"]), ("Sigmoid", ["Activation"]), ("Tanh", ["Activation"]), ("GELU", ["Activation"]),
        ("identity", ["linear"]), ("none", ["linear"]),
        ("lr", ["learningRate", "optimizer"]), ("learningRate", ["optimizer"]), ("momentum", ["optimizer"]), ("eta", ["learningRate"]), ("eps", ["epsilon"]), ("betas", ["beta1"]), ("alpha", ["rho"]), ("gamma", ["rho"]),
        ("weight_decay", ["weightDecay", "l2"]), ("clip_grad_value", ["clipValue"]),
        ("CrossEntropyLoss", ["sparseCategoricalCrossentropy"]), ("crossentropy", ["sparseCategoricalCrossentropy"]),
        ("NLLLoss", ["sparseCategoricalCrossentropy"]),
        ("BCELoss", ["binaryCrossentropy"]), ("BCEWithLogitsLoss", ["binaryCrossentropy"]), ("bce", ["binaryCrossentropy"]),
        ("HuberLoss", ["huber"]), ("SmoothL1Loss", ["huber"]), ("KLDivLoss", ["klDivergence"]), ("kld", ["klDivergence"]), ("pos_weight", ["classWeights"]), ("class_weight", ["classWeights"]),
        ("MSELoss", ["meanSquaredError"]), ("mse", ["meanSquaredError"]), ("L1Loss", ["meanAbsoluteError"]), ("mae", ["meanAbsoluteError"]),
        ("batch_size", ["batch"]), ("num_epochs", ["epochs"]), ("max_epochs", ["epochs"]), ("iterations", ["steps"]), ("max_steps", ["steps"]),
        ("use_ema", ["ema"]), ("ema_momentum", ["ema"]), ("gradient_accumulation_steps", ["batch"]), ("opt", ["optimizer"]), ("optim", ["optimizer"]), ("criterion", ["loss"]), ("random_state", ["seed"]),
        ("validation_split", ["validation"]), ("n_splits", ["folds"]), ("kfold", ["folds"]), ("cv", ["folds"]), ("sample_weight", ["weight"]), ("test_size", ["test"]), ("test_file", ["testPath"]), ("val", ["validation"]), ("dataset", ["set"]), ("file", ["path"]), ("folder", ["path"]),
        ("output_dir", ["out"]), ("num_workers", ["workers"]), ("world_size", ["workers"]), ("num_threads", ["threads"]),
        ("save_steps", ["checkpointEvery"]), ("save_total_limit", ["keepCheckpoints"]),
        ("training", ["train"]), ("network", ["model"]), ("dataset", ["data"]),
        ("xavier_uniform", ["glorotUniform"]), ("xavier_normal", ["glorotNormal"]), ("kaiming_uniform", ["heUniform"]), ("kaiming_normal", ["heNormal"]),
    ];

    internal static bool Same(string left, string right) => Plain(left) == Plain(right);

    /// <summary>Lower case, without '_' and '-'.</summary>
    internal static string Plain(string name) => string.Create(
        name.Count(c => c is not ('_' or '-')),
        name,
        static (span, from) =>
        {
            int at = 0;
            foreach (char c in from)
            {
                if (c is not ('_' or '-'))
                {
                    span[at++] = char.ToLowerInvariant(c);
                }
            }
        });

    /// <summary>"checkpointEvery" for "CheckpointEvery".</summary>
    internal static string Camel(string name) => name.Length > 1 && char.IsUpper(name[1]) && name.Skip(1).All(c => char.IsUpper(c) || char.IsDigit(c))
        ? name.ToLowerInvariant()
        : char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>The candidate a person most likely meant, or null: a translation, else the nearest within a third of its letters.</summary>
    public static string? Nearest(string found, IReadOnlyCollection<string> candidates)
    {
        string plain = Plain(found);
        foreach ((string theirs, string[] ours) in Translations)
        {
            if (Plain(theirs) == plain && Array.Find(ours, candidates.Contains) is { } translated)
            {
                return translated;
            }
        }

        string? nearest = null;
        int best = int.MaxValue;
        foreach (string candidate in candidates)
        {
            string other = Plain(candidate);
            int distance = Distance(plain, other);
            int distanceMax = Math.Max(plain.Length, other.Length) / 3;
            if (distance <= distanceMax && distance < best)
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>"; did you mean "x"?" or nothing.</summary>
    public static string DidYouMean(string found, IReadOnlyCollection<string> candidates) =>
        Nearest(found, candidates) is { } nearest ? $"; did you mean \"{nearest}\"?" : ";";

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                int replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}

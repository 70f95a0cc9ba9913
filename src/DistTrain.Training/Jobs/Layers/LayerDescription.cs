using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>The way back: a graph as the nodes of a job, for model.json and for jobs made from C# models.</summary>
internal static class LayerDescription
{
    /// <summary>Nodes that, built again, give the same computation and the same parameter names.</summary>
    /// <exception cref="UserError">The graph has an op that jobs don't know, or not exactly one input.</exception>
    public static ModelJob Of(ModelGraph graph)
    {
        if (graph.Inputs.Count != 1)
        {
            throw new UserError($"a model with {graph.Inputs.Count} inputs can't be written down; allowed: one");
        }

        var names = new Dictionary<Node, string> { [graph.Inputs[0]] = NodeJob.InputName };
        var firstUse = new Dictionary<int, Node>();
        var nodes = new List<NodeJob>();
        foreach (Node node in graph.Nodes.Where(node => node.Op is not (Input or Mask or Loss)))
        {
            if (IsFoldedActivation(node))
            {
                names[node] = names[node.Inputs[0]];
                continue;
            }

            Node? shared = node.Parameters.Count > 0 && !firstUse.TryAdd(node.Parameters[0].Index, node) ? firstUse[node.Parameters[0].Index] : null;
            string name = node.Name.Replace('/', '-').Replace('@', '-');
            names[node] = name;
            nodes.Add(new NodeJob(name, shared is null ? Of(node.Op) : null, [.. node.Inputs.Select(input => names[input])], shared is null ? null : names[shared]));
        }

        return new ModelJob { Nodes = nodes, Output = names[graph.Output] };
    }

    /// <summary>"dense/relu" behind "dense": told as an option of dense, where an option can tell it.</summary>
    private static bool IsFoldedActivation(Node node) =>
        node.Op is Activation && node.Inputs[0].Op.Activation is not null && node.Name == $"{node.Inputs[0].Name}/{node.Op.Kind}"
        && ActivationKinds.Of(node.Op) is not null;

    public static LayerJob Of(Op op) => op switch
    {
        Dense dense => new DenseJob
        {
            Units = dense.Units,
            Activation = ActivationKinds.Of(dense.Activation) ?? ActivationKind.Linear,
            UseBias = dense.UseBias,
            KernelInitializer = InitializerKinds.Of(dense.KernelInitializer, InitializerKind.GlorotUniform),
            BiasInitializer = InitializerKinds.Of(dense.BiasInitializer, InitializerKind.Zeros),
            KernelRegularizer = RegularizerJob.Of(dense.KernelRegularizer),
        },
        Conv2D conv => new Conv2DJob
        {
            Filters = conv.Filters,
            KernelSize = conv.KernelSize,
            Activation = ActivationKinds.Of(conv.Activation) ?? ActivationKind.Linear,
            Strides = conv.Strides,
            Padding = conv.Padding,
            UseBias = conv.UseBias,
            KernelInitializer = InitializerKinds.Of(conv.KernelInitializer, InitializerKind.GlorotUniform),
            BiasInitializer = InitializerKinds.Of(conv.BiasInitializer, InitializerKind.Zeros),
            KernelRegularizer = RegularizerJob.Of(conv.KernelRegularizer),
        },
        MaxPooling2D pool => new MaxPooling2DJob { PoolSize = pool.PoolSize, Strides = pool.Strides, Padding = pool.Padding },
        AveragePooling2D pool => new AveragePooling2DJob { PoolSize = pool.PoolSize, Strides = pool.Strides, Padding = pool.Padding },
        GlobalAveragePooling2D => new GlobalAveragePooling2DJob(),
        GlobalAveragePooling1D => new GlobalAveragePooling1DJob(),
        Flatten => new FlattenJob(),
        Reshape reshape => new ReshapeJob { TargetShape = reshape.Target.Dims.ToArray() },
        Embedding embedding => new EmbeddingJob
        {
            InputDim = embedding.InputDim,
            OutputDim = embedding.OutputDim,
            MaskZero = embedding.MaskZero,
            EmbeddingsInitializer = InitializerKinds.Of(embedding.EmbeddingsInitializer, InitializerKind.Uniform),
        },
        RecurrentLayer recurrent => RecurrentLayerJob.Of(recurrent),
        Bidirectional both => new BidirectionalJob { Layer = RecurrentLayerJob.Of(both.Layer), MergeMode = both.Merge },
        Masking masking => new MaskingJob { MaskValue = masking.MaskValue },
        Dropout dropout => new DropoutJob { Rate = dropout.Rate },
        Conv1D conv => new Conv1DJob
        {
            Filters = conv.Filters,
            KernelSize = conv.KernelSize,
            Activation = ActivationKinds.Of(conv.Activation) ?? ActivationKind.Linear,
            Strides = conv.Strides,
            Padding = conv.Padding,
            UseBias = conv.UseBias,
            KernelInitializer = InitializerKinds.Of(conv.KernelInitializer, InitializerKind.GlorotUniform),
            BiasInitializer = InitializerKinds.Of(conv.BiasInitializer, InitializerKind.Zeros),
        },
        Conv2DTranspose conv => new Conv2DTransposeJob
        {
            Filters = conv.Filters,
            KernelSize = conv.KernelSize,
            Activation = ActivationKinds.Of(conv.Activation) ?? ActivationKind.Linear,
            Strides = conv.Strides,
            Padding = conv.Padding,
            UseBias = conv.UseBias,
            KernelInitializer = InitializerKinds.Of(conv.KernelInitializer, InitializerKind.GlorotUniform),
            BiasInitializer = InitializerKinds.Of(conv.BiasInitializer, InitializerKind.Zeros),
        },
        DepthwiseConv2D conv => new DepthwiseConv2DJob
        {
            KernelSize = conv.KernelSize,
            Activation = ActivationKinds.Of(conv.Activation) ?? ActivationKind.Linear,
            Strides = conv.Strides,
            Padding = conv.Padding,
            UseBias = conv.UseBias,
            KernelInitializer = InitializerKinds.Of(conv.KernelInitializer, InitializerKind.GlorotUniform),
            BiasInitializer = InitializerKinds.Of(conv.BiasInitializer, InitializerKind.Zeros),
        },
        UpSampling2D up => new UpSampling2DJob { Size = up.Size, Interpolation = up.Interpolation },
        ZeroPadding2D zeros => new ZeroPadding2DJob { Padding = [zeros.Top, zeros.Bottom, zeros.Left, zeros.Right] },
        Permute permute => new PermuteJob { Dims = permute.Dims },
        PReLU rectifier => new PReLUJob
        {
            SharedPositions = rectifier.SharedPositions,
            AlphaInitializer = InitializerKinds.Of(rectifier.AlphaInitializer, InitializerKind.Zeros),
        },
        LayerNormalization norm => new LayerNormalizationJob { Epsilon = norm.Epsilon, Center = norm.Center, Scale = norm.Scale },
        BatchNormalization norm => new BatchNormalizationJob
        {
            Momentum = norm.Momentum,
            Epsilon = norm.Epsilon,
            Center = norm.Center,
            Scale = norm.Scale,
            UnbiasedVariance = norm.UnbiasedVariance,
        },
        AttentionHeads heads => new AttentionHeadsJob { Heads = heads.Heads, Causal = heads.Causal, Cross = heads.Cross },
        PositionEmbedding position => new PositionEmbeddingJob
        {
            EmbeddingsInitializer = InitializerKinds.Of(position.EmbeddingsInitializer, InitializerKind.Uniform),
        },
        Elu elu when ActivationKinds.Of(elu) is null => new ELUJob { Alpha = elu.Alpha },
        Add => new AddJob(),
        Multiply => new MultiplyJob(),
        SpatialDropout1D dropout => new SpatialDropout1DJob { Rate = dropout.Rate },
        Concatenate => new ConcatenateJob(),
        LeakyReLU leaky => new LeakyReLUJob { NegativeSlope = leaky.NegativeSlope },
        _ when ActivationKinds.Of(op) is { } kind => new ActivationJob { Activation = kind },
        _ => new CustomJob { Type = op.GetType().FullName ?? op.GetType().Name, Options = op.ToString() },
    };
}

namespace DistTrain.Training;

/// <summary>
/// Residual networks for small pictures (He et al., "Deep Residual Learning for Image Recognition", 2016, section 4.2): depth 6n + 2, three
/// stages of n blocks with 16, 32 and 64 channels, a 1x1 convolution where a shortcut changes size. BatchNormalization as in PyTorch.
/// </summary>
internal static class ResidualNetwork
{
    public static ModelJob Of(int depth, int outputs)
    {
        var nodes = new List<NodeJob>();
        string last = Convolution(nodes, "stem", NodeJob.InputName, 16, 3, 1, relu: true);
        int channels = 16;
        for (int stage = 0; stage < 3; stage++)
        {
            int width = 16 << stage;
            for (int block = 0; block < (depth - 2) / 6; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                last = Block(nodes, $"stage{stage + 1}-block{block + 1}", last, channels, width, stride);
                channels = width;
            }
        }

        nodes.Add(new NodeJob("pool", new GlobalAveragePooling2DJob(), [last]));
        nodes.Add(new NodeJob("out", new DenseJob { Units = outputs }, ["pool"]));
        return new ModelJob { Nodes = nodes };
    }

    private static string Block(List<NodeJob> nodes, string name, string input, int channels, int width, int stride)
    {
        string first = Convolution(nodes, $"{name}-conv1", input, width, 3, stride, relu: true);
        string second = Convolution(nodes, $"{name}-conv2", first, width, 3, 1, relu: false);
        string shortcut = stride == 1 && channels == width ? input : Convolution(nodes, $"{name}-shortcut", input, width, 1, stride, relu: false);
        nodes.Add(new NodeJob($"{name}-sum", new AddJob(), [second, shortcut]));
        nodes.Add(new NodeJob(name, new ActivationJob { Activation = ActivationKind.ReLU }, [$"{name}-sum"]));
        return name;
    }

    /// <summary>A convolution without bias and its normalisation, which has one.</summary>
    private static string Convolution(List<NodeJob> nodes, string name, string input, int filters, int kernel, int stride, bool relu)
    {
        var convolution = new Conv2DJob
        {
            Filters = filters,
            KernelSize = kernel,
            Strides = stride,
            Padding = Graph.Padding.Same,
            UseBias = false,
            KernelInitializer = InitializerKind.HeNormal,
        };
        nodes.Add(new NodeJob(name, convolution, [input]));
        nodes.Add(new NodeJob($"{name}-norm", new BatchNormalizationJob { Momentum = 0.9, Epsilon = 1e-5, UnbiasedVariance = true }, [name]));
        if (!relu)
        {
            return $"{name}-norm";
        }

        nodes.Add(new NodeJob($"{name}-relu", new ActivationJob { Activation = ActivationKind.ReLU }, [$"{name}-norm"]));
        return $"{name}-relu";
    }
}

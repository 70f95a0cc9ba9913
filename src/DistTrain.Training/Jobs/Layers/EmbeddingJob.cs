using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A trainable row for each token id.</summary>
[JobChoice("Embedding", "A trainable row of numbers for each token id.")]
public sealed record EmbeddingJob : LayerJob
{
    [JobKey("Size of the vocabulary: ids are 0 to inputDim - 1.", Required = true, Min = 1, Max = 1 << 24)]
    public int InputDim { get; init; }

    [JobKey("Numbers of a token.", Required = true, Min = 1, Max = 1 << 20)]
    public int OutputDim { get; init; }

    [JobKey("Id 0 is padding: recurrent layers, attention and the loss leave it out.")]
    public bool MaskZero { get; init; }

    [JobKey("First values of the rows.")]
    public InitializerKind EmbeddingsInitializer { get; init; } = InitializerKind.Uniform;

    public override Op ToOp() => new Embedding(InputDim, OutputDim) { MaskZero = MaskZero, EmbeddingsInitializer = EmbeddingsInitializer.ToInitializer() };
}

using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Adds a trained vector for each position.</summary>
[JobChoice("PositionEmbedding", "Adds a trained vector for each position.")]
public sealed record PositionEmbeddingJob : LayerJob
{
    [JobKey("First values of the vectors.")]
    public InitializerKind EmbeddingsInitializer { get; init; } = InitializerKind.Uniform;

    public override Op ToOp() => new PositionEmbedding { EmbeddingsInitializer = EmbeddingsInitializer.ToInitializer() };
}

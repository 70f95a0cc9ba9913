using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>A recurrent layer in both directions.</summary>
[JobChoice("Bidirectional", "A recurrent layer in both directions, each with weights of its own.")]
public sealed record BidirectionalJob : LayerJob
{
    [JobKey("The layer of both directions.", Required = true)]
    public RecurrentLayerJob Layer { get; init; } = new LSTMJob();

    [JobKey("What becomes of the two outputs.")]
    public BidirectionalMerge MergeMode { get; init; }

    public override Op ToOp() => new Bidirectional(Layer.ToLayer(), MergeMode);
}

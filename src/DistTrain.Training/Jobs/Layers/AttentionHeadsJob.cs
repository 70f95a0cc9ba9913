using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>The heads of MultiHeadAttention alone: queries, keys and values side by side.</summary>
[JobChoice("AttentionHeads", "The heads of MultiHeadAttention alone: queries, keys and values side by side.")]
public sealed record AttentionHeadsJob : LayerJob
{
    [JobKey("Heads, which share the features.", Required = true, Min = 1, Max = 1024)]
    public int Heads { get; init; } = 1;

    [JobKey("A position sees itself and those before it.")]
    public bool Causal { get; init; }

    [JobKey("Keys and values come from a second input.")]
    public bool Cross { get; init; }

    public override Op ToOp() => new AttentionHeads(Heads, Causal, Cross);
}

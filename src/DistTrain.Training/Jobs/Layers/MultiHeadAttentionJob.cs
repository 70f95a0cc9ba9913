using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Every position of a sequence looks at the others.</summary>
[JobChoice("MultiHeadAttention", "Every position of a sequence looks at the others.")]
public sealed record MultiHeadAttentionJob : LayerJob
{
    [JobKey("Heads, which share the features.", Required = true, Min = 1, Max = 1024)]
    public int Heads { get; init; } = 1;

    [JobKey("Features of a head.", Required = true, Min = 1, Max = 1 << 16)]
    public int KeyDim { get; init; } = 1;

    [JobKey("A position sees itself and those before it.")]
    public bool Causal { get; init; }

    [JobKey("Keys and values come from a second input.")]
    public bool Cross { get; init; }

    [JobKey(UseBiasDoc)]
    public bool UseBias { get; init; } = true;

    [JobKey("First values of the weights.")]
    public InitializerKind KernelInitializer { get; init; } = InitializerKind.GlorotUniform;

    public override Op ToOp() => new MultiHeadAttention(Heads, KeyDim, Causal, Cross) { UseBias = UseBias, KernelInitializer = KernelInitializer.ToInitializer() };
}

using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Where a run stands: all that a checkpoint holds besides its floats.</summary>
public record RunPosition
{
    /// <summary>Steps that went into the weights: their version.</summary>
    public required long Step { get; init; }

    /// <summary><see cref="Job.Sha256"/> of the job that made it.</summary>
    public required string JobSha256 { get; init; }

    /// <summary>Fingerprint of the training data, so that other data under the same job are noticed; "" when unknown.</summary>
    public string DataSha256 { get; init; } = "";

    /// <summary>Running products of the update rule after <see cref="Step"/> steps.</summary>
    public required OptimizerState Optimizer { get; init; }

    /// <summary>What measurements have decided, those of this version not included: whoever goes on from here measures it again.</summary>
    public SteeringState Steering { get; init; } = SteeringState.Initial;

    /// <summary>Statistics of the steps of the pass that isn't over yet.</summary>
    public StatisticTotals PassTotals { get; init; }
}

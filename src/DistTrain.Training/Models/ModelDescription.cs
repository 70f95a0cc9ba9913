namespace DistTrain.Training;

/// <summary>The keys of model.json; read and checked like a job.</summary>
internal sealed record ModelDescription
{
    [JobKey("Version of this format.", Required = true, Min = 1)]
    public int Format { get; init; }

    [JobKey("Version of docs/numerics.md.", Required = true, Min = 1)]
    public int Numerics { get; init; }

    [JobKey("The network.", Required = true)]
    public ModelJob Model { get; init; } = new();

    [JobKey("Shape of a sample.", Required = true, Min = 1, Max = int.MaxValue)]
    public IReadOnlyList<int> InputShape { get; init; } = [];

    [JobKey("What was made small.", Required = true)]
    public LossJob Loss { get; init; } = new MeanSquaredErrorJob();

    [JobKey("Names by class index.", Automatic = "none")]
    public IReadOnlyList<string>? ClassNames { get; init; }

    [JobKey("Taken off each place of the last dimension.", Automatic = "no standardisation")]
    public IReadOnlyList<double>? Mean { get; init; }

    [JobKey("Then divides it.", Automatic = "no standardisation")]
    public IReadOnlyList<double>? Deviation { get; init; }

    [JobKey("SHA-256 of input.json, which says what rows, text or pictures the model takes.", Automatic = "features as they are")]
    public string? Input { get; init; }

    [JobKey("Slices of an evaluation batch.", Required = true, Min = 1, Max = 1024)]
    public int Slices { get; init; }

    [JobKey("Samples of an evaluation batch.", Required = true, Min = 1, Max = 1 << 20)]
    public int EvaluationBatch { get; init; }
}

using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>A layer of a program's own, in the jobs of runs that such a program made: it names the layer, and can't build it.</summary>
[JobChoice("Custom", "A layer of a program's own, in the record of its run: only that program can build it.")]
public sealed record CustomJob : LayerJob
{
    [JobKey("The class.", Required = true)]
    public string Type { get; init; } = "";

    [JobKey("Its options, as it shows itself.")]
    public string Options { get; init; } = "";

    /// <exception cref="UserError">Always.</exception>
    public override Op ToOp() => throw new UserError($"a layer of the class {Type} belongs to the program that trained it; allowed: the layers of docs/job.md");
}

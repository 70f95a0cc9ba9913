using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Rows and columns of zeros around a picture.</summary>
[JobChoice("ZeroPadding2D", "Rows and columns of zeros around a picture.")]
public sealed record ZeroPadding2DJob : LayerJob
{
    [JobKey("Rows above, rows below, columns before, columns after; one number for all.", Min = 0, Max = 1024)]
    public IReadOnlyList<int> Padding { get; init; } = [1, 1, 1, 1];

    public override Op ToOp() => Padding.Count == 4 ? new ZeroPadding2D(Padding[0], Padding[1], Padding[2], Padding[3]) : throw new UserError($"padding: found {Padding.Count} numbers; allowed: 4 (top, bottom, left, right)");
}

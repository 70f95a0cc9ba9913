using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Rows and columns of zeros around a picture.</summary>
[JobChoice("ZeroPadding2D", "Rows and columns of zeros around a picture.")]
public sealed record ZeroPadding2DJob : LayerJob
{
    [JobKey("Rows above, rows below, columns before, columns after; one number for all.", Min = 0, Max = 1024, Automatic = "`[1]`")]
    public IReadOnlyList<int> Padding { get; init; } = [1];

    public override Op ToOp() => Padding switch
    {
        [int all] => new ZeroPadding2D(all, all, all, all),
        [int top, int bottom, int left, int right] => new ZeroPadding2D(top, bottom, left, right),
        _ => throw new UserError($"padding: found {Padding.Count} numbers; allowed: 1 for all, or 4 (top, bottom, left, right)"),
    };
}

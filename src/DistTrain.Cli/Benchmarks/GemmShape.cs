using System.Globalization;
using DistTrain.Tensors;

namespace DistTrain.Cli;

/// <summary>One product to measure.</summary>
/// <param name="Form">nn: A B; nt: A Bᵀ; tn: Aᵀ B summed over slices of the rows.</param>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Length of the sums; for tn, samples.</param>
/// <param name="Slices">Of tn; 1 elsewhere.</param>
internal sealed record GemmShape(string Form, int M, int N, int K, int Slices = 1)
{
    private const int SideMax = 8192;

    /// <summary>Squares, then the products of an mlp's step (784-512-256-10) at batch 128.</summary>
    public static IReadOnlyList<GemmShape> Table { get; } =
    [
        .. new[] { 64, 128, 256, 512, 1024 }.Select(side => new GemmShape("nn", side, side, side)),
        new("nn", 128, 512, 784), new("nn", 128, 256, 512), new("nn", 128, 10, 256),
        new("nt", 128, 512, 256), new("nt", 128, 256, 10),
        new("tn", 784, 512, 128, 8), new("tn", 512, 256, 128, 8), new("tn", 256, 10, 128, 8),
    ];

    public double Operations => 2.0 * M * N * K;

    /// <summary>"512x512x512" in all three forms.</summary>
    public static IReadOnlyList<GemmShape> Parse(string option, string text)
    {
        string[] parts = text.Split('x');
        int[] sides = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side is >= 1 and <= SideMax ? side : 0)];
        return sides.Length == 3 && !sides.Contains(0)
            ? [new("nn", sides[0], sides[1], sides[2]), new("nt", sides[0], sides[1], sides[2]), new("tn", sides[0], sides[1], sides[2], 8)]
            : throw new UserError($"{option}: found {text}; allowed: MxNxK, such as 512x512x512, each from 1 to {SideMax}");
    }
}

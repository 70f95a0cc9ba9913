using System.Globalization;
using System.Text.Json.Nodes;

namespace DistTrain.Cli;

/// <summary>Several alternations of peak and product; medians, and the least and most of the shares.</summary>
internal sealed record GemmMeasurement(GemmShape Shape, IReadOnlyList<double> ProductGflops, IReadOnlyList<double> PeakGflops)
{
    private double[] Shares => [.. ProductGflops.Zip(PeakGflops, (product, peak) => product / peak).Order()];

    public JsonObject ToJson()
    {
        double[] shares = Shares;
        return new JsonObject
        {
            ["case"] = "gemm",
            ["framework"] = "disttrain-" + CommandLine.Version,
            ["form"] = Shape.Form,
            ["m"] = Shape.M,
            ["n"] = Shape.N,
            ["k"] = Shape.K,
            ["slices"] = Shape.Slices,
            ["threads"] = 1,
            ["gflops"] = JsonLine.Rounded(Median(ProductGflops)),
            ["peak_gflops"] = JsonLine.Rounded(Median(PeakGflops)),
            ["share"] = Math.Round(shares[shares.Length / 2], 4),
            ["share_min"] = Math.Round(shares[0], 4),
            ["share_max"] = Math.Round(shares[^1], 4),
            ["alternations"] = shares.Length,
        };
    }

    public override string ToString()
    {
        double[] shares = Shares;
        string slices = Shape.Slices > 1 ? $" in {Shape.Slices} slices" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Shape.Form} {Shape.M,4} x {Shape.N,4} x {Shape.K,4}{slices,-12} {Median(ProductGflops),7:0.0} GFLOP/s of {Median(PeakGflops),6:0.0}: {shares[shares.Length / 2],6:0.0%} ({shares[0]:0.0%} to {shares[^1]:0.0%})");
    }

    private static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace DistTrain.Cli;

/// <summary>Rates of two programs that ran in turns. The ratio is taken of neighbours in time, so that a change of the machine's speed meets both.</summary>
internal sealed class StepTurns
{
    private readonly List<(double Own, double Other)> rates = [];

    public void Add(double own, double other) => rates.Add((own, other));

    public JsonObject ToJson(string against)
    {
        (double own, double ownMin, double ownMax) = Spread(rate => rate.Own);
        (double other, double otherMin, double otherMax) = Spread(rate => rate.Other);
        (double ratio, double ratioMin, double ratioMax) = Spread(rate => rate.Own / rate.Other);
        return new JsonObject
        {
            ["against"] = against,
            ["rounds"] = rates.Count,
            ["samples_per_s"] = JsonLine.Rounded(own),
            ["samples_per_s_min"] = JsonLine.Rounded(ownMin),
            ["samples_per_s_max"] = JsonLine.Rounded(ownMax),
            ["against_samples_per_s"] = JsonLine.Rounded(other),
            ["against_samples_per_s_min"] = JsonLine.Rounded(otherMin),
            ["against_samples_per_s_max"] = JsonLine.Rounded(otherMax),
            ["ratio"] = Math.Round(ratio, 4),
            ["ratio_min"] = Math.Round(ratioMin, 4),
            ["ratio_max"] = Math.Round(ratioMax, 4),
        };
    }

    public override string ToString()
    {
        (double own, double ownMin, double ownMax) = Spread(rate => rate.Own);
        (double other, double otherMin, double otherMax) = Spread(rate => rate.Other);
        (double ratio, double ratioMin, double ratioMax) = Spread(rate => rate.Own / rate.Other);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{rates.Count} turns: {own:N0} ({ownMin:N0} - {ownMax:N0}) samples/s, the other {other:N0} ({otherMin:N0} - {otherMax:N0}), ratio {ratio:0.00} ({ratioMin:0.00} - {ratioMax:0.00})");
    }

    private (double Median, double Min, double Max) Spread(Func<(double Own, double Other), double> of)
    {
        double[] sorted = [.. rates.Select(of).Order()];
        return (sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }
}

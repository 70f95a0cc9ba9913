namespace DistTrain.Training;

/// <summary>
/// The runs of the flat vector whose squared norms are added when gradients are clipped by their norm (docs/numerics.md, "Clipping
/// by the norm"): the blocks of the protocol, cut by the rule written out. A test holds the two together.
/// </summary>
public static class NormBlocks
{
    private const int LengthMax = 65536;
    private const int SharedMax = 16384;
    private const int TinyMax = 1024;

    /// <summary>Each block's floats, in order.</summary>
    public static IReadOnlyList<Range> Of(ParameterLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var ends = new List<int>();
        int start = 0;
        foreach (int length in layout.Parameters.Select(parameter => parameter.Shape.Length))
        {
            int end = ends.Count == 0 ? 0 : ends[^1];
            int joined = end - start + length;
            if (ends.Count > 0 && (joined <= SharedMax || (length <= TinyMax && joined <= LengthMax)))
            {
                ends[^1] += length;
                continue;
            }

            for (int left = length; left > 0; left -= LengthMax)
            {
                start = end;
                end += Math.Min(left, LengthMax);
                ends.Add(end);
            }
        }

        return [.. ends.Select((end, i) => (i == 0 ? 0 : ends[i - 1])..end)];
    }
}

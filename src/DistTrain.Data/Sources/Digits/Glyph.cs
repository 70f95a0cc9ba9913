namespace DistTrain.Data;

/// <summary>
/// One way to write a digit: strokes through points in a box of x from -0.6 to 0.6 and y from -1 (top) to 1. A stroke is either
/// bent at its points (line) or smooth through them (curve); a curve that ends where it began is closed.
/// </summary>
internal sealed class Glyph
{
    /// <summary>Room a renderer needs for the points of one glyph.</summary>
    public const int PointsMax = 24;

    private readonly List<(float X, float Y)> points = [];
    private readonly List<Stroke> strokes = [];

    public IReadOnlyList<(float X, float Y)> Points => points;

    public IReadOnlyList<Stroke> Strokes => strokes;

    public Glyph Line(params (float X, float Y)[] through) => Add(through, isCurve: false);

    public Glyph Curve(params (float X, float Y)[] through) => Add(through, isCurve: true);

    private Glyph Add((float X, float Y)[] through, bool isCurve)
    {
        int[] indices = new int[through.Length];
        for (int i = 0; i < through.Length; i++)
        {
            // Strokes that meet in a point share it, so that they still meet when points are moved at random.
            indices[i] = points.IndexOf(through[i]);
            if (indices[i] < 0)
            {
                indices[i] = points.Count;
                points.Add(through[i]);
            }
        }

        if (points.Count > PointsMax)
        {
            throw new InvalidOperationException($"A glyph has {points.Count} points, room is for {PointsMax}.");
        }

        strokes.Add(new Stroke(indices, isCurve));
        return this;
    }

    /// <param name="Points">Indices into the glyph's points, at least 2.</param>
    /// <param name="IsCurve">Smooth through its points rather than bent at them.</param>
    public readonly record struct Stroke(int[] Points, bool IsCurve)
    {
        public bool IsClosed => IsCurve && Points[0] == Points[^1];
    }
}

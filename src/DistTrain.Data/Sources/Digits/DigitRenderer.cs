namespace DistTrain.Data;

/// <summary>
/// Draws one digit: a style's points are moved a little, bent, slanted, turned and placed; strokes run through them; a pixel's
/// ink is a smooth function of its distance to the nearest stroke; noise comes last.
/// </summary>
/// <remarks>
/// Only + - * / and square root in single precision, in a fixed order, so the same bits everywhere. A turn by angle a is written
/// with t = tan(a/2) drawn at random: cos a = (1 - t²)/(1 + t²), sin a = 2t/(1 + t²).
/// </remarks>
internal static class DigitRenderer
{
    public const int Side = 28;
    public const int Pixels = Side * Side;

    /// <summary>Pieces a curve is cut into between two of its points: at most 1.5 pixels long.</summary>
    private const int CurvePieces = 6;

    /// <summary>Half the height of an unscaled digit in pixels: digits are about 20 pixels high, as MNIST's.</summary>
    private const float HalfHeight = 9.4f;

    /// <param name="styles">The ways to write the digit.</param>
    /// <param name="random">This picture's numbers.</param>
    /// <param name="pixels">Receives 28 × 28 bytes, ink is 255.</param>
    public static void Draw(Glyph[] styles, DigitRandom random, Span<byte> pixels)
    {
        Glyph glyph = styles[random.Below(styles.Length)];
        Span<(float X, float Y)> points = stackalloc (float, float)[Glyph.PointsMax];
        points = points[..glyph.Points.Count];
        Place(glyph, ref random, points);

        Span<float> distances = stackalloc float[Pixels];
        distances.Fill(Side);
        float halfWidth = random.Between(0.6f, 1.7f);
        foreach (Glyph.Stroke stroke in glyph.Strokes)
        {
            float from = halfWidth * random.Between(0.8f, 1.15f);
            float to = halfWidth * random.Between(0.65f, 1.1f);
            Trace(stroke, points, from, to, distances);
        }

        Ink(ref random, distances, pixels);
    }

    /// <summary>From the glyph's box to pixels.</summary>
    private static void Place(Glyph glyph, ref DigitRandom random, Span<(float X, float Y)> points)
    {
        float bendX = random.Around(0.22f);
        float bendY = random.Around(0.16f);
        float swing = random.Around(0.2f);
        float topWider = random.Around(0.25f);
        float slant = random.Around(0.34f) + 0.06f;
        float t = random.Around(0.16f);
        float cos = (1f - (t * t)) / (1f + (t * t));
        float sin = 2f * t / (1f + (t * t));
        float scaleX = HalfHeight * random.Between(0.8f, 1.16f);
        float scaleY = HalfHeight * random.Between(0.78f, 1.06f);
        float moveX = ((Side - 1) * 0.5f) + random.Around(3.2f);
        float moveY = ((Side - 1) * 0.5f) + random.Around(3.2f);
        for (int i = 0; i < points.Length; i++)
        {
            float x = glyph.Points[i].X + random.Around(0.085f);
            float y = glyph.Points[i].Y + random.Around(0.085f);
            float bentX = (x * (1f - (topWider * y))) + (bendX * ((y * y) - 0.5f)) + (swing * y * ((y * y) - 1f));
            float bentY = y + (bendY * x * (1f + y));
            float slantedX = (bentX - (slant * bentY)) * scaleX;
            float slantedY = bentY * scaleY;
            points[i] = ((cos * slantedX) - (sin * slantedY) + moveX, (sin * slantedX) + (cos * slantedY) + moveY);
        }
    }

    private static void Trace(Glyph.Stroke stroke, ReadOnlySpan<(float X, float Y)> points, float from, float to, Span<float> distances)
    {
        int[] at = stroke.Points;
        int spans = at.Length - 1;
        int pieces = stroke.IsCurve ? CurvePieces : 1;
        float step = (to - from) / (spans * pieces);
        for (int span = 0; span < spans; span++)
        {
            (float X, float Y) p1 = points[at[span]];
            (float X, float Y) p2 = points[at[span + 1]];
            (float X, float Y) p0 = span > 0 ? points[at[span - 1]] : stroke.IsClosed ? points[at[spans - 1]] : p1;
            (float X, float Y) p3 = span + 2 <= spans ? points[at[span + 2]] : stroke.IsClosed ? points[at[1]] : p2;
            (float X, float Y) last = p1;
            for (int piece = 1; piece <= pieces; piece++)
            {
                float u = (float)piece / pieces;
                (float X, float Y) next = piece == pieces ? p2 : (Spline(p0.X, p1.X, p2.X, p3.X, u), Spline(p0.Y, p1.Y, p2.Y, p3.Y, u));
                int done = (span * pieces) + piece;
                Approach(last, next, from + (step * (done - 1)), from + (step * done), distances);
                last = next;
            }
        }
    }

    /// <summary>Catmull-Rom: through p1 (u = 0) and p2 (u = 1), with slopes (p2 - p0)/2 and (p3 - p1)/2.</summary>
    private static float Spline(float p0, float p1, float p2, float p3, float u)
    {
        float a = (3f * (p1 - p2)) + p3 - p0;
        float b = (2f * p0) - (5f * p1) + (4f * p2) - p3;
        return p1 + (0.5f * u * ((p2 - p0) + (u * (b + (u * a)))));
    }

    /// <summary>
    /// Lowers each pixel's distance to the edge of the ink (negative inside) by one straight piece whose half width runs from one
    /// value to another; only pixels near enough to be touched are looked at.
    /// </summary>
    private static void Approach((float X, float Y) a, (float X, float Y) b, float fromWidth, float toWidth, Span<float> distances)
    {
        const float Reach = 2f;
        float dx = b.X - a.X;
        float dy = b.Y - a.Y;
        float squared = (dx * dx) + (dy * dy);
        float margin = Math.Max(fromWidth, toWidth) + Reach;
        int left = Math.Max((int)(Math.Min(a.X, b.X) - margin), 0);
        int right = Math.Min((int)(Math.Max(a.X, b.X) + margin), Side - 1);
        int top = Math.Max((int)(Math.Min(a.Y, b.Y) - margin), 0);
        int bottom = Math.Min((int)(Math.Max(a.Y, b.Y) + margin), Side - 1);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                float px = x - a.X;
                float py = y - a.Y;
                float u = squared > 0 ? Math.Clamp(((px * dx) + (py * dy)) / squared, 0f, 1f) : 0f;
                float ex = px - (u * dx);
                float ey = py - (u * dy);
                float distance = MathF.Sqrt((ex * ex) + (ey * ey)) - (fromWidth + (u * (toWidth - fromWidth)));
                int pixel = (y * Side) + x;
                distances[pixel] = Math.Min(distances[pixel], distance);
            }
        }
    }

    /// <summary>Ink falls from 1 to 0 over a soft edge (blur); then strength and noise, and rounding to bytes.</summary>
    private static void Ink(ref DigitRandom random, ReadOnlySpan<float> distances, Span<byte> pixels)
    {
        float strength = random.Between(0.72f, 1f);
        float softness = random.Between(0.5f, 1.1f);
        float noise = random.Uniform();
        noise = 0.02f + (0.16f * noise * noise);
        for (int i = 0; i < Pixels; i++)
        {
            float u = Math.Clamp(0.5f - (distances[i] / (2f * softness)), 0f, 1f);
            float ink = u * u * (3f - (2f * u));
            float value = (strength * ink) + random.Around(noise);
            pixels[i] = (byte)((Math.Clamp(value, 0f, 1f) * 255f) + 0.5f);
        }
    }
}

using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Blackens a square whose middle is at row ⌊u0 height⌋ and column ⌊u1 width⌋; what is beyond the edge is cut off (DeVries and Taylor, 2017).</summary>
/// <param name="size">Side of the square in pixels.</param>
public sealed class Cutout(int size) : IAugmentation
{
    public string Name => "augment/cutout";

    public void Check(Shape sampleShape) => PictureShape.Check("cutout", sampleShape, 1);

    public void Apply(SampleDraw draw, Shape shape, Span<float> sample, Span<float> scratch, ReadOnlySpan<float> black)
    {
        (int height, int width, int channels) = (shape[0], shape[1], shape[2]);
        int top = draw.Whole(0, height) - (size / 2), left = draw.Whole(1, width) - (size / 2);
        for (int y = Math.Max(0, top); y < Math.Min(height, top + size); y++)
        {
            for (int x = Math.Max(0, left); x < Math.Min(width, left + size); x++)
            {
                black.CopyTo(sample[(((y * width) + x) * channels)..]);
            }
        }
    }
}

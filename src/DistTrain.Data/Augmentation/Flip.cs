using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Mirrors half of the pictures left to right, or top to bottom, or half of them each way.</summary>
/// <param name="horizontal">Left to right where u0 &lt; 1/2.</param>
/// <param name="vertical">Top to bottom where u1 &lt; 1/2.</param>
public sealed class Flip(bool horizontal = true, bool vertical = false) : IAugmentation
{
    public string Name => "augment/flip";

    public void Check(Shape sampleShape) => PictureShape.Check("flip", sampleShape, 1);

    public void Apply(SampleDraw draw, Shape shape, Span<float> sample, Span<float> scratch, ReadOnlySpan<float> black)
    {
        bool mirrorsX = horizontal && draw.Uniform(0) < 0.5f, mirrorsY = vertical && draw.Uniform(1) < 0.5f;
        if (!mirrorsX && !mirrorsY)
        {
            return;
        }

        (int height, int width, int channels) = (shape[0], shape[1], shape[2]);
        sample.CopyTo(scratch);
        for (int y = 0; y < height; y++)
        {
            int fromY = mirrorsY ? height - 1 - y : y;
            for (int x = 0; x < width; x++)
            {
                int fromX = mirrorsX ? width - 1 - x : x;
                scratch.Slice(((fromY * width) + fromX) * channels, channels).CopyTo(sample[(((y * width) + x) * channels)..]);
            }
        }
    }
}

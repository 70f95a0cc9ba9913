using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Moves a picture by whole pixels, black coming in: down and right by ⌊u0 (2 n + 1)⌋ - n and ⌊u1 (2 n + 1)⌋ - n. The same as
/// padding by n on all sides and cutting out a random window, as usual for CIFAR.
/// </summary>
/// <param name="pixels">n.</param>
/// <param name="name">Stable: crop and shift are the same op under two names.</param>
public sealed class Shift(int pixels, string name = "shift") : IAugmentation
{
    public string Name => "augment/" + name;

    public void Check(Shape sampleShape) => PictureShape.Check(name, sampleShape, pixels + 1);

    public void Apply(SampleDraw draw, Shape shape, Span<float> sample, Span<float> scratch, ReadOnlySpan<float> black)
    {
        int down = draw.Whole(0, (2 * pixels) + 1) - pixels, right = draw.Whole(1, (2 * pixels) + 1) - pixels;
        if (down == 0 && right == 0)
        {
            return;
        }

        (int height, int width, int channels) = (shape[0], shape[1], shape[2]);
        sample.CopyTo(scratch);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int fromY, int fromX) = (y - down, x - right);
                bool inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
                ReadOnlySpan<float> pixel = inside ? scratch.Slice(((fromY * width) + fromX) * channels, channels) : black;
                pixel.CopyTo(sample[(((y * width) + x) * channels)..]);
            }
        }
    }
}

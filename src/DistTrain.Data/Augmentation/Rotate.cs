using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Turns a picture around its middle by an angle of (2 u0 - 1) · degrees, black coming in. A pixel is the bilinear mean of the four
/// around the place it comes from; sine and cosine are <see cref="Mathematics"/>'.
/// </summary>
/// <param name="degrees">Largest angle, either way.</param>
public sealed class Rotate(float degrees) : IAugmentation
{
    private const float RadiansPerDegree = 0.017453292f;

    public string Name => "augment/rotate";

    public void Check(Shape sampleShape) => PictureShape.Check("rotate", sampleShape, 2);

    public void Apply(SampleDraw draw, Shape shape, Span<float> sample, Span<float> scratch, ReadOnlySpan<float> black)
    {
        float angle = ((2 * draw.Uniform(0)) - 1) * (degrees * RadiansPerDegree);
        float cos = Mathematics.Cos(angle), sin = Mathematics.Sin(angle);
        (int height, int width, int channels) = (shape[0], shape[1], shape[2]);
        float middleY = (height - 1) * 0.5f, middleX = (width - 1) * 0.5f;
        sample.CopyTo(scratch);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float dy = y - middleY, dx = x - middleX;
                float fromY = ((cos * dy) - (sin * dx)) + middleY, fromX = ((sin * dy) + (cos * dx)) + middleX;
                int top = (int)MathF.Floor(fromY), left = (int)MathF.Floor(fromX);
                float below = fromY - top, beside = fromX - left;
                for (int channel = 0; channel < channels; channel++)
                {
                    float Pixel(Span<float> from, ReadOnlySpan<float> fill, int py, int px) =>
                        py >= 0 && py < height && px >= 0 && px < width ? from[(((py * width) + px) * channels) + channel] : fill[channel];
                    float up = (Pixel(scratch, black, top, left) * (1 - beside)) + (Pixel(scratch, black, top, left + 1) * beside);
                    float down = (Pixel(scratch, black, top + 1, left) * (1 - beside)) + (Pixel(scratch, black, top + 1, left + 1) * beside);
                    sample[(((y * width) + x) * channels) + channel] = (up * (1 - below)) + (down * below);
                }
            }
        }
    }
}

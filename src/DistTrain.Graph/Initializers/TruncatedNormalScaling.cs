using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A normal number cut off at two standard deviations, scaled so that its variance after the cut is what the fans ask for. As in
/// Keras: values beyond ±2 are drawn again, and the deviation is divided by 0.87962566103423978, the standard deviation of a
/// standard normal cut at ±2.
/// </summary>
/// <remarks>Attempt a of an element is keyed by pass = a of its stream, so a redraw moves no other element.</remarks>
internal sealed class TruncatedNormalScaling(string name, Func<Fans, double> variance) : Initializer
{
    private const double CutDeviation = 0.87962566103423978;

    /// <summary>4.6 % of the draws are rejected: after 64 attempts the chance that one is left is below 1e-80 an element.</summary>
    private const uint AttemptsMax = 64;

    public override string Name => name;

    public override void Fill(ulong seed, uint stream, Shape shape, Span<float> values)
    {
        float deviation = (float)(Math.Sqrt(variance(Fans.Of(shape))) / CutDeviation);
        float[] draws = new float[values.Length];
        bool[] found = new bool[values.Length];
        int missing = values.Length;
        for (uint attempt = 0; missing > 0; attempt++)
        {
            if (attempt == AttemptsMax)
            {
                throw new InvalidOperationException($"{missing} of {values.Length} draws lay beyond two deviations {AttemptsMax} times.");
            }

            Philox.FillNormal(seed, sample: 0, pass: attempt, stream, draws);
            for (int i = 0; i < draws.Length; i++)
            {
                if (!found[i] && draws[i] is >= -2 and <= 2)
                {
                    values[i] = draws[i] * deviation;
                    found[i] = true;
                    missing--;
                }
            }
        }
    }
}

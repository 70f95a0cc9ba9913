using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// x = λ x + (1 - λ) x', and the same of the targets, with another sample of the pass and λ of Beta(alpha, alpha) (Zhang et al., 2018).
/// The partner of sample i is the sample at position i of the pass' permutation of stream "augment/mixup". Classes become
/// shares: the targets of a mixed source are one number a class.
/// </summary>
/// <remarks>
/// λ = a / (a + b), a = u^(1/alpha), b = v^(1/alpha), u and v the numbers of elements 0 and 1, 2 and 3, ... until a + b is at most 1
/// (Jöhnk, 1964), with u = uniform + 2⁻²⁴ and powers as exp(ln(u) / alpha), in double precision.
/// </remarks>
/// <param name="alpha">Above 0, at most 1.</param>
public sealed class Mixup(double alpha)
{
    /// <summary>Stream of λ and of the partners.</summary>
    public const string Name = "augment/mixup";

    private const int AttemptsMax = 64;

    private static readonly uint Stream = Philox.Stream(Name);

    /// <summary>λ of a sample in a pass.</summary>
    public float Share(ulong seed, uint sample, uint pass)
    {
        var draw = new SampleDraw(seed, sample, pass, Stream);
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            double a = Mathematics.Exp(Mathematics.Log(draw.Uniform(2 * attempt) + 5.9604645e-08) / alpha);
            double b = Mathematics.Exp(Mathematics.Log(draw.Uniform((2 * attempt) + 1) + 5.9604645e-08) / alpha);
            if (a + b is > 0 and <= 1)
            {
                return (float)(a / (a + b));
            }
        }

        return 1;
    }

    internal static EpochPermutation Partners(ulong seed, int count) => new(seed, count, Stream);
}

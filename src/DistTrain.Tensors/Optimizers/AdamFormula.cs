using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>What <see cref="Adam"/> and <see cref="AdamW"/> share.</summary>
internal static class AdamFormula
{
    public static UpdateCoefficients<float> Coefficients(in UpdateStep step, double beta1, double beta2, double epsilon)
    {
        if (!(step.Beta1Power < 1 && step.Beta2Power < 1))
        {
            throw new ArgumentException("The step's running products must include the step itself: take it from OptimizerState.Begin.");
        }

        return new UpdateCoefficients<float>
        {
            NegativeRate = (float)(-step.LearningRate / (1 - step.Beta1Power)),
            Decay1 = (float)beta1,
            Rest1 = (float)(1 - beta1),
            Decay2 = (float)beta2,
            Rest2 = (float)(1 - beta2),
            RootFactor = (float)(1 / Math.Sqrt(1 - step.Beta2Power)),
            Epsilon = (float)epsilon,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V mean, ref V square)
        where L : struct, ILane<V>
        where V : struct
    {
        mean = L.Fma(c.Decay1, mean, L.Multiply(c.Rest1, gradient));
        square = L.Fma(c.Decay2, square, L.Multiply(c.Rest2, L.Multiply(gradient, gradient)));
        V root = L.Fma(L.Sqrt(square), c.RootFactor, c.Epsilon);
        return L.Fma(c.NegativeRate, L.Divide(mean, root), weight);
    }
}

using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>The numbers of one step that <see cref="Adam"/> and <see cref="AdamW"/> share, and their formula.</summary>
internal readonly struct AdamCoefficients
{
    private readonly float beta1;
    private readonly float beta2;
    private readonly float rest1;
    private readonly float rest2;
    private readonly float negativeRate;
    private readonly float rootFactor;
    private readonly float epsilon;

    private AdamCoefficients(in UpdateStep step, double beta1, double beta2, double epsilon)
    {
        this.beta1 = (float)beta1;
        this.beta2 = (float)beta2;
        rest1 = (float)(1 - beta1);
        rest2 = (float)(1 - beta2);
        negativeRate = (float)(-step.LearningRate / (1 - step.Beta1Power));
        rootFactor = (float)(1 / Math.Sqrt(1 - step.Beta2Power));
        this.epsilon = (float)epsilon;
    }

    public static AdamCoefficients Create(in UpdateStep step, double beta1, double beta2, double epsilon)
    {
        if (!(step.Beta1Power < 1 && step.Beta2Power < 1))
        {
            throw new ArgumentException("The step's running products must include the step itself: take it from OptimizerState.Begin.");
        }

        return new(step, beta1, beta2, epsilon);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<L, V>(V weight, V gradient, ref V mean, ref V square)
        where L : struct, ILane<V>
        where V : struct
    {
        mean = L.Fma(L.Create(beta1), mean, L.Multiply(L.Create(rest1), gradient));
        square = L.Fma(L.Create(beta2), square, L.Multiply(L.Create(rest2), L.Multiply(gradient, gradient)));
        V root = L.Fma(L.Sqrt(square), L.Create(rootFactor), L.Create(epsilon));
        return L.Fma(L.Create(negativeRate), L.Divide(mean, root), weight);
    }
}

namespace DistTrain.Tensors;

/// <summary>The formula of a rule for a vector of weights; the loop stands in <see cref="UpdateDriver"/>.</summary>
internal interface IUpdateKernel
{
    static abstract int Slots { get; }

    /// <summary>New weight from the old one, the gradient and the slots, which it replaces.</summary>
    static abstract V Apply<L, V>(in UpdateCoefficients<V> c, V weight, V gradient, ref V slot0, ref V slot1)
        where L : struct, ILane<V>
        where V : struct;
}

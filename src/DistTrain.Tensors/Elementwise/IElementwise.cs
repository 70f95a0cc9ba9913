namespace DistTrain.Tensors;

/// <summary>A formula on 1 to 3 elements of the same position. The loops over it stand in <see cref="ElementwiseDriver"/>.</summary>
internal interface IElementwise
{
    /// <summary>How many of a, b, c the formula reads; the others are not loaded.</summary>
    static abstract int Inputs { get; }

    V Apply<L, V>(V a, V b, V c)
        where L : struct, ILane<V>
        where V : struct;
}

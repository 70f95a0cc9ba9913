namespace DistTrain.Tensors;

/// <summary>
/// What a formula may do with a vector V of floats. A formula written over it runs in one float or in 4, 8 or 16 with the same
/// operations on every element, so it gives the same bits in every width; the scalar form is its reference.
/// </summary>
/// <remarks>
/// Only operations that IEEE 754 rounds exactly once are here. Masks have all bits of an element set or none; integers
/// travel as the bits of floats. The payload of a NaN is not part of the contract, that it is a NaN is.
/// </remarks>
internal unsafe interface ILane<V>
    where V : struct
{
    static abstract int Width { get; }

    static abstract V Create(float value);

    static abstract V CreateBits(int bits);

    static abstract V Load(float* address);

    /// <summary>The first count elements, 1 to Width - 1 of them; the others are fill. Reads nothing beyond.</summary>
    static abstract V LoadPartial(float* address, int count, float fill);

    static abstract void Store(V value, float* address);

    /// <summary>Writes the first count elements only.</summary>
    static abstract void StorePartial(V value, float* address, int count);

    static abstract V Add(V a, V b);

    static abstract V Subtract(V a, V b);

    static abstract V Multiply(V a, V b);

    static abstract V Divide(V a, V b);

    /// <summary>a b + c with one rounding.</summary>
    static abstract V Fma(V a, V b, V c);

    static abstract V Sqrt(V a);

    /// <summary>IEEE 754-2019 maximum: a NaN wins, +0 is above -0.</summary>
    static abstract V Max(V a, V b);

    static abstract V Less(V a, V b);

    static abstract V LessOrEqual(V a, V b);

    static abstract V Equal(V a, V b);

    /// <summary>mask ? a : b</summary>
    static abstract V Select(V mask, V a, V b);

    static abstract bool Any(V mask);

    static abstract V And(V a, V b);

    static abstract V Or(V a, V b);

    static abstract V Xor(V a, V b);

    static abstract V AddBits(V a, V b);

    static abstract V SubtractBits(V a, V b);

    static abstract V ShiftLeft(V a, int count);

    static abstract V ShiftRight(V a, int count);

    static abstract V ShiftRightSigned(V a, int count);

    /// <summary>Integer elements as floats.</summary>
    static abstract V FromInteger(V a);

    static abstract float Get(V a, int index);

    static abstract V With(V a, int index, float value);
}

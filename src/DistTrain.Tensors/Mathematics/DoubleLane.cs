using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// Twice the elements of L: how orders that are defined over 16 lanes (reductions, softmax) run on narrower hardware with the
/// same code.
/// </summary>
internal unsafe struct DoubleLane<L, V> : ILane<Pair<V>>
    where L : struct, ILane<V>
    where V : struct
{
    public static int Width => 2 * L.Width;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Create(float value) => new(L.Create(value), L.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> CreateBits(int bits) => new(L.CreateBits(bits), L.CreateBits(bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Load(float* address) => new(L.Load(address), L.Load(address + L.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> LoadPartial(float* address, int count, float fill) => count < L.Width
        ? new(L.LoadPartial(address, count, fill), L.Create(fill))
        : new(L.Load(address), count == L.Width ? L.Create(fill) : L.LoadPartial(address + L.Width, count - L.Width, fill));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pair<V> value, float* address)
    {
        L.Store(value.Low, address);
        L.Store(value.High, address + L.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(Pair<V> value, float* address, int count)
    {
        if (count < L.Width)
        {
            L.StorePartial(value.Low, address, count);
            return;
        }

        L.Store(value.Low, address);
        if (count > L.Width)
        {
            L.StorePartial(value.High, address + L.Width, count - L.Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Add(Pair<V> a, Pair<V> b) => new(L.Add(a.Low, b.Low), L.Add(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Subtract(Pair<V> a, Pair<V> b) => new(L.Subtract(a.Low, b.Low), L.Subtract(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Multiply(Pair<V> a, Pair<V> b) => new(L.Multiply(a.Low, b.Low), L.Multiply(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Divide(Pair<V> a, Pair<V> b) => new(L.Divide(a.Low, b.Low), L.Divide(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Max(Pair<V> a, Pair<V> b) => new(L.Max(a.Low, b.Low), L.Max(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Less(Pair<V> a, Pair<V> b) => new(L.Less(a.Low, b.Low), L.Less(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> LessOrEqual(Pair<V> a, Pair<V> b) => new(L.LessOrEqual(a.Low, b.Low), L.LessOrEqual(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Equal(Pair<V> a, Pair<V> b) => new(L.Equal(a.Low, b.Low), L.Equal(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> And(Pair<V> a, Pair<V> b) => new(L.And(a.Low, b.Low), L.And(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Or(Pair<V> a, Pair<V> b) => new(L.Or(a.Low, b.Low), L.Or(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Xor(Pair<V> a, Pair<V> b) => new(L.Xor(a.Low, b.Low), L.Xor(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> AddBits(Pair<V> a, Pair<V> b) => new(L.AddBits(a.Low, b.Low), L.AddBits(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> SubtractBits(Pair<V> a, Pair<V> b) => new(L.SubtractBits(a.Low, b.Low), L.SubtractBits(a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Fma(Pair<V> a, Pair<V> b, Pair<V> c) =>
        new(L.Fma(a.Low, b.Low, c.Low), L.Fma(a.High, b.High, c.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Select(Pair<V> mask, Pair<V> a, Pair<V> b) =>
        new(L.Select(mask.Low, a.Low, b.Low), L.Select(mask.High, a.High, b.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> Sqrt(Pair<V> a) => new(L.Sqrt(a.Low), L.Sqrt(a.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> FromInteger(Pair<V> a) => new(L.FromInteger(a.Low), L.FromInteger(a.High));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> ShiftLeft(Pair<V> a, int count) => new(L.ShiftLeft(a.Low, count), L.ShiftLeft(a.High, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> ShiftRight(Pair<V> a, int count) => new(L.ShiftRight(a.Low, count), L.ShiftRight(a.High, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> ShiftRightSigned(Pair<V> a, int count) => new(L.ShiftRightSigned(a.Low, count), L.ShiftRightSigned(a.High, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Pair<V> mask) => L.Any(mask.Low) || L.Any(mask.High);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(Pair<V> a, int index) => index < L.Width ? L.Get(a.Low, index) : L.Get(a.High, index - L.Width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<V> With(Pair<V> a, int index, float value) => index < L.Width
        ? new(L.With(a.Low, index, value), a.High)
        : new(a.Low, L.With(a.High, index - L.Width, value));
}

using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>What cells share: whole vectors and the tail through one formula, and the gradient that reaches a state.</summary>
internal static unsafe class RecurrentLane<L, V>
    where L : struct, ILane<V>
    where V : struct
{
    public static V One => L.Create(1f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(float* address, int count) => count == L.Width ? L.Load(address) : L.LoadPartial(address, count, 0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* address, int count)
    {
        if (count == L.Width)
        {
            L.Store(value, address);
        }
        else
        {
            L.StorePartial(value, address, count);
        }
    }

    /// <summary>dy + (carry + product), without dy where the step has no output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V StateGradient(in RecurrentRow row, int at, int count)
    {
        V through = L.Add(Load(row.Carry + at, count), Load(row.Product + at, count));
        return row.Output == null ? through : L.Add(Load(row.Output + at, count), through);
    }

    /// <summary>dy (y (1 - y))</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V SigmoidBackward(V y, V dy) => L.Multiply(dy, L.Multiply(y, L.Subtract(One, y)));

    /// <summary>dy fma(-y, y, 1)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V TanhBackward(V y, V dy) => L.Multiply(dy, OneMinusSquare(y));

    /// <summary>fma(-y, y, 1)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V OneMinusSquare(V y) => L.Fma(L.Xor(y, L.CreateBits(int.MinValue)), y, One);

    /// <summary>The state after the step, to where it is needed next and to the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreState(in RecurrentRow row, V state, int at, int count)
    {
        Store(state, row.State + at, count);
        if (row.Output != null)
        {
            Store(state, row.Output + at, count);
        }
    }

    /// <summary>A step of padding, forward: the state stays, and so does the cell.</summary>
    public static void Stay(in RecurrentRow row)
    {
        for (int at = 0; at < row.Units; at += L.Width)
        {
            int count = Math.Min(L.Width, row.Units - at);
            V state = Load(row.State + at, count);
            Store(state, row.Previous + at, count);
            StoreState(row, state, at, count);
        }
    }

    /// <summary>A step of padding, backward: the gradient of the state passes by.</summary>
    public static void StayBackward(in RecurrentRow row)
    {
        for (int at = 0; at < row.Units; at += L.Width)
        {
            int count = Math.Min(L.Width, row.Units - at);
            Store(StateGradient(row, at, count), row.Carry + at, count);
        }
    }
}

using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// i, f, o = sigmoid(p + q), g = tanh(p + q), each of its part of p = x W + b and q = h U; c = fma(f, c, i g); h = o tanh c.
/// Extra keeps c.
/// </summary>
internal readonly unsafe struct LstmCell : IRecurrentCell
{
    public static bool HasCell => true;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int n = row.Units;
        float* gates = row.Gates, product = row.Product;
        for (int at = 0; at < n; at += L.Width)
        {
            int count = Math.Min(L.Width, n - at);
            float* z = gates + at, q = product + at;
            V i = Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(z, count), RecurrentLane<L, V>.Load(q, count)));
            V f = Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(z + n, count), RecurrentLane<L, V>.Load(q + n, count)));
            V g = Functions<L, V>.Tanh(L.Add(RecurrentLane<L, V>.Load(z + (2 * n), count), RecurrentLane<L, V>.Load(q + (2 * n), count)));
            V o = Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(z + (3 * n), count), RecurrentLane<L, V>.Load(q + (3 * n), count)));
            V c = L.Fma(f, RecurrentLane<L, V>.Load(row.Cell + at, count), L.Multiply(i, g));
            RecurrentLane<L, V>.Store(i, z, count);
            RecurrentLane<L, V>.Store(f, z + n, count);
            RecurrentLane<L, V>.Store(g, z + (2 * n), count);
            RecurrentLane<L, V>.Store(o, z + (3 * n), count);
            RecurrentLane<L, V>.Store(c, row.Cell + at, count);
            RecurrentLane<L, V>.Store(c, row.Extra + at, count);
            RecurrentLane<L, V>.Store(RecurrentLane<L, V>.Load(row.State + at, count), row.Previous + at, count);
            RecurrentLane<L, V>.StoreState(row, L.Multiply(o, Functions<L, V>.Tanh(c)), at, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int n = row.Units;
        V zero = L.Create(0f);
        for (int at = 0; at < n; at += L.Width)
        {
            int count = Math.Min(L.Width, n - at);
            float* z = row.Gates + at, factor = row.Factor + at;
            V i = RecurrentLane<L, V>.Load(z, count), f = RecurrentLane<L, V>.Load(z + n, count);
            V g = RecurrentLane<L, V>.Load(z + (2 * n), count), o = RecurrentLane<L, V>.Load(z + (3 * n), count);
            V before = row.ExtraBefore == null ? zero : RecurrentLane<L, V>.Load(row.ExtraBefore + at, count);
            V squashed = Functions<L, V>.Tanh(RecurrentLane<L, V>.Load(row.Extra + at, count));
            V dh = RecurrentLane<L, V>.StateGradient(row, at, count);
            V dc = L.Fma(L.Multiply(dh, o), RecurrentLane<L, V>.OneMinusSquare(squashed), RecurrentLane<L, V>.Load(row.Cell + at, count));
            V di = RecurrentLane<L, V>.SigmoidBackward(i, L.Multiply(dc, g));
            V df = RecurrentLane<L, V>.SigmoidBackward(f, L.Multiply(dc, before));
            V dg = RecurrentLane<L, V>.TanhBackward(g, L.Multiply(dc, i));
            V output = RecurrentLane<L, V>.SigmoidBackward(o, L.Multiply(dh, squashed));
            RecurrentLane<L, V>.Store(di, z, count);
            RecurrentLane<L, V>.Store(df, z + n, count);
            RecurrentLane<L, V>.Store(dg, z + (2 * n), count);
            RecurrentLane<L, V>.Store(output, z + (3 * n), count);
            RecurrentLane<L, V>.Store(di, factor, count);
            RecurrentLane<L, V>.Store(df, factor + n, count);
            RecurrentLane<L, V>.Store(dg, factor + (2 * n), count);
            RecurrentLane<L, V>.Store(output, factor + (3 * n), count);
            RecurrentLane<L, V>.Store(L.Multiply(dc, f), row.Cell + at, count);
            RecurrentLane<L, V>.Store(zero, row.Carry + at, count);
        }
    }
}

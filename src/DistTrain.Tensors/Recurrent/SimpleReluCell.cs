namespace DistTrain.Tensors;

/// <summary>h = relu(p + q), p = x W + b, q = h U.</summary>
internal readonly unsafe struct SimpleReluCell : IRecurrentCell
{
    public static void Forward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        V zero = L.Create(0f);
        for (int at = 0; at < row.Units; at += L.Width)
        {
            int count = Math.Min(L.Width, row.Units - at);
            V x = L.Add(RecurrentLane<L, V>.Load(row.Gates + at, count), RecurrentLane<L, V>.Load(row.Product + at, count));
            V h = L.Select(L.LessOrEqual(x, zero), zero, x);
            RecurrentLane<L, V>.Store(RecurrentLane<L, V>.Load(row.State + at, count), row.Previous + at, count);
            RecurrentLane<L, V>.Store(h, row.Gates + at, count);
            RecurrentLane<L, V>.StoreState(row, h, at, count);
        }
    }

    public static void Backward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        V zero = L.Create(0f);
        for (int at = 0; at < row.Units; at += L.Width)
        {
            int count = Math.Min(L.Width, row.Units - at);
            V h = RecurrentLane<L, V>.Load(row.Gates + at, count);
            V dz = L.Select(L.LessOrEqual(h, zero), zero, RecurrentLane<L, V>.StateGradient(row, at, count));
            RecurrentLane<L, V>.Store(dz, row.Gates + at, count);
            RecurrentLane<L, V>.Store(dz, row.Factor + at, count);
            RecurrentLane<L, V>.Store(zero, row.Carry + at, count);
        }
    }
}

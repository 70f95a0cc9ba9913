namespace DistTrain.Tensors;

/// <summary>
/// z, r = sigmoid(p + q), q = h U of those two; n = tanh(p + q'), q' = (r h) U of the last; h = fma(z, h - n, n).
/// Extra keeps r h.
/// </summary>
internal readonly unsafe struct GruResetBeforeCell : IRecurrentCell
{
    public static bool HasSecondProduct => true;

    public static void Reset<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int units = row.Units;
        for (int at = 0; at < units; at += L.Width)
        {
            int count = Math.Min(L.Width, units - at);
            float* p = row.Gates + at, q = row.Product + at;
            V r = Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(p + units, count), RecurrentLane<L, V>.Load(q + units, count)));
            V reset = L.Multiply(r, RecurrentLane<L, V>.Load(row.State + at, count));
            RecurrentLane<L, V>.Store(Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(p, count), RecurrentLane<L, V>.Load(q, count))), p, count);
            RecurrentLane<L, V>.Store(r, p + units, count);
            RecurrentLane<L, V>.Store(reset, row.Factor + at, count);
            RecurrentLane<L, V>.Store(reset, row.Extra + at, count);
        }
    }

    public static void Forward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int units = row.Units;
        for (int at = 0; at < units; at += L.Width)
        {
            int count = Math.Min(L.Width, units - at);
            float* p = row.Gates + at;
            V n = Functions<L, V>.Tanh(L.Add(RecurrentLane<L, V>.Load(p + (2 * units), count), RecurrentLane<L, V>.Load(row.SecondProduct + at, count)));
            V h = RecurrentLane<L, V>.Load(row.State + at, count);
            RecurrentLane<L, V>.Store(n, p + (2 * units), count);
            RecurrentLane<L, V>.Store(h, row.Previous + at, count);
            RecurrentLane<L, V>.StoreState(row, L.Fma(RecurrentLane<L, V>.Load(p, count), L.Subtract(h, n), n), at, count);
        }
    }

    public static void Backward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int units = row.Units;
        for (int at = 0; at < units; at += L.Width)
        {
            int count = Math.Min(L.Width, units - at);
            float* gate = row.Gates + at;
            V z = RecurrentLane<L, V>.Load(gate, count), n = RecurrentLane<L, V>.Load(gate + (2 * units), count);
            V dh = RecurrentLane<L, V>.StateGradient(row, at, count);
            V dz = RecurrentLane<L, V>.SigmoidBackward(z, L.Multiply(dh, L.Subtract(RecurrentLane<L, V>.Load(row.Previous + at, count), n)));
            V dn = RecurrentLane<L, V>.TanhBackward(n, L.Multiply(dh, L.Subtract(RecurrentLane<L, V>.One, z)));
            RecurrentLane<L, V>.Store(dz, gate, count);
            RecurrentLane<L, V>.Store(dn, gate + (2 * units), count);
            RecurrentLane<L, V>.Store(dn, row.SecondProduct + at, count);
            RecurrentLane<L, V>.Store(L.Multiply(dh, z), row.Carry + at, count);
        }
    }

    /// <summary>State holds the gradient of r h.</summary>
    public static void ResetBackward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int units = row.Units;
        for (int at = 0; at < units; at += L.Width)
        {
            int count = Math.Min(L.Width, units - at);
            float* gate = row.Gates + at, factor = row.Factor + at;
            V r = RecurrentLane<L, V>.Load(gate + units, count), dreset = RecurrentLane<L, V>.Load(row.State + at, count);
            V dr = RecurrentLane<L, V>.SigmoidBackward(r, L.Multiply(dreset, RecurrentLane<L, V>.Load(row.Previous + at, count)));
            RecurrentLane<L, V>.Store(dr, gate + units, count);
            RecurrentLane<L, V>.Store(RecurrentLane<L, V>.Load(gate, count), factor, count);
            RecurrentLane<L, V>.Store(dr, factor + units, count);
            RecurrentLane<L, V>.Store(L.Fma(dreset, r, RecurrentLane<L, V>.Load(row.Carry + at, count)), row.Carry + at, count);
        }
    }
}

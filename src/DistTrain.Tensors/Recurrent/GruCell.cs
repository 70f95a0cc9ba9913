using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>
/// z, r = sigmoid(p + q), n = tanh(fma(r, q, p)), each of its part of p = x W + b and q = h U + b'; h = fma(z, h - n, n).
/// Extra's last part keeps q of n; backward fills Extra with the gradient of q.
/// </summary>
internal readonly unsafe struct GruCell : IRecurrentCell
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int units = row.Units;
        for (int at = 0; at < units; at += L.Width)
        {
            int count = Math.Min(L.Width, units - at);
            float* p = row.Gates + at, q = row.Product + at;
            V z = Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(p, count), RecurrentLane<L, V>.Load(q, count)));
            V r = Functions<L, V>.Sigmoid(L.Add(RecurrentLane<L, V>.Load(p + units, count), RecurrentLane<L, V>.Load(q + units, count)));
            V u = RecurrentLane<L, V>.Load(q + (2 * units), count);
            V n = Functions<L, V>.Tanh(L.Fma(r, u, RecurrentLane<L, V>.Load(p + (2 * units), count)));
            V h = RecurrentLane<L, V>.Load(row.State + at, count);
            RecurrentLane<L, V>.Store(z, p, count);
            RecurrentLane<L, V>.Store(r, p + units, count);
            RecurrentLane<L, V>.Store(n, p + (2 * units), count);
            RecurrentLane<L, V>.Store(u, row.Extra + (2 * units) + at, count);
            RecurrentLane<L, V>.Store(h, row.Previous + at, count);
            RecurrentLane<L, V>.StoreState(row, L.Fma(z, L.Subtract(h, n), n), at, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct
    {
        int units = row.Units;
        for (int at = 0; at < units; at += L.Width)
        {
            int count = Math.Min(L.Width, units - at);
            float* gate = row.Gates + at, factor = row.Factor + at, extra = row.Extra + at;
            V z = RecurrentLane<L, V>.Load(gate, count), r = RecurrentLane<L, V>.Load(gate + units, count);
            V n = RecurrentLane<L, V>.Load(gate + (2 * units), count), u = RecurrentLane<L, V>.Load(extra + (2 * units), count);
            V dh = RecurrentLane<L, V>.StateGradient(row, at, count);
            V dz = RecurrentLane<L, V>.SigmoidBackward(z, L.Multiply(dh, L.Subtract(RecurrentLane<L, V>.Load(row.Previous + at, count), n)));
            V dn = RecurrentLane<L, V>.TanhBackward(n, L.Multiply(dh, L.Subtract(RecurrentLane<L, V>.One, z)));
            V dr = RecurrentLane<L, V>.SigmoidBackward(r, L.Multiply(dn, u));
            V du = L.Multiply(dn, r);
            RecurrentLane<L, V>.Store(dz, gate, count);
            RecurrentLane<L, V>.Store(dr, gate + units, count);
            RecurrentLane<L, V>.Store(dn, gate + (2 * units), count);
            RecurrentLane<L, V>.Store(dz, extra, count);
            RecurrentLane<L, V>.Store(dr, extra + units, count);
            RecurrentLane<L, V>.Store(du, extra + (2 * units), count);
            RecurrentLane<L, V>.Store(dz, factor, count);
            RecurrentLane<L, V>.Store(dr, factor + units, count);
            RecurrentLane<L, V>.Store(du, factor + (2 * units), count);
            RecurrentLane<L, V>.Store(L.Multiply(dh, z), row.Carry + at, count);
        }
    }
}

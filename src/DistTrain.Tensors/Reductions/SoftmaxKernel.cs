using System.Runtime.CompilerServices;

namespace DistTrain.Tensors;

/// <summary>Rows of softmax with L of 16 lanes.</summary>
internal static unsafe class SoftmaxKernel<L, V>
    where L : struct, ILane<V>
    where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(SoftmaxCall* call, int first, int end)
    {
        int cols = call->Cols;
        float* memory = stackalloc float[SixteenLanes.BlockLength];
        float* block = SixteenLanes.Align(memory);
        for (int row = first; row < end; row++)
        {
            long start = (long)row * cols;
            float* x = call->X + start, y = call->Y + start;
            if (call->Kind == SoftmaxKind.Backward)
            {
                Backward(x, call->Z + start, y, cols, block);
                continue;
            }

            if (cols <= 16 && call->Kind is (SoftmaxKind.Probabilities or SoftmaxKind.CrossEntropy))
            {
                float loss = Narrow(x, y, cols, call->Kind == SoftmaxKind.CrossEntropy ? (int)call->Z[row] : -1, block);
                if (call->Kind == SoftmaxKind.CrossEntropy)
                {
                    call->PerRow[row] = loss;
                }

                continue;
            }

            float max = SixteenLanes.Row<MaxFold, L, V>(x, cols, block);
            switch (call->Kind)
            {
                case SoftmaxKind.Probabilities:
                    Divide(y, cols, Exponentials(x, y, cols, max, block));
                    break;
                case SoftmaxKind.CrossEntropy:
                    // The label's logit first: y may be x.
                    float shifted = x[(int)call->Z[row]] - max;
                    float sum = Exponentials(x, y, cols, max, block);
                    Divide(y, cols, sum);
                    call->PerRow[row] = Mathematics.Log(sum) - shifted;
                    break;
                case SoftmaxKind.Logarithms:
                    Logarithms(x, y, cols, max, Mathematics.Log(Exponentials(x, null, cols, max, block)));
                    break;
                default:
                    call->PerRow[row] = max + Mathematics.Log(Exponentials(x, null, cols, max, block));
                    break;
            }
        }
    }

    /// <summary>
    /// A row of one vector, which stays in registers; with a label its cross-entropy. Lanes beyond the row have e = +0, which
    /// changes no sum of numbers that aren't negative. Their exponent is set to 0 first: underflow is slow (3.4 or 1 ns an element of 10).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Narrow(float* x, float* y, int cols, int label, float* block)
    {
        V row = cols == 16 ? L.Load(x) : L.LoadPartial(x, cols, float.NegativeInfinity);
        float max = SixteenLanes.Tree<MaxFold, L, V>(row, block);
        float shifted = label >= 0 ? x[label] - max : 0f;
        V present = SixteenLanes.Present<L, V>(cols);
        V e = L.And(Functions<L, V>.ExpBelow89(L.And(L.Subtract(row, L.Create(max)), present)), present);
        float sum = SixteenLanes.Tree<SumFold, L, V>(e, block);
        V probabilities = L.Divide(e, L.Create(sum));
        if (cols == 16)
        {
            L.Store(probabilities, y);
        }
        else
        {
            L.StorePartial(probabilities, y, cols);
        }

        return label >= 0 ? Mathematics.Log(sum) - shifted : 0f;
    }

    /// <summary>y = exp(x - max), unless y is null; returns their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Exponentials(float* x, float* y, int cols, float max, float* block)
    {
        V shift = L.Create(max);
        V sum = L.Create(SumFold.Neutral);
        int i = 0;
        for (; i <= cols - 16; i += 16)
        {
            V e = Functions<L, V>.ExpBelow89(L.Subtract(L.Load(x + i), shift));
            sum = L.Add(sum, e);
            if (y != null)
            {
                L.Store(e, y + i);
            }
        }

        if (i < cols)
        {
            V e = Functions<L, V>.ExpBelow89(L.Subtract(L.LoadPartial(x + i, cols - i, 0f), shift));
            L.Store(e, block);
            sum = L.Add(sum, L.LoadPartial(block, cols - i, SumFold.Neutral));
            if (y != null)
            {
                L.StorePartial(e, y + i, cols - i);
            }
        }

        return SixteenLanes.Tree<SumFold, L, V>(sum, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Divide(float* y, int cols, float sum)
    {
        V divisor = L.Create(sum);
        int i = 0;
        for (; i <= cols - 16; i += 16)
        {
            L.Store(L.Divide(L.Load(y + i), divisor), y + i);
        }

        if (i < cols)
        {
            L.StorePartial(L.Divide(L.LoadPartial(y + i, cols - i, 0f), divisor), y + i, cols - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Logarithms(float* x, float* y, int cols, float max, float logSum)
    {
        V shift = L.Create(max), log = L.Create(logSum);
        int i = 0;
        for (; i <= cols - 16; i += 16)
        {
            L.Store(L.Subtract(L.Subtract(L.Load(x + i), shift), log), y + i);
        }

        if (i < cols)
        {
            L.StorePartial(L.Subtract(L.Subtract(L.LoadPartial(x + i, cols - i, 0f), shift), log), y + i, cols - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Backward(float* y, float* dy, float* dx, int cols, float* block)
    {
        V lanes = L.Create(SumFold.Neutral);
        int i = 0;
        for (; i <= cols - 16; i += 16)
        {
            lanes = L.Add(lanes, L.Multiply(L.Load(y + i), L.Load(dy + i)));
        }

        if (i < cols)
        {
            // -0 · 1 is -0, the neutral element.
            lanes = L.Add(lanes, L.Multiply(L.LoadPartial(y + i, cols - i, -0f), L.LoadPartial(dy + i, cols - i, 1f)));
        }

        V sum = L.Create(SixteenLanes.Tree<SumFold, L, V>(lanes, block));
        for (i = 0; i <= cols - 16; i += 16)
        {
            L.Store(L.Multiply(L.Load(y + i), L.Subtract(L.Load(dy + i), sum)), dx + i);
        }

        if (i < cols)
        {
            V rest = L.Multiply(L.LoadPartial(y + i, cols - i, 0f), L.Subtract(L.LoadPartial(dy + i, cols - i, 0f), sum));
            L.StorePartial(rest, dx + i, cols - i);
        }
    }
}

using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Sums the gradients of a range's pieces up the tree, by the walk on <see cref="SliceTree"/>. What the last piece completes is the
/// range's and goes straight on to the sink; a range of one piece passes through.
/// </summary>
internal sealed class GradientStack(ParameterLayout layout, ForkJoinPool pool) : IGradientSink
{
    /// <summary>Partial sums, the oldest first, and above them the piece that is computed: gradient, then statistics.</summary>
    private readonly List<FloatBuffer> sums = [];
    private SliceTree pieces = SliceTree.Create([1]);
    private IGradientSink? sink;
    private int piece;
    private int depth;

    private int Merges => pieces.MergesAfter[piece];

    private bool IsLast => piece == pieces.PresentLeaves - 1;

    /// <summary>A range begins; what an earlier one left is dropped.</summary>
    /// <param name="pieces">The leaves are the pieces.</param>
    /// <param name="sink">Gets the range's gradients.</param>
    public void Begin(SliceTree pieces, IGradientSink sink)
    {
        this.pieces = pieces;
        this.sink = sink;
        piece = depth = 0;
        while (pieces.PresentLeaves > 1 && sums.Count <= pieces.StackDepth)
        {
            sums.Add(new FloatBuffer(layout.Length + Loss.StatisticCount));
        }
    }

    /// <summary>Takes a piece's statistics; true when it was the last one: they then are the range's.</summary>
    public bool AddStatistics(Span<float> statistics)
    {
        for (int merge = 1; merge <= Merges; merge++)
        {
            ReadOnlySpan<float> left = sums[depth - merge].Span[layout.Length..];
            for (int i = 0; i < statistics.Length; i++)
            {
                statistics[i] = left[i] + statistics[i];
            }
        }

        if (!IsLast)
        {
            statistics.CopyTo(sums[depth - Merges].Span[layout.Length..]);
        }

        return IsLast;
    }

    public Span<float> Destination(int parameterIndex) =>
        IsLast ? sink!.Destination(parameterIndex) : layout.Part(sums[depth].Span, parameterIndex);

    public void Complete(int parameterIndex)
    {
        ReadOnlySpan<float> right = Destination(parameterIndex);
        for (int merge = 1; merge <= Merges; merge++)
        {
            // The sum of the last piece stays with the sink; that of another takes the left one's place.
            Span<float> left = layout.Part(sums[depth - merge].Span, parameterIndex);
            Span<float> sum = IsLast ? Destination(parameterIndex) : left;
            Elementwise.Add(pool, left, right, sum);
            right = sum;
        }

        if (IsLast)
        {
            sink!.Complete(parameterIndex);
        }
    }

    /// <summary>After a piece's backward pass.</summary>
    public void EndPiece()
    {
        depth += 1 - Merges;
        piece++;
    }
}

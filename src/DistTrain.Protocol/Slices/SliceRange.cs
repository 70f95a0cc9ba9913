using System.Numerics;
using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <summary>A dyadic run of slices [First, First + Count): a node of the summation tree (docs/numerics.md, "The tree").</summary>
/// <param name="First">First slice, a multiple of <paramref name="Count"/>.</param>
/// <param name="Count">Slices, a power of two.</param>
public readonly record struct SliceRange(int First, int Count) : IComparable<SliceRange>
{
    /// <summary>The slice after the last.</summary>
    public int End => First + Count;

    /// <summary>Whether First and Count name a node of the tree over <paramref name="slices"/> slices.</summary>
    public bool IsNodeOf(int slices) =>
        Count > 0 && BitOperations.IsPow2(Count) && Count <= slices && First >= 0 && First <= slices - Count && First % Count == 0;

    public SliceRange Parent => new(First & ~Count, Count * 2);

    public SliceRange Sibling => new(First ^ Count, Count);

    public SliceRange LeftHalf => new(First, Count / 2);

    public SliceRange RightHalf => new(First + (Count / 2), Count / 2);

    /// <summary>Whether this range is the left child of its parent.</summary>
    public bool IsLeft => (First & Count) == 0;

    public static SliceRange Root(int slices) => new(0, slices);

    public static bool operator <(SliceRange left, SliceRange right) => left.CompareTo(right) < 0;

    public static bool operator >(SliceRange left, SliceRange right) => left.CompareTo(right) > 0;

    public static bool operator <=(SliceRange left, SliceRange right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SliceRange left, SliceRange right) => left.CompareTo(right) >= 0;

    /// <summary>Whether every slice of <paramref name="other"/> is in this range.</summary>
    public bool Contains(SliceRange other) => other.First >= First && other.End <= End;

    /// <summary>Samples of this range in a batch of <paramref name="batchRows"/> cut in <paramref name="slices"/>; 0 = the range is absent.</summary>
    public int Rows(int batchRows, int slices) =>
        SliceTree.SliceStart(batchRows, slices, End) - SliceTree.SliceStart(batchRows, slices, First);

    public int CompareTo(SliceRange other) => First != other.First ? First.CompareTo(other.First) : other.Count.CompareTo(Count);

    /// <summary>Adds to <paramref name="pieces"/> the fewest dyadic ranges that cover what is in this range and in none of <paramref name="taken"/>.</summary>
    public void Without(IReadOnlyCollection<SliceRange> taken, ICollection<SliceRange> pieces)
    {
        bool touched = false;
        foreach (SliceRange other in taken)
        {
            if (other.Contains(this))
            {
                return;
            }

            touched |= Contains(other);
        }

        if (!touched)
        {
            pieces.Add(this);
            return;
        }

        LeftHalf.Without(taken, pieces);
        RightHalf.Without(taken, pieces);
    }

    public override string ToString() => $"slices {First}-{End - 1}";
}

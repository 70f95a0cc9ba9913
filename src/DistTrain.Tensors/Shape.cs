namespace DistTrain.Tensors;

/// <summary>Sizes of the dimensions of one sample's value, outermost first; the batch is not part of it. Rank 0 is a scalar.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int[]? dims;

    /// <param name="dims">Each at least 1; their product must fit an int.</param>
    public Shape(params ReadOnlySpan<int> dims)
    {
        int length = 1;
        foreach (int dim in dims)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dim, nameof(dims));
            length = checked(length * dim);
        }

        this.dims = dims.ToArray();
    }

    public ReadOnlySpan<int> Dims => dims;

    public int Rank => dims?.Length ?? 0;

    public int this[int index] => dims![index];

    /// <summary>Elements: the product of the dimensions.</summary>
    public int Length
    {
        get
        {
            int length = 1;
            foreach (int dim in Dims)
            {
                length *= dim;
            }

            return length;
        }
    }

    public bool Equals(Shape other) => Dims.SequenceEqual(other.Dims);

    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    public override int GetHashCode() => Length;

    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>As "(28, 28, 1)".</summary>
    public override string ToString() => "(" + string.Join(", ", dims ?? []) + ")";
}

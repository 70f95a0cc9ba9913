namespace DistTrain.Data;

/// <summary>Many ids in as few bytes as the largest possible one needs.</summary>
internal sealed class TokenStore
{
    private readonly byte[]? narrow;
    private readonly ushort[]? medium;
    private readonly int[]? wide;

    /// <param name="ids">Copied.</param>
    /// <param name="vocabulary">All ids are below this.</param>
    public TokenStore(IReadOnlyCollection<int> ids, int vocabulary)
    {
        Count = ids.Count;
        if (vocabulary <= byte.MaxValue + 1)
        {
            narrow = [.. ids.Select(id => (byte)id)];
        }
        else if (vocabulary <= ushort.MaxValue + 1)
        {
            medium = [.. ids.Select(id => (ushort)id)];
        }
        else
        {
            wide = [.. ids];
        }
    }

    public int Count { get; }

    /// <summary>Ids [first, first + values.Length) as floats, which are exact up to 2²⁴.</summary>
    public void Read(int first, Span<float> values)
    {
        if (narrow is not null)
        {
            ReadOnlySpan<byte> ids = narrow.AsSpan(first, values.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                values[i] = ids[i];
            }
        }
        else if (medium is not null)
        {
            ReadOnlySpan<ushort> ids = medium.AsSpan(first, values.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                values[i] = ids[i];
            }
        }
        else
        {
            ReadOnlySpan<int> ids = wide.AsSpan(first, values.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                values[i] = ids[i];
            }
        }
    }
}

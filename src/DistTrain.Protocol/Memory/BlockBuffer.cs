namespace DistTrain.Protocol;

/// <summary>
/// A run of floats that several machines read at once: written by whoever rented it until it is first sent or installed,
/// immutable from then on, counted by references, reused when the last one is released.
/// </summary>
/// <remarks>
/// Who holds a reference: a machine for what stands in its state; an outbox for each effect that names the buffer, until the
/// host has performed it (a delivered message: until the receiver's Step returned). An input's buffer is borrowed: the machine
/// retains what it keeps. Forgetting to release costs memory until the garbage collector finds it, never correctness.
/// </remarks>
public sealed class BlockBuffer
{
    private Memory<float> floats;
    private readonly Action<BlockBuffer>? returned;
    private int references;

    /// <summary>A rented buffer.</summary>
    /// <param name="floats">Where its floats lie.</param>
    /// <param name="returned">Called when the last reference was released, by who released it: nobody reads or writes the floats any more.</param>
    public BlockBuffer(Memory<float> floats, Action<BlockBuffer> returned)
    {
        this.floats = floats;
        this.returned = returned;
        references = 1;
    }

    /// <summary>A part of a larger buffer, not rented: <see cref="TryRent()"/> rents it.</summary>
    internal BlockBuffer(Memory<float> floats) => this.floats = floats;

    /// <summary>Floats.</summary>
    public int Length => floats.Length;

    /// <summary>The floats. Written only before the buffer is first handed on.</summary>
    /// <exception cref="InvalidOperationException">The last reference was released.</exception>
    public Span<float> Span
    {
        get
        {
            ThrowIfReleased();
            return floats.Span;
        }
    }

    /// <summary>The same floats as <see cref="Span"/>, for code that crosses an await.</summary>
    public Memory<float> Memory
    {
        get
        {
            ThrowIfReleased();
            return floats;
        }
    }

    /// <summary>Whether the caller, who holds a reference, holds the only one and so may write again.</summary>
    public bool IsExclusive => Volatile.Read(ref references) == 1;

    /// <summary>One more reference; returns this buffer.</summary>
    public BlockBuffer Retain()
    {
        if (Interlocked.Increment(ref references) <= 1)
        {
            throw new InvalidOperationException($"A buffer of {Length} floats was retained after its last release.");
        }

        return this;
    }

    /// <summary>One reference less; the last one returns the buffer to its pool.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref references);
        if (left < 0)
        {
            throw new InvalidOperationException($"A buffer of {Length} floats was released more often than retained.");
        }

        if (left == 0)
        {
            returned?.Invoke(this);
        }
    }

    /// <summary>Rents it anew over other floats; false when somebody still holds it.</summary>
    internal bool TryRent(Memory<float> other)
    {
        if (!TryRent())
        {
            return false;
        }

        floats = other;
        return true;
    }

    /// <summary>For who keeps it while nobody holds it.</summary>
    internal Span<float> FreeSpan => floats.Span;

    /// <summary>Whether anybody holds it.</summary>
    internal bool IsRented => Volatile.Read(ref references) > 0;

    /// <summary>Takes the first reference to a buffer that nobody holds; false when somebody does. Safe for all threads.</summary>
    internal bool TryRent() => Interlocked.CompareExchange(ref references, 1, 0) == 0;

    internal void Revive() => Volatile.Write(ref references, 1);

    private void ThrowIfReleased()
    {
        if (Volatile.Read(ref references) <= 0)
        {
            throw new InvalidOperationException($"A buffer of {Length} floats was used after its last release.");
        }
    }
}

using System.Buffers.Binary;

namespace DistTrain.Hosting;

/// <summary>Where the floats of a message lie that were handed over in shared memory.</summary>
/// <param name="Region">In which region.</param>
/// <param name="Offset">Bytes from its beginning.</param>
/// <param name="Floats">How many.</param>
/// <param name="Entry">Of the sender's <see cref="SharedOutbox"/>, by which they are given back.</param>
internal readonly record struct SharedPlace(SharedHandle Region, long Offset, int Floats, int Entry)
{
    public const int Bytes = SharedHandle.Bytes + 16;

    public void Write(Span<byte> to)
    {
        Region.Write(to);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Floats);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], Entry);
    }

    public static SharedPlace Read(ReadOnlySpan<byte> from) => new(
        SharedHandle.Read(from),
        BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[28..]));
}

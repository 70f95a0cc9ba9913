using System.Buffers.Binary;

namespace DistTrain.Hosting;

/// <summary>What another process needs to open a <see cref="SharedRegion"/>.</summary>
/// <param name="Process">Whose it is.</param>
/// <param name="Descriptor">Of the file, in that process.</param>
/// <param name="Number">That it begins with.</param>
internal readonly record struct SharedHandle(int Process, int Descriptor, long Number)
{
    public const int Bytes = 16;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, Process);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Descriptor);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], Number);
    }

    public static SharedHandle Read(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(from), BinaryPrimitives.ReadInt32LittleEndian(from[4..]), BinaryPrimitives.ReadInt64LittleEndian(from[8..]));
}

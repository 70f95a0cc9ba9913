using System.Buffers.Binary;

namespace DistTrain.Hosting;

/// <summary>
/// The fixed beginning of every frame, 16 bytes, little-endian: kind u8, zero u8, channel u16, head bytes u32, bytes of this piece of
/// the run u32, bytes of the whole run u32. Head and piece follow. So a receiver knows before it takes memory how much it would be.
/// </summary>
internal readonly record struct FramePrefix(FrameKind Kind, int Channel, int HeadBytes, int PieceBytes, int RunBytes)
{
    public const int Bytes = 16;

    public void Write(Span<byte> to)
    {
        to[0] = (byte)Kind;
        to[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], (ushort)Channel);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], HeadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], PieceBytes);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], RunBytes);
    }

    /// <summary>Reads and checks what can be checked without knowing the lane's state.</summary>
    /// <exception cref="InvalidDataException">Not the beginning of a frame, or a length above its limit.</exception>
    public static FramePrefix Read(ReadOnlySpan<byte> from, LaneOptions limits)
    {
        var kind = (FrameKind)from[0];
        if (kind is < FrameKind.Greeting or > FrameKind.Bell || from[1] != 0)
        {
            throw Bad($"0x{from[0]:x2}{from[1]:x2} begins no frame");
        }

        uint head = BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        uint piece = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        uint run = BinaryPrimitives.ReadUInt32LittleEndian(from[12..]);
        int headMax = kind switch
        {
            FrameKind.Message => run > 0 ? LaneConnection.RunHeadBytesMax : limits.HeadBytesMax,
            FrameKind.Bytes => limits.HostBytesMax,
            FrameKind.Ping or FrameKind.Pong => sizeof(long),
            FrameKind.Piece or FrameKind.Ready or FrameKind.Bell => 0,
            FrameKind.Offer => SharedHandle.Bytes,
            FrameKind.Accept => sizeof(int),
            FrameKind.Shared => SharedPlace.Bytes + LaneConnection.RunHeadBytesMax,
            _ => LaneHandshake.FrameBytesMax,
        };
        int runMax = kind is FrameKind.Message or FrameKind.Piece ? limits.RunBytesMax : 0;
        if (head > headMax || run > runMax || piece > run || run % sizeof(float) != 0 || (run > 0 && piece == 0))
        {
            throw Bad($"{kind} with a head of {head} bytes, {piece} of a run of {run}; allowed are {headMax} and a run of {runMax}");
        }

        return new FramePrefix(kind, BinaryPrimitives.ReadUInt16LittleEndian(from[2..]), (int)head, (int)piece, (int)run);
    }

    public static InvalidDataException Bad(string what) => new($"Bad frame: {what}.");
}

using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A message between machines as it arrived: its floats already lie in a rented buffer, the rest is not decoded yet.</summary>
public readonly ref struct LaneFrame
{
    internal LaneFrame(ReadOnlySpan<byte> head, BlockBuffer? run)
    {
        (From, To) = MessageCodec.DecodeRoute(head);
        Head = head;
        Run = run;
    }

    public MachineId From { get; }

    public MachineId To { get; }

    /// <summary>The envelope without its floats.</summary>
    public ReadOnlySpan<byte> Head { get; }

    /// <summary>The floats, with one reference that is the handler's; null: the message has none.</summary>
    public BlockBuffer? Run { get; }

    /// <summary>The message, with <see cref="Run"/> as its payload and the same single reference.</summary>
    /// <exception cref="InvalidDataException">It is none; the reference to <see cref="Run"/> is released.</exception>
    public Message Decode()
    {
        try
        {
            return MessageCodec.DecodeEnvelope(Head, Run);
        }
        catch (InvalidDataException)
        {
            Run?.Release();
            throw;
        }
    }
}

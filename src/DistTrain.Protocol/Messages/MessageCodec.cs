using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DistTrain.Protocol;

/// <summary>
/// Messages as bytes: one MessagePack array [kind, run epoch, fields ...], floats last as one little-endian binary run, so that a
/// lane sends the head from a small buffer and the floats from where they lie. Version: <see cref="ProtocolLimits.WireVersion"/>,
/// checked in the handshake.
/// </summary>
public static partial class MessageCodec
{
    /// <summary>Entries of the longest message.</summary>
    private const int FieldsMax = 16;

    private enum Kind
    {
        Refused = 0,
        JoinRun = 1,
        DirectWorker = 2,
        DirectServer = 3,
        WorkerReported = 4,
        ServerReported = 5,
        PushGradient = 6,
        PullBlocks = 7,
        GradientAccepted = 8,
        BlockPublished = 9,
        GradientMeasured = 10,
        GradientScaled = 11,
        CollectBlocks = 12,
        BlocksCollected = 13,
        ForwardSum = 14,
        SumTaken = 15,
        FetchBlocks = 16,
        BlockMoved = 17,
        LeaveRun = 18,
        BlocksUnreadable = 19,
        PushRows = 20,
    }

    /// <summary>Writes everything but the floats of <see cref="Message.Payload"/>, which follow as little-endian bytes.</summary>
    public static void EncodeHead(Message message, IBufferWriter<byte> output)
    {
        var writer = new MessagePackWriter(output);
        switch (message)
        {
            case Refused refused:
                Head(writer, Kind.Refused, message, 2);
                writer.Integer((int)refused.Reason);
                writer.Text(refused.Text);
                break;
            case JoinRun join:
                Head(writer, Kind.JoinRun, message, 4);
                writer.Integer(join.Identity.WireVersion);
                writer.Integer(join.Identity.NumericsVersion);
                writer.Text(join.Identity.JobHash);
                writer.Text(join.Identity.DataFingerprint);
                break;
            case DirectWorker direct:
                Write(writer, direct);
                break;
            case DirectServer direct:
                Write(writer, direct);
                break;
            case WorkerReported report:
                Write(writer, report);
                break;
            case ServerReported report:
                Write(writer, report);
                break;
            case PushGradient push:
                Head(writer, Kind.PushGradient, message, 6);
                writer.Integer(push.Step.Value);
                writer.Integer(push.Block.Value);
                Write(writer, push.Range);
                Write(writer, push.Statistics);
                writer.Boolean(push.IsAudited);
                writer.BinaryHead(push.Gradient.Length * sizeof(float));
                break;
            case PushRows rows:
                Head(writer, Kind.PushRows, message, 7);
                writer.Integer(rows.Step.Value);
                writer.Integer(rows.Block.Value);
                Write(writer, rows.Range);
                Write(writer, rows.Statistics);
                writer.Boolean(rows.IsAudited);
                writer.Integer(rows.Length);
                writer.BinaryHead(rows.Packed.Length * sizeof(float));
                break;
            case PullBlocks pull:
                Head(writer, Kind.PullBlocks, message, 3);
                writer.Integer(pull.Order);
                writer.Integer(pull.From.Value);
                WriteBlocks(writer, pull.Blocks);
                break;
            case GradientAccepted accepted:
                Head(writer, Kind.GradientAccepted, message, 4);
                writer.Integer(accepted.Step.Value);
                writer.Integer(accepted.Block.Value);
                Write(writer, accepted.Range);
                writer.Integer(accepted.Current.Value);
                break;
            case BlockPublished published:
                Head(writer, Kind.BlockPublished, message, 3);
                writer.Integer(published.Block.Value);
                writer.Integer(published.Version.Value);
                writer.BinaryHead(published.Weights.Length * sizeof(float));
                break;
            case GradientMeasured measured:
                Write(writer, measured);
                break;
            case GradientScaled scaled:
                Head(writer, Kind.GradientScaled, message, 2);
                writer.Integer(scaled.Step.Value);
                writer.Single(scaled.Scale);
                break;
            case CollectBlocks:
                Head(writer, Kind.CollectBlocks, message, 0);
                break;
            case BlocksCollected collected:
                Write(writer, collected);
                break;
            case ForwardSum forward:
                Head(writer, Kind.ForwardSum, message, 6);
                writer.Integer(forward.Step.Value);
                writer.Integer(forward.Block.Value);
                writer.Double(forward.Scale.Rate);
                writer.Single(forward.Scale.Gradient);
                Write(writer, forward.Statistics);
                writer.BinaryHead(forward.Sum.Length * sizeof(float));
                break;
            case SumTaken taken:
                Head(writer, Kind.SumTaken, message, 2);
                writer.Integer(taken.Step.Value);
                writer.Integer(taken.Block.Value);
                break;
            case FetchBlocks fetch:
                Head(writer, Kind.FetchBlocks, message, 1);
                WriteBlocks(writer, fetch.Blocks);
                break;
            case BlockMoved moved:
                Head(writer, Kind.BlockMoved, message, 5);
                writer.Integer(moved.Block.Value);
                writer.Integer(moved.Version.Value);
                writer.Boolean(moved.HasPrevious);
                writer.Single(moved.LastScale);
                writer.BinaryHead(moved.State.Length * sizeof(float));
                break;
            case LeaveRun:
                Head(writer, Kind.LeaveRun, message, 0);
                break;
            case BlocksUnreadable unreadable:
                Head(writer, Kind.BlocksUnreadable, message, 2);
                writer.Integer(unreadable.Version.Value);
                writer.Text(unreadable.Reason);
                break;
            default:
                throw new InvalidOperationException($"No wire form for {message.GetType().Name}.");
        }
    }

    /// <summary>Writes a whole message.</summary>
    public static void Encode(Message message, IBufferWriter<byte> output)
    {
        EncodeHead(message, output);
        if (message.Payload is { } payload)
        {
            Span<byte> bytes = output.GetSpan(payload.Length * sizeof(float))[..(payload.Length * sizeof(float))];
            CopyLittleEndian(payload.Span, bytes);
            output.Advance(bytes.Length);
        }
    }

    /// <summary>Reads a whole message, whoever wrote it.</summary>
    /// <param name="bytes">Exactly one message.</param>
    /// <param name="pool">Where its payload is rented; the caller holds that reference and releases it after the receiver's Step.</param>
    /// <exception cref="InvalidDataException">The bytes are no message; says what was found and what is allowed.</exception>
    public static Message Decode(ReadOnlySpan<byte> bytes, BlockPool pool)
    {
        var reader = new MessagePackReader(bytes);
        Message message = ReadMessage(ref reader, new FloatSource(pool, null));
        reader.End();
        return message;
    }

    private static Message ReadMessage(ref MessagePackReader reader, FloatSource pool)
    {
        int fields = reader.Array(FieldsMax) - 2;
        var kind = (Kind)reader.Integer(0, (int)Kind.PushRows);
        var epoch = new RunEpoch((int)reader.Integer(0, int.MaxValue));
        int expected = FieldsOf(kind);
        if (fields != expected)
        {
            throw MessagePackReader.Bad($"{kind} with {fields} fields instead of {expected}");
        }

        return kind switch
        {
            Kind.Refused => new Refused(epoch, (RefusalReason)reader.Integer(0, (int)RefusalReason.ComputesWrong), reader.Text()),
            Kind.JoinRun => new JoinRun(
                epoch,
                new RunIdentity((int)reader.Integer(0, int.MaxValue), (int)reader.Integer(0, int.MaxValue), reader.Text(), reader.Text())),
            Kind.DirectWorker => ReadDirectWorker(ref reader, epoch),
            Kind.DirectServer => ReadDirectServer(ref reader, epoch),
            Kind.WorkerReported => ReadWorkerReported(ref reader, epoch),
            Kind.ServerReported => ReadServerReported(ref reader, epoch),
            Kind.PushGradient => ReadPushGradient(ref reader, epoch, pool),
            Kind.PushRows => ReadPushRows(ref reader, epoch, pool),
            Kind.PullBlocks => new PullBlocks(
                epoch, reader.Integer(0, long.MaxValue), ReadVersion(ref reader), ReadBlocks(ref reader)),
            Kind.GradientAccepted => new GradientAccepted(
                epoch, ReadStep(ref reader), ReadBlock(ref reader), ReadRange(ref reader), ReadVersion(ref reader)),
            Kind.BlockPublished => new BlockPublished(epoch, ReadBlock(ref reader), ReadVersion(ref reader), ReadFloats(ref reader, pool)),
            Kind.GradientMeasured => ReadGradientMeasured(ref reader, epoch),
            Kind.GradientScaled => new GradientScaled(epoch, ReadStep(ref reader), reader.Single()),
            Kind.CollectBlocks => new CollectBlocks(epoch),
            Kind.BlocksCollected => ReadBlocksCollected(ref reader, epoch),
            Kind.ForwardSum => new ForwardSum(
                epoch, ReadStep(ref reader), ReadBlock(ref reader), new UpdateScale(reader.Double(), reader.Single()), ReadStatistics(ref reader), ReadFloats(ref reader, pool)),
            Kind.SumTaken => new SumTaken(epoch, ReadStep(ref reader), ReadBlock(ref reader)),
            Kind.FetchBlocks => new FetchBlocks(epoch, ReadBlocks(ref reader)),
            Kind.BlockMoved => new BlockMoved(
                epoch, ReadBlock(ref reader), ReadVersion(ref reader), reader.Boolean(), reader.Single(), ReadFloats(ref reader, pool, 2 + ProtocolLimits.SlotsMax)),
            Kind.BlocksUnreadable => new BlocksUnreadable(epoch, ReadVersion(ref reader), reader.Text()),
            _ => new LeaveRun(epoch),
        };
    }

    private static int FieldsOf(Kind kind) => kind switch
    {
        Kind.CollectBlocks or Kind.LeaveRun => 0,
        Kind.FetchBlocks => 1,
        Kind.Refused or Kind.SumTaken or Kind.GradientMeasured or Kind.GradientScaled or Kind.BlocksUnreadable => 2,
        Kind.BlockPublished or Kind.PullBlocks => 3,
        Kind.JoinRun or Kind.GradientAccepted or Kind.BlocksCollected => 4,
        Kind.WorkerReported or Kind.BlockMoved => 5,
        Kind.PushGradient or Kind.ForwardSum => 6,
        Kind.PushRows => 7,
        Kind.DirectServer => 13,
        _ => 8,
    };

    private static void Head(MessagePackWriter writer, Kind kind, Message message, int fields)
    {
        writer.Array(fields + 2);
        writer.Integer((int)kind);
        writer.Integer(message.Epoch.Value);
    }

    private static BlockBuffer ReadFloats(ref MessagePackReader reader, FloatSource source, int blocksMax = 1)
    {
        int floatsMax = blocksMax * ProtocolLimits.BlockFloatsMax;
        if (source.Pool is not { } pool)
        {
            BlockBuffer received = source.Received ?? throw MessagePackReader.Bad("floats announced, and none came");
            reader.FloatRunOutside(floatsMax, received.Length * sizeof(float));
            return received;
        }

        ReadOnlySpan<byte> bytes = reader.FloatRun(floatsMax);
        BlockBuffer buffer = pool.Rent(bytes.Length / sizeof(float));
        Span<byte> target = MemoryMarshal.AsBytes(buffer.Span);
        bytes.CopyTo(target);
        SwapIfBigEndian(target);
        return buffer;
    }

    private static void CopyLittleEndian(ReadOnlySpan<float> floats, Span<byte> bytes)
    {
        MemoryMarshal.AsBytes(floats).CopyTo(bytes);
        SwapIfBigEndian(bytes);
    }

    private static void SwapIfBigEndian(Span<byte> bytes)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    /// <summary>Where a message's floats come from: copied out of its bytes into a rented buffer, or received into one before.</summary>
    private readonly record struct FloatSource(BlockPool? Pool, BlockBuffer? Received);
}

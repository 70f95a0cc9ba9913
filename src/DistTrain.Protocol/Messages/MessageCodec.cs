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
                Head(writer, Kind.PushGradient, message, 5);
                writer.Integer(push.Step.Value);
                writer.Integer(push.Block.Value);
                Write(writer, push.Range);
                Write(writer, push.Statistics);
                writer.BinaryHead(push.Gradient.Length * sizeof(float));
                break;
            case PullBlocks pull:
                Head(writer, Kind.PullBlocks, message, 2);
                writer.Integer(pull.From.Value);
                writer.Array(pull.Blocks.Count);
                foreach (BlockId block in pull.Blocks)
                {
                    writer.Integer(block.Value);
                }

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
        int fields = reader.Array(16) - 2;
        var kind = (Kind)reader.Integer(0, (int)Kind.GradientScaled);
        var epoch = new RunEpoch((int)reader.Integer(0, int.MaxValue));
        int expected = FieldsOf(kind);
        if (fields != expected)
        {
            throw MessagePackReader.Bad($"{kind} with {fields} fields instead of {expected}");
        }

        Message message = kind switch
        {
            Kind.Refused => new Refused(epoch, (RefusalReason)reader.Integer(0, (int)RefusalReason.Invalid), reader.Text()),
            Kind.JoinRun => new JoinRun(
                epoch,
                new RunIdentity((int)reader.Integer(0, int.MaxValue), (int)reader.Integer(0, int.MaxValue), reader.Text(), reader.Text())),
            Kind.DirectWorker => ReadDirectWorker(ref reader, epoch),
            Kind.DirectServer => ReadDirectServer(ref reader, epoch),
            Kind.WorkerReported => ReadWorkerReported(ref reader, epoch),
            Kind.ServerReported => ReadServerReported(ref reader, epoch),
            Kind.PushGradient => new PushGradient(
                epoch, ReadStep(ref reader), ReadBlock(ref reader), ReadRange(ref reader), ReadStatistics(ref reader), ReadFloats(ref reader, pool)),
            Kind.PullBlocks => new PullBlocks(
                epoch, ReadVersion(ref reader), ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) => ReadBlock(ref r))),
            Kind.GradientAccepted => new GradientAccepted(
                epoch, ReadStep(ref reader), ReadBlock(ref reader), ReadRange(ref reader), ReadVersion(ref reader)),
            Kind.BlockPublished => new BlockPublished(epoch, ReadBlock(ref reader), ReadVersion(ref reader), ReadFloats(ref reader, pool)),
            Kind.GradientMeasured => ReadGradientMeasured(ref reader, epoch),
            _ => new GradientScaled(epoch, ReadStep(ref reader), reader.Single()),
        };
        reader.End();
        return message;
    }

    private static int FieldsOf(Kind kind) => kind switch
    {
        Kind.Refused or Kind.PullBlocks or Kind.GradientMeasured or Kind.GradientScaled => 2,
        Kind.WorkerReported or Kind.BlockPublished => 3,
        Kind.JoinRun or Kind.GradientAccepted => 4,
        Kind.PushGradient => 5,
        Kind.ServerReported => 6,
        Kind.DirectWorker => 7,
        _ => 9,
    };

    private static void Head(MessagePackWriter writer, Kind kind, Message message, int fields)
    {
        writer.Array(fields + 2);
        writer.Integer((int)kind);
        writer.Integer(message.Epoch.Value);
    }

    private static BlockBuffer ReadFloats(ref MessagePackReader reader, BlockPool pool)
    {
        ReadOnlySpan<byte> bytes = reader.FloatRun(ProtocolLimits.BlockFloatsMax);
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
}

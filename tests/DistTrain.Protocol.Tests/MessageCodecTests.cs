using System.Buffers;
using System.Reflection;
using DistTrain.Tensors;

namespace DistTrain.Protocol.Tests;

public class MessageCodecTests
{
    private readonly BlockPool pool = new(poison: true);

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        List<Message> messages = Examples();
        foreach (Message message in messages)
        {
            byte[] bytes = Encode(message);
            Message decoded = MessageCodec.Decode(bytes, pool);

            Assert.Equal(message.GetType(), decoded.GetType());
            Assert.Equal(bytes, Encode(decoded));
            Assert.Equal(message.Epoch, decoded.Epoch);
            Assert.Equal(message.Payload?.Span.ToArray(), decoded.Payload?.Span.ToArray());
        }

        // The list above is complete: a new message without an example fails here.
        IEnumerable<Type> all = typeof(Message).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Message)));
        Assert.Equal(all.Order(Comparer<Type>.Create(ByName)), messages.Select(message => message.GetType()).Distinct().Order(Comparer<Type>.Create(ByName)));
    }

    [Fact]
    public void An_envelope_keeps_its_way_and_its_floats_may_be_received_apart()
    {
        foreach (Message message in Examples())
        {
            var head = new ArrayBufferWriter<byte>();
            MessageCodec.EncodeEnvelope(MachineId.Worker(70000), MachineId.Coordinator, message, head);
            Assert.Equal((MachineId.Worker(70000), MachineId.Coordinator), MessageCodec.DecodeRoute(head.WrittenSpan));
            Assert.Equal(message is BlockPublished published ? (published.Block, published.Version) : null, MessageCodec.DecodePublished(head.WrittenSpan));
            Message decoded = MessageCodec.DecodeEnvelope(head.WrittenSpan, message.Payload);
            Assert.Same(message.Payload, decoded.Payload);
            Assert.Equal(Encode(message), Encode(decoded));

            // Floats that nobody announced, none where some were announced, and too few.
            byte[] bytes = head.WrittenSpan.ToArray();
            BlockBuffer? wrong = message.Payload is null ? pool.Rent(1) : null;
            Assert.Throws<InvalidDataException>(() => MessageCodec.DecodeEnvelope(bytes, wrong));
            BlockBuffer other = pool.Rent((message.Payload?.Length ?? 1) + 1);
            Assert.Throws<InvalidDataException>(() => MessageCodec.DecodeEnvelope(bytes, other));
        }
    }

    [Fact]
    public void Fields_survive_one_by_one()
    {
        var report = (ServerReported)MessageCodec.Decode(Encode(Examples().OfType<ServerReported>().First()), pool);
        Assert.Equal(9, report.OrderSeen);
        Assert.Equal(new WeightVersion(-1), report.Applied);
        Assert.Equal(new StepStatistics(new StepNumber(5), new RangeStatistics(3.5f, [float.NaN, 1e-40f])), Assert.Single(report.Statistics));
        Assert.Equal([new ShardOutcome(new WeightVersion(4), "Datei ä", null), new ShardOutcome(new WeightVersion(6), null, "full")], report.Shards);
        Assert.Equal(new StepFailure(new StepNumber(5), new BlockId(2), new SliceRange(4, 4), "dense/kernel", "text"), report.Failure);

        var direct = (DirectWorker)MessageCodec.Decode(Encode(Examples().OfType<DirectWorker>().First()), pool);
        Assert.Equal([0, 70000, 2], direct.Owners);
        Assert.Equal([new AssignmentPeriod(new StepNumber(1L << 40), [new SliceRange(0, 2), new SliceRange(4, 1)])], direct.Periods);
        Assert.Equal([new EvaluationBatch(1, 300)], direct.Evaluations);
        Assert.True(direct.Ended);
        Assert.Equal(new AuditedRange(new StepNumber(9), new SliceRange(4, 4), IsMine: true), direct.Audits[0]);
        AuditFinding finding = Assert.Single(report.Findings);
        Assert.Equal((new BlockId(2), true), (finding.Block, finding.IsDecided));
        Assert.Equal([3, 70000], finding.Workers);
    }

    [Fact]
    public void Every_message_cut_short_or_made_longer_is_refused()
    {
        foreach (byte[] bytes in Examples().Select(Encode))
        {
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.Throws<InvalidDataException>(() => MessageCodec.Decode(bytes.AsSpan(0, length), pool));
            }

            Assert.Throws<InvalidDataException>(() => MessageCodec.Decode([.. bytes, 0], pool));
        }

        // A payload is the last thing read, so nothing was rented for what failed.
        Assert.Equal(Examples().Count(message => message.Payload is not null) * 2, pool.BuffersRented);
    }

    [Fact]
    public void Random_bytes_and_mutations_are_refused_or_read_and_never_take_memory_they_do_not_bring()
    {
        byte[][] examples = [.. Examples().Select(Encode)];
        var random = new Random(1);
        int read = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = [.. examples[i % examples.Length]];
            for (int change = 0; change <= random.Next(3); change++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Message message = MessageCodec.Decode(bytes, pool);
                message.Payload?.Release();
                read++;
            }
            catch (InvalidDataException)
            {
                // Refused: the other allowed outcome.
            }
        }

        Assert.InRange(read, 1, 199_999);
    }

    [Fact]
    public void A_list_that_claims_more_than_there_is_takes_no_memory()
    {
        // PullBlocks, epoch 1, order 1, version 1, and an array that claims 2^20 blocks in 2 bytes.
        byte[] bytes = [0x95, 7, 1, 1, 1, 0xdd, 0x00, 0x10, 0x00, 0x00, 1, 1];
        long before = GC.GetAllocatedBytesForCurrentThread();
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => MessageCodec.Decode(bytes, pool));
        Assert.Contains("an array of 1048576 entries", refused.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    private static int ByName(Type? left, Type? right) => string.CompareOrdinal(left?.Name, right?.Name);

    private static byte[] Encode(Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        MessageCodec.Encode(message, output);
        return output.WrittenSpan.ToArray();
    }

    private List<Message> Examples() => MessageExamples.All(pool);
}

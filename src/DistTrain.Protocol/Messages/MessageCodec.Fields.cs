namespace DistTrain.Protocol;

/// <content>Messages with lists, and the parts they are made of.</content>
public static partial class MessageCodec
{
    private delegate T ReadEntry<out T>(ref MessagePackReader reader);

    private static void Write(MessagePackWriter writer, DirectWorker direct)
    {
        Head(writer, Kind.DirectWorker, direct, 8);
        writer.Integer(direct.Order);
        WriteIntegers(writer, direct.Owners);
        writer.Integer(direct.Committed.Value);
        writer.Integer(direct.Limit.Value);
        writer.Array(direct.Periods.Count);
        foreach (AssignmentPeriod period in direct.Periods)
        {
            writer.Array(2);
            writer.Integer(period.From.Value);
            writer.Array(period.Ranges.Count);
            foreach (SliceRange range in period.Ranges)
            {
                Write(writer, range);
            }
        }

        writer.Array(direct.Evaluations.Count);
        foreach (EvaluationBatch batch in direct.Evaluations)
        {
            Write(writer, batch);
        }

        writer.Boolean(direct.Ended);
        WriteAudits(writer, direct.Audits);
    }

    private static DirectWorker ReadDirectWorker(ref MessagePackReader reader, RunEpoch epoch) => new(
        epoch,
        reader.Integer(0, long.MaxValue),
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) => ReadNumber(ref r)),
        ReadStep(ref reader),
        ReadStep(ref reader),
        ReadList(ref reader, ProtocolLimits.ListEntriesMax, static (ref MessagePackReader r) => ReadPeriod(ref r)),
        ReadList(ref reader, ProtocolLimits.ListEntriesMax, static (ref MessagePackReader r) => ReadBatch(ref r)),
        reader.Boolean())
    {
        Audits = ReadAudits(ref reader),
    };

    private static void Write(MessagePackWriter writer, GradientMeasured measured)
    {
        Head(writer, Kind.GradientMeasured, measured, 2);
        writer.Integer(measured.Step.Value);
        writer.Array(measured.Norms.Count);
        foreach (BlockNorm norm in measured.Norms)
        {
            writer.Array(2);
            writer.Integer(norm.Block.Value);
            writer.Double(norm.Squared);
        }
    }

    private static GradientMeasured ReadGradientMeasured(ref MessagePackReader reader, RunEpoch epoch) => new(
        epoch,
        ReadStep(ref reader),
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(2);
            return new BlockNorm(ReadBlock(ref r), r.Double());
        }));

    private static void Write(MessagePackWriter writer, WorkerReported report)
    {
        Head(writer, Kind.WorkerReported, report, 5);
        writer.Integer(report.OrderSeen);
        writer.Integer(report.Accepted.Value);
        writer.Integer(report.Work.Samples);
        writer.Integer(report.Work.BusyMicroseconds);
        writer.Array(report.Results.Count);
        foreach (EvaluationResult result in report.Results)
        {
            writer.Array(3);
            writer.Integer(result.Version.Value);
            Write(writer, result.Batch);
            Write(writer, result.Statistics);
        }
    }

    private static WorkerReported ReadWorkerReported(ref MessagePackReader reader, RunEpoch epoch) => new(
        epoch,
        reader.Integer(0, long.MaxValue),
        ReadStep(ref reader),
        new WorkDone(reader.Integer(0, long.MaxValue), reader.Integer(0, long.MaxValue)),
        ReadList(ref reader, ProtocolLimits.ListEntriesMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(3);
            return new EvaluationResult(ReadVersion(ref r), ReadBatch(ref r), ReadStatistics(ref r));
        }));

    private static void Write(MessagePackWriter writer, ServerReported report)
    {
        Head(writer, Kind.ServerReported, report, 8);
        writer.Integer(report.OrderSeen);
        writer.Integer(report.Applied.Value);
        WriteStatistics(writer, report.Statistics);
        writer.Integer(report.DroppedSamples);
        writer.Array(report.Shards.Count);
        foreach (ShardOutcome shard in report.Shards)
        {
            writer.Array(3);
            writer.Integer(shard.Version.Value);
            writer.Text(shard.Receipt);
            writer.Text(shard.Failure);
        }

        if (report.Failure is { } failure)
        {
            writer.Array(5);
            writer.Integer(failure.Step.Value);
            writer.Integer(failure.Block.Value);
            Write(writer, failure.Range);
            writer.Text(failure.Tensor);
            writer.Text(failure.Text);
        }
        else
        {
            writer.Nil();
        }

        writer.Integer(report.Number);
        WriteFindings(writer, report.Findings);
    }

    private static ServerReported ReadServerReported(ref MessagePackReader reader, RunEpoch epoch) => new(
        epoch,
        reader.Integer(0, long.MaxValue),
        new WeightVersion(reader.Integer(-1, long.MaxValue)),
        ReadStepStatistics(ref reader),
        reader.Integer(0, long.MaxValue),
        ReadList(ref reader, ProtocolLimits.ListEntriesMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(3);
            return new ShardOutcome(ReadVersion(ref r), ReadText(ref r), ReadText(ref r));
        }),
        ReadFailure(ref reader))
    {
        Number = reader.Integer(0, long.MaxValue),
        Findings = ReadFindings(ref reader),
    };

    private static StepFailure? ReadFailure(ref MessagePackReader reader)
    {
        if (reader.IsNil())
        {
            return null;
        }

        reader.ArrayOf(5);
        return new StepFailure(ReadStep(ref reader), ReadBlock(ref reader), ReadRange(ref reader), reader.Text(), reader.Text());
    }

    private static AssignmentPeriod ReadPeriod(ref MessagePackReader reader)
    {
        reader.ArrayOf(2);
        return new AssignmentPeriod(
            ReadStep(ref reader), ReadList(ref reader, ProtocolLimits.SlicesMax, static (ref MessagePackReader r) => ReadRange(ref r)));
    }

    private static void Write(MessagePackWriter writer, SliceRange range)
    {
        writer.Array(2);
        writer.Integer(range.First);
        writer.Integer(range.Count);
    }

    private static SliceRange ReadRange(ref MessagePackReader reader)
    {
        reader.ArrayOf(2);
        var range = new SliceRange(
            (int)reader.Integer(0, ProtocolLimits.SlicesMax), (int)reader.Integer(1, ProtocolLimits.SlicesMax));
        return range.IsNodeOf(ProtocolLimits.SlicesMax) ? range : throw MessagePackReader.Bad($"{range} is no dyadic range");
    }

    private static void Write(MessagePackWriter writer, RangeStatistics statistics)
    {
        writer.Array(1 + statistics.Sums.Count);
        writer.Single(statistics.WeightSum);

        // By index: with every gradient, and an enumerator would be allocated for each.
        for (int i = 0; i < statistics.Sums.Count; i++)
        {
            writer.Single(statistics.Sums[i]);
        }
    }

    private static RangeStatistics ReadStatistics(ref MessagePackReader reader)
    {
        int count = reader.Array(1 + ProtocolLimits.StatisticsMax);
        if (count == 0)
        {
            throw MessagePackReader.Bad("statistics without a weight sum");
        }

        float weightSum = reader.Single();
        float[] sums = new float[count - 1];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = reader.Single();
        }

        return new RangeStatistics(weightSum, sums);
    }

    private static void Write(MessagePackWriter writer, EvaluationBatch batch)
    {
        writer.Array(2);
        writer.Integer(batch.Set);
        writer.Integer(batch.Batch);
    }

    private static EvaluationBatch ReadBatch(ref MessagePackReader reader)
    {
        reader.ArrayOf(2);
        return new EvaluationBatch((int)reader.Integer(0, ushort.MaxValue), (int)reader.Integer(0, int.MaxValue));
    }

    private static void WriteIntegers(MessagePackWriter writer, IReadOnlyList<int> values)
    {
        writer.Array(values.Count);
        foreach (int value in values)
        {
            writer.Integer(value);
        }
    }

    private static void WriteBlocks(MessagePackWriter writer, IReadOnlyList<BlockId> blocks)
    {
        writer.Array(blocks.Count);
        foreach (BlockId block in blocks)
        {
            writer.Integer(block.Value);
        }
    }

    private static BlockId[] ReadBlocks(ref MessagePackReader reader) =>
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) => ReadBlock(ref r));

    private static T[] ReadList<T>(ref MessagePackReader reader, int countMax, ReadEntry<T> read)
    {
        T[] entries = new T[reader.Array(countMax)];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = read(ref reader);
        }

        return entries;
    }

    private static string? ReadText(ref MessagePackReader reader) => reader.IsNil() ? null : reader.Text();

    private static int ReadNumber(ref MessagePackReader reader) => (int)reader.Integer(0, int.MaxValue);

    private static BlockId ReadBlock(ref MessagePackReader reader) => new((int)reader.Integer(0, ProtocolLimits.BlocksMax - 1));

    private static StepNumber ReadStep(ref MessagePackReader reader) => new(reader.Integer(0, long.MaxValue - 1));

    private static WeightVersion ReadVersion(ref MessagePackReader reader) => new(reader.Integer(0, long.MaxValue - 1));
}

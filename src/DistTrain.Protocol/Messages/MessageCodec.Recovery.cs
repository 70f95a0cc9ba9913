namespace DistTrain.Protocol;

/// <content>Messages of the change from one run epoch to the next, and of replicas.</content>
public static partial class MessageCodec
{
    private static void Write(MessagePackWriter writer, DirectServer direct)
    {
        Head(writer, Kind.DirectServer, direct, 13);
        writer.Integer(direct.Order);
        WriteIntegers(writer, direct.Owners);
        WriteIntegers(writer, direct.Replicas);
        writer.Integer(direct.Start.Value);
        writer.Array(direct.Copies.Count);
        foreach (BlockCopy copy in direct.Copies)
        {
            writer.Array(3);
            writer.Integer(copy.Block.Value);
            writer.Integer(copy.Version.Value);
            writer.Integer(copy.Source);
        }

        writer.Boolean(direct.Settled);
        Write(writer, direct.Progress);
        writer.Array(direct.Checkpoints.Count);
        foreach (WeightVersion version in direct.Checkpoints)
        {
            writer.Integer(version.Value);
        }

        WriteIntegers(writer, direct.Workers);
        writer.Integer(direct.Limit.Value);
        writer.Double(direct.RateFactor);
        writer.Boolean(direct.Ended);
        writer.Integer(direct.Unaudited.Value);
    }

    private static DirectServer ReadDirectServer(ref MessagePackReader reader, RunEpoch epoch) => new(
        epoch,
        reader.Integer(0, long.MaxValue),
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) => ReadNumber(ref r)),
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) => ReadNumber(ref r)),
        ReadVersion(ref reader),
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(3);
            return new BlockCopy(ReadBlock(ref r), ReadVersion(ref r), ReadNumber(ref r));
        }),
        reader.Boolean(),
        ReadProgress(ref reader),
        ReadList(ref reader, ProtocolLimits.ListEntriesMax, static (ref MessagePackReader r) => ReadVersion(ref r)),
        ReadList(ref reader, ProtocolLimits.MachinesMax, static (ref MessagePackReader r) => ReadNumber(ref r)),
        ReadStep(ref reader),
        reader.Double(),
        reader.Boolean())
    {
        Unaudited = ReadStep(ref reader),
    };

    private static void Write(MessagePackWriter writer, BlocksCollected collected)
    {
        Head(writer, Kind.BlocksCollected, collected, 4);
        writer.Array(collected.Held.Count);
        foreach (HeldBlock held in collected.Held)
        {
            writer.Array(5);
            writer.Integer(held.Block.Value);
            writer.Integer(held.Version.Value);
            writer.Boolean(held.HasPrevious);
            writer.Single(held.LastScale);
            writer.Integer(held.Hash);
        }

        if (collected.Progress is { } progress)
        {
            Write(writer, progress);
        }
        else
        {
            writer.Nil();
        }

        WriteStatistics(writer, collected.Statistics);
        WriteIntegers(writer, collected.Peers);
    }

    private static BlocksCollected ReadBlocksCollected(ref MessagePackReader reader, RunEpoch epoch) => new(
        epoch,
        ReadList(ref reader, ProtocolLimits.BlocksMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(5);
            return new HeldBlock(ReadBlock(ref r), ReadVersion(ref r), r.Boolean(), r.Single(), r.Integer(0, long.MaxValue));
        }),
        reader.IsNil() ? null : ReadProgress(ref reader),
        ReadStepStatistics(ref reader),
        ReadList(ref reader, ProtocolLimits.MachinesMax, static (ref MessagePackReader r) => ReadNumber(ref r)));

    private static void WriteStatistics(MessagePackWriter writer, IReadOnlyList<StepStatistics> statistics)
    {
        writer.Array(statistics.Count);
        foreach (StepStatistics step in statistics)
        {
            writer.Array(2);
            writer.Integer(step.Step.Value);
            Write(writer, step.Statistics);
        }
    }

    private static StepStatistics[] ReadStepStatistics(ref MessagePackReader reader) =>
        ReadList(ref reader, ProtocolLimits.ListEntriesMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(2);
            return new StepStatistics(ReadStep(ref r), ReadStatistics(ref r));
        });
}

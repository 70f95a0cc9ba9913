namespace DistTrain.Protocol;

/// <content>Gradients, and what audits say of them.</content>
public static partial class MessageCodec
{
    private static PushGradient ReadPushGradient(ref MessagePackReader reader, RunEpoch epoch, FloatSource floats)
    {
        StepNumber step = ReadStep(ref reader);
        BlockId block = ReadBlock(ref reader);
        SliceRange range = ReadRange(ref reader);
        RangeStatistics statistics = ReadStatistics(ref reader);
        bool isAudited = reader.Boolean();
        return new PushGradient(epoch, step, block, range, statistics, ReadFloats(ref reader, floats), isAudited);
    }

    private static PushRows ReadPushRows(ref MessagePackReader reader, RunEpoch epoch, FloatSource floats)
    {
        StepNumber step = ReadStep(ref reader);
        BlockId block = ReadBlock(ref reader);
        SliceRange range = ReadRange(ref reader);
        RangeStatistics statistics = ReadStatistics(ref reader);
        bool isAudited = reader.Boolean();
        int length = (int)reader.Integer(1, ProtocolLimits.BlockFloatsMax);
        return new PushRows(epoch, step, block, range, statistics, length, ReadFloats(ref reader, floats), isAudited);
    }

    private static void WriteAudits(MessagePackWriter writer, IReadOnlyList<AuditedRange> audits)
    {
        writer.Array(audits.Count);
        foreach (AuditedRange audit in audits)
        {
            writer.Array(3);
            writer.Integer(audit.Step.Value);
            Write(writer, audit.Range);
            writer.Boolean(audit.IsMine);
        }
    }

    private static AuditedRange[] ReadAudits(ref MessagePackReader reader) =>
        ReadList(ref reader, ProtocolLimits.AuditsMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(3);
            return new AuditedRange(ReadStep(ref r), ReadRange(ref r), r.Boolean());
        });

    private static void WriteFindings(MessagePackWriter writer, IReadOnlyList<AuditFinding> findings)
    {
        writer.Array(findings.Count);
        foreach (AuditFinding finding in findings)
        {
            writer.Array(5);
            writer.Integer(finding.Step.Value);
            writer.Integer(finding.Block.Value);
            Write(writer, finding.Range);
            WriteIntegers(writer, finding.Workers);
            writer.Boolean(finding.IsDecided);
        }
    }

    private static AuditFinding[] ReadFindings(ref MessagePackReader reader) =>
        ReadList(ref reader, ProtocolLimits.AuditsMax, static (ref MessagePackReader r) =>
        {
            r.ArrayOf(5);
            return new AuditFinding(
                ReadStep(ref r),
                ReadBlock(ref r),
                ReadRange(ref r),
                ReadList(ref r, ProtocolLimits.MachinesMax, static (ref MessagePackReader worker) => ReadNumber(ref worker)),
                r.Boolean());
        });
}

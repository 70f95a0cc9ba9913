using DistTrain.Tensors;

namespace DistTrain.Protocol;

/// <content>What travels with orders so that a successor can go on.</content>
public static partial class MessageCodec
{
    private static void Write(MessagePackWriter writer, RunProgress progress)
    {
        writer.Array(12);
        writer.Integer(progress.Committed.Value);
        writer.Integer(progress.Totals.Pass);
        writer.Integer(progress.Totals.Samples);
        writer.Double(progress.Totals.WeightSum);
        writer.Array(progress.Totals.Sums.Count);
        foreach (double sum in progress.Totals.Sums)
        {
            writer.Double(sum);
        }

        writer.Integer(progress.CommittedSamples);
        writer.Integer(progress.DroppedSamples);
        writer.Boolean(progress.Stopping);
        if (progress.Steering is { } steering)
        {
            writer.Array(3);
            writer.Integer(steering.Measured.Value);
            Write(writer, steering.Before);
            Write(writer, steering.After);
        }
        else
        {
            writer.Nil();
        }

        writer.Integer(progress.Epoch.Value);
        writer.Integer(progress.AuditedRanges);
        WriteIntegers(writer, progress.Wrong);
    }

    private static RunProgress ReadProgress(ref MessagePackReader reader)
    {
        reader.ArrayOf(12);
        return new RunProgress(
            ReadStep(ref reader),
            new PassTotals(
                ReadNumber(ref reader),
                reader.Integer(0, long.MaxValue),
                reader.Double(),
                ReadList(ref reader, ProtocolLimits.StatisticsMax, static (ref MessagePackReader r) => r.Double())),
            reader.Integer(0, long.MaxValue),
            reader.Integer(0, long.MaxValue),
            reader.Boolean(),
            ReadSteeringProgress(ref reader))
        {
            Epoch = new RunEpoch((int)reader.Integer(0, int.MaxValue)),
            AuditedRanges = reader.Integer(0, long.MaxValue),
            Wrong = ReadList(ref reader, ProtocolLimits.MachinesMax, static (ref MessagePackReader r) => ReadNumber(ref r)),
        };
    }

    private static SteeringProgress? ReadSteeringProgress(ref MessagePackReader reader)
    {
        if (reader.IsNil())
        {
            return null;
        }

        reader.ArrayOf(3);
        return new SteeringProgress(new WeightVersion(reader.Integer(-1, long.MaxValue - 1)), ReadSteering(ref reader), ReadSteering(ref reader));
    }

    private static void Write(MessagePackWriter writer, SteeringState state)
    {
        writer.Array(8);
        writer.Double(state.RateFactor);
        WriteOptional(writer, state.PlateauBest);
        writer.Integer(state.PlateauWait);
        writer.Integer(state.PlateauCooldown);
        WriteOptional(writer, state.Best);
        writer.Integer(state.BestVersion);
        writer.Integer(state.Wait);
        writer.Boolean(state.Stopped);
    }

    private static SteeringState ReadSteering(ref MessagePackReader reader)
    {
        reader.ArrayOf(8);
        return new SteeringState
        {
            RateFactor = reader.Double(),
            PlateauBest = ReadOptional(ref reader),
            PlateauWait = ReadNumber(ref reader),
            PlateauCooldown = ReadNumber(ref reader),
            Best = ReadOptional(ref reader),
            BestVersion = reader.Integer(-1, long.MaxValue - 1),
            Wait = ReadNumber(ref reader),
            Stopped = reader.Boolean(),
        };
    }

    private static void WriteOptional(MessagePackWriter writer, double? value)
    {
        if (value is { } number)
        {
            writer.Double(number);
        }
        else
        {
            writer.Nil();
        }
    }

    private static double? ReadOptional(ref MessagePackReader reader) => reader.IsNil() ? null : reader.Double();
}

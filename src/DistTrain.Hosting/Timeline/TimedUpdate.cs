using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A server's update, with a span for each block.</summary>
internal sealed class TimedUpdate(IBlockUpdate update, MachineId server, SpanBuffer spans) : IBlockUpdate
{
    public void Update(
        Block block,
        StepNumber step,
        UpdateScale scale,
        ReadOnlySpan<float> gradientSum,
        float weightSum,
        ReadOnlySpan<float> weights,
        Span<float> newWeights,
        ReadOnlySpan<float> slots,
        Span<float> newSlots)
    {
        long begin = SpanBuffer.Now;
        update.Update(block, step, scale, gradientSum, weightSum, weights, newWeights, slots, newSlots);
        spans.Add(new Span(SpanKind.Update, server, begin, SpanBuffer.Now) { At = step.Value, Item = block.Id.Value });
    }
}

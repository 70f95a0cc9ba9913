namespace DistTrain.Protocol;

/// <content>The way of a gradient: fence, tree, update, publication.</content>
public sealed partial class ServerMachine
{
    private void Accept(MachineId from, PushGradient push, Outbox outbox)
    {
        if (!owned.Contains(push.Block.Value) || !push.Range.IsNodeOf(run.Slices)
            || push.Gradient.Length != plan[push.Block].Length || push.Range.Rows(run.RowsOf(push.Step), run.Slices) == 0)
        {
            outbox.Send(from, new Refused(orders!.Epoch, RefusalReason.Invalid, $"{Id} does not own {push.Block}, or {push.Range} or its length is wrong"));
            return;
        }

        if (IsNamed(from))
        {
            outbox.Send(from, new Refused(fence, RefusalReason.ComputesWrong, $"{from} computes wrong"));
            return;
        }

        if (failure is not null || !blocks.TryGetValue(push.Block.Value, out ServerBlock? block) || push.Step.Before > block.Version)
        {
            // Before the blocks are loaded, or after a failure, nothing can be accepted; the worker will say it again.
            return;
        }

        if (push.Step.Before < block.Version)
        {
            block.Tree.DropLate(push.Range.Rows(run.RowsOf(push.Step), run.Slices));
        }

        bool waits = run.ClipNorm is not null || run.Steering is not null;
        bool completed = push.Step.Before == block.Version
            && (push.IsAudited ? Audit(from, block, push, outbox) : Offer(block, push.Range, push.Gradient, push.Statistics));
        bool applies = completed && !waits && orders!.Replicas.Count == 0;
        outbox.Send(from, new GradientAccepted(push.Epoch, push.Step, push.Block, push.Range, applies ? block.Version.Next : block.Version));
        if (completed)
        {
            Complete(block, outbox);
        }
        else if (failure is not null)
        {
            SendReport(outbox);
        }
    }

    /// <summary>Puts a range's sum into the tree; true when the root is complete and may be applied.</summary>
    private bool Offer(ServerBlock block, SliceRange range, BlockBuffer sum, RangeStatistics sums)
    {
        SliceRange? top = block.Tree.Offer(range, sum, sums);
        if (top is null)
        {
            return false;
        }

        failure = FindFailure(block, range, sum.Span) ?? FindFailure(block, range, sums);
        if (failure is null && block.Tree.IsComplete)
        {
            // Finite parts may still overflow together; a push that is the root itself was looked at above.
            bool isSum = !ReferenceEquals(block.Tree.Sum, sum);
            SliceRange root = SliceRange.Root(run.Slices);
            failure = isSum ? FindFailure(block, root, block.Tree.Sum.Span) ?? FindFailure(block, root, block.Tree.Statistics) : null;
            float weightSum = block.Tree.Statistics.WeightSum;
            if (failure is null && !(float.IsFinite(weightSum) && weightSum > 0))
            {
                failure = Failure(block, root, 0, $"the sum of the sample weights is {weightSum}");
            }
        }

        return failure is null && block.Tree.IsComplete;
    }

    private void Apply(ServerBlock block, UpdateScale scale, Outbox outbox)
    {
        StepNumber step = block.Version.Step;
        Remember(step, block.Tree.Statistics);
        block.Apply(update, scale, block.Tree.Sum, block.Tree.Statistics);
        Open(block);
        shards.Note(block, owned.Count, orders!.Epoch, outbox);
        Publish(block, outbox);
        if (step.Before == Applied && --blocksAtApplied == 0)
        {
            Applied = Applied.Next;
            ForgetScale();
            blocksAtApplied = blocks.Values.Count(other => other.Version == Applied);
            if (ReportPace.IsDue(options.ReportsPerLeash, appliedReported.Step, Applied.Step, orders.Progress.Committed, orders.Limit))
            {
                SendReport(outbox);
            }
        }
    }

    /// <summary>Every block of a step has the same statistics; the first one that is applied says them.</summary>
    private void Remember(StepNumber step, RangeStatistics sums)
    {
        if (step >= orders!.Progress.Committed && !statistics.Exists(known => known.Step == step))
        {
            statistics.Add(new StepStatistics(step, sums));
        }
    }

    private void Open(ServerBlock block)
    {
        block.Tree.Begin(run.RowsOf(block.Version.Step));
        block.Audits.Clear();
    }

    private StepFailure? FindFailure(ServerBlock block, SliceRange range, ReadOnlySpan<float> floats)
    {
        int index = BlockSum.FirstNonFinite(floats);
        return index < 0 ? null : Failure(block, range, index, $"the gradient sum is {floats[index]}");
    }

    /// <summary>A loss can overflow before its gradient does; the same step must fail for any ranges.</summary>
    private static StepFailure? FindFailure(ServerBlock block, SliceRange range, RangeStatistics statistics)
    {
        for (int i = 0; i < statistics.Sums.Count; i++)
        {
            if (!float.IsFinite(statistics.Sums[i]))
            {
                StepNumber step = block.Version.Step;
                return new StepFailure(step, block.Block.Id, range, "statistics", $"{step}, {range}: sum {i} of loss and metrics is {statistics.Sums[i]}");
            }
        }

        return null;
    }

    private StepFailure Failure(ServerBlock block, SliceRange range, int index, string what)
    {
        StepNumber step = block.Version.Step;
        string tensor = plan.TensorAt(block.Block.Id, index);
        return new StepFailure(step, block.Block.Id, range, tensor, $"{step}, {tensor} ({block.Block.Id}), {range}: {what}");
    }
}

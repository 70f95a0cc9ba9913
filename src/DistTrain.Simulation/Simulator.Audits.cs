using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>A worker that computes wrong. Only what is audited is wrong, so that the weights must still be the oracle's.</content>
public sealed partial class Simulator
{
    private readonly HashSet<MachineId> computesWrong = [];
    private readonly HashSet<MachineId> sentWrong = [];

    /// <summary>What a worker sends: a wrong one's sums of one block have a flipped bit, the same one whenever it says them again.</summary>
    private Message Computed(MachineId from, Message message)
    {
        if (message is not PushGradient { IsAudited: true } push || !computesWrong.Contains(from)
            || push.Block.Value != from.Number % application.Blocks.Blocks.Count)
        {
            return message;
        }

        if (sentWrong.Add(from))
        {
            faults.Count(FaultKind.WorkerComputesWrong);
        }

        BlockBuffer wrong = pool.RentCopy(push.Gradient.Span);
        MemoryMarshal.Cast<float, int>(wrong.Span)[(int)(push.Step.Value % wrong.Length)] ^= 1;
        return push with { Gradient = wrong };
    }

    private void Check(WorkerNamed? named)
    {
        if (named is not null && !sentWrong.Contains(named.Worker))
        {
            throw new InvalidOperationException($"Invariant broken: {named.Worker} is said to compute wrong, and computes right.");
        }
    }
}

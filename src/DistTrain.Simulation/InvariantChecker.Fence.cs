using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>
/// The fence: an input of another run epoch than the machine's has no effect but a refusal. The values could not show a missing
/// fence, for a version has one possible value in every run epoch.
/// </content>
internal sealed partial class InvariantChecker
{
    private readonly Dictionary<MachineId, (RunEpoch Epoch, long Order)> entered = [];

    /// <summary>Notes what a machine is about to be told.</summary>
    public void Check(MachineId machine, Input input)
    {
        switch (input)
        {
            case MessageArrived { Message: DirectWorker direct }:
                Enter(machine, direct.Epoch, direct.Order);
                break;
            case MessageArrived { Message: DirectServer direct }:
                Enter(machine, direct.Epoch, direct.Order);
                break;
            case MessageArrived { Message: CollectBlocks collect }:
                Enter(machine, collect.Epoch, -1);
                break;
            case MessageArrived { Message: BlockPublished message }:
                CheckValue(weightsSeen, "arriving weights", message.Block, message.Version, message.Weights.Span);
                break;
        }
    }

    /// <summary>Checks what a machine answers.</summary>
    public void CheckFence(MachineId machine, Input input, IReadOnlyList<Effect> effects)
    {
        if (effects.Count == 0 || FencedEpochOf(input) is not { } epoch || !entered.TryGetValue(machine, out (RunEpoch Epoch, long Order) own) || epoch == own.Epoch)
        {
            return;
        }

        // A successor finds members by what they report to the coordinator before it.
        if (machine.Role == MachineRole.Coordinator && epoch.Term < own.Epoch.Term)
        {
            return;
        }

        foreach (Effect effect in effects)
        {
            if (effect is not (Leave or Send { Message: Refused }))
            {
                Require(false, $"{machine} of {own.Epoch} acts upon an input of {epoch}: {TraceText.Of(input)} by {effect}");
            }
        }
    }

    /// <summary>The run epoch of an input that must be fenced; null for what carries none, or begins one.</summary>
    private static RunEpoch? FencedEpochOf(Input input) => input switch
    {
        MessageArrived { Message: PushGradient or PullBlocks or GradientAccepted or BlockPublished or WorkerReported or ServerReported or ForwardSum or SumTaken or BlockMoved or FetchBlocks or BlocksUnreadable } arrived => arrived.Message.Epoch,
        BlockGradientReady ready => ready.Epoch,
        RangeMeasured measured => measured.Epoch,
        EvaluationComputed computed => computed.Epoch,
        BlockLoaded loaded => loaded.Epoch,
        LoadFailed failed => failed.Epoch,
        ShardStored stored => stored.Epoch,
        ShardStoreFailed failed => failed.Epoch,
        ManifestCommitted committed => committed.Epoch,
        ManifestFailed failed => failed.Epoch,
        _ => null,
    };

    /// <summary>Another machine takes this one's place; it is in no run epoch yet.</summary>
    public void Succeeded(MachineId machine) => entered.Remove(machine);

    private void Enter(MachineId machine, RunEpoch epoch, long order)
    {
        if (!entered.TryGetValue(machine, out (RunEpoch Epoch, long Order) own) || epoch > own.Epoch || (epoch == own.Epoch && order > own.Order))
        {
            entered[machine] = (epoch, order);
        }
    }

    private RunEpoch EpochOf(MachineId machine) => entered[machine].Epoch;
}

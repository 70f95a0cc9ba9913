namespace DistTrain.Protocol;

/// <summary>
/// The effects of one Step, to be performed in the order they were added, each begun before the next.
/// </summary>
/// <remarks>
/// What machines promise by that order:
/// <list type="bullet">
/// <item>a server asks to store a version before it publishes the next one;</item>
/// <item>a server publishes an update before it reports it to the coordinator;</item>
/// <item>a worker cancels before it asks again, and installs a block before it asks for a computation that needs it;</item>
/// <item>a coordinator asks for a manifest before it tells servers that the checkpoint is settled;</item>
/// <item><see cref="Leave"/> is the last effect of a machine.</item>
/// </list>
/// Delivery itself keeps no order: messages may overtake each other, be lost or be repeated. A host that must choose sends the
/// message of the smallest <see cref="Message.Urgency"/> first.
/// Buffers: the outbox retains each buffer an effect names; the host calls <see cref="Effect.Release"/> when it has performed
/// the effect.
/// </remarks>
public sealed class Outbox
{
    private readonly List<Effect> effects = [];

    /// <summary>What to perform, in this order.</summary>
    public IReadOnlyList<Effect> Effects => effects;

    /// <summary>Adds an effect and retains its buffers.</summary>
    public void Add(Effect effect)
    {
        foreach (BlockBuffer buffer in effect.Buffers)
        {
            buffer.Retain();
        }

        effects.Add(effect);
    }

    public void Send(MachineId to, Message message) => Add(new Send(to, message));

    public void Report(RunEvent runEvent) => Add(new Report(runEvent));

    /// <summary>Empties the outbox without releasing: the host now owns the effects it took from <see cref="Effects"/>.</summary>
    public void Clear() => effects.Clear();
}

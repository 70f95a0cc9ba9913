using System.Runtime.InteropServices;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <content>Weights and slots: one possible value for each version of each block, reached one step at a time.</content>
internal sealed partial class InvariantChecker
{
    private readonly Dictionary<(BlockId Block, WeightVersion Version), int[]> weightsSeen = [];
    private readonly Dictionary<(BlockId Block, WeightVersion Version), int[]> slotsSeen = [];
    private readonly Dictionary<(MachineId Server, BlockId Block, RunEpoch Epoch), WeightVersion> published = [];
    private readonly Dictionary<(MachineId Server, BlockId Block, RunEpoch Epoch), StepNumber> updated = [];
    private readonly Dictionary<RunEpoch, long[]> newest = [];
    private readonly Dictionary<RunEpoch, (long[] Versions, IReadOnlyList<int> Replicas)> begun = [];
    private readonly Dictionary<StepNumber, float> weightSums = [];

    private readonly long[] reached = new long[blocks.Blocks.Count];

    /// <summary>A run epoch begins: each block at its first version, or one ahead.</summary>
    private void Begin(DirectServer direct)
    {
        if (newest.ContainsKey(direct.Epoch))
        {
            return;
        }

        long[] versions = newest[direct.Epoch] = new long[blocks.Blocks.Count];
        Array.Fill(versions, direct.Start.Value);
        foreach (BlockCopy copy in direct.Copies)
        {
            Require(copy.Version == direct.Start || copy.Version == direct.Start.Next, $"{direct.Epoch} begins at {direct.Start} with {copy.Block} at {copy.Version}");
            versions[copy.Block.Value] = copy.Version.Value;
        }

        begun[direct.Epoch] = ([.. versions], direct.Replicas);
    }

    /// <summary>A block was updated on a server, whether or not anybody was told.</summary>
    public void Updated(MachineId server, BlockId block, StepNumber step, float weightSum, ReadOnlySpan<float> weights, ReadOnlySpan<float> slots)
    {
        RunEpoch epoch = EpochOf(server);
        if (updated.TryGetValue((server, block, epoch), out StepNumber last))
        {
            Require(step == last.Next, $"{server} applies {step} to {block} after {last}");
        }

        updated[(server, block, epoch)] = step;
        long[] versions = newest[epoch];
        reached[block.Value] = Math.Max(reached[block.Value], step.After.Value);
        versions[block.Value] = Math.Max(versions[block.Value], step.After.Value);
        foreach (long version in versions)
        {
            Require(version >= step.Before.Value, $"{server} applies {step} to {block} before every block has {step.Before}");
        }

        Same(weightSums, step, weightSum);
        CheckValue(weightsSeen, "weights", block, step.After, weights);
        CheckValue(slotsSeen, "slots", block, step.After, slots);
    }

    /// <summary>A block was read from the store, or initialised.</summary>
    public void Loaded(BlockId block, WeightVersion version, ReadOnlySpan<float> weights, ReadOnlySpan<float> slots)
    {
        // A stored version was reached once, in a run before this one at the latest.
        reached[block.Value] = Math.Max(reached[block.Value], version.Value);
        CheckValue(weightsSeen, "loaded weights", block, version, weights);
        CheckValue(slotsSeen, "loaded slots", block, version, slots);
    }

    /// <summary>A shard as it is, when it is asked for and when it is written.</summary>
    public void Check(StoreShard store)
    {
        foreach (StoredBlock block in store.Blocks)
        {
            CheckValue(weightsSeen, "stored weights", block.Block, store.Version, block.Weights.Span);
            CheckValue(slotsSeen, "stored slots", block.Block, store.Version, block.Slots.Span);
        }
    }

    private void CheckPublished(MachineId server, BlockPublished message)
    {
        CheckValue(weightsSeen, "published weights", message.Block, message.Version, message.Weights.Span);
        (MachineId, BlockId, RunEpoch) key = (server, message.Block, message.Epoch);
        if (published.TryGetValue(key, out WeightVersion known) && message.Version > known)
        {
            Require(message.Version == known.Next, $"{server} goes from {known} of {message.Block} to {message.Version}");
        }

        if (message.Version > published.GetValueOrDefault(key))
        {
            CheckReplicated(server, message);
            published[key] = message.Version;
        }
    }

    /// <summary>What anybody has seen is on two servers, so that the loss of one takes back no step that is committed.</summary>
    private void CheckReplicated(MachineId server, BlockPublished message)
    {
        (long[] versions, IReadOnlyList<int> replicas) = begun[message.Epoch];
        if (replicas.Count > 0 && message.Version.Value > versions[message.Block.Value])
        {
            bool isTaken = updated.TryGetValue((MachineId.Server(replicas[message.Block.Value]), message.Block, message.Epoch), out StepNumber taken);
            Require(isTaken && taken.After >= message.Version, $"{server} publishes {message.Version} of {message.Block}, which its replica has not");
        }
    }

    private static void CheckValue(
        Dictionary<(BlockId Block, WeightVersion Version), int[]> seen, string what, BlockId block, WeightVersion version, ReadOnlySpan<float> floats)
    {
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(floats);
        if (!seen.TryGetValue((block, version), out int[]? known))
        {
            seen.Add((block, version), bits.ToArray());
        }
        else if (!bits.SequenceEqual(known))
        {
            Require(false, $"{what} of {block} have two values at {version}");
        }
    }

    private static void Same<TKey, TValue>(Dictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull
    {
        if (!known.TryAdd(key, value) && !known[key]!.Equals(value))
        {
            Require(false, $"{key} has two values: {known[key]} and {value}");
        }
    }
}

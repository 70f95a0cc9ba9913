using System.Security.Cryptography;
using System.Text;
using DistTrain.Protocol;

namespace DistTrain.Simulation;

/// <summary>What a series of simulations adds up to.</summary>
public sealed class SimulationTotals : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SortedDictionary<FaultKind, long> faults = [];
    private string lastSha256 = "";

    public int Runs { get; private set; }

    public long Events { get; private set; }

    /// <summary>Committed steps, those taken back by a recovery included.</summary>
    public long Steps { get; private set; }

    /// <summary>How often each kind fired; every kind is listed.</summary>
    public IReadOnlyDictionary<FaultKind, long> Faults => faults;

    /// <summary>Kinds that never fired: nothing was proved about them.</summary>
    public IReadOnlyList<FaultKind> Silent => [.. faults.Where(pair => pair.Value == 0).Select(pair => pair.Key)];

    /// <summary>Of the run's trace; of several: of their hashes in order.</summary>
    public string TraceSha256 => Runs == 1 ? lastSha256 : Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Add(SimulationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Runs++;
        Events += result.Events;
        Steps += result.RunEvents.OfType<StepCommitted>().Count();
        lastSha256 = result.TraceSha256;
        hash.AppendData(Encoding.ASCII.GetBytes(lastSha256));
        foreach ((FaultKind kind, long count) in result.Faults)
        {
            faults[kind] = faults.GetValueOrDefault(kind) + count;
        }
    }

    public void Dispose() => hash.Dispose();
}

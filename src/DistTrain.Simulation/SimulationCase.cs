using System.Security.Cryptography;
using System.Text;

namespace DistTrain.Simulation;

/// <summary>One seed's simulation: its sizes and faults are drawn from the seed; a run that is stopped is resumed, on other sizes.</summary>
/// <param name="Seed">Decides everything that is not given.</param>
/// <param name="Workers">Null: 1 to 12.</param>
/// <param name="Servers">Null: 1 to 5.</param>
/// <param name="Groups">Faults that may happen.</param>
public sealed record SimulationCase(ulong Seed, int? Workers, int? Servers, IReadOnlyCollection<FaultGroup> Groups)
{
    private const int WorkersMax = 12;
    private const int ServersMax = 5;

    /// <summary>Events after which a run counts as hung: a hundred times what most need.</summary>
    public long EventsMax { get; init; } = 300_000;

    /// <summary>Every fault, sizes by seed.</summary>
    public static SimulationCase Of(ulong seed) => new(seed, null, null, Enum.GetValues<FaultGroup>());

    /// <summary>Runs to the plan's end. Counts and hash are of both parts, when the run was stopped between.</summary>
    /// <exception cref="SimulationFailedException">An invariant broke, a machine threw, the run failed, or it hung.</exception>
    public SimulationResult Run(ISimulatedApplication application, Action<string>? listener = null)
    {
        ArgumentNullException.ThrowIfNull(application);
        SimulationResult first = Simulator.Run(application, Options(Seed), Seed, listener);
        if (first.FinalVersion == application.Run.End)
        {
            return first;
        }

        // The resumed run has faults of its own, but is not stopped again.
        SimulationOptions options = Options(~Seed) with { StopAfterSteps = null };
        if (first.Storage.Versions.Count > 0)
        {
            // Not always the version it stopped at: a manifest may have come to last after the run epoch that asked for it.
            options = options with { Start = first.Storage.StartAt(first.Storage.Versions.Last()), Storage = first.Storage };
        }

        SimulationResult second = Simulator.Run(application, options, Seed, listener);
        return second with
        {
            TraceSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(first.TraceSha256 + second.TraceSha256))),
            Events = first.Events + second.Events,
            Ticks = first.Ticks + second.Ticks,
            Faults = second.Faults.ToDictionary(pair => pair.Key, pair => pair.Value + first.Faults[pair.Key]),
            RunEvents = [.. first.RunEvents, .. second.RunEvents],
        };
    }

    private SimulationOptions Options(ulong seed)
    {
        var random = new SimulationRandom(seed ^ 0x517E5);
        int workers = random.Between(1, WorkersMax);
        int servers = random.Between(1, ServersMax);
        return SimulationOptions.Faulty(Workers ?? workers, Servers ?? servers, seed, Groups) with { EventsMax = EventsMax };
    }
}

using DistTrain.Protocol;
using DistTrain.Training;

namespace DistTrain.Hosting;

/// <summary>A run by one engine: its machines, wherever they live. Disposing it ends them.</summary>
internal interface IEngineRun : IDisposable
{
    /// <summary>The checkpoint whose weights are the run's, when it is over; its exception when it failed.</summary>
    Task<Checkpoint> Completion { get; }

    RunJournal Journal { get; }

    /// <summary>The version the run came to; above the result's when that is the best one.</summary>
    WeightVersion? End { get; }

    /// <summary>How it goes, machine by machine; null: this engine does not tell.</summary>
    RunReport? Report => null;

    void Start();

    /// <summary>The run ends as soon as it can, after a checkpoint.</summary>
    void RequestStop();
}

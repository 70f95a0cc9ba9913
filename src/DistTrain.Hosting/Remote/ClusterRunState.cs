using System.Text.Json.Serialization;

namespace DistTrain.Hosting;

/// <summary>Where a run of a cluster is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClusterRunState>))]
public enum ClusterRunState
{
    /// <summary>Its data are read.</summary>
    Opening = 0,

    Live = 1,

    /// <summary>Over, in order; also when somebody asked it to stop.</summary>
    Done = 2,

    /// <summary>Its numbers went wrong.</summary>
    Diverged = 3,

    /// <summary>It can't go on for another reason.</summary>
    Failed = 4,
}

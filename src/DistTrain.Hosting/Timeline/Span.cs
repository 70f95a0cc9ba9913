using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>Something that took time on a machine, or happened there.</summary>
/// <param name="Kind">What.</param>
/// <param name="Machine">Where; the coordinator's for what belongs to no machine.</param>
/// <param name="Begin">Nanoseconds of a clock.</param>
/// <param name="End">Likewise; at the begin for what only happened.</param>
internal readonly record struct Span(SpanKind Kind, MachineId Machine, long Begin, long End)
{
    /// <summary>Step or version; -1: none.</summary>
    public long At { get; init; } = -1;

    /// <summary>Block, evaluation set, or number of the other machine; -1: none.</summary>
    public int Item { get; init; } = -1;

    /// <summary>First slice of a range; -1: none.</summary>
    public int First { get; init; } = -1;

    /// <summary>Slices of a range; role of the other machine; for a clock its uncertainty in nanoseconds.</summary>
    public int Count { get; init; } = -1;
}

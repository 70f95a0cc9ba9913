using System.Diagnostics;
using DistTrain.Protocol;

namespace DistTrain.Hosting;

/// <summary>A committed step as the coordinator's node tells it.</summary>
/// <param name="Step">The step.</param>
/// <param name="Timestamp">When it was committed: <see cref="Stopwatch.GetTimestamp"/>, which all processes of a host share.</param>
internal sealed record CommittedStep(StepCommitted Step, long Timestamp);

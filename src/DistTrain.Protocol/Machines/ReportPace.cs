namespace DistTrain.Protocol;

/// <summary>
/// Which steps are worth a report to the coordinator at once, rather than some ticks later with what follows: the last of those that the
/// orders allow, for which the coordinator waits, and as many before it, evenly spread, as move the limit on in time.
/// </summary>
/// <remarks>Rejected: a report for each step. Each takes time from a core that computes, on both sides, and says what the next one repeats.</remarks>
internal static class ReportPace
{
    /// <param name="reportsPerLeash"><see cref="ProtocolOptions.ReportsPerLeash"/>.</param>
    /// <param name="reported">First step that the newest report does not tell as done.</param>
    /// <param name="done">First step that is not done.</param>
    /// <param name="committed">Of the newest orders.</param>
    /// <param name="limit">Of the newest orders.</param>
    public static bool IsDue(int reportsPerLeash, StepNumber reported, StepNumber done, StepNumber committed, StepNumber limit)
    {
        if (done >= limit || done <= reported)
        {
            return done > reported;
        }

        return PartOf(done) > PartOf(reported);

        long PartOf(StepNumber step) => Math.Max(0, step.Value - committed.Value) * reportsPerLeash / (limit.Value - committed.Value);
    }
}

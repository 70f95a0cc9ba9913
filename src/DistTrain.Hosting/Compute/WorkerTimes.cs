namespace DistTrain.Hosting;

/// <summary>Where the time of a worker's steps went, added up since its start.</summary>
/// <param name="Steps">Steps in which it computed something.</param>
/// <param name="Wait">For blocks of the version to compute on.</param>
/// <param name="Compute">Forward and backward.</param>
/// <param name="Push">Handing over what was complete; on a shared core the servers' updates too.</param>
internal readonly record struct WorkerTimes(long Steps, TimeSpan Wait, TimeSpan Compute, TimeSpan Push)
{
    public WorkerTimes With(bool isNewStep, TimeSpan wait, TimeSpan compute, TimeSpan push) =>
        new(Steps + (isNewStep ? 1 : 0), Wait + wait, Compute + compute, Push + push);

    public WorkerTimes Since(WorkerTimes earlier) =>
        new(Steps - earlier.Steps, Wait - earlier.Wait, Compute - earlier.Compute, Push - earlier.Push);
}

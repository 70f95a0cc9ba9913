using DistTrain.Protocol;
using DistTrain.Protocol.Tests;

namespace DistTrain.Simulation.Tests;

/// <summary>Simulates both applications with one seed after another. Loaded beside a defective build, so it speaks in plain types.</summary>
public static class DefectTrial
{
    /// <summary>The number of seeds that it took to catch a defect and what caught it, "n|text"; "0|" when no seed did.</summary>
    public static string Run(int seedsMax)
    {
        var job = new LinearJob(
            new RunPlan { Samples = 27, Batch = 12, Slices = 8, Passes = 3, Evaluations = [new EvaluationSet("validation", 9, 4, EvaluationTiming.EveryPass)] },
            5, 9, 17, 12, 4, 13);
        var training = new LinearApplication(job);
        for (int seed = 0; seed < seedsMax; seed++)
        {
            try
            {
                SimulationCase.Of((ulong)seed).Run(CountingApplication.Of((ulong)seed));
                SimulationCase.Of((ulong)seed).Run(training);
            }
            catch (SimulationFailedException caught)
            {
                return $"{seed + 1}|{(caught.InnerException ?? caught).Message.Split('\n')[0]}";
            }
        }

        return "0|";
    }
}

using DistTrain.Protocol;
using DistTrain.Protocol.Tests;
using DistTrain.Tensors;

namespace DistTrain.Simulation.Tests;

/// <summary>Simulates the applications with one seed after another. Loaded beside a defective build, so it speaks in plain types.</summary>
public static class DefectTrial
{
    private static readonly LinearJob Job = new(
        new RunPlan { Samples = 27, Batch = 12, Slices = 8, Passes = 3, Evaluations = [new EvaluationSet("validation", 9, 4, EvaluationTiming.EveryPass)] },
        5, 9, 17, 12, 4, 13);

    private static readonly LinearApplication Training = new(Job);
    private static readonly LinearApplication[] Steered = [new(Steer(Job.Run)), new(Steer(Job.Run with { ClipNorm = 0.7 }))];

    /// <summary>The number of seeds that it took to catch a defect and what caught it, "n|text"; "0|" when no seed did.</summary>
    public static string Run(int seedsMax)
    {
        for (int seed = 0; seed < seedsMax; seed++)
        {
            try
            {
                foreach (ISimulatedApplication application in ApplicationsOf((ulong)seed))
                {
                    SimulationCase.Of((ulong)seed).Run(application);
                }
            }
            catch (SimulationFailedException caught)
            {
                return $"{seed + 1}|{(caught.InnerException ?? caught).Message.Split('\n')[0]}";
            }
        }

        return "0|";
    }

    /// <summary>What one seed simulates: a count, a training, and one that measurements steer.</summary>
    internal static ISimulatedApplication[] ApplicationsOf(ulong seed) => [CountingApplication.Of(seed), Training, Steered[seed % 2]];

    /// <summary>To the plateau no measurement but the first is better: each halves the learning rate.</summary>
    private static LinearJob Steer(RunPlan plan)
    {
        var loss = new MonitoredMean(0, Maximize: false);
        var rules = new SteeringRules(new PlateauRule(loss, 0.5, 1, MinDelta: 1e9, 0, 0.01), new StoppingRule(loss, Patience: 4, MinDelta: 0, RestoreBest: true));
        return new LinearJob(plan with { Passes = 4, Steering = new SteeringPlan(0, rules) }, 5, 9, 17, 12, 4, 13);
    }
}

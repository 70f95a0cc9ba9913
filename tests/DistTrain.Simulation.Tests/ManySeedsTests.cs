using DistTrain.Protocol;
using DistTrain.Protocol.Tests;

namespace DistTrain.Simulation.Tests;

/// <summary>Random jobs under random faults: slices, batches, blocks, sets and options vary too.</summary>
public class ManySeedsTests
{
    [Theory]
    [Trait("Category", "Long")]
    [InlineData(101_000, 1000)]
    public void Random_jobs_under_random_faults_end_with_the_oracles_bits(int firstSeed, int seeds)
    {
        for (int i = 0; i < seeds; i++)
        {
            ulong seed = (ulong)(firstSeed + i);
            var random = new Random(firstSeed + i);
            var job = new LinearJob(RandomPlan(random), [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => (long)random.Next(1, 30))]);
            SimulationOptions options = SimulationOptions.Faulty(random.Next(1, 13), random.Next(1, 6), seed);
            options = options with { Protocol = options.Protocol with { ProgressTicks = random.Next(3) == 0 ? 400 : 0 } };
            SimulationResult result = Simulator.Run(new LinearApplication(job), options, seed);

            Assert.True(job.Oracle(job.Run.End.Value).Weights.AsSpan().SequenceEqual(result.FinalWeights), $"seed {seed}: the weights are not the oracle's");
            Assert.Equal((long)job.Run.Samples * job.Run.Passes, result.RunEvents.OfType<RunCompleted>().Single().CommittedSamples);
        }
    }

    private static RunPlan RandomPlan(Random random)
    {
        int samples = random.Next(1, 40);
        return new RunPlan
        {
            Samples = samples,
            Batch = random.Next(1, samples + 1),
            Slices = 1 << random.Next(6),
            Passes = random.Next(1, 4),
            Evaluations =
            [
                .. Enumerable.Range(0, random.Next(3)).Select(i => new EvaluationSet(
                    $"set{i}", random.Next(1, 20), random.Next(1, 8), (EvaluationTiming)random.Next(2))),
            ],
        };
    }
}

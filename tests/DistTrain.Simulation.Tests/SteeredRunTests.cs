using DistTrain.Protocol;
using DistTrain.Protocol.Tests;
using DistTrain.Tensors;

namespace DistTrain.Simulation.Tests;

/// <summary>Runs whose bits depend on what was measured and on norms over all blocks: clipping, plateau, early stopping and best weights at once.</summary>
public class SteeredRunTests
{
    private static readonly MonitoredMean Loss = new(0, Maximize: false);

    private static readonly RunPlan Plan = new()
    {
        Samples = 27,
        Batch = 12,
        Slices = 8,
        Passes = 12,
        Evaluations = [new EvaluationSet("validation", 9, 4, EvaluationTiming.EveryPass), new EvaluationSet("test", 5, 5, EvaluationTiming.AtEnd)],
        ClipNorm = 0.7,
        Steering = new SteeringPlan(0, new SteeringRules(
            new PlateauRule(Loss, Factor: 0.5, Patience: 1, MinDelta: 0.02, Cooldown: 1, FactorMin: 0.05),
            new StoppingRule(Loss, Patience: 3, MinDelta: 0, RestoreBest: true))),
    };

    private static readonly LinearJob Job = new(Plan, 5, 9, 17, 12, 4, 13);

    private static readonly (float[] Weights, List<PassTotals> Passes) Oracle = Job.Oracle(Plan.End.Value);

    [Fact]
    public void The_job_is_clipped_reduced_stopped_early_and_restored()
    {
        SimulationResult result = Simulator.Run(new LinearApplication(Job), SimulationOptions.Calm(3, 2), 1);

        SteeringState last = result.RunEvents.OfType<RunSteered>().Last().State;
        RunCompleted completed = result.RunEvents.OfType<RunCompleted>().Single();
        Assert.True(last.Stopped);
        Assert.InRange(last.RateFactor, 0.05, 0.5);
        Assert.InRange(completed.Version.Value, 9, Plan.End.Value - 1);
        Assert.Equal(completed.Version.Value - (3 * Plan.StepsPerPass), completed.Result.Value);
        Assert.NotEqual(new LinearJob(Plan with { ClipNorm = null }, 5, 9, 17, 12, 4, 13).Oracle(Plan.End.Value).Weights, Oracle.Weights);
        Assert.Equal(Oracle.Weights, result.FinalWeights);
    }

    [Fact]
    public void Whatever_happens_the_final_weights_are_the_oracles()
    {
        const int Seeds = 120;
        var fired = Enum.GetValues<FaultKind>().ToDictionary(kind => kind, _ => 0L);
        for (ulong seed = 5000; seed < 5000 + Seeds; seed++)
        {
            int workers = 1 + (int)(seed % 11), servers = 1 + (int)(seed / 11 % 4);
            SimulationResult result = Simulator.Run(new LinearApplication(Job), SimulationOptions.Faulty(workers, servers, seed), seed);

            Assert.True(Oracle.Weights.AsSpan().SequenceEqual(result.FinalWeights), $"seed {seed}: the weights are not the oracle's");
            Assert.Equal(Oracle.Passes, result.RunEvents.OfType<PassCompleted>().GroupBy(pass => pass.Version).Select(pass => pass.Last().Totals));
            foreach ((FaultKind kind, long count) in result.Faults)
            {
                fired[kind] += count;
            }
        }

        Assert.All(
            [FaultKind.MessageLost, FaultKind.MessageOvertaken, FaultKind.WorkerKilled, FaultKind.ServerKilled, FaultKind.ShardStoreFailed],
            kind => Assert.True(fired[kind] > 0, $"{kind} never fired"));
    }

    [Fact]
    public void A_run_stopped_at_any_step_under_faults_resumes_to_the_same_bits()
    {
        for (ulong seed = 6000; seed < 6040; seed++)
        {
            SimulationOptions options = SimulationOptions.Faulty(1 + (int)(seed % 5), 1 + (int)(seed % 3), seed);
            SimulationResult result = Simulator.Run(
                new LinearApplication(Job), options with { StopAfterSteps = (long)(seed % 31), ServerKills = 0 }, seed);
            if (result.RunEvents.OfType<RunSteered>().LastOrDefault()?.State.Stopped != true)
            {
                result = Simulator.Run(
                    new LinearApplication(Job),
                    SimulationOptions.Faulty(1 + (int)(seed % 4), 1 + (int)(seed % 2), seed + 1) with
                    {
                        Start = result.Storage.StartAt(result.FinalVersion),
                        Storage = result.Storage,
                    },
                    seed);
            }

            Assert.True(Oracle.Weights.AsSpan().SequenceEqual(result.FinalWeights), $"seed {seed}: the resumed weights are not the oracle's");
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Clipping_and_steering_work_without_each_other(bool clips, bool steers)
    {
        var job = new LinearJob(Plan with { ClipNorm = clips ? 0.7 : null, Steering = steers ? Plan.Steering : null, Passes = 6 }, 5, 9, 17, 12, 4, 13);
        float[] expected = job.Oracle(job.Run.End.Value).Weights;
        for (ulong seed = 7000; seed < 7030; seed++)
        {
            SimulationResult result = Simulator.Run(new LinearApplication(job), SimulationOptions.Faulty(1 + (int)(seed % 9), 1 + (int)(seed % 4), seed), seed);
            Assert.True(expected.AsSpan().SequenceEqual(result.FinalWeights), $"seed {seed}: the weights are not the oracle's");
        }
    }
}

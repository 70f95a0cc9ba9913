using DistTrain.Cli;
using DistTrain.Protocol;
using DistTrain.Simulation;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Real training under simulated faults: the oracle is the slow single-threaded trainer.</summary>
public class SimulatedTrainingTests
{
    private const string Job = TestTasks.Branching + "train: { epochs: 2, batch: 16, slices: 8, optimizer: { adam: 0.01 }, evaluationBatch: 20 }\n";

    [Fact]
    public void A_hundred_seeds_of_every_fault_end_with_the_slow_trainers_weights()
    {
        TrainingTask task = TestTasks.Task(
            "model: { layers: [ Flatten, { Dropout: 0.3 }, { Dense: { units: 4, activation: tanh } }, { Dense: 3 } ] }\n"
            + "train: { epochs: 2, batch: 16, slices: 8, optimizer: { adam: 0.01 }, evaluationBatch: 20 }\n", samples: 43, validation: 30);
        var application = new TrainingApplication(task);
        string expected = WeightsHash.Sha256(new LocalTrainer(task).Run().Weights);
        using var totals = new SimulationTotals();
        for (ulong seed = 0; seed < 100; seed++)
        {
            SimulationResult result = SimulationCase.Of(seed).Run(application);
            Assert.True(expected == result.WeightsSha256, $"seed {seed}: {result.WeightsSha256}");
            totals.Add(result);
        }

        // Crashes within a few instants are rare; the counter's seeds have them all.
        Assert.DoesNotContain(totals.Silent, kind => kind is not (FaultKind.ShardTorn or FaultKind.ShardLost or FaultKind.ShardCorrupted or FaultKind.RunStopped));
    }

    [Fact]
    public void Under_loss_reordering_duplication_and_kills_the_weights_are_the_oracles()
    {
        const int Seeds = 20;
        TrainingTask task = TestTasks.Task(Job, validation: 30);
        var oracle = new List<TrainingEvent>();
        string expected = WeightsHash.Sha256(new LocalTrainer(task).Run(onEvent: oracle.Add).Weights);
        double[] losses = [.. oracle.OfType<EpochCompleted>().Select(epoch => epoch.Validation!.Loss)];
        var fired = Enum.GetValues<FaultKind>().ToDictionary(kind => kind, _ => 0L);
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            int workers = 1 + (int)(seed % 11), servers = 1 + (int)(seed % 3);
            SimulationResult result = Simulator.Run(new TrainingApplication(task), SimulationOptions.Faulty(workers, servers, seed), seed);
            Assert.True(expected == result.WeightsSha256, $"seed {seed}, {workers} workers, {servers} servers: {result.WeightsSha256}");
            Assert.Equal(
                losses,
                result.RunEvents.OfType<EvaluationCompleted>().GroupBy(set => set.Version).Select(set => Hosting.TaskPlan.ToTotals(set.Last().Totals).MeanLoss));
            foreach ((FaultKind kind, long count) in result.Faults)
            {
                fired[kind] += count;
            }
        }

        Assert.All(
            [FaultKind.MessageOvertaken, FaultKind.MessageLost, FaultKind.MessageDuplicated, FaultKind.WorkerKilled],
            kind => Assert.True(fired[kind] > 0, $"{kind} never fired"));
    }

    [Fact]
    public void Steered_by_clipping_schedules_and_measurements_with_dropout_the_weights_are_the_oracles()
    {
        Assert.Contains("Dropout", TestTasks.Branching, StringComparison.Ordinal);
        TrainingTask task = TestTasks.Task(
            TestTasks.Branching + "train: { epochs: 12, batch: 16, slices: 8, optimizer: { adam: 0.05 }, evaluationBatch: 20, clipNorm: 0.5, schedule: cosineDecay, "
                + "warmupSteps: 4, reduceLROnPlateau: { patience: 1, factor: 0.5, minDelta: 0.05 }, earlyStopping: { patience: 2, restoreBest: true } }\n",
            validation: 30);
        string expected = WeightsHash.Sha256(new LocalTrainer(task).Run().Weights);
        for (ulong seed = 300; seed < 312; seed++)
        {
            SimulationResult result = SimulationCase.Of(seed).Run(new TrainingApplication(task));
            Assert.True(expected == result.WeightsSha256, $"seed {seed}: {result.WeightsSha256}");
            Assert.Contains(result.RunEvents.OfType<RunSteered>(), steered => steered.State.RateFactor < 1);
            Assert.True(result.RunEvents.OfType<RunSteered>().Last().State.Stopped, $"seed {seed} was not stopped early");
            Assert.True(result.RunEvents.OfType<RunCompleted>().Last() is var completed && completed.Result < completed.Version, $"seed {seed} did not restore its best version");
        }
    }
}

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
}

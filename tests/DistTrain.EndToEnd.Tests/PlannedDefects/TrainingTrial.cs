using DistTrain.Cli;
using DistTrain.Simulation;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>Simulates real training with one seed after another. Loaded beside a defective build, so it speaks in plain types.</summary>
public static class TrainingTrial
{
    private const string Job = """
        model: { layers: [ Flatten, { Dropout: 0.3 }, { Dense: { units: 4, activation: tanh } }, { Dense: 3 } ] }
        train: { epochs: 2, batch: 16, slices: 8, optimizer: { adam: 0.01 }, evaluationBatch: 20, clipNorm: 0.5 }

        """;

    /// <summary>The number of seeds that it took to catch a defect and what caught it, "n|text"; "0|" when no seed did.</summary>
    public static string Run(int seedsMax)
    {
        var application = new TrainingApplication(TestTasks.Task(Job, samples: 43, validation: 30));
        for (int seed = 0; seed < seedsMax; seed++)
        {
            try
            {
                SimulationCase.Of((ulong)seed).Run(application);
            }
            catch (SimulationFailedException caught)
            {
                return $"{seed + 1}|{(caught.InnerException ?? caught).Message.Split('\n')[0]}";
            }
        }

        return "0|";
    }
}

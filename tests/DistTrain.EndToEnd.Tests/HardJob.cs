using DistTrain.Data;
using DistTrain.Hosting;
using DistTrain.Training;

namespace DistTrain.EndToEnd.Tests;

/// <summary>A small job with what makes equal bits hard: convolution, a branch, dropout, a shared layer, a ragged last batch.</summary>
internal static class HardJob
{
    public const string Yaml = """
        model:
          nodes:
            conv:  { Conv2D: { filters: 4, kernelSize: 3, activation: relu }, inputs: input }
            pool:  { MaxPooling2D: 2 }
            flat:  Flatten
            drop:  { Dropout: 0.3 }
            left:  { Dense: { units: 8, activation: tanh }, inputs: drop }
            right: { sameAs: left, inputs: flat }
            both:  { Concatenate: {}, inputs: [left, right] }
            out:   { Dense: 10 }
        data: { limit: 111, validation: 0.1 }
        train: { epochs: 4, batch: 32, steps: 10, optimizer: { adam: 0.01 } }

        """;

    public static DataFolders Folders => DataFolders.For(null);

    /// <summary>Trains in this process without a folder.</summary>
    public static async Task<string> HashAsync(Job job)
    {
        PreparedRun run = PreparedRun.Open(job, Folders);
        var session = new TrainingSession(run.Task, run.Model, processes: BuiltCommand.Processes);
        RunDone? done = null;
        await foreach (TrainingEvent happened in session.RunAsync())
        {
            done = happened as RunDone;
        }

        return done!.WeightsSha256;
    }

    /// <summary>What the slow single-threaded trainer ends with.</summary>
    public static string OracleHash(Job job) => WeightsHash.Sha256(new LocalTrainer(TrainingTask.Open(job, Folders)).Run().Weights);
}

using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.Hosting.Tests;

/// <summary>Parameters with rules of their own, and attention, on any number of workers and servers.</summary>
public class NormalizedRunsTests
{
    private const string Train = "train: { epochs: 2, batch: 24, slices: 4, clipNorm: 0.5, optimizer: { adam: 0.01 } }\n";

    private static readonly Dictionary<string, string> Models = new()
    {
        ["batchNormalization"] = """
            model:
              layers:
                - Conv2D: { filters: 5, kernelSize: 3, strides: 2, useBias: false }
                - BatchNormalization: { momentum: 0.9 }
                - Activation: relu
                - Flatten
                - BatchNormalization: { scale: false, unbiasedVariance: true }
                - Dense: 3

            """,
        ["transformer"] = """
            model:
              layers:
                - Reshape: [12, 12]
                - Masking
                - PositionEmbedding
                - TransformerBlock: { heads: 3, causal: true, dropout: 0.1, hidden: 20 }
                - LayerNormalization
                - Flatten
                - Dense: 3

            """,
    };

    /// <summary>A ragged last batch leaves slices of one sample; the norm of the gradient leaves running averages out.</summary>
    [Theory]
    [InlineData("batchNormalization")]
    [InlineData("transformer")]
    public async Task One_to_four_workers_give_the_oracles_bits(string model)
    {
        TrainingTask oracle = TestTasks.Task(Models[model] + Train, validation: 30);
        Checkpoint expected = new LocalTrainer(oracle).Run();
        foreach (int workers in new[] { 1, 2, 3, 4 })
        {
            TrainingTask task = TestTasks.Task(Models[model] + Train + $"run: {{ workers: {workers}, servers: {1 + (workers % 2)}, threads: {1 + (workers / 4)} }}", validation: 30);
            using var run = new InProcessRun(task, task.Start(), folder: null, _ => { });
            run.Start();
            Checkpoint found = await run.Completion.WaitAsync(TimeSpan.FromMinutes(2));
            Assert.Equal(WeightsHash.Sha256(expected.Weights), WeightsHash.Sha256(found.Weights));
            Assert.Equal(expected.Slots, found.Slots);
        }
    }

    [Fact]
    public void Running_averages_move_and_keep_no_optimizer_state()
    {
        TrainingTask task = TestTasks.Task(Models["batchNormalization"] + Train);
        Checkpoint end = new LocalTrainer(task).Run();
        float[] start = task.InitialWeights();
        Graph.Parameter[] averages = [.. task.Graph.Parameters.Where(parameter => parameter.Name.Contains("moving", StringComparison.Ordinal))];
        Assert.Equal(4, averages.Length);
        foreach (Graph.Parameter average in averages)
        {
            Range part = task.Layout[average.Index];
            Assert.NotEqual(start[part], end.Weights[part]);
            Assert.All(end.Slots[part], value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Frozen_layers_stay_as_they_began()
    {
        TrainingTask whole = TestTasks.Task(Models["batchNormalization"] + Train);
        Graph.ModelGraph graph = whole.Graph.WithRules(parameter => parameter.Index < 3 ? Tensors.ParameterRule.Frozen : parameter.Rule);
        TrainingTask task = TrainingTask.Create(whole.Job, whole.Data, graph);
        float[] start = task.InitialWeights(), end = new LocalTrainer(task).Run().Weights;
        int frozen = task.Layout.Offsets[3];
        Assert.Equal(start[..frozen], end[..frozen]);
        Assert.NotEqual(start[frozen..], end[frozen..]);
    }
}

using DistTrain.Tensors;
using DistTrain.TestKit;

namespace DistTrain.Graph.Tests;

public class SharedGradientsTests
{
    [Fact]
    public void Uses_of_a_parameter_are_added_per_slice_in_graph_order_before_the_tree()
    {
        ModelGraph shared = Build(sharing: true), twin = Build(sharing: false);
        const int Rows = 13;
        var batch = new GraphBatch(shared, Rows, 4);
        ForwardRun run = batch.Run();
        ForwardRun twinRun = run with { Parameters = [.. Enumerable.Range(0, 6).Select(i => run.Parameters[i % 2])] };
        var slices = SliceTree.ForRange(Rows, 4, 0, 4);
        TrainingStep actual = TrainingStep.Of(shared, run, slices);

        // The twin has a parameter for each use: each slice of it alone gives that use's slice gradient.
        float[][] perSlice = new float[4][];
        for (int s = 0; s < 4; s++)
        {
            int first = slices.RowStarts[s], rows = slices.RowCounts[s];
            ForwardRun part = batch.Run(first, rows) with { Parameters = twinRun.Parameters };
            float[][] uses = TrainingStep.Of(twin, part, SliceTree.Create([rows])).Gradients;
            perSlice[s] = [.. uses[0].Select((g, i) => (g + uses[2][i]) + uses[4][i])];
        }

        float[] expected = [.. perSlice[0].Select((g, i) => (g + perSlice[1][i]) + (perSlice[2][i] + perSlice[3][i]))];
        Assert.Equal(TrainingStep.Bits(expected), TrainingStep.Bits(actual.Gradients[0]));
    }

    /// <summary>Three dense layers in parallel on three inputs, with one kernel and bias or three.</summary>
    private static ModelGraph Build(bool sharing)
    {
        var b = new GraphBuilder();
        Value[] inputs = [b.Input(4), b.Input(4), b.Input(4)];
        Value first = b.Dense(inputs[0], 5, Activation.Tanh);
        Value second = sharing ? b.Again(first, inputs[1]) : b.Dense(inputs[1], 5, Activation.Tanh);
        Value third = sharing ? b.Again(first, inputs[2]) : b.Dense(inputs[2], 5, Activation.Tanh);
        return b.Build(b.Add(first, second, third)).WithLoss(new MeanSquaredError());
    }
}

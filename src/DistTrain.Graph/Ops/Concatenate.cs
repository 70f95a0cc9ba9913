using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Values side by side along one axis. Backward: each input gets its part of dy.</summary>
/// <param name="axis">As in Keras, where axis 0 is the batch: 1 is the first axis of a sample, -1 (default) the last.</param>
public sealed class Concatenate(int axis = -1) : Op
{
    public override string Kind => "concatenate";

    public override bool PassesMask => true;

    public int Axis { get; } = axis;

    public override int Arity => -1;

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs)
    {
        int rank = inputs[0].Rank;
        if (Axis == 0 || Axis > rank || Axis < -rank)
        {
            throw inputs.Refuse($"axis {Axis} is not one of 1 to {rank} or -{rank} to -1 (axis 0 is the batch)");
        }

        int along = SampleAxis(rank);
        int[] dims = inputs[0].Dims.ToArray();
        for (int i = 1; i < inputs.Count; i++)
        {
            if (inputs[i].Rank != rank)
            {
                throw inputs.Refuse("they must have as many axes");
            }

            for (int d = 0; d < rank; d++)
            {
                if (d != along && inputs[i][d] != dims[d])
                {
                    throw inputs.Refuse($"they must agree in every axis but {Axis}");
                }
            }

            dims[along] += inputs[i][along];
        }

        return new Shape(dims);
    }

    public override void Forward(ForwardContext context)
    {
        int run = Inner(context.OutputShape);
        int start = 0;
        for (int i = 0; i < context.InputCount; i++)
        {
            int part = Inner(context.InputShape(i));
            CopyRuns(context.Input(i), 0, part, context.Output, start, run, part);
            start += part;
        }
    }

    public override void Backward(BackwardContext context)
    {
        int run = Inner(context.OutputShape);
        int start = 0;
        for (int i = 0; i < context.InputCount; i++)
        {
            int part = Inner(context.InputShape(i));
            if (context.WantsInputGradient(i))
            {
                CopyRuns(context.OutputGradient, start, run, context.InputGradient(i), 0, part, part);
            }

            start += part;
        }
    }

    public override string ToString() => Axis == -1 ? "Concatenate" : $"Concatenate(axis {Axis})";

    /// <summary>
    /// The output is runs of (axis and what is inside it), one per sample and outer position; an input owns the same stretch of
    /// each. Copies <paramref name="length"/> floats from every run of one side to the same run of the other.
    /// </summary>
    private static void CopyRuns(ReadOnlySpan<float> from, int fromStart, int fromRun, Span<float> to, int toStart, int toRun, int length)
    {
        int runs = from.Length / fromRun;
        for (int r = 0; r < runs; r++)
        {
            from.Slice((r * fromRun) + fromStart, length).CopyTo(to.Slice((r * toRun) + toStart, length));
        }
    }

    /// <summary>Floats of one run.</summary>
    private int Inner(Shape shape)
    {
        int length = 1;
        foreach (int dim in shape.Dims[SampleAxis(shape.Rank)..])
        {
            length *= dim;
        }

        return length;
    }

    private int SampleAxis(int rank) => Axis < 0 ? rank + Axis : Axis - 1;
}

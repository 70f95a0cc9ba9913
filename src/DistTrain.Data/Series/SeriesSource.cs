using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Sample i is a window of steps of all channels; its target are the next steps of one of them.</summary>
internal sealed class SeriesSource : IDataSource
{
    private readonly float[] values;
    private readonly int channels;
    private readonly int target;
    private readonly int first;
    private readonly int window;
    private readonly int horizon;

    /// <param name="name">For messages.</param>
    /// <param name="values">[steps, channels], scaled; shared by the parts.</param>
    /// <param name="channels">Columns of a step, those seen, then the target where it isn't seen.</param>
    /// <param name="seen">The first so many channels are features.</param>
    /// <param name="target">Which channel is forecast.</param>
    /// <param name="first">Step where the first window begins.</param>
    /// <param name="count">Windows, each one step after the one before.</param>
    /// <param name="window">Steps seen.</param>
    /// <param name="horizon">Steps forecast; 0: no targets.</param>
    public SeriesSource(string name, float[] values, int channels, int seen, int target, int first, int count, int window, int horizon)
    {
        Name = name;
        this.values = values;
        this.channels = channels;
        this.target = target;
        this.first = first;
        this.window = window;
        this.horizon = horizon;
        Count = count;
        SampleShape = new Shape(window, seen);
        Target = horizon > 0 ? TargetDescription.ForValues(new Shape(horizon)) : TargetDescription.None;
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int seen = SampleShape[1];
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            int start = first + indices[row];
            for (int step = 0; step < window; step++)
            {
                values.AsSpan((start + step) * channels, seen).CopyTo(features[(((row * window) + step) * seen)..]);
            }

            for (int step = 0; !targets.IsEmpty && step < horizon; step++)
            {
                targets[(row * horizon) + step] = values[((start + window + step) * channels) + target];
            }
        }
    }
}

using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// Changes a picture (or any sample) while training. What it does depends on (seed, pass, index of the sample, its own name) alone,
/// so it is the same for any workers, threads and batches.
/// </summary>
public interface IAugmentation
{
    /// <summary>Stable: its FNV-1a hash is the stream of its random numbers.</summary>
    string Name { get; }

    /// <summary>Refuses samples it can't change.</summary>
    /// <exception cref="UserError">The shape is no picture, or too small.</exception>
    void Check(Shape sampleShape);

    /// <summary>Changes one sample in place.</summary>
    /// <param name="draw">Its random numbers.</param>
    /// <param name="shape">(height, width, channels), as <see cref="Check"/> accepted.</param>
    /// <param name="sample">Its features.</param>
    /// <param name="scratch">As long as the sample; what it holds doesn't matter.</param>
    /// <param name="black">What a pixel of 0 is after scaling, one a channel: it fills what comes into the picture.</param>
    void Apply(SampleDraw draw, Shape shape, Span<float> sample, Span<float> scratch, ReadOnlySpan<float> black);
}

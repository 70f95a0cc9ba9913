using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>
/// N samples, each readable alone by its index. Immutable: the same index gives the same bits for ever, from any thread.
/// </summary>
public interface IDataSource
{
    /// <summary>How messages name this source: a catalogue name or a path.</summary>
    string Name { get; }

    /// <summary>N, at least 1.</summary>
    int Count { get; }

    /// <summary>Shape of one sample's features; images are (height, width, channels).</summary>
    Shape SampleShape { get; }

    TargetDescription Target { get; }

    /// <summary>Samples lie in a file, so that reading ahead pays.</summary>
    bool WaitsForFiles => false;

    /// <summary>Where a feature comes from, as messages name it: file, line and column where they are known.</summary>
    /// <param name="index">Of the sample.</param>
    /// <param name="feature">Place among its features.</param>
    string Place(int index, int feature) => FormattableString.Invariant($"{Name}: sample {index}, value {feature}");

    /// <summary>
    /// Gathers samples: row r of <paramref name="features"/> and <paramref name="targets"/> is sample indices[r]. Allocates nothing.
    /// </summary>
    /// <param name="indices">Each in [0, Count); repeats are allowed.</param>
    /// <param name="features">Row-major, exactly indices.Length × SampleShape.Length floats.</param>
    /// <param name="targets">Exactly indices.Length × Target.Length floats; a class is written as its index, which is exact in a
    /// float. Empty skips the targets.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the source.</exception>
    void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets);
}

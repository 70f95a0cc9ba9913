namespace DistTrain.TestKit;

/// <summary>A tensor of a golden dump. Row-major; the first axis of an input, target or output is the batch.</summary>
public sealed record GoldenTensor(int[] Shape, float[] Values)
{
    /// <summary>A parameter's name; null for others.</summary>
    public string? Name { get; init; }

    /// <summary>Derivative of the batch's mean loss; null for integers and for what isn't trained by gradient.</summary>
    public float[]? Gradient { get; init; }

    /// <summary>A parameter after the optimizer's steps.</summary>
    public float[]? Trained { get; init; }

    /// <summary>Of one sample.</summary>
    public Tensors.Shape SampleShape() => new(Shape.AsSpan(1));
}

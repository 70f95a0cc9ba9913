using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>
/// Two networks that learn from each other (Goodfellow et al., 2014): a generator makes samples of normal numbers, a discriminator tells
/// them from the data's. Once trained, this model is the generator: Predict takes latent numbers and gives samples.
/// </summary>
/// <param name="latent">Normal numbers that a sample is made of.</param>
/// <param name="generator">From (latent) to a sample's shape.</param>
/// <param name="discriminator">From a sample to one number without sigmoid.</param>
public sealed class Gan(int latent, Sequential generator, Sequential discriminator) : Model
{
    /// <summary>The generator's optimizer; null: the run's, which is the discriminator's.</summary>
    public OptimizerJob? GeneratorOptimizer { get; init; }

    /// <summary>What the discriminator should say of real samples, in [0.5, 1].</summary>
    public double RealLabel { get; init; } = 1;

    internal GanJob Job => new()
    {
        Latent = latent,
        Generator = [.. generator.Select(LayerDescription.Of)],
        Discriminator = [.. discriminator.Select(LayerDescription.Of)],
        GeneratorOptimizer = GeneratorOptimizer,
        RealLabel = RealLabel,
    };

    /// <summary>The generator's graph.</summary>
    /// <param name="sampleShape">Of the data.</param>
    public override ModelGraph BuildGraph(Shape sampleShape) => GanGraphs.Build(Job, sampleShape, new Shape(1)).Result;
}

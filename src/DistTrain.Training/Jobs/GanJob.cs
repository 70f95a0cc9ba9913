namespace DistTrain.Training;

/// <summary>
/// model.gan: a generator that makes samples of noise and a discriminator that tells them from real ones, each with an optimizer of
/// its own. Steps take turns: even ones train the discriminator, odd ones the generator.
/// </summary>
public sealed record GanJob
{
    [JobKey("Normal numbers that the generator makes a sample of.", Min = 1, Max = 1 << 20)]
    public int Latent { get; init; } = 64;

    [JobKey("A chain from the noise to a sample of the data's shape.", Required = true)]
    public IReadOnlyList<LayerJob> Generator { get; init; } = [];

    [JobKey("A chain from a sample to one number, large for real ones: the loss applies the sigmoid.", Required = true)]
    public IReadOnlyList<LayerJob> Discriminator { get; init; } = [];

    [JobKey("The generator's optimizer; the discriminator has train.optimizer.", Automatic = "train.optimizer")]
    public OptimizerJob? GeneratorOptimizer { get; init; }

    [JobKey("What the discriminator should say of real samples; below 1 keeps it from being too sure.", Min = 0.5, Max = 1)]
    public double RealLabel { get; init; } = 1;
}

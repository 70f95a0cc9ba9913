using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class ReconstructionSourceTests
{
    private static readonly IDataSource Classes = Dataset.FromArrays([1f, 2, 3, 4, 5, 6], new Shape(2), [0, 1, 0], 2);

    [Fact]
    public void Samples_are_their_own_targets()
    {
        IDataSource source = Classes.WithSamplesAsTargets();
        float[] features = new float[4], targets = new float[4];
        source.Read([2, 0], features, targets);

        Assert.Equal([5, 6, 1, 2], features);
        Assert.Equal(features, targets);
        Assert.Equal(("values (2)", 2), (source.Target.ToString(), source.Target.Length));
    }

    [Fact]
    public void Targets_may_be_the_same_samples_scaled_otherwise()
    {
        IDataSource scaled = Dataset.FromArrays([-1f, -2, -3, -4, -5, -6], new Shape(2));
        float[] features = new float[2], targets = new float[2];
        Classes.WithSamplesAsTargets(scaled).Read([1], features, targets);

        Assert.Equal([3, 4], features);
        Assert.Equal([-3, -4], targets);
        Classes.WithSamplesAsTargets(scaled).Read([0], features, []);
        Assert.Equal([1, 2], features);
        Assert.Throws<ArgumentException>(() => Classes.WithSamplesAsTargets(Dataset.FromArrays([1f, 2], new Shape(2))));
    }
}

namespace DistTrain.Tensors.Tests;

public class TranspositionTests
{
    [Fact]
    public void An_order_and_its_inverse_give_the_samples_back()
    {
        var shape = new Shape(3, 4, 5);
        float[] x = Bits.Finite(7 * 60, 1), y = new float[x.Length], back = new float[x.Length];
        foreach (ForkJoinPool pool in KernelData.Pools)
        {
            Transposition.Apply(pool, shape, [2, 0, 1], 7, x, y);
            Assert.Equal(x[60 + (1 * 20) + (2 * 5) + 3], y[60 + (3 * 12) + (1 * 4) + 2]);
            Transposition.Apply(pool, new Shape(5, 3, 4), [1, 2, 0], 7, y, back);
            Assert.Equal(x, back);
        }
    }

    [Fact]
    public void Axes_must_be_those_of_the_shape() =>
        Assert.Throws<ArgumentException>(() => Transposition.Apply(ForkJoinPool.Single, new Shape(2, 2), [0], 1, new float[4], new float[4]));
}

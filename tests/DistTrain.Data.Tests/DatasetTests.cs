using DistTrain.Tensors;

namespace DistTrain.Data.Tests;

public class DatasetTests
{
    [Fact]
    public void Sequences_have_a_class_at_every_position()
    {
        IDataSource source = Dataset.FromSequences(new[,] { { 5, 0, 7 }, { 1, 2, 3 } }, new[,] { { 0, 7, 8 }, { 2, 3, 4 } }, 9);
        Assert.Equal((2, new Shape(3), new Shape(3), 9), (source.Count, source.SampleShape, source.Target.Shape, source.Target.Classes));
        Assert.Equal("9 classes at each of (3)", source.Target.ToString());
        Assert.Equal([0, 7, 8, 2, 3, 4], source.ReadClasses());
        float[] features = new float[3], targets = new float[3];
        source.Read(1, features, targets);
        Assert.Equal([1f, 2, 3], features);
        Assert.Equal([2f, 3, 4], targets);
        UserError error = Assert.Throws<UserError>(() => Dataset.FromSequences(new[,] { { 1 }, { 2 } }, new[,] { { 0 }, { 9 } }, 9));
        Assert.Contains("sample 1 has class 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_of_any_form_give_the_same_source()
    {
        int[] classes = [2, 0];
        IDataSource[] sources =
        [
            Dataset.FromArrays(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }, classes),
            Dataset.FromArrays([[1f, 2f, 3f], [4f, 5f, 6f]], classes),
            Dataset.FromArrays([1f, 2f, 3f, 4f, 5f, 6f], new Shape(3), classes),
            Dataset.FromEnumerable([(new[] { 1f, 2f, 3f }, 2), (new[] { 4f, 5f, 6f }, 0)], new Shape(3)),
        ];
        foreach (IDataSource source in sources)
        {
            Assert.Equal(2, source.Count);
            Assert.Equal(3, source.Target.Classes);
            Assert.Equal(new Shape(3), source.SampleShape);
            float[] features = new float[9];
            float[] targets = new float[3];
            source.Read([1, 0, 1], features, targets);
            Assert.Equal([4, 5, 6, 1, 2, 3, 4, 5, 6], features);
            Assert.Equal([0, 2, 0], targets);
            Assert.Equal([2, 0], source.ReadClasses());
        }
    }

    [Fact]
    public void Values_as_targets_keep_their_shape()
    {
        IDataSource[] sources =
        [
            Dataset.FromArrays(new float[,] { { 1 }, { 2 } }, new float[,] { { 3, 4 }, { 5, 6 } }),
            Dataset.FromArrays([[1f], [2f]], [[3f, 4f], [5f, 6f]]),
            Dataset.FromArrays([1f, 2f], new Shape(1), [3f, 4f, 5f, 6f], new Shape(2)),
            Dataset.FromEnumerable([(new[] { 1f }, new[] { 3f, 4f }), (new[] { 2f }, new[] { 5f, 6f })], new Shape(1), new Shape(2)),
        ];
        foreach (IDataSource source in sources)
        {
            float[] targets = new float[2];
            source.Read(1, new float[1], targets);
            Assert.Equal([5, 6], targets);
            Assert.Equal(TargetKind.Values, source.Target.Kind);
            Assert.Throws<InvalidOperationException>(() => source.ReadClasses());
        }
    }

    [Fact]
    public void The_caller_s_arrays_stay_the_caller_s()
    {
        float[] features = [1f, 2f];
        IDataSource source = Dataset.FromArrays(features, new Shape(1), [0, 1]);
        features[0] = 9;
        float[] read = new float[1];
        source.Read(0, read, []);
        Assert.Equal(1f, read[0]);
    }

    [Fact]
    public void Arrays_that_disagree_are_refused()
    {
        Assert.Throws<UserError>(() => Dataset.FromArrays(new float[,] { { 1 }, { 2 } }, [0]));
        Assert.Throws<UserError>(() => Dataset.FromArrays(new float[0, 3], []));
        Assert.Throws<UserError>(() => Dataset.FromArrays([[1f, 2f], [3f]], [0, 1]));
        Assert.Throws<UserError>(() => Dataset.FromArrays([1f, 2f, 3f], new Shape(2), [0]));
        Assert.Throws<UserError>(() => Dataset.FromArrays([1f], new Shape(1), [3], classCount: 3));
        Assert.Throws<UserError>(() => Dataset.FromArrays([1f], new Shape(1), [-1]));
    }

    [Fact]
    public void Wrong_spans_and_indices_are_refused()
    {
        IDataSource source = Dataset.FromArrays(new float[,] { { 1 }, { 2 } }, [0, 1]);
        Assert.Throws<ArgumentException>(() => source.Read([0], new float[2], []));
        Assert.Throws<ArgumentException>(() => source.Read([0], new float[1], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read([2], new float[1], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read([-1], new float[1], []));
    }
}

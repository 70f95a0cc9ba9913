using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Sources from what a program already has in memory. Arrays are copied.</summary>
public static class Dataset
{
    private const string ArraysName = "arrays";

    /// <summary>Classification of flat rows: features [count, n], one class index a row.</summary>
    /// <param name="features">Row i is sample i.</param>
    /// <param name="classes">One index a row, from 0.</param>
    /// <param name="classCount">Number of classes; 0 takes the largest index + 1.</param>
    /// <exception cref="UserError">The counts disagree, there is no sample, or a class is out of range.</exception>
    public static IDataSource FromArrays(float[,] features, int[] classes, int classCount = 0) =>
        FromArrays(Flatten(features), new Shape(Width(features)), classes, classCount);

    /// <summary>Regression, or several yes/no values: features [count, n], targets [count, m].</summary>
    public static IDataSource FromArrays(float[,] features, float[,] targets) =>
        FromArrays(Flatten(features), new Shape(Width(features)), Flatten(targets), new Shape(Width(targets)));

    /// <summary>Classification of rows of one length.</summary>
    public static IDataSource FromArrays(float[][] features, int[] classes, int classCount = 0) =>
        FromArrays(Flatten(features, "features"), new Shape(Width(features)), classes, classCount);

    /// <summary>Regression, or several yes/no values, of rows of one length.</summary>
    public static IDataSource FromArrays(float[][] features, float[][] targets) =>
        FromArrays(Flatten(features, "features"), new Shape(Width(features)), Flatten(targets, "targets"), new Shape(Width(targets)));

    /// <summary>Classification of samples of any shape, flattened row-major one after the other.</summary>
    public static IDataSource FromArrays(float[] features, Shape sampleShape, int[] classes, int classCount = 0)
    {
        if (classCount == 0)
        {
            foreach (int label in classes)
            {
                classCount = Math.Max(classCount, label + 1);
            }
        }

        TargetDescription target = TargetDescription.ForClasses(Math.Max(classCount, 1));
        return new ArraySource(ArraysName, sampleShape, (float[])features.Clone(), target, Array.ConvertAll(classes, label => (float)label));
    }

    /// <summary>Samples of any shape with a class index at each place of a target shape.</summary>
    /// <param name="features">Row-major, sample after sample.</param>
    /// <param name="sampleShape">Of one sample's features.</param>
    /// <param name="classes">As many a sample as <paramref name="targetShape"/> has places.</param>
    /// <param name="targetShape">(T) for sequences of T positions.</param>
    /// <param name="classCount">Number of classes.</param>
    public static IDataSource FromArrays(float[] features, Shape sampleShape, int[] classes, Shape targetShape, int classCount) =>
        new ArraySource(
            ArraysName,
            sampleShape,
            (float[])features.Clone(),
            TargetDescription.ForClasses(classCount, targetShape),
            Array.ConvertAll(classes, label => (float)label));

    /// <summary>
    /// Sequences of token ids, each with a class at every position (next-token models: the ids one place on, classes = size of the
    /// vocabulary). Ids are held as floats, exact up to 2²⁴.
    /// </summary>
    /// <param name="ids">[count, T], from 0; sample shape (T).</param>
    /// <param name="classes">[count, T].</param>
    /// <param name="classCount">Number of classes.</param>
    public static IDataSource FromSequences(int[,] ids, int[,] classes, int classCount) => FromArrays(
        [.. ids.Cast<int>().Select(id => (float)id)], new Shape(Width(ids)), [.. classes.Cast<int>()], new Shape(Width(classes)), classCount);

    /// <summary>Regression of samples of any shape; one target of <paramref name="targetShape"/> a sample.</summary>
    public static IDataSource FromArrays(float[] features, Shape sampleShape, float[] targets, Shape targetShape) =>
        new ArraySource(
            ArraysName, sampleShape, (float[])features.Clone(), TargetDescription.ForValues(targetShape), (float[])targets.Clone());

    /// <summary>Samples without targets, to predict from.</summary>
    public static IDataSource FromArrays(float[] features, Shape sampleShape) =>
        new ArraySource(ArraysName, sampleShape, (float[])features.Clone(), TargetDescription.None, []);

    /// <summary>Classification; the sequence is walked once, here.</summary>
    public static IDataSource FromEnumerable(IEnumerable<(float[] Features, int Class)> samples, Shape sampleShape, int classCount = 0)
    {
        var features = new List<float>();
        var classes = new List<int>();
        foreach ((float[] sample, int label) in samples)
        {
            Append(features, sample, sampleShape, classes.Count, "features");
            classes.Add(label);
        }

        return FromArrays([.. features], sampleShape, [.. classes], classCount);
    }

    /// <summary>Regression; the sequence is walked once, here.</summary>
    public static IDataSource FromEnumerable(
        IEnumerable<(float[] Features, float[] Target)> samples, Shape sampleShape, Shape targetShape)
    {
        var features = new List<float>();
        var targets = new List<float>();
        int count = 0;
        foreach ((float[] sample, float[] target) in samples)
        {
            Append(features, sample, sampleShape, count, "features");
            Append(targets, target, targetShape, count++, "targets");
        }

        return FromArrays([.. features], sampleShape, [.. targets], targetShape);
    }

    private static void Append(List<float> all, float[] values, Shape shape, int sample, string what)
    {
        if (values.Length != shape.Length)
        {
            throw new UserError(
                $"{ArraysName}: sample {sample} has {values.Length} {what}, expected {shape.Length} for shape {shape}.");
        }

        all.AddRange(values);
    }

    private static int Width(int[,] rows) => rows.GetLength(1) > 0 ? rows.GetLength(1) : throw Empty();

    private static int Width(float[,] rows) => rows.GetLength(1) > 0 ? rows.GetLength(1) : throw Empty();

    private static int Width(float[][] rows) => rows.Length > 0 && rows[0].Length > 0 ? rows[0].Length : throw Empty();

    private static UserError Empty() => new($"{ArraysName}: no values; at least one sample of at least one value is needed.");

    private static float[] Flatten(float[,] rows)
    {
        float[] flat = new float[rows.Length];
        Buffer.BlockCopy(rows, 0, flat, 0, checked(rows.Length * sizeof(float)));
        return flat;
    }

    private static float[] Flatten(float[][] rows, string what)
    {
        var flat = new List<float>();
        for (int i = 0; i < rows.Length; i++)
        {
            Append(flat, rows[i], new Shape(Width(rows)), i, what);
        }

        return [.. flat];
    }
}

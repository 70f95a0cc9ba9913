namespace DistTrain.Data;

public static class DataSourceExtensions
{
    /// <summary>Reads one sample: SampleShape.Length features and Target.Length targets (empty skips them).</summary>
    public static void Read(this IDataSource source, int index, Span<float> features, Span<float> targets) =>
        source.Read([index], features, targets);

    /// <summary>The class index of each sample, in order.</summary>
    /// <exception cref="InvalidOperationException">The targets are not classes.</exception>
    public static int[] ReadClasses(this IDataSource source)
    {
        if (source.Target.Kind != TargetKind.Class)
        {
            throw new InvalidOperationException($"{source.Name} has {source.Target}, not classes.");
        }

        int[] classes = new int[source.Count];
        float[] features = new float[source.SampleShape.Length];
        Span<float> target = [0f];
        for (int i = 0; i < classes.Length; i++)
        {
            source.Read(i, features, target);
            classes[i] = (int)target[0];
        }

        return classes;
    }
}

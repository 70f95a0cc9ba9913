namespace DistTrain.Data;

public static class DataSourceExtensions
{
    /// <summary>Reads one sample: SampleShape.Length features and Target.Length targets (empty skips them).</summary>
    public static void Read(this IDataSource source, int index, Span<float> features, Span<float> targets) =>
        source.Read([index], features, targets);

    /// <summary>The class index of each sample, in order; of sequences, of each position, sample by sample.</summary>
    /// <exception cref="InvalidOperationException">The targets are not classes.</exception>
    public static int[] ReadClasses(this IDataSource source)
    {
        if (source.Target.Kind != TargetKind.Class)
        {
            throw new InvalidOperationException($"{source.Name} has {source.Target}, not classes.");
        }

        float[] features = new float[source.SampleShape.Length], target = new float[source.Target.Length];
        int[] classes = new int[checked(source.Count * target.Length)];
        for (int i = 0; i < source.Count; i++)
        {
            source.Read(i, features, target);
            for (int position = 0; position < target.Length; position++)
            {
                classes[(i * target.Length) + position] = (int)target[position];
            }
        }

        return classes;
    }
}

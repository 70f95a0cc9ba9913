using System.Runtime.CompilerServices;

namespace DistTrain.Data;

/// <summary>The one check at the public door of every source.</summary>
internal static class ReadCheck
{
    public static void Lengths(IDataSource source, int rows, int featureLength, int targetLength)
    {
        long features = (long)rows * source.SampleShape.Length;
        long targets = (long)rows * source.Target.Length;
        if (featureLength != features)
        {
            throw new ArgumentException(
                $"{source.Name}: {rows} samples of shape {source.SampleShape} are {features} floats, the span holds {featureLength}.");
        }

        if (targetLength != targets && targetLength != 0)
        {
            throw new ArgumentException(
                $"{source.Name}: {rows} targets ({source.Target}) are {targets} floats, the span holds {targetLength}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Index(IDataSource source, int index)
    {
        if ((uint)index >= (uint)source.Count)
        {
            Throw(source, index);
        }
    }

    private static void Throw(IDataSource source, int index) =>
        throw new ArgumentOutOfRangeException(nameof(index), $"{source.Name} has samples 0 to {source.Count - 1}, not {index}.");
}

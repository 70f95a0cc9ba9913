using DistTrain.Data;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Weights that give every class the same say: samples / (classes · samples of the class), as scikit-learn's "balanced".</summary>
internal static class ClassBalance
{
    /// <summary>Reads all targets once. A class without samples weighs 1.</summary>
    /// <exception cref="UserError">The targets are no classes.</exception>
    public static float[] Weights(IDataSource train)
    {
        if (train.Target.Kind != TargetKind.Class)
        {
            throw new UserError($"train.balanceClasses: {train.Name} has {train.Target}, not classes; allowed: false");
        }

        long[] counts = new long[train.Target.Classes];
        int[] classes = train.ReadClasses();
        foreach (int index in classes)
        {
            counts[index]++;
        }

        return Array.ConvertAll(counts, count => count == 0 ? 1 : (float)((double)classes.Length / ((double)counts.Length * count)));
    }
}

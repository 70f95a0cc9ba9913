namespace DistTrain.TestKit;

/// <summary>What an op of a test computes, for <see cref="DoubleGraph"/>.</summary>
public interface IDoubleFormula
{
    /// <summary>One sample's output from one sample of each input.</summary>
    double[] Evaluate(double[][] inputs);
}

namespace DistTrain.Training;

/// <summary>Formats of data files.</summary>
public enum DataFormat
{
    /// <summary>Pictures and labels of unsigned bytes, plain or .gz, as MNIST comes.</summary>
    Idx,
}

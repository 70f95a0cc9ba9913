namespace DistTrain.Tensors;

/// <summary>Runs of units that a kind needs for each step.</summary>
/// <param name="Gates">Columns of the kernels, in units.</param>
/// <param name="Extra">
/// Kept from forward to backward beside gates and states, in units: the cell of <see cref="RecurrentKind.Lstm"/>; for <see cref="RecurrentKind.Gru"/>
/// gradients of the recurrent product's three parts (in forward its last part); the reset state of <see cref="RecurrentKind.GruResetBefore"/>.
/// </param>
public readonly record struct RecurrentSizes(int Gates, int Extra)
{
    public static RecurrentSizes Of(RecurrentKind kind) => kind switch
    {
        RecurrentKind.SimpleTanh or RecurrentKind.SimpleRelu => new(1, 0),
        RecurrentKind.Lstm => new(4, 1),
        RecurrentKind.Gru => new(3, 3),
        RecurrentKind.GruResetBefore => new(3, 1),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown"),
    };
}

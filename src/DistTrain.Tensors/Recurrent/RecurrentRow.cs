namespace DistTrain.Tensors;

/// <summary>One sample in one step: where a cell's formulas read and write. All runs are of the layer's units, or of as many for each gate.</summary>
internal unsafe struct RecurrentRow
{
    public int Units;

    /// <summary>[gates]: x W + b, then the gates' values; in backward their gradients before the activation.</summary>
    public float* Gates;

    /// <summary>Forward [gates]: state times recurrent kernel. Backward [1]: gradient of the state through the product of the step after.</summary>
    public float* Product;

    /// <summary>The state: before the step, then after it.</summary>
    public float* State;

    /// <summary>Long short-term memory's cell: before the step, then after it. Backward: its gradient, after the step, then before it.</summary>
    public float* Cell;

    /// <summary>The state before the step, kept.</summary>
    public float* Previous;

    /// <summary>What else is kept; see <see cref="RecurrentSizes"/>.</summary>
    public float* Extra;

    /// <summary>Extra of the step walked before; null in the first.</summary>
    public float* ExtraBefore;

    /// <summary>Output, or its gradient; null where the step has none.</summary>
    public float* Output;

    /// <summary>Backward: gradient of the state that doesn't come through a product.</summary>
    public float* Carry;

    /// <summary>Backward [gates]: what is multiplied by the transposed recurrent kernel. Second product of <see cref="RecurrentKind.GruResetBefore"/>.</summary>
    public float* Factor;

    /// <summary>Second product of <see cref="RecurrentKind.GruResetBefore"/>.</summary>
    public float* SecondProduct;
}

namespace DistTrain.Tensors;

/// <summary>The samples that one thread walks through time, and its scratch: each array is [Rows, units], or as many for each gate.</summary>
internal unsafe struct RecurrentBlock
{
    public int FirstRow;
    public int Rows;
    public float* State;
    public float* Cell;
    public float* Carry;
    public float* SecondProduct;
    public float* Product;
    public float* Factor;

    public readonly void Clear(float* array, int columns) => new Span<float>(array, Rows * columns).Clear();

    /// <summary>Sample i of the block in the step-th step walked.</summary>
    public readonly RecurrentRow Row(RecurrentCall* call, int i, int step, int productColumns, int factorColumns)
    {
        RecurrentShape shape = call->Shape;
        int units = shape.Units, extra = call->Sizes.Extra * units, row = FirstRow + i;
        nint at = ((nint)row * shape.Steps) + shape.Time(step);
        nint output = shape.OutputAt(row, step);
        return new RecurrentRow
        {
            Units = units,
            Gates = call->Gates + (at * call->Sizes.Gates * units),
            Previous = call->Previous + (at * units),
            Extra = call->Extra + (at * extra),
            ExtraBefore = step == 0 ? null : call->Extra + ((((nint)row * shape.Steps) + shape.Time(step - 1)) * extra),
            Output = output < 0 ? null : call->Output + output,
            Product = Product + ((nint)i * productColumns),
            Factor = Factor + ((nint)i * factorColumns),
            State = State + ((nint)i * units),
            Cell = Cell + ((nint)i * units),
            Carry = Carry + ((nint)i * units),
            SecondProduct = SecondProduct + ((nint)i * units),
        };
    }
}

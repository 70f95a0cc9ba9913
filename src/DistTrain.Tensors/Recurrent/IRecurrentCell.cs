namespace DistTrain.Tensors;

/// <summary>The formulas of a step of one sample; <see cref="RecurrentDriver"/> has the loops and the products.</summary>
internal unsafe interface IRecurrentCell
{
    /// <summary>Beside the state there is a cell, which Extra keeps.</summary>
    static virtual bool HasCell => false;

    /// <summary>The last gate has a recurrent product of its own, of what <see cref="Reset"/> gives.</summary>
    static virtual bool HasSecondProduct => false;

    /// <summary>From gates and product to the state after the step.</summary>
    static abstract void Forward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct;

    /// <summary>From the gradient of the state after the step to that of the gates, of the cell, and of the state before the step.</summary>
    static abstract void Backward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct;

    /// <summary>Forward, before the second product: its factor.</summary>
    static virtual void Reset<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct => throw new InvalidOperationException("This cell has one product.");

    /// <summary>Backward, after the second product's gradient.</summary>
    static virtual void ResetBackward<L, V>(in RecurrentRow row)
        where L : struct, ILane<V>
        where V : struct => throw new InvalidOperationException("This cell has one product.");
}

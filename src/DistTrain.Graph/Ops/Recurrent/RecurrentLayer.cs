using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// A layer with a state that walks through (steps, features): the state after the last step walked, (units), or after every step,
/// (steps, units). x W + b of all steps is one product; <see cref="Recurrent"/> walks; backward's weight gradients are products over
/// samples and steps in order, per slice.
/// </summary>
/// <remarks>
/// A step that the input's mask calls padding leaves the state as it is (Keras). Parameters: kernel (features, G units),
/// recurrent_kernel (units, G units), bias (G units), the gates side by side. <see cref="BackwardParameters"/> walks back and leaves in what
/// it keeps what <see cref="Backward"/> needs: the two come in this order, always.
/// </remarks>
public abstract class RecurrentLayer(int units) : Op
{
    /// <summary>Floats of the state.</summary>
    public int Units { get; } = units;

    /// <summary>The output is the state after every step; false: after the last one walked.</summary>
    public bool ReturnSequences { get; init; }

    /// <summary>Walks from the last step to the first; sequences come in the order walked, as in Keras, and carry no mask.</summary>
    public bool GoBackwards { get; init; }

    public bool UseBias { get; init; } = true;

    public Initializer KernelInitializer { get; init; } = Initializer.GlorotUniform;

    public Initializer RecurrentInitializer { get; init; } = Initializer.Orthogonal;

    public Initializer BiasInitializer { get; init; } = Initializer.Zeros;

    public override bool TakesMask => true;

    public override bool PassesMask => ReturnSequences && !GoBackwards;

    /// <summary>The formulas of a step.</summary>
    internal abstract RecurrentKind Recurrence { get; }

    /// <summary>Of gates side by side; Gru has two rows.</summary>
    private protected virtual ParameterDeclaration Bias(string prefix) =>
        new(prefix + "bias", new Shape(RecurrentSizes.Of(Recurrence).Gates * Units), BiasInitializer);

    public override Shape InferShape(in OpInputs inputs)
    {
        if (inputs[0].Rank != 2)
        {
            throw inputs.Refuse("it needs (steps, features)");
        }

        return Units < 1 ? throw inputs.Refuse($"it has {Units} units, and needs at least 1")
            : ReturnSequences ? new Shape(inputs[0][0], Units)
            : new Shape(Units);
    }

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) => Declare(inputs[0][1], "");

    public override IReadOnlyList<int> KeptPerSample(in OpInputs inputs) => Kept(inputs[0][0]);

    public override void Forward(ForwardContext context) => new RecurrentPass(this, context, 0, Direction(context)).Forward(context.Output);

    public override void BackwardParameters(BackwardContext context) =>
        new RecurrentPass(this, context, 0, Direction(context)).BackwardParameters(context, context.OutputGradient);

    public override void Backward(BackwardContext context) =>
        new RecurrentPass(this, context, 0, Direction(context)).Backward(context.InputGradient(0));

    public override string ToString() => $"{GetType().Name}({Units})";

    internal IReadOnlyList<ParameterDeclaration> Declare(int features, string prefix)
    {
        int columns = RecurrentSizes.Of(Recurrence).Gates * Units;
        var kernel = new ParameterDeclaration(prefix + "kernel", new Shape(features, columns), KernelInitializer);
        var recurrent = new ParameterDeclaration(prefix + "recurrent_kernel", new Shape(Units, columns), RecurrentInitializer);
        return UseBias ? [kernel, recurrent, Bias(prefix)] : [kernel, recurrent];
    }

    /// <summary>Gates, states before each step, and the kind's own: kept from forward to backward.</summary>
    internal IReadOnlyList<int> Kept(int steps)
    {
        var sizes = RecurrentSizes.Of(Recurrence);
        return [steps * sizes.Gates * Units, steps * Units, steps * sizes.Extra * Units];
    }

    private RecurrentShape Direction(OpContext context) => new(context.Rows, context.InputShape(0)[0], Units)
    {
        Sequences = ReturnSequences,
        Reverse = GoBackwards,
        AsWalked = true,
    };
}

using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>y = x &gt; 0 ? x : alpha (eˣ - 1). Backward: dx = x &gt; 0 ? dy : dy alpha eˣ.</summary>
/// <param name="alpha">What y falls to, 1 in Keras and PyTorch.</param>
public sealed class Elu(float alpha = 1) : Activation
{
    public override string Kind => "elu";

    public float Alpha { get; } = alpha;

    public override BackwardReads Reads => BackwardReads.Inputs;

    public override void Forward(ForwardContext context) => Elementwise.Elu(context.Pool, context.Input(0), Alpha, context.Output);

    public override void Backward(BackwardContext context) =>
        Elementwise.EluBackward(context.Pool, context.Input(0), Alpha, context.OutputGradient, context.InputGradient(0));

    public override string ToString() => FormattableString.Invariant($"Elu({Alpha})");
}

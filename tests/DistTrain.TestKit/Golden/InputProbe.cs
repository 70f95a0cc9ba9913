using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.TestKit;

/// <summary>y = x + p, where p has a value for every row of the batch: its gradient is the gradient of the input.</summary>
internal sealed class InputProbe(int rows) : Op, IDoubleFormula
{
    public override string Kind => "probe";

    public override BackwardReads Reads => BackwardReads.None;

    public override Shape InferShape(in OpInputs inputs) => inputs[0];

    public override IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) =>
        [new("rows", new Shape([rows, .. inputs[0].Dims]), Initializer.Zeros)];

    public override void Forward(ForwardContext context) =>
        Elementwise.Add(context.Pool, context.Input(0), context.Parameter(0), context.Output);

    public override void BackwardParameters(BackwardContext context) => context.OutputGradient.CopyTo(context.ParameterGradient(0));

    public override void Backward(BackwardContext context) => context.OutputGradient.CopyTo(context.InputGradient(0));

    public double[] Evaluate(double[][] inputs) => inputs[0];
}

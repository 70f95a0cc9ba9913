using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>
/// One kind of computation with its options: shape inference, forward and backward. It is also what Keras calls a layer:
/// what an op declares as parameters is created for every node that applies it.
/// </summary>
/// <remarks>
/// Ops are immutable and know neither rows nor buffers, so one object may be applied to several inputs and run on several
/// threads. Everything is per sample; the batch dimension is the context's <see cref="OpContext.Rows"/>.
/// Backward runs in two calls so that parameter gradients are complete, and on their way, before the data gradient starts.
/// </remarks>
public abstract class Op
{
    /// <summary>Lower case with underscores, as in Keras; nodes without a name of their own are called "dense", "dense_1", ...</summary>
    public abstract string Kind { get; }

    /// <summary>Applied to the result as a node of its own; null for none.</summary>
    public virtual Activation? Activation => null;

    /// <summary>Inputs that the op takes; -1 for two or more.</summary>
    public virtual int Arity => 1;

    /// <summary>What backward reads besides parameters and the output's gradient; decides how long values are kept.</summary>
    public virtual BackwardReads Reads => BackwardReads.Inputs;

    /// <summary>The output may be written over input 0 (its element i is not read after element i of the output was written). Other inputs never lie there.</summary>
    public virtual bool ForwardInPlace => false;

    /// <summary>The gradient of input 0 may be written over the output's gradient.</summary>
    public virtual bool BackwardInPlace => false;

    /// <summary>Forward can apply relu to its result when <see cref="ForwardContext.FuseRelu"/> asks for it, with the same bits.</summary>
    public virtual bool CanFuseRelu => false;

    /// <summary>The output is the input's memory under another shape: neither direction is ever called.</summary>
    /// <param name="training">True in plans that train.</param>
    public virtual bool IsView(bool training) => false;

    /// <summary>Samples that a slice has at least when the job doesn't say how many slices there are; statistics of a slice need more.</summary>
    public virtual int SliceSamples => 4;

    /// <summary>The op reads the masks of its inputs, where they carry one: <see cref="OpContext.Mask"/>.</summary>
    public virtual bool TakesMask => false;

    /// <summary>
    /// The output has the positions of the first input, so it carries that one's mask on (Keras: supports_masking). Otherwise the mask
    /// ends here.
    /// </summary>
    public virtual bool PassesMask => false;

    /// <summary>An op on the same inputs that gives the output a mask of its own; null for none.</summary>
    public virtual Mask? MakesMask => null;

    /// <summary>Shape of one sample's output.</summary>
    /// <exception cref="UserError">The inputs don't fit; raised through <see cref="OpInputs.Refuse"/>.</exception>
    public abstract Shape InferShape(in OpInputs inputs);

    /// <summary>Parameters in the order of the weights' hash: kernel before bias. Called after <see cref="InferShape"/> accepted.</summary>
    public virtual IReadOnlyList<ParameterDeclaration> Declare(in OpInputs inputs) => [];

    /// <summary>Floats per sample that forward and backward may use as <see cref="OpContext.Scratch"/> within one call.</summary>
    public virtual int ScratchPerSample(in OpInputs inputs) => 0;

    /// <summary>
    /// Runs of floats per sample that are kept from forward to backward, each [Rows, so many] in <see cref="OpContext.Kept"/>. In backward
    /// the parameters' call comes first, and finds what forward left; the data's call finds what that one left.
    /// </summary>
    public virtual IReadOnlyList<int> KeptPerSample(in OpInputs inputs) => [];

    /// <summary>Overwrites <see cref="ForwardContext.Output"/>.</summary>
    public abstract void Forward(ForwardContext context);

    /// <summary>Overwrites each parameter's gradient with the tree sum over the slices. Must leave the output's gradient as it is.</summary>
    public virtual void BackwardParameters(BackwardContext context)
    {
    }

    /// <summary>Overwrites the gradient of each input that wants one. May overwrite the output's gradient.</summary>
    public abstract void Backward(BackwardContext context);

    /// <summary>As it is shown to people: the op and the options that matter.</summary>
    public override string ToString() => GetType().Name;
}

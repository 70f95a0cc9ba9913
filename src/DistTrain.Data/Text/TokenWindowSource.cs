using DistTrain.Tensors;

namespace DistTrain.Data;

/// <summary>Sample i is ids [i · stride, i · stride + context) of a run of tokens; its target is the id after each of them.</summary>
internal sealed class TokenWindowSource : IDataSource
{
    private readonly TokenStore tokens;
    private readonly int first;
    private readonly int stride;

    /// <param name="name">For messages.</param>
    /// <param name="tokens">Shared by the parts of a text.</param>
    /// <param name="first">First token of this part.</param>
    /// <param name="length">Tokens of this part, at least context + 1.</param>
    /// <param name="context">Tokens of a sample.</param>
    /// <param name="stride">Tokens from one sample to the next.</param>
    /// <param name="vocabulary">Classes of the targets.</param>
    public TokenWindowSource(string name, TokenStore tokens, int first, int length, int context, int stride, int vocabulary)
    {
        Name = name;
        this.tokens = tokens;
        this.first = first;
        this.stride = stride;
        Count = CountOf(length, context, stride);
        SampleShape = new Shape(context);
        Target = TargetDescription.ForClasses(vocabulary, new Shape(context));
    }

    public string Name { get; }

    public int Count { get; }

    public Shape SampleShape { get; }

    public TargetDescription Target { get; }

    /// <summary>Windows whose last target is still inside; 0 when there is none.</summary>
    public static int CountOf(int length, int context, int stride) => length <= context ? 0 : ((length - context - 1) / stride) + 1;

    public void Read(ReadOnlySpan<int> indices, Span<float> features, Span<float> targets)
    {
        ReadCheck.Lengths(this, indices.Length, features.Length, targets.Length);
        int context = SampleShape[0];
        for (int row = 0; row < indices.Length; row++)
        {
            ReadCheck.Index(this, indices[row]);
            int start = first + (indices[row] * stride);
            tokens.Read(start, features.Slice(row * context, context));
            if (!targets.IsEmpty)
            {
                tokens.Read(start + 1, targets.Slice(row * context, context));
            }
        }
    }
}

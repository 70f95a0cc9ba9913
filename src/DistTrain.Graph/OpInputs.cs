using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Shapes that an op is asked to take, and who asks: what an error must print.</summary>
public readonly ref struct OpInputs(Op op, string nodeName, ReadOnlySpan<Shape> shapes)
{
    private readonly Op op = op;
    private readonly string nodeName = nodeName;
    private readonly ReadOnlySpan<Shape> shapes = shapes;

    public int Count => shapes.Length;

    public Shape this[int index] => shapes[index];

    /// <summary>The shape that all have.</summary>
    /// <exception cref="UserError">They differ.</exception>
    public Shape CommonShape()
    {
        foreach (Shape shape in shapes)
        {
            if (shape != shapes[0])
            {
                throw Refuse("they must have one shape");
            }
        }

        return shapes[0];
    }

    /// <summary>"Conv2D 'conv2d_1' can't take (784): it needs (height, width, channels)."</summary>
    /// <param name="reason">What is allowed, with the shape it was compared with.</param>
    public UserError Refuse(string reason)
    {
        string[] found = new string[shapes.Length];
        for (int i = 0; i < found.Length; i++)
        {
            found[i] = shapes[i].ToString();
        }

        return new UserError($"{op} '{nodeName}' can't take {string.Join(" and ", found)}: {reason}.");
    }
}

using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>Connections into and out of a unit, by Keras' compute_fans: the last two dimensions times what is before them.</summary>
internal readonly record struct Fans(int In, int Out)
{
    public static Fans Of(Shape shape)
    {
        if (shape.Rank < 2)
        {
            return new Fans(shape.Length, shape.Length);
        }

        int window = 1;
        foreach (int dim in shape.Dims[..^2])
        {
            window *= dim;
        }

        return new Fans(window * shape[shape.Rank - 2], window * shape[shape.Rank - 1]);
    }
}

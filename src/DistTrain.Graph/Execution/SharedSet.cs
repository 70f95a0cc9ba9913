using DistTrain.Tensors;

namespace DistTrain.Graph;

/// <summary>The parameters of one layer that is applied several times, with a gradient for each use, slice and parameter.</summary>
internal sealed class SharedSet(Node[] users)
{
    private readonly IReadOnlyList<Parameter> parameters = users[0].Parameters;

    /// <summary>[use][slice][parameter]</summary>
    private readonly List<Memory<float>[]>[] gradients = Array.ConvertAll(users, _ => new List<Memory<float>[]>());

    /// <summary>Place among the uses, in graph order.</summary>
    public int UseOf(Node node) => Array.IndexOf(users, node);

    public Memory<float>[] Gradients(int use, int slice) => gradients[use][slice];

    public void Reserve(int slices)
    {
        foreach (List<Memory<float>[]> use in gradients)
        {
            while (use.Count < slices)
            {
                use.Add([.. parameters.Select(parameter => new FloatBuffer(parameter.Shape.Length).Memory)]);
            }
        }
    }

    /// <summary>Per slice, uses in graph order; then the slices up the tree, by the rule on <see cref="SliceTree"/>.</summary>
    public void Finish(ForkJoinPool pool, SliceTree slices, IGradientSink sink)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].IsFrozen)
            {
                continue;
            }

            // The stack of partial sums lies in the first use's slices [0, depth): leaf s is only read after its place was free.
            int depth = 0;
            for (int s = 0; s < slices.PresentLeaves; s++)
            {
                Span<float> current = gradients[0][s][i].Span;
                for (int use = 1; use < users.Length; use++)
                {
                    Elementwise.Add(pool, current, gradients[use][s][i].Span, current);
                }

                for (int merge = 0; merge < slices.MergesAfter[s]; merge++)
                {
                    Elementwise.Add(pool, gradients[0][--depth][i].Span, current, current);
                }

                Span<float> top = gradients[0][depth++][i].Span;
                if (top != current)
                {
                    current.CopyTo(top);
                }
            }

            gradients[0][0][i].Span.CopyTo(sink.Destination(parameters[i].Index));
            sink.Complete(parameters[i].Index);
        }
    }
}

using DistTrain.Data;
using DistTrain.Graph;
using DistTrain.Tensors;

namespace DistTrain.Training;

/// <summary>Refuses token ids that an embedding has no row for before anything is computed, and says where they stand.</summary>
internal static class TokenCheck
{
    private const int RowsAtOnce = 1024;

    /// <summary>The embedding with the fewest rows among those that take the samples themselves; null: there is none.</summary>
    public static Embedding? Of(ModelGraph graph) => graph.Nodes
        .Where(node => node.Op is Embedding && node.Inputs[0].Op is Input)
        .Select(node => (Embedding)node.Op).MinBy(embedding => embedding.InputDim);

    /// <summary>Of a vocabulary, that it isn't larger than the table; else every id of every part.</summary>
    /// <exception cref="UserError">There are ids beyond the table.</exception>
    public static void Check(ModelGraph graph, Splits data)
    {
        if (Of(graph) is not { } embedding)
        {
            return;
        }

        int vocabulary = data.Input?.Vocabulary ?? 0;
        if (vocabulary > embedding.InputDim)
        {
            throw new UserError($"model: {embedding} takes token ids below {embedding.InputDim}; the vocabulary of {data.Train.Name} has {vocabulary}; allowed: inputDim {vocabulary}, or a smaller vocabulary");
        }

        foreach (IDataSource part in new[] { data.Train, data.Validation, data.Test }.OfType<IDataSource>().Where(_ => vocabulary == 0))
        {
            Check(graph, part);
        }
    }

    /// <summary>Every id of a source.</summary>
    /// <exception cref="UserError">The first that is beyond the table, with its place.</exception>
    public static void Check(ModelGraph graph, IDataSource source)
    {
        if (Of(graph) is not { } embedding)
        {
            return;
        }

        int length = source.SampleShape.Length;
        float[] features = new float[Math.Min(RowsAtOnce, source.Count) * length];
        for (int first = 0; first < source.Count; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, source.Count - first);
            source.Read([.. Enumerable.Range(first, rows)], features.AsSpan(0, rows * length), []);
            Check(embedding, source, first, features.AsSpan(0, rows * length));
        }
    }

    /// <summary>The ids of some samples.</summary>
    /// <param name="embedding">What takes them; null: nothing.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="first">Index of the first sample.</param>
    /// <param name="features">Of it and those behind it.</param>
    /// <exception cref="UserError">The first that is beyond the table, with its place.</exception>
    public static void Check(Embedding? embedding, IDataSource source, int first, ReadOnlySpan<float> features)
    {
        int at = embedding is null ? -1 : EmbeddingTable.FirstOutside(embedding.InputDim, features);
        if (at >= 0)
        {
            int length = source.SampleShape.Length;
            throw new UserError(FormattableString.Invariant(
                $"{source.Place(first + (at / length), at % length)}: found the token id {features[at]}; allowed: whole numbers from 0 to {embedding!.InputDim - 1}, as {embedding} has rows"));
        }
    }
}

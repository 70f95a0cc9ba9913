using System.Globalization;
using System.Text;
using DistTrain.Graph;

namespace DistTrain.Training;

/// <summary>Keras' summary: a line a layer with shape and parameters; with branches, also where its inputs come from.</summary>
internal static class ModelSummary
{
    public static string Text(ModelGraph graph)
    {
        List<Node> shown = [.. graph.Nodes.Where(node => node.Op is not (Mask or Loss) && !IsActivationOf(node))];
        bool branches = shown.Where((node, i) => node.Inputs.Count > 1 || (i > 0 && Layer(node.Inputs[0]) != shown[i - 1])).Any();
        var table = new List<string[]> { (string[])(branches ? ["Layer", "Output shape", "Parameters", "Takes"] : ["Layer", "Output shape", "Parameters"]) };
        var counted = new HashSet<int>();
        foreach (Node node in shown)
        {
            long parameters = node.Parameters.Where(parameter => counted.Add(parameter.Index)).Sum(parameter => (long)parameter.Shape.Length);
            string[] line = [$"{node.Name} ({node.Op.GetType().Name})", node.Shape.ToString(), Number(parameters), string.Join(", ", node.Inputs.Select(input => Layer(input).Name))];
            table.Add(branches ? line : line[..3]);
        }

        var text = new StringBuilder();
        int[] widths = [.. Enumerable.Range(0, table[0].Length).Select(column => table.Max(line => line[column].Length))];
        for (int i = 0; i < table.Count; i++)
        {
            string line = string.Join("  ", table[i].Select((cell, column) => column == 2 ? cell.PadLeft(widths[2]) : cell.PadRight(widths[column]))).TrimEnd();
            text.Append(line).Append('\n');
            if (i == 0)
            {
                text.Append('-', widths.Sum() + (2 * (widths.Length - 1))).Append('\n');
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"Parameters: {Number(graph.ParameterCount)} ({Number(graph.ParameterCount * sizeof(float))} bytes)\n").ToString();
    }

    /// <summary>The activation of a layer is told with the layer, as in Keras.</summary>
    private static bool IsActivationOf(Node node) => node.Op is Activation && node.Name == $"{node.Inputs[0].Name}/{node.Op.Kind}";

    private static Node Layer(Node node) => IsActivationOf(node) ? node.Inputs[0] : node;

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

using System.Text;
using DistTrain.Tensors;

namespace DistTrain.Cluster;

/// <summary>Reads HOCON files of cluster-config/, with their includes.</summary>
public static class NodeConfiguration
{
    private const int IncludeDepthMax = 8; // deeper than anyone nests on purpose: a file that includes itself

    /// <summary>The text of <paramref name="path"/> with each line <c>include "file"</c> replaced by that file, found beside the including one.</summary>
    /// <remarks>Akka.NET's own parser leaves finding included files to its caller.</remarks>
    /// <exception cref="UserError">A file is missing or includes itself; names the including file and line.</exception>
    public static string Read(string path) =>
        File.Exists(path) ? Read(path, Path.GetFullPath(path), 0) : throw new UserError($"{path}: no such file");

    private static string Read(string from, string path, int depth)
    {
        if (depth > IncludeDepthMax)
        {
            throw new UserError($"{from}: included more than {IncludeDepthMax} files deep");
        }

        if (!File.Exists(path))
        {
            throw new UserError($"{from}: no file {path}");
        }

        StringBuilder text = new();
        string[] lines = File.ReadAllLines(path);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.StartsWith("include \"", StringComparison.Ordinal) && line.EndsWith('"'))
            {
                string included = line["include \"".Length..^1];
                text.AppendLine(Read($"{path}:{i + 1}", Path.Combine(Path.GetDirectoryName(path)!, included), depth + 1));
            }
            else
            {
                text.AppendLine(lines[i]);
            }
        }

        return text.ToString();
    }
}

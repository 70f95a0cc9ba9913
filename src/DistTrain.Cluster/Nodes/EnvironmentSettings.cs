using System.Collections;
using System.Globalization;
using System.Text;

namespace DistTrain.Cluster;

/// <summary>
/// Settings from the environment, laid over those of files: AKKA__REMOTE__DOT_NETTY__TCP__PORT is akka.remote.dot-netty.tcp.port, and
/// AKKA__CLUSTER__SEED_NODES__0, __1, ... are a list. Names of variables can't have points or, in most shells, hyphens.
/// </summary>
public static class EnvironmentSettings
{
    private static readonly string[] Prefixes = ["AKKA__", "DISTTRAIN__NODE__", "DISTTRAIN__CLUSTER_DISPATCHER__"];

    /// <summary>Of this process's environment.</summary>
    public static string ToHocon() => ToHocon(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(entry => KeyValuePair.Create((string)entry.Key, (string?)entry.Value ?? "")));

    /// <summary>HOCON to be put behind that of a file; empty when no variable names a setting.</summary>
    /// <param name="variables">Of the environment.</param>
    public static string ToHocon(IEnumerable<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var lists = new SortedDictionary<string, SortedDictionary<int, string>>(StringComparer.Ordinal);
        var hocon = new StringBuilder();
        foreach ((string name, string value) in variables.Where(pair => IsSetting(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            string[] parts = [.. name.Split("__").Select(part => part.ToLowerInvariant().Replace('_', '-'))];
            if (int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                string list = string.Join('.', parts[..^1]);
                if (!lists.TryGetValue(list, out SortedDictionary<int, string>? entries))
                {
                    lists.Add(list, entries = []);
                }

                entries[index] = value;
            }
            else
            {
                hocon.AppendLine(CultureInfo.InvariantCulture, $"{string.Join('.', parts)} = {Quoted(value)}");
            }
        }

        foreach ((string list, SortedDictionary<int, string> entries) in lists)
        {
            hocon.AppendLine(CultureInfo.InvariantCulture, $"{list} = [{string.Join(", ", entries.Values.Select(Quoted))}]");
        }

        return hocon.ToString();
    }

    private static bool IsSetting(string name) => Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static string Quoted(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

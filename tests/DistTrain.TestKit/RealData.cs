namespace DistTrain.TestKit;

/// <summary>The folder of real data sets, named by the environment variable DISTTRAIN_DATA; no other place is searched.</summary>
/// <remarks>Tests that need one are [SkippableFact]s: <c>Skip.If(RealData.Folder("mnist") is null, RealData.Missing("mnist"))</c>.</remarks>
public static class RealData
{
    public const string Variable = "DISTTRAIN_DATA";

    /// <summary>Where a set lies, or null when the variable isn't set or the set isn't there.</summary>
    /// <param name="set">Name of a folder: "mnist".</param>
    public static string? Folder(string set)
    {
        string? root = Environment.GetEnvironmentVariable(Variable);
        string? folder = string.IsNullOrEmpty(root) ? null : Path.Combine(root, set);
        return Directory.Exists(folder) ? folder : null;
    }

    /// <summary>Why a test is skipped.</summary>
    public static string Missing(string set) => $"no '{set}' in the folder that {Variable} names";
}

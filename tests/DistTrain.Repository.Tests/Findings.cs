namespace DistTrain.Repository.Tests;

internal static class Findings
{
    private const int ShownMax = 40; // more than anyone reads at once

    /// <summary>Fails with one line a finding, preceded by the rule they break.</summary>
    public static void MustBeNone(IEnumerable<string> findings, string rule)
    {
        string[] all = [.. findings];
        string more = all.Length > ShownMax ? $"\n  ... and {all.Length - ShownMax} more" : "";
        Assert.True(all.Length == 0, $"{rule}\n  {string.Join("\n  ", all.Take(ShownMax))}{more}");
    }
}

using System.Text.RegularExpressions;
using DistTrain.Training;
using DistTrain.Training.Tests;

namespace DistTrain.EndToEnd.Tests;

/// <summary>The promise of docs/numerics.md, key by key: nothing in run changes a bit, and the seed changes them.</summary>
public sealed partial class RunKeysTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task No_key_of_run_changes_the_hash_and_the_seed_does()
    {
        string expected = HardJob.OracleHash(Load());
        string section = JobReference.Markdown().Split("\n## run\n")[1].Split("\n## ")[0];
        string[] keys = [.. Key().Matches(section).Select(match => match.Groups["key"].Value)];
        Assert.Equal(keys.Order(), Values().Keys.Order());
        foreach (string key in keys)
        {
            foreach (string value in Values()[key])
            {
                Assert.True(expected == await HashAsync($"run.{key}={value}"), $"run.{key}={value} changes the hash");
            }
        }

        Assert.NotEqual(expected, await HashAsync("train.seed=2"));
    }

    /// <summary>Values other than the default, after a blank with what they need; where there is only one value, that one.</summary>
    private Dictionary<string, string[]> Values() => new()
    {
        ["engine"] = ["local", "processes"],
        ["workers"] = ["2", "3", "8", "11"],
        ["servers"] = ["2", "3"],
        ["replicas"] = ["1", "2 run.servers=3"],
        ["threads"] = ["1", "2", "3"],
        ["checkpointEvery"] = ["1", "3"],
        ["keepCheckpoints"] = ["1"],
        ["audit"] = ["0.5", "1 run.workers=3", "0.3 run.workers=4 run.servers=2"],
        ["out"] = [folder["elsewhere"]],
    };

    private static Job Load(params string[] settings)
    {
        var overlays = new JobOverlays();
        foreach (string setting in settings)
        {
            overlays.AddSet(setting);
        }

        return JobFile.Parse(HardJob.Yaml, overlays: overlays);
    }

    private async Task<string> HashAsync(string settings)
    {
        Job job = Load(settings.Split(' '));
        return await HardJob.HashAsync(job.Run.Out is null ? job with { Run = job.Run with { Out = folder[Guid.NewGuid().ToString("N")] } } : job);
    }

    [GeneratedRegex(@"^\| `(?<key>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Key();
}

namespace DistTrain.EndToEnd.Tests;

/// <summary>What a process holds, from /proc.</summary>
/// <param name="ResidentKilobytes">VmRSS.</param>
/// <param name="Threads">Of the kernel's count.</param>
/// <param name="Descriptors">Open ones.</param>
internal sealed record ProcessUsage(long ResidentKilobytes, int Threads, int Descriptors)
{
    /// <summary>Null: it has gone.</summary>
    public static ProcessUsage? Of(int process)
    {
        try
        {
            string[] lines = File.ReadAllLines($"/proc/{process}/status");
            return new ProcessUsage(Number(lines, "VmRSS:"), (int)Number(lines, "Threads:"), Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Field by field the middle one of a series.</summary>
    public static ProcessUsage Median(IReadOnlyCollection<ProcessUsage> series)
    {
        T Middle<T>(Func<ProcessUsage, T> field) => series.Select(field).Order().ElementAt(series.Count / 2);
        return new ProcessUsage(Middle(usage => usage.ResidentKilobytes), Middle(usage => usage.Threads), Middle(usage => usage.Descriptors));
    }

    private static long Number(string[] status, string field) =>
        long.Parse(status.First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[0]);
}

namespace DistTrain.Data;

/// <summary>Where sets are looked for, each in a folder of its name.</summary>
/// <param name="Root">The user's own folder of sets ($DISTTRAIN_DATA, which the command line reads), first to be looked in; or null.</param>
/// <param name="Cache">What a fetch fills.</param>
public sealed record DataFolders(string? Root, string Cache)
{
    /// <summary>disttrain/data in the user's local application data.</summary>
    public static string DefaultCache { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "disttrain", "data");

    /// <summary>The user's folder, when there is one, and the default cache.</summary>
    public static DataFolders For(string? root) => new(string.IsNullOrEmpty(root) ? null : root, DefaultCache);
}

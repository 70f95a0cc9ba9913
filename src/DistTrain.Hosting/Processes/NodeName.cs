using System.Globalization;
using System.Security.Cryptography;

namespace DistTrain.Hosting;

/// <summary>
/// A node as its lanes name it: number and run. Two launches of the same job are two runs: a node that outlived its launcher must not
/// take the place of one of the next launch, which may listen at the same port with the same token.
/// </summary>
/// <param name="Number">Of the node in its run.</param>
/// <param name="Run">Of one launch.</param>
internal readonly record struct NodeName(int Number, string Run)
{
    private const string Prefix = "node-";
    private const char Separator = '@';

    /// <summary>A name for a run, different each time.</summary>
    public static string NewRun() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>Null: it names no node; somebody who only asks.</summary>
    public static NodeName? Parse(string text) =>
        text.StartsWith(Prefix, StringComparison.Ordinal) && text.IndexOf(Separator) is >= 0 and var at
            && int.TryParse(text.AsSpan(Prefix.Length, at - Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? new NodeName(number, text[(at + 1)..])
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number}{Separator}{Run}");
}

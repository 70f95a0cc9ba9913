using System.Text.Json;

namespace DistTrain.Hosting;

/// <summary>The first line that a child reads from its launcher; the rest of that stream says that the launcher lives.</summary>
/// <param name="Node">Number of the node.</param>
/// <param name="Run">Of the run, for <see cref="NodeName"/>.</param>
/// <param name="Launcher">Where the launcher listens.</param>
/// <param name="Listen">Where the node listens.</param>
/// <param name="Security">Of the run; its token is never on a command line.</param>
/// <param name="Folder">Private folder of sockets: who outlives its launcher removes it.</param>
/// <param name="RunFolder">Has a <see cref="LiveFile"/>: likewise.</param>
internal sealed record NodeBoot(int Node, string Run, IReadOnlyList<string> Launcher, IReadOnlyList<string> Listen, NodeSecurity Security, string? Folder, string? RunFolder)
{
    public string ToLine() => JsonSerializer.Serialize(this);

    /// <exception cref="JsonException">It is none.</exception>
    public static NodeBoot Parse(string line) => JsonSerializer.Deserialize<NodeBoot>(line) ?? throw new JsonException("null");
}

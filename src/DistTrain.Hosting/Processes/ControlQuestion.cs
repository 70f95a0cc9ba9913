using System.Text.Json;

namespace DistTrain.Hosting;

/// <summary>What somebody who is no node asks a launcher.</summary>
/// <param name="Ask">One of the constants.</param>
/// <param name="Threads">Who wants to join: of its worker.</param>
/// <param name="HasServer">Likewise: whether it hosts a server too.</param>
internal sealed record ControlQuestion(string Ask, int Threads = 1, bool HasServer = false)
{
    public const string Join = "join";
    public const string Status = "status";
    public const string Stop = "stop";

    /// <summary>Null: it is none.</summary>
    public static ControlQuestion? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<ControlQuestion>(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>One of these.</summary>
internal sealed record ControlAnswer
{
    /// <summary>Number of the node that may join.</summary>
    public int? Node { get; init; }

    /// <summary>Which run that is, for its <see cref="NodeName"/>.</summary>
    public string? Run { get; init; }

    public RunReport? Report { get; init; }

    public string? Refusal { get; init; }
}

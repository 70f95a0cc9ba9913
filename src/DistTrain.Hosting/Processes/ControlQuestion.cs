using System.Text.Json;

namespace DistTrain.Hosting;

/// <summary>What somebody who is no node asks a launcher.</summary>
/// <param name="Ask">One of the constants.</param>
internal sealed record ControlQuestion(string Ask)
{
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

/// <summary>One of the two.</summary>
internal sealed record ControlAnswer
{
    public RunReport? Report { get; init; }

    public string? Refusal { get; init; }
}

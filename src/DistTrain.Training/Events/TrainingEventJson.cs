using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace DistTrain.Training;

/// <summary>An event as one line of JSON with snake_case keys: {"event":"epoch","epoch":1,"step":938,"train":{"loss":..,"accuracy":..},..}.</summary>
public static class TrainingEventJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ResultConverter() },
    };

    /// <summary>Without a line end.</summary>
    public static string Line(TrainingEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        JsonObject json = JsonSerializer.SerializeToNode(happened, happened.GetType(), Options)!.AsObject();
        json.Insert(0, "event", Name(happened));
        Rename(json, "samples_per_second", "samples_per_s");
        return json.ToJsonString(Options);
    }

    private static string Name(TrainingEvent happened) => happened switch
    {
        RunStarted => "start",
        StepProgress => "step",
        EpochCompleted => "epoch",
        CheckpointWritten => "checkpoint",
        RunNotice => "notice",
        RunDone => "done",
        FoldStarted => "fold",
        CrossValidationDone => "cross_validation",
        _ => throw new InvalidOperationException($"{happened.GetType().Name} has no name in JSON."),
    };

    private static void Rename(JsonObject json, string from, string to)
    {
        if (json.IndexOf(from) is >= 0 and int index)
        {
            JsonNode? value = json[from];
            json.Remove(from);
            json.Insert(index, to, value);
        }
    }

    /// <summary>{ "loss": .., "accuracy": .. }: the metric under its own name.</summary>
    private sealed class ResultConverter : JsonConverter<EvaluationResult>
    {
        public override EvaluationResult Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Events are written, not read.");

        public override void Write(Utf8JsonWriter writer, EvaluationResult value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            Number(writer, "loss", value.Loss);
            Number(writer, JsonNamingPolicy.SnakeCaseLower.ConvertName(value.MetricName), value.Metric);
            foreach (MetricValue metric in value.Metrics.Where(metric => metric.Name != value.MetricName))
            {
                Number(writer, JsonNamingPolicy.SnakeCaseLower.ConvertName(metric.Name), metric.Value);
            }

            writer.WriteEndObject();
        }

        private static void Number(Utf8JsonWriter writer, string name, double value)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumber(name, value);
            }
            else
            {
                writer.WriteNull(name);
            }
        }
    }
}
